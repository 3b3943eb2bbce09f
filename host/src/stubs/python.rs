//! Stubs for Temporal's Python SDK.

use values::{Integer, Kind, Type};

use super::{
    model::{Activity, Named, Stubs},
    words::{pascal, quoted, snake},
};

/// Words that no name may be.
const KEYWORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
    "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
    "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

/// What types are made of.
const TYPES: [&str; 8] = ["bool", "bytes", "dict", "float", "int", "list", "str", "tuple"];

/// What else is used beside the names of functions and parameters.
const USED: [&str; 7] = ["cast", "dataclass", "options", "result", "type", "workflow", "builtins"];

const HEAD: &str = r#"
import builtins
from dataclasses import dataclass
from typing import Any, Literal, Optional, TypedDict, Union, cast

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
        text += &function(stubs, activity);
    }
    text
}

fn function(stubs: &Stubs<'_>, activity: &Activity<'_>) -> String {
    let reserved: Vec<&str> = [&KEYWORDS[..], &TYPES, &USED].concat();
    let parameters = activity.parameters.iter();
    let parameters = parameters.map(|(name, ty)| format!("{}: {}, ", snake(name, &reserved), outer(stubs, ty)));
    let names = activity.parameters.iter().map(|(name, _)| snake(name, &reserved));
    let result = activity.result.map_or_else(|| "None".to_owned(), |ty| outer(stubs, ty));
    // Temporal's package says that it takes classes, and takes any type.
    let result_type = match activity.result {
        Some(ty) if !is_class(ty) => format!("cast(Any, {result})"),
        _ => result.clone(),
    };
    let (before, after) = match activity.result {
        Some(_) => (format!("result: {result} ="), "    return result\n"),
        None => (String::new(), ""),
    };
    format!(
        "\n\nasync def {name}({parameters}**options: Any) -> {result}:\n    \"\"\"{about}\"\"\"\n    \
         {before}{space}await workflow.execute_activity(\n        {ty}, args=[{names}], result_type={result_type}, \
         **options\n    )\n{after}",
        name = snake(&activity.words, &reserved),
        parameters = parameters.collect::<String>(),
        about = activity.about,
        space = if before.is_empty() { "" } else { " " },
        ty = quoted(&activity.name),
        names = names.collect::<Vec<_>>().join(", "),
    )
}

/// Whether a type is a class, and not a union of several.
fn is_class(ty: &Type) -> bool {
    !matches!(
        ty.kind,
        Kind::Integer(Integer::U64 | Integer::S64)
            | Kind::Float32
            | Kind::Float64
            | Kind::Enum(_)
            | Kind::Variant(_)
            | Kind::Option(_)
            | Kind::Result(_)
    )
}

fn declaration(stubs: &Stubs<'_>, named: &Named<'_>) -> String {
    let name = pascal(&named.name);
    match &named.ty.kind {
        // An attribute has the name that JSON has, which no class can have if it is a word of Python.
        Kind::Record(fields) if fields.names.iter().zip(&fields.types).any(|(name, _)| is_unfit(&name.json)) => {
            let fields = fields.names.iter().zip(&fields.types);
            let fields = fields.map(|(name, ty)| format!("{}: {}", quoted(&name.json), inner(stubs, ty)));
            let fields: Vec<String> = fields.collect();
            format!("\n\n{name} = TypedDict(\"{name}\", {{{}}})\n", fields.join(", "))
        }
        Kind::Record(fields) => {
            // An attribute that is called as a type is what the next ones would have for it.
            let shadows = fields.names.iter().any(|name| TYPES.contains(&name.json.as_str()));
            let builtin = if shadows { "builtins." } else { "" };
            let fields = fields.names.iter().zip(&fields.types).map(|(name, ty)| {
                let default = if ty.is_optional() { " = None" } else { "" };
                format!("    {}: {}{default}\n", snake(&name.json, &[]), spelt(stubs, ty, builtin))
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

/// Whether no attribute of a class may have this name.
fn is_unfit(name: &str) -> bool {
    KEYWORDS.contains(&name) || name == "builtins"
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
    spelt(stubs, ty, "")
}

/// A type, with `builtin` before what is a name of Python's own.
fn spelt(stubs: &Stubs<'_>, ty: &Type, builtin: &str) -> String {
    if let Some(name) = stubs.name(ty) {
        return pascal(name);
    }
    let of = |ty: &Type| spelt(stubs, ty, builtin);
    match &ty.kind {
        Kind::Bool => format!("{builtin}bool"),
        Kind::Integer(Integer::U64 | Integer::S64) => "Long".to_owned(),
        Kind::Integer(_) => format!("{builtin}int"),
        Kind::Float32 | Kind::Float64 => "Float".to_owned(),
        // Bytes within something are base64.
        _ if ty.is_bytes() => format!("{builtin}str"),
        Kind::List(element) | Kind::FixedList(element, _) => format!("{builtin}list[{}]", of(element)),
        Kind::Map(key, value) if matches!(key.kind, Kind::String) => {
            format!("{builtin}dict[{builtin}str, {}]", of(value))
        }
        Kind::Map(key, value) => format!("{builtin}list[{builtin}tuple[{}, {}]]", of(key), of(value)),
        Kind::Tuple(types) => format!("{builtin}tuple[{}]", types.iter().map(of).collect::<Vec<_>>().join(", ")),
        Kind::Option(inner) if inner.is_optional() => {
            format!("Optional[{builtin}dict[Literal[\"some\"], {}]]", of(inner))
        }
        Kind::Option(inner) => format!("Optional[{}]", of(inner)),
        Kind::Result(cases) => {
            let cases = cases.names.iter().zip(&cases.payloads).map(|(name, payload)| match payload {
                Some(payload) => format!("{builtin}dict[Literal[{}], {}]", quoted(&name.json), of(payload)),
                None => format!("Literal[{}]", quoted(&name.json)),
            });
            format!("Union[{}]", cases.collect::<Vec<_>>().join(", "))
        }
        // Texts and characters; what has a name was told above.
        _ => format!("{builtin}str"),
    }
}
