//! The functions of a component that was built without an SDK: their types, how they are called, and what is generated
//! from them.

use activity::shown;
use anyhow::anyhow;
use engine::Inspection;
use serde_json::{Value, json};
use values::{Found, Function, Kind, Type, activity_names};

use super::list;
use crate::{
    config::settings::ComponentSettings,
    exit::{CommandResult, Exit, Problem},
    output,
    stubs::{self, Language},
    wiring::loading::refused,
};

/// The longest example of an argument that is shown.
const LONGEST: usize = 2_000;

/// Prints stubs, or without a language schemas.
///
/// # Errors
/// When the component has no functions that are activities.
pub(super) fn print(
    component: &ComponentSettings,
    inspection: Inspection,
    language: Option<Language>,
) -> CommandResult {
    inspection.listing.map_err(|error| refused(component, error))?;
    let functions = inspection.functions.functions;
    if functions.is_empty() {
        let problem = anyhow!("{} tells no types: it was built with an SDK", component.path.display());
        let cure = "write down the types that its functions have in its own language";
        return Err(Problem::new(Exit::Usage, problem).cure(cure));
    }
    match language {
        Some(language) => {
            let name = component.path.file_name().unwrap_or(component.path.as_os_str()).to_string_lossy();
            output::print(&stubs::stubs(&name, &functions, language));
        }
        None => output::json(&schemas(&functions)),
    }
    Ok(Exit::Completed)
}

fn schemas(functions: &[Function]) -> Value {
    let naming = activity_names(functions);
    let of = |(position, function): (usize, &Function)| {
        let mut schema = function.schema();
        if let Some(schema) = schema.as_object_mut() {
            let names = naming.names.iter().filter(|(_, of)| **of == position).map(|(name, _)| json!(name));
            schema.insert("activity_types".to_owned(), names.collect());
        }
        schema
    };
    json!({
        "$schema": values::DRAFT,
        "activities": functions.iter().enumerate().map(of).collect::<Vec<_>>(),
    })
}

/// What is shown to people.
pub(super) fn lines(path: &str, found: &Found) -> Vec<String> {
    if *found == Found::default() {
        return Vec::new();
    }
    let naming = activity_names(&found.functions);
    let functions = found.functions.iter().enumerate().flat_map(|(position, function)| {
        let names = naming.names.iter().filter(|(_, of)| **of == position);
        let mut names: Vec<&str> = names.map(|(name, _)| name.as_str()).collect();
        names.sort_by_key(|name| name.len());
        let (name, others) = names.split_first().map_or(("", [].as_slice()), |(name, others)| (*name, others));
        let also = format!("    also called {}", others.join(", "));
        let function = [shown_line(&format!("{name}: {}", function.signature())), call(path, name, function)];
        function.into_iter().chain((!others.is_empty()).then(|| shown_line(&also)))
    });
    let mut lines = list("functions", functions);
    let mut types = Vec::new();
    let values = found
        .functions
        .iter()
        .flat_map(|function| function.parameters.iter().map(|(_, ty)| ty).chain(&function.result));
    values.for_each(|ty| definitions(ty, &mut types));
    if !types.is_empty() {
        lines.extend(list("types", types.into_iter()));
    }
    if !naming.ambiguous.is_empty() {
        let names = naming.ambiguous.iter().map(|name| shown::name(name).into_owned());
        lines.extend(list(
            "ambiguous",
            names.map(|name| format!("{name} (several functions: call them by longer names)")),
        ));
    }
    if !found.refused.is_empty() {
        let refused = found.refused.iter();
        lines.extend(list("unusable", refused.map(|each| shown_line(&format!("{}: {}", each.name, each.reason)))));
    }
    lines
}

/// A command that calls a function.
fn call(path: &str, name: &str, function: &Function) -> String {
    let arguments = function.parameters.iter().map(|(_, ty)| {
        let sample = ty.sample().to_string().replace('\'', "'\\''");
        format!(" '{}'", shown::cut(&sample, LONGEST))
    });
    format!("    isolet run {path} '{name}'{}", arguments.collect::<String>())
}

/// What the names of a type, and of those that it is made of, stand for; each once.
fn definitions(ty: &Type, all: &mut Vec<String>) {
    match &ty.kind {
        Kind::List(inner) | Kind::FixedList(inner, _) | Kind::Option(inner) => definitions(inner, all),
        Kind::Map(key, value) => [key, value].into_iter().for_each(|ty| definitions(ty, all)),
        Kind::Record(fields) => fields.types.iter().for_each(|ty| definitions(ty, all)),
        Kind::Tuple(types) => types.iter().for_each(|ty| definitions(ty, all)),
        Kind::Variant(cases) | Kind::Result(cases) => {
            cases.payloads.iter().flatten().for_each(|ty| definitions(ty, all));
        }
        _ => {}
    }
    if let Some(name) = &ty.name {
        let line = shown_line(&format!("{name}: {}", ty.definition()));
        if !all.contains(&line) {
            all.push(line);
        }
    }
}

fn shown_line(text: &str) -> String {
    shown::on_one_line(&shown::cut(text, LONGEST)).into_owned()
}

/// What is shown to programs.
pub(super) fn document(found: &Found) -> Value {
    let naming = activity_names(&found.functions);
    let functions = found.functions.iter().enumerate().map(|(position, function)| {
        let names = naming.names.iter().filter(|(_, of)| **of == position).map(|(name, _)| name);
        let parameters =
            function.parameters.iter().map(|(name, ty)| json!({"name": name, "type": ty.wit(), "sample": ty.sample()}));
        json!({
            "activity_types": names.collect::<Vec<_>>(),
            "signature": function.signature(),
            "parameters": parameters.collect::<Vec<_>>(),
            "result": function.result.as_ref().map(Type::wit),
        })
    });
    let refused = found.refused.iter().map(|each| json!({"name": each.name, "reason": each.reason}));
    json!({
        "callable": functions.collect::<Vec<_>>(),
        "ambiguous": naming.ambiguous,
        "unusable": refused.collect::<Vec<_>>(),
    })
}
