//! Types for Rust's serde, and the names of activities: Temporal's Rust SDK takes any of serde's types.

use values::{Integer, Kind, Type};

use super::{
    model::{Named, Stubs},
    words::{pascal, quoted, snake},
};

/// Words that no name may be, but for `self` and the like, which can't be written as `r#self`.
const RESERVED: [&str; 38] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else", "enum",
    "extern", "false", "fn", "for", "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub", "ref",
    "return", "static", "struct", "trait", "true", "type", "unsafe", "use", "where", "while",
];

/// Whole numbers of 64 bits, which the worker returns as texts where no double holds them.
const LONG: &str = r#"
/// A whole number of 64 bits. The worker returns those beyond 2^53 - 1 as a text of their digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Long<T>(pub T);

impl<'de, T> Deserialize<'de> for Long<T>
where
    T: Deserialize<'de> + std::str::FromStr,
    T::Err: std::fmt::Display,
{
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written<T> {
            Number(T),
            Text(String),
        }
        match Written::deserialize(deserializer)? {
            Written::Number(number) => Ok(Self(number)),
            Written::Text(text) => text.parse().map(Self).map_err(serde::de::Error::custom),
        }
    }
}
"#;

/// Numbers of which JSON has not all.
const FLOAT: &str = r#"
/// A number. NaN and the infinities are texts in JSON.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Float(pub f64);

impl Serialize for Float {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            value if value.is_nan() => serializer.serialize_str("NaN"),
            f64::INFINITY => serializer.serialize_str("Infinity"),
            f64::NEG_INFINITY => serializer.serialize_str("-Infinity"),
            value => serializer.serialize_f64(value),
        }
    }
}

impl<'de> Deserialize<'de> for Float {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Number(f64),
            Text(String),
        }
        match Written::deserialize(deserializer)? {
            Written::Number(number) => Ok(Self(number)),
            Written::Text(text) => text.parse().map(Self).map_err(serde::de::Error::custom),
        }
    }
}
"#;

/// An option within an option.
const SOME: &str = r#"
/// An option that is there, within another one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Inner<T> {
    pub some: T,
}
"#;

/// Results within something else, by which of their cases carry something: what carries nothing is a text.
const OUTCOMES: [(&str, [&str; 2]); 4] = [
    ("Outcome<T, E>", ["Ok(T)", "Err(E)"]),
    ("OutcomeWithoutError<T>", ["Ok(T)", "Err"]),
    ("OutcomeWithoutValue<E>", ["Ok", "Err(E)"]),
    ("BareOutcome", ["Ok", "Err"]),
];

pub(super) fn write(stubs: &Stubs<'_>) -> String {
    let mut text = format!("//! Activities of {}, as `isolet inspect --stubs rust` writes them.\n", stubs.component);
    text += "\nuse serde::{Deserialize, Serialize};\n";
    let needed = [
        (stubs.uses(|ty| matches!(ty.kind, Kind::Integer(Integer::U64 | Integer::S64))), LONG),
        (stubs.uses(|ty| matches!(ty.kind, Kind::Float32 | Kind::Float64)), FLOAT),
        (stubs.uses(|ty| matches!(&ty.kind, Kind::Option(inner) if inner.is_optional())), SOME),
    ];
    text.extend(needed.into_iter().filter(|(is_used, _)| *is_used).map(|(_, text)| text));
    for (name, [ok, err]) in OUTCOMES {
        if stubs.uses(|ty| outcome(ty) == Some(name)) {
            text += &format!(
                "\n/// What succeeded, or what failed.\n#[derive(Clone, Debug, PartialEq, Serialize, \
                 Deserialize)]\n#[serde(rename_all = \"snake_case\")]\npub enum {name} {{\n    {ok},\n    {err},\n}}\n"
            );
        }
    }
    for named in stubs.types() {
        text += &declaration(stubs, named);
    }
    for activity in &stubs.activities {
        let arguments: Vec<String> = activity.parameters.iter().map(|(_, ty)| outer(stubs, ty)).collect();
        let arguments = arguments.iter().map(|argument| format!("{argument},")).collect::<String>();
        let result = activity.result.map_or_else(|| "()".to_owned(), |ty| outer(stubs, ty));
        let name = pascal(&activity.words);
        text += &format!(
            "\n/// {about}\n#[derive(Clone, Copy, Debug)]\npub struct {name}Activity;\n\nimpl {name}Activity {{\n    \
             /// Its activity type.\n    pub const TYPE: &'static str = {ty};\n}}\n\n/// What it takes.\npub type \
             {name}Arguments = ({arguments});\n\n/// What it returns.\npub type {name}Result = {result};\n",
            about = activity.about,
            ty = quoted(&activity.name),
        );
    }
    text
}

