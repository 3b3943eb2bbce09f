//! Stubs for Temporal's Java SDK, whose payloads are Jackson's.

use values::{Cases, Integer, Kind, Type};

use super::{
    model::{Named, Stubs},
    words::{camel, pascal, quoted},
};

/// Words that no name may be.
const RESERVED: [&str; 66] = [
    "abstract",
    "assert",
    "boolean",
    "break",
    "byte",
    "case",
    "catch",
    "char",
    "class",
    "const",
    "continue",
    "default",
    "do",
    "double",
    "else",
    "enum",
    "extends",
    "false",
    "final",
    "finally",
    "float",
    "for",
    "goto",
    "if",
    "implements",
    "import",
    "instanceof",
    "int",
    "interface",
    "long",
    "native",
    "new",
    "null",
    "package",
    "private",
    "protected",
    "public",
    "return",
    "short",
    "static",
    "strictfp",
    "super",
    "switch",
    "synchronized",
    "this",
    "throw",
    "throws",
    "transient",
    "true",
    "try",
    "void",
    "volatile",
    "wait",
    "while",
    // Methods that every object or every variant here has.
    "clone",
    "equals",
    "finalize",
    "getClass",
    "hashCode",
    "json",
    "notify",
    "notifyAll",
    "of",
    "tag",
    "toString",
    "value",
];

pub(super) fn write(stubs: &Stubs<'_>) -> String {
    let mut text = format!(
        "// Activities of {}, as `isolet inspect --stubs java` writes them.\n\nimport com.fasterxml.jackson.annotation.*;\n\
         import io.temporal.activity.*;\nimport java.util.*;\n\n@ActivityInterface\npublic interface Activities {{\n",
        stubs.component
    );
    for activity in &stubs.activities {
        let parameters = activity.parameters.iter();
        let parameters = parameters.map(|(name, ty)| format!("{} {}", outer(stubs, ty), camel(name, &RESERVED)));
        let result = activity.result.map_or_else(|| "void".to_owned(), |ty| outer(stubs, ty));
        text += &format!(
            "    /** {} */\n    @ActivityMethod(name = {})\n    {result} {}({});\n\n",
            activity.about.replace("*/", ""),
            quoted(&activity.name),
            camel(&activity.words, &RESERVED),
            parameters.collect::<Vec<_>>().join(", "),
        );
    }
    for named in stubs.types() {
        text += &declaration(stubs, named);
    }
    text + "}\n"
}

fn declaration(stubs: &Stubs<'_>, named: &Named<'_>) -> String {
    let name = pascal(&named.name);
    match &named.ty.kind {
        Kind::Record(fields) => {
            let fields = fields.names.iter().zip(&fields.types).map(|(name, ty)| {
                let (json, identifier) = (quoted(&name.json), camel(&name.wit, &RESERVED));
                format!("        @JsonProperty({json}) {} {identifier}", inner(stubs, ty))
            });
            format!("    record {name}(\n{}) {{}}\n\n", fields.collect::<Vec<_>>().join(",\n"))
        }
        Kind::Enum(names) => enumeration(&name, names),
        // A set of them in JSON is a list of their names.
        Kind::Flags(names) => enumeration(&name, names),
        Kind::Variant(cases) => variant(stubs, &name, cases),
        _ => String::new(),
    }
}

fn enumeration(name: &str, names: &values::Names) -> String {
    let names = names.iter().map(|each| {
        let constant = each.json.to_uppercase();
        format!("        @JsonProperty({}) {constant}", quoted(&each.json))
    });
    format!("    enum {name} {{\n{}\n    }}\n\n", names.collect::<Vec<_>>().join(",\n"))
}

/// One of several cases: in JSON the case's name, or an object of that one key. Jackson reads either as what it is, and
/// what a case carries is told by a comment.
fn variant(stubs: &Stubs<'_>, name: &str, cases: &Cases) -> String {
    let mut text = format!(
        "    /** One case: its name, and what it carries, as Jackson reads it; null for a case that carries nothing. */\n    \
         record {name}(String tag, Object value) {{\n"
    );
    for (case, payload) in cases.names.iter().zip(&cases.payloads) {
        let (json, method) = (quoted(&case.json), camel(&case.wit, &RESERVED));
        text += &match payload {
            Some(payload) => format!(
                "        static {name} {method}({} it) {{\n            return new {name}({json}, it);\n        }}\n\n",
                inner(stubs, payload)
            ),
            None => {
                format!(
                    "        static {name} {method}() {{\n            return new {name}({json}, null);\n        }}\n\n"
                )
            }
        };
    }
    text + &format!(
        "        @JsonCreator\n        static {name} of(Object json) {{\n            if (json instanceof Map<?, ?> map && \
         map.size() == 1) {{\n                var entry = map.entrySet().iterator().next();\n                return new \
         {name}(String.valueOf(entry.getKey()), entry.getValue());\n            }}\n            return new \
         {name}(String.valueOf(json), null);\n        }}\n\n        @JsonValue\n        Object json() {{\n            \
         return value == null ? tag : Map.of(tag, value);\n        }}\n    }}\n\n"
    )
}

/// The type of an argument or a result: bytes are a payload of their own there, and Jackson has them as base64.
fn outer(stubs: &Stubs<'_>, ty: &Type) -> String {
    match &ty.kind {
        Kind::Option(ty) if ty.is_bytes() => "byte[]".to_owned(),
        _ => inner(stubs, ty),
    }
}

fn inner(stubs: &Stubs<'_>, ty: &Type) -> String {
    if let Some(name) = stubs.name(ty) {
        let name = pascal(name);
        return if matches!(ty.kind, Kind::Flags(_)) { format!("List<{name}>") } else { name };
    }
    let of = |ty: &Type| inner(stubs, ty);
    match &ty.kind {
        Kind::Bool => "Boolean".to_owned(),
        // Java's numbers have signs; Jackson reads texts of digits, too.
        Kind::Integer(integer) => match integer {
            Integer::S8 => "Byte",
            Integer::U8 | Integer::S16 => "Short",
            Integer::U16 | Integer::S32 => "Integer",
            Integer::U32 | Integer::S64 => "Long",
            Integer::U64 => "java.math.BigInteger",
        }
        .to_owned(),
        // Jackson has NaN and the infinities as the same texts.
        Kind::Float32 => "Float".to_owned(),
        Kind::Float64 => "Double".to_owned(),
        _ if ty.is_bytes() => "byte[]".to_owned(),
        Kind::List(element) | Kind::FixedList(element, _) => format!("List<{}>", of(element)),
        Kind::Map(key, value) if matches!(key.kind, Kind::String) => format!("Map<String, {}>", of(value)),
        // Java has no type for a list of different ones.
        Kind::Map(..) | Kind::Tuple(_) => "List<Object>".to_owned(),
        Kind::Option(inner) if inner.is_optional() => format!("Map<String, {}>", of(inner)),
        Kind::Option(inner) => of(inner),
        Kind::Result(_) => "Object".to_owned(),
        // Texts and characters; what has a name was told above.
        _ => "String".to_owned(),
    }
}
