//! Stubs for Temporal's TypeScript SDK.

use values::{Integer, Kind, Name, Type};

use super::{
    model::{Named, Stubs},
    words::{camel, pascal, quoted},
};

/// Words that no name may be.
const RESERVED: [&str; 40] = [
    "activities",
    "break",
    "case",
    "catch",
    "class",
    "const",
    "continue",
    "debugger",
    "default",
    "delete",
    "do",
    "else",
    "enum",
    "export",
    "extends",
    "false",
    "finally",
    "for",
    "function",
    "if",
    "import",
    "in",
    "instanceof",
    "interface",
    "let",
    "new",
    "null",
    "options",
    "return",
    "static",
    "super",
    "switch",
    "this",
    "throw",
    "true",
    "try",
    "typeof",
    "var",
    "void",
    "with",
];

const HEAD: &str = "
import { proxyActivities, type ActivityOptions } from '@temporalio/workflow';

/** A whole number of 64 bits. The worker returns those beyond 2 ** 53 - 1 as a text of their digits, and takes both. */
export type Long = number | string;
/** A number; those that JSON has not are texts. */
export type Float = number | 'NaN' | 'Infinity' | '-Infinity';
";

pub(super) fn write(stubs: &Stubs<'_>) -> String {
    let mut text =
        format!("// Activities of {}, as `isolet inspect --stubs typescript` writes them.\n{HEAD}", stubs.component);
    for named in stubs.types() {
        text += &declaration(stubs, named);
    }
    text += "\n/** The activities by their types. */\nexport interface Activities {\n";
    for activity in &stubs.activities {
        let parameters = activity.parameters.iter();
        let parameters = parameters.map(|(name, ty)| format!("{}: {}", camel(name, &RESERVED), outer(stubs, ty)));
        let result = activity.result.map_or_else(|| "void".to_owned(), |ty| outer(stubs, ty));
        text += &format!(
            "  /** {} */\n  {}({}): Promise<{result}>;\n",
            activity.about.replace("*/", ""),
            quoted(&activity.name),
            parameters.collect::<Vec<_>>().join(", "),
        );
    }
    text += "}\n\n/** The activities, by names of TypeScript's own, with these options. */\n\
             export function activities(options: ActivityOptions) {\n  const all = proxyActivities<Activities>(options);\n  \
             return {\n";
    for activity in &stubs.activities {
        text += &format!("    {}: all[{}],\n", camel(&activity.words, &RESERVED), quoted(&activity.name));
    }
    text + "  };\n}\n"
}

fn declaration(stubs: &Stubs<'_>, named: &Named<'_>) -> String {
    let name = pascal(&named.name);
    match &named.ty.kind {
        Kind::Record(fields) => {
            let fields = fields.names.iter().zip(&fields.types).map(|(name, ty)| {
                let optional = if ty.is_optional() { "?" } else { "" };
                format!("  {}{optional}: {};\n", name.json, inner(stubs, ty))
            });
            format!("\nexport interface {name} {{\n{}}}\n", fields.collect::<String>())
        }
        Kind::Enum(names) => {
            format!("\nexport type {name} = {};\n", either(names.iter().map(|name| quoted(&name.json))))
        }
        Kind::Flags(names) => {
            format!("\nexport type {name} = ({})[];\n", either(names.iter().map(|name| quoted(&name.json))))
        }
        Kind::Variant(cases) => {
            let cases = cases.names.iter().zip(&cases.payloads);
            format!("\nexport type {name} = {};\n", either(cases.map(|(name, ty)| case(stubs, name, ty.as_ref()))))
        }
        _ => String::new(),
    }
}

/// The type of an argument or a result: bytes are a payload of their own there.
fn outer(stubs: &Stubs<'_>, ty: &Type) -> String {
    match &ty.kind {
        _ if ty.is_bytes() => "Uint8Array".to_owned(),
        Kind::Option(ty) if ty.is_bytes() => "Uint8Array | null".to_owned(),
        _ => inner(stubs, ty),
    }
}

fn inner(stubs: &Stubs<'_>, ty: &Type) -> String {
    if let Some(name) = stubs.name(ty) {
        return pascal(name);
    }
    let of = |ty: &Type| inner(stubs, ty);
    match &ty.kind {
        Kind::Bool => "boolean".to_owned(),
        Kind::Integer(Integer::U64 | Integer::S64) => "Long".to_owned(),
        Kind::Integer(_) => "number".to_owned(),
        Kind::Float32 | Kind::Float64 => "Float".to_owned(),
        // Bytes within something are base64.
        _ if ty.is_bytes() => "string".to_owned(),
        Kind::List(element) | Kind::FixedList(element, _) => format!("({})[]", of(element)),
        Kind::Map(key, value) if matches!(key.kind, Kind::String) => format!("Record<string, {}>", of(value)),
        Kind::Map(key, value) => format!("[{}, {}][]", of(key), of(value)),
        Kind::Tuple(types) => format!("[{}]", types.iter().map(of).collect::<Vec<_>>().join(", ")),
        Kind::Option(inner) if inner.is_optional() => format!("{{ some: {} }} | null", of(inner)),
        Kind::Option(inner) => format!("{} | null", of(inner)),
        Kind::Result(cases) => {
            either(cases.names.iter().zip(&cases.payloads).map(|(name, ty)| case(stubs, name, ty.as_ref())))
        }
        // Texts and characters; what has a name was told above.
        _ => "string".to_owned(),
    }
}

fn case(stubs: &Stubs<'_>, name: &Name, payload: Option<&Type>) -> String {
    match payload {
        Some(payload) => format!("{{ {}: {} }}", name.json, inner(stubs, payload)),
        None => quoted(&name.json),
    }
}

fn either(types: impl Iterator<Item = String>) -> String {
    types.collect::<Vec<_>>().join(" | ")
}