fn declaration(stubs: &Stubs<'_>, named: &Named<'_>) -> String {
    const DERIVED: &str = "#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]";
    let name = pascal(&named.name);
    match &named.ty.kind {
        Kind::Record(fields) => {
            let fields = fields.names.iter().zip(&fields.types).map(|(name, ty)| {
                let default = if ty.is_optional() { "    #[serde(default)]\n" } else { "" };
                let rename = format!("    #[serde(rename = {})]\n", quoted(&name.json));
                let identifier = snake(&name.json, &RESERVED);
                let rename = if identifier == name.json { String::new() } else { rename };
                format!("{default}{rename}    pub {identifier}: {},\n", inner(stubs, ty))
            });
            format!("\n{DERIVED}\npub struct {name} {{\n{}}}\n", fields.collect::<String>())
        }
        Kind::Enum(names) => enumeration(&name, names.iter().map(|name| (name, None)), stubs),
        Kind::Flags(names) => {
            let flag = format!("{name}Flag");
            let flags = enumeration(&flag, names.iter().map(|name| (name, None)), stubs);
            format!("{flags}\n/// Those that are set.\npub type {name} = Vec<{flag}>;\n")
        }
        Kind::Variant(cases) => {
            enumeration(&name, cases.names.iter().zip(cases.payloads.iter().map(Option::as_ref)), stubs)
        }
        _ => String::new(),
    }
}

fn enumeration<'t>(
    name: &str,
    cases: impl Iterator<Item = (&'t values::Name, Option<&'t Type>)>,
    stubs: &Stubs<'_>,
) -> String {
    let cases = cases.map(|(name, payload)| {
        let payload = payload.map(|ty| format!("({})", inner(stubs, ty))).unwrap_or_default();
        format!("    #[serde(rename = {})]\n    {}{payload},\n", quoted(&name.json), pascal(&name.wit))
    });
    format!(
        "\n#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]\npub enum {name} {{\n{}}}\n",
        cases.collect::<String>()
    )
}

/// The type of an argument or a result: bytes are a payload of their own there.
fn outer(stubs: &Stubs<'_>, ty: &Type) -> String {
    match &ty.kind {
        _ if ty.is_bytes() => "Vec<u8>".to_owned(),
        Kind::Option(ty) if ty.is_bytes() => "Option<Vec<u8>>".to_owned(),
        _ => inner(stubs, ty),
    }
}

fn inner(stubs: &Stubs<'_>, ty: &Type) -> String {
    if let Some(name) = stubs.name(ty) {
        return pascal(name);
    }
    let of = |ty: &Type| inner(stubs, ty);
    match &ty.kind {
        Kind::Bool => "bool".to_owned(),
        Kind::Integer(integer) => match integer {
            Integer::U8 => "u8",
            Integer::U16 => "u16",
            Integer::U32 => "u32",
            Integer::U64 => "Long<u64>",
            Integer::S8 => "i8",
            Integer::S16 => "i16",
            Integer::S32 => "i32",
            Integer::S64 => "Long<i64>",
        }
        .to_owned(),
        Kind::Float32 | Kind::Float64 => "Float".to_owned(),
        Kind::Char => "char".to_owned(),
        // Bytes within something are base64.
        _ if ty.is_bytes() => "String".to_owned(),
        Kind::List(element) | Kind::FixedList(element, _) => format!("Vec<{}>", of(element)),
        Kind::Map(key, value) if matches!(key.kind, Kind::String) => {
            format!("std::collections::HashMap<String, {}>", of(value))
        }
        Kind::Map(key, value) => format!("Vec<({}, {})>", of(key), of(value)),
        Kind::Tuple(types) => format!("({})", types.iter().map(|ty| format!("{},", of(ty))).collect::<String>()),
        Kind::Option(inner) if inner.is_optional() => format!("Option<Inner<{}>>", of(inner)),
        Kind::Option(inner) => format!("Option<{}>", of(inner)),
        Kind::Result(cases) => {
            let name = outcome(ty).unwrap_or_default();
            let payloads: Vec<String> = cases.payloads.iter().flatten().map(of).collect();
            let name = name.split('<').next().unwrap_or_default();
            if payloads.is_empty() { name.to_owned() } else { format!("{name}<{}>", payloads.join(", ")) }
        }
        // Texts; what has a name was told above.
        _ => "String".to_owned(),
    }
}

/// Which of [`OUTCOMES`] a result is.
fn outcome(ty: &Type) -> Option<&'static str> {
    let Kind::Result(cases) = &ty.kind else { return None };
    let carries = |position: usize| cases.payloads.get(position).is_some_and(Option::is_some);
    let position = 2 * usize::from(!carries(0)) + usize::from(!carries(1));
    OUTCOMES.get(position).map(|(name, _)| *name)
}
