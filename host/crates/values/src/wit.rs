//! Types as WIT writes them, and as an error tells what it expected.

use activity::shown;

use crate::{Cases, Function, Integer, Kind, Type};

/// What a type without a name is cut to.
const LONGEST: usize = 400;

impl Type {
    /// How WIT writes it: by its name, if it has one.
    pub fn wit(&self) -> String {
        self.name.clone().unwrap_or_else(|| self.definition())
    }

    /// How WIT writes what it is, whatever its name.
    pub fn definition(&self) -> String {
        match &self.kind {
            Kind::Bool => "bool".to_owned(),
            Kind::Integer(integer) => integer.wit().to_owned(),
            Kind::Float32 => "f32".to_owned(),
            Kind::Float64 => "f64".to_owned(),
            Kind::Char => "char".to_owned(),
            Kind::String => "string".to_owned(),
            Kind::List(element) => format!("list<{}>", element.wit()),
            Kind::FixedList(element, length) => format!("list<{}, {length}>", element.wit()),
            Kind::Map(key, value) => format!("map<{}, {}>", key.wit(), value.wit()),
            Kind::Record(fields) => {
                let fields = fields.names.iter().zip(&fields.types);
                braced("record", fields.map(|(name, ty)| format!("{}: {}", name.wit, ty.wit())))
            }
            Kind::Tuple(types) => format!("tuple<{}>", types.iter().map(Self::wit).collect::<Vec<_>>().join(", ")),
            Kind::Variant(cases) => {
                let cases = cases.names.iter().zip(&cases.payloads);
                braced(
                    "variant",
                    cases.map(|(name, payload)| match payload {
                        Some(payload) => format!("{}({})", name.wit, payload.wit()),
                        None => name.wit.clone(),
                    }),
                )
            }
            Kind::Enum(names) => braced("enum", names.iter().map(|name| name.wit.clone())),
            Kind::Flags(names) => braced("flags", names.iter().map(|name| name.wit.clone())),
            Kind::Option(inner) => format!("option<{}>", inner.wit()),
            Kind::Result(cases) => result(cases),
        }
    }

    /// What an error says that it expected.
    pub(crate) fn expected(&self) -> String {
        let wit = shown::cut(&self.wit(), LONGEST).into_owned();
        let json = match &self.kind {
            Kind::Bool => "true or false".to_owned(),
            Kind::Integer(integer) => {
                let (least, most) = integer.range();
                format!(
                    "a whole number from {least} to {most}{}",
                    if integer.is_wide() { ", or its digits as a text" } else { "" }
                )
            }
            Kind::Float32 | Kind::Float64 => "a number, \"NaN\", \"Infinity\" or \"-Infinity\"".to_owned(),
            Kind::Char => "a text of one character".to_owned(),
            Kind::String => "a text".to_owned(),
            Kind::FixedList(_, length) if self.is_bytes() => format!("a base64 text of {length} bytes"),
            Kind::List(_) if self.is_bytes() => "a base64 text".to_owned(),
            Kind::List(_) => "a list".to_owned(),
            Kind::FixedList(_, length) => format!("a list of {length} elements"),
            Kind::Map(key, _) if matches!(key.kind, Kind::String) => "an object".to_owned(),
            Kind::Map(..) => "a list of pairs".to_owned(),
            Kind::Record(_) => "an object".to_owned(),
            Kind::Tuple(types) => format!("a list of {} elements", types.len()),
            Kind::Enum(names) => format!("one of {}", shown::names(texts(names).iter().map(String::as_str))),
            Kind::Flags(names) => format!("a list of {}", shown::names(texts(names).iter().map(String::as_str))),
            Kind::Variant(cases) | Kind::Result(cases) => {
                format!("one of {}", shown::names(cases.spellings().iter().map(String::as_str)))
            }
            Kind::Option(inner) => return format!("{} or null", inner.expected()),
        };
        format!("{wit} ({json})")
    }
}

impl Cases {
    /// How JSON has each case.
    fn spellings(&self) -> Vec<String> {
        let spelling = |(name, payload): (&crate::Name, &Option<Type>)| match payload {
            Some(_) => format!("{{\"{}\": …}}", name.json),
            None => format!("\"{}\"", name.json),
        };
        self.names.iter().zip(&self.payloads).map(spelling).collect()
    }
}

impl Integer {
    /// What WIT calls it.
    pub fn wit(self) -> &'static str {
        match self {
            Self::U8 => "u8",
            Self::U16 => "u16",
            Self::U32 => "u32",
            Self::U64 => "u64",
            Self::S8 => "s8",
            Self::S16 => "s16",
            Self::S32 => "s32",
            Self::S64 => "s64",
        }
    }
}

impl Function {
    /// How WIT writes its parameters and result.
    pub fn signature(&self) -> String {
        let parameters: Vec<String> =
            self.parameters.iter().map(|(name, ty)| format!("{name}: {}", ty.wit())).collect();
        let result = self.result.as_ref().map(|ty| format!(" -> {}", ty.wit())).unwrap_or_default();
        format!("func({}){result}", parameters.join(", "))
    }
}

fn texts(names: &crate::Names) -> Vec<String> {
    names.iter().map(|name| format!("\"{}\"", name.json)).collect()
}

fn braced(keyword: &str, items: impl Iterator<Item = String>) -> String {
    format!("{keyword} {{ {} }}", items.collect::<Vec<_>>().join(", "))
}

fn result(cases: &Cases) -> String {
    match cases.payloads.as_slice() {
        [Some(ok), Some(err)] => format!("result<{}, {}>", ok.wit(), err.wit()),
        [Some(ok), None] => format!("result<{}>", ok.wit()),
        [None, Some(err)] => format!("result<_, {}>", err.wit()),
        _ => "result".to_owned(),
    }
}
