//! Stubs for Temporal's Python SDK.

use values::{Integer, Kind, Type};

use super::{
    model::{Named, Stubs},
    words::{pascal, quoted, snake},
};

/// Words that no name may be.
const RESERVED: [&str; 42] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
    "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
    "not", "or", "pass", "raise", "return", "try", "while", "with", "yield", "match", "case", "type", "list",
    "options", "workflow", "dict",
];

const HEAD: &str = r#"
from dataclasses import dataclass
from typing import Any, Literal, Optional, TypedDict, Union

from temporalio import workflow

# A whole number of 64 bits. The worker returns those beyond 2**53 - 1 as a text of their digits, and takes both.
Long = Union[int, str]
# A number; those that JSON has not are texts.
Float = Union[float, Literal["NaN", "Infinity", "-Infinity"]]
"#;

pub(super) fn write(stubs: &Stubs<'_>) -> String {
    let mut text =
        format!("\"\"\"Activities of {}, as isolet inspect --stubs python writes them.\"\"\"\n{HEAD}", stubs.component);
    for named in stubs.types() {
        text += &declaration(stubs, named);
    }
    for activity in &stubs.activities {
        let parameters = activity.parameters.iter();
        let parameters = parameters.map(|(name, ty)| format!("{}: {}, ", snake(name, &RESERVED), outer(stubs, ty)));
        let names = activity.parameters.iter().map(|(name, _)| snake(name, &RESERVED));
        let result = activity.result.map_or_else(|| "None".to_owned(), |ty| outer(stubs, ty));
        text += &format!(
            "\n\nasync def {name}({parameters}**options: Any) -> {result}:\n    \"\"\"{about}\"\"\"\n    \
             return await workflow.execute_activity(\n        {ty}, args=[{names}], result_type={result}, **options\n    )\n",
            name = snake(&activity.words, &RESERVED),
            parameters = parameters.collect::<String>(),
            about = activity.about,
            ty = quoted(&activity.name),
            names = names.collect::<Vec<_>>().join(", "),
        );
    }
    text
}

fn declaration(stubs: &Stubs<'_>, named: &Named<'_>) -> String {
    let name = pascal(&named.name);
    match &named.ty.kind {
        // An attribute has the name that JSON has, which no class can have if it is a word of Python.
        Kind::Record(fields) if fields.names.iter().zip(&fields.types).any(|(name, ty)| is_unfit(&name.json, ty)) => {
            let fields = fields.names.iter().zip(&fields.types);
            let fields = fields.map(|(name, ty)| format!("{}: {}", quoted(&name.json), inner(stubs, ty)));
            let fields: Vec<String> = fields.collect();
            format!("\n\n{name} = TypedDict(\"{name}\", {{{}}})\n", fields.join(", "))
        }
        Kind::Record(fields) => {
            let fields = fields.names.iter().zip(&fields.types).map(|(name, ty)| {
                let default = if ty.is_optional() { " = None" } else { "" };
                format!("    {}: {}{default}\n", snake(&name.json, &[]), inner(stubs, ty))
            });
            format!("\n\n@dataclass(kw_only=True)\nclass {name}:\n{}", fields.collect::<String>())
        }
        Kind::Enum(names) => {
            let names: Vec<String> = names.iter().map(|name| quoted(&name.json)).collect();
            format!("\n\n{name} = Literal[{}]\n", names.join(", "))
        }
        Kind::Flags(names) => {
            let names: Vec<String> = names.iter().map(|name| quoted(&name.json)).collect();
            format!("\n\n{name} = list[Literal[{}]]\n", names.join(", "))
        }
        Kind::Variant(cases) => {
            let (mut text, mut all) = ("\n".to_owned(), Vec::new());
            for (case, payload) in cases.names.iter().zip(&cases.payloads) {
                match payload {
                    Some(payload) => {
                        let class = format!("{name}{}", pascal(&case.wit));
                        let json = quoted(&case.json);
                        text += &format!("\n{class} = TypedDict(\"{class}\", {{{json}: {}}})\n", inner(stubs, payload));
                        all.push(class);
                    }
                    None => all.push(format!("Literal[{}]", quoted(&case.json))),
                }
            }
            format!("{text}\n{name} = Union[{}]\n", all.join(", "))
        }
        _ => String::new(),
    }
}

/// Whether no attribute of a class may have this name: it is a word of Python, or the name of a type that others of the
/// class have, and would be its default value from then on.
fn is_unfit(name: &str, ty: &Type) -> bool {
    const TYPES: [&str; 6] = ["bool", "bytes", "float", "int", "str", "tuple"];
    RESERVED.contains(&name) || (ty.is_optional() && TYPES.contains(&name))
}

/// The type of an argument or a result: bytes are a payload of their own there.
fn outer(stubs: &Stubs<'_>, ty: &Type) -> String {
    match &ty.kind {
        _ if ty.is_bytes() => "bytes".to_owned(),
        Kind::Option(ty) if ty.is_bytes() => "Optional[bytes]".to_owned(),
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
        Kind::Integer(Integer::U64 | Integer::S64) => "Long".to_owned(),
        Kind::Integer(_) => "int".to_owned(),
        Kind::Float32 | Kind::Float64 => "Float".to_owned(),
        // Bytes within something are base64.
        _ if ty.is_bytes() => "str".to_owned(),
        Kind::List(element) | Kind::FixedList(element, _) => format!("list[{}]", of(element)),
        Kind::Map(key, value) if matches!(key.kind, Kind::String) => format!("dict[str, {}]", of(value)),
        Kind::Map(key, value) => format!("list[tuple[{}, {}]]", of(key), of(value)),
        Kind::Tuple(types) => format!("tuple[{}]", types.iter().map(of).collect::<Vec<_>>().join(", ")),
        Kind::Option(inner) if inner.is_optional() => format!("Optional[dict[Literal[\"some\"], {}]]", of(inner)),
        Kind::Option(inner) => format!("Optional[{}]", of(inner)),
        Kind::Result(cases) => {
            let cases = cases.names.iter().zip(&cases.payloads).map(|(name, payload)| match payload {
                Some(payload) => format!("dict[Literal[{}], {}]", quoted(&name.json), of(payload)),
                None => format!("Literal[{}]", quoted(&name.json)),
            });
            format!("Union[{}]", cases.collect::<Vec<_>>().join(", "))
        }
        // Texts and characters; what has a name was told above.
        _ => "str".to_owned(),
    }
}
