//! Stubs for Temporal's Go SDK.

use values::{Cases, Integer, Kind, Type};

use super::{
    model::{Named, Stubs},
    words::{camel, pascal, quoted},
};

/// Words that no parameter may be.
const RESERVED: [&str; 30] = [
    "break",
    "case",
    "chan",
    "const",
    "context",
    "continue",
    "ctx",
    "default",
    "defer",
    "else",
    "err",
    "error",
    "fallthrough",
    "for",
    "func",
    "go",
    "goto",
    "if",
    "import",
    "interface",
    "map",
    "package",
    "range",
    "result",
    "return",
    "select",
    "struct",
    "switch",
    "type",
    "var",
];

/// Whole numbers of 64 bits, which the worker returns as texts where no double holds them.
const LONG: &str = r#"
// Int64 is a whole number; the worker returns those beyond 2^53 - 1 as a text of their digits.
type Int64 int64

func (n *Int64) UnmarshalJSON(data []byte) error {
	value, err := strconv.ParseInt(strings.Trim(string(data), "\""), 10, 64)
	*n = Int64(value)
	return err
}

// Uint64 is a whole number; the worker returns those beyond 2^53 - 1 as a text of their digits.
type Uint64 uint64

func (n *Uint64) UnmarshalJSON(data []byte) error {
	value, err := strconv.ParseUint(strings.Trim(string(data), "\""), 10, 64)
	*n = Uint64(value)
	return err
}
"#;

/// Numbers of which JSON has not all.
const FLOAT: &str = r#"
// Float64 is a number; NaN and the infinities are texts in JSON.
type Float64 float64

func (n Float64) MarshalJSON() ([]byte, error) {
	switch value := float64(n); {
	case math.IsNaN(value):
		return []byte(`"NaN"`), nil
	case math.IsInf(value, 1):
		return []byte(`"Infinity"`), nil
	case math.IsInf(value, -1):
		return []byte(`"-Infinity"`), nil
	default:
		return json.Marshal(value)
	}
}

func (n *Float64) UnmarshalJSON(data []byte) error {
	value, err := strconv.ParseFloat(strings.Trim(string(data), "\""), 64)
	*n = Float64(value)
	return err
}
"#;

pub(super) fn write(stubs: &Stubs<'_>) -> String {
    let long = stubs.uses(|ty| matches!(ty.kind, Kind::Integer(Integer::U64 | Integer::S64)));
    let float = stubs.uses(|ty| matches!(ty.kind, Kind::Float32 | Kind::Float64));
    let cases = stubs.uses(|ty| matches!(ty.kind, Kind::Variant(_) | Kind::Result(_)));
    let mut body = String::new();
    let needed = [(long, LONG), (float, FLOAT), (cases, CASE)];
    body.extend(needed.into_iter().filter(|(is_used, _)| *is_used).map(|(_, text)| text));
    for named in stubs.types() {
        body += &declaration(stubs, named);
    }
    for activity in &stubs.activities {
        let parameters = activity.parameters.iter();
        let parameters = parameters.map(|(name, ty)| format!(", {} {}", camel(name, &RESERVED), of(stubs, ty)));
        let names = activity.parameters.iter().map(|(name, _)| format!(", {}", camel(name, &RESERVED)));
        let (name, ty) = (function(stubs, &activity.words), quoted(&activity.name));
        let (parameters, names) = (parameters.collect::<String>(), names.collect::<String>());
        body += &format!("\n// {name} executes {}\n", activity.about);
        body += &match activity.result {
            Some(result) => format!(
                "func {name}(ctx workflow.Context{parameters}) ({result}, error) {{\n\tvar result {result}\n\terr := \
                 workflow.ExecuteActivity(ctx, {ty}{names}).Get(ctx, &result)\n\treturn result, err\n}}\n",
                result = of(stubs, result)
            ),
            None => format!(
                "func {name}(ctx workflow.Context{parameters}) error {{\n\treturn workflow.ExecuteActivity(ctx, \
                 {ty}{names}).Get(ctx, nil)\n}}\n"
            ),
        };
    }
    let standard = [
        ("encoding/json", "json."),
        ("errors", "errors."),
        ("math", "math."),
        ("strconv", "strconv."),
        ("strings", "strings."),
    ];
    let used = standard.into_iter().filter(|(_, prefix)| body.contains(prefix));
    let imports: String = used.map(|(name, _)| format!("\t\"{name}\"\n")).collect();
    let imports = if imports.is_empty() { imports } else { imports + "\n" };
    format!(
        "// Activities of {}, as `isolet inspect --stubs go` writes them.\n\n// Package activities calls them from \
         workflows.\npackage activities\n\nimport (\n{imports}\t\"go.temporal.io/sdk/workflow\"\n)\n{body}",
        stubs.component
    )
}

/// Functions and types of a package have names of their own.
fn function(stubs: &Stubs<'_>, words: &str) -> String {
    let name = pascal(words);
    let is_type = stubs.types().any(|named| pascal(&named.name) == name);
    if is_type { format!("Execute{name}") } else { name }
}

/// A value that is one of several cases: in JSON the case's name, or an object of that one key.
const CASE: &str = r#"
// marshalCase writes one case: its name, or an object of that key.
func marshalCase(name string, payload any) ([]byte, error) {
	if payload == nil {
		return json.Marshal(name)
	}
	return json.Marshal(map[string]any{name: payload})
}

// unmarshalCase reads one case: its name, and what it carries.
func unmarshalCase(data []byte) (string, json.RawMessage, error) {
	var name string
	if json.Unmarshal(data, &name) == nil {
		return name, nil, nil
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(data, &object); err != nil {
		return "", nil, err
	}
	for name, payload := range object {
		return name, payload, nil
	}
	return "", nil, errors.New("a case has a name")
}

// Result is what succeeded, or what failed, whichever is not nil.
type Result[T, E any] struct {
	Ok  *T
	Err *E
}

// MarshalJSON writes the one that is not nil.
func (r Result[T, E]) MarshalJSON() ([]byte, error) {
	if r.Err != nil {
		return marshalCase("err", carried(r.Err))
	}
	return marshalCase("ok", carried(r.Ok))
}

// UnmarshalJSON reads either.
func (r *Result[T, E]) UnmarshalJSON(data []byte) error {
	name, payload, err := unmarshalCase(data)
	if err != nil {
		return err
	}
	if name == "ok" {
		r.Ok = new(T)
		return unmarshalPayload(payload, r.Ok)
	}
	r.Err = new(E)
	return unmarshalPayload(payload, r.Err)
}

func carried(value any) any {
	switch value := value.(type) {
	case *struct{}:
		return nil
	default:
		return value
	}
}

func unmarshalPayload(payload json.RawMessage, value any) error {
	if payload == nil {
		return nil
	}
	return json.Unmarshal(payload, value)
}
"#;

fn declaration(stubs: &Stubs<'_>, named: &Named<'_>) -> String {
    let name = pascal(&named.name);
    match &named.ty.kind {
        Kind::Record(fields) => {
            let fields =
                fields.names.iter().zip(&fields.types).map(|(name, ty)| {
                    format!("\t{} {} `json:{}`\n", pascal(&name.wit), of(stubs, ty), quoted(&name.json))
                });
            format!("\n// {name} is a record.\ntype {name} struct {{\n{}}}\n", fields.collect::<String>())
        }
        Kind::Enum(names) | Kind::Flags(names) => {
            let is_flags = matches!(named.ty.kind, Kind::Flags(_));
            let one = if is_flags { format!("{name}Flag") } else { name.clone() };
            let values =
                names.iter().map(|each| format!("\t{one}{} {one} = {}\n", pascal(&each.wit), quoted(&each.json)));
            let all = if is_flags {
                format!("\n// {name} is the flags that are set.\ntype {name} []{one}\n")
            } else {
                String::new()
            };
            format!("{all}\n// {one} is one of these.\ntype {one} string\n\nconst (\n{})\n", values.collect::<String>())
        }
        Kind::Variant(cases) => variant(stubs, &name, cases),
        _ => String::new(),
    }
}

fn variant(stubs: &Stubs<'_>, name: &str, cases: &Cases) -> String {
    let (mut fields, mut marshal, mut unmarshal) = (String::new(), String::new(), String::new());
    for (case, payload) in cases.names.iter().zip(&cases.payloads) {
        let (field, json) = (pascal(&case.wit), quoted(&case.json));
        match payload {
            Some(payload) => {
                fields += &format!("\t{field} *{}\n", of(stubs, payload));
                marshal += &format!("\tcase v.{field} != nil:\n\t\treturn marshalCase({json}, v.{field})\n");
                unmarshal += &format!(
                    "\tcase {json}:\n\t\tv.{field} = new({})\n\t\treturn unmarshalPayload(payload, v.{field})\n",
                    of(stubs, payload)
                );
            }
            None => {
                fields += &format!("\t{field} bool\n");
                marshal += &format!("\tcase v.{field}:\n\t\treturn marshalCase({json}, nil)\n");
                unmarshal += &format!("\tcase {json}:\n\t\tv.{field} = true\n\t\treturn nil\n");
            }
        }
    }
    format!(
        r#"
// {name} is one of its fields: the one that is not nil, or true.
type {name} struct {{
{fields}}}

// MarshalJSON writes the one that is set.
func (v {name}) MarshalJSON() ([]byte, error) {{
	switch {{
{marshal}	}}
	return nil, errors.New("no case of {name} is set")
}}

// UnmarshalJSON reads any of them.
func (v *{name}) UnmarshalJSON(data []byte) error {{
	name, payload, err := unmarshalCase(data)
	if err != nil {{
		return err
	}}
	_ = payload
	switch name {{
{unmarshal}	}}
	return errors.New("{name} has no such case: " + name)
}}
"#
    )
}

fn of(stubs: &Stubs<'_>, ty: &Type) -> String {
    if let Some(name) = stubs.name(ty) {
        return pascal(name);
    }
    let inner = |ty: &Type| of(stubs, ty);
    match &ty.kind {
        Kind::Bool => "bool".to_owned(),
        Kind::Integer(integer) => match integer {
            Integer::U8 => "uint8",
            Integer::U16 => "uint16",
            Integer::U32 => "uint32",
            Integer::U64 => "Uint64",
            Integer::S8 => "int8",
            Integer::S16 => "int16",
            Integer::S32 => "int32",
            Integer::S64 => "Int64",
        }
        .to_owned(),
        Kind::Float32 | Kind::Float64 => "Float64".to_owned(),
        // Go's own JSON has bytes as base64, and its payloads bytes as they are.
        _ if ty.is_bytes() => "[]byte".to_owned(),
        Kind::List(element) | Kind::FixedList(element, _) => format!("[]{}", inner(element)),
        Kind::Map(key, value) if matches!(key.kind, Kind::String) => format!("map[string]{}", inner(value)),
        // Go has no type for a list of different ones.
        Kind::Map(..) => "[][2]any".to_owned(),
        Kind::Tuple(types) => format!("[{}]any", types.len()),
        Kind::Option(ty) if ty.is_optional() => {
            format!("*struct{{\n\tSome {} `json:\"some\"`\n}}", inner(ty))
        }
        Kind::Option(ty) if ty.is_bytes() => "[]byte".to_owned(),
        Kind::Option(ty) => format!("*{}", inner(ty)),
        Kind::Result(cases) => {
            let payload = |position: usize| cases.payloads.get(position).and_then(Option::as_ref);
            let part = |position| payload(position).map_or_else(|| "struct{}".to_owned(), inner);
            format!("Result[{}, {}]", part(0), part(1))
        }
        // Texts and characters; what has a name was told above.
        _ => "string".to_owned(),
    }
}
