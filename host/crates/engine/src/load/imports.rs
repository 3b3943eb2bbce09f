//! What a component imports: all of it must be there, but for what only a workflow's code calls.

use std::borrow::Cow;

use activity::shown;
use capabilities::{
    Fault,
    interface::{self, Need},
};
use wasmtime::component::{
    Component, Linker, LinkerInstance, ResourceType,
    types::{ComponentInstance, ComponentItem},
};

use crate::{error::LoadError, inspect, state::SandboxState};

/// Refuses a component that imports what is not there, with all of that.
pub(super) fn check(compiled: &Component) -> Result<(), LoadError> {
    let missing: Vec<_> = inspect::imports(compiled)
        .into_iter()
        .filter_map(|import| match import.need {
            Need::Unavailable(cure) => Some((import.name, cure)),
            Need::Nothing
            | Need::Environment
            | Need::Directories
            | Need::Client
            | Need::Http
            | Need::Workflow
            | Need::Refused => None,
        })
        .collect();
    match missing.first() {
        None => Ok(()),
        Some((_, cure)) => {
            let names = shown::names(missing.iter().map(|(name, _)| name.as_str()));
            Err(LoadError::Import { names, several: 1 < missing.len(), cure })
        }
    }
}

/// What links a component: what links all of them, and for one with a workflow in it stand-ins for what that imports,
/// each of which traps when it is called.
pub(super) fn linker<'l>(
    linker: &'l Linker<SandboxState>,
    compiled: &Component,
) -> wasmtime::Result<Cow<'l, Linker<SandboxState>>> {
    let mut linker = Cow::Borrowed(linker);
    for (name, item) in compiled.component_type().imports(compiled.engine()) {
        if interface::need(name) != Need::Workflow {
            continue;
        }
        match item.ty {
            ComponentItem::ComponentInstance(instance) => {
                let mut stand_in = linker.to_mut().instance(name)?;
                stand_in_for(&mut stand_in, &instance, compiled)?;
            }
            item => one(&mut linker.to_mut().root(), name, &item, compiled)?,
        }
    }
    Ok(linker)
}

fn stand_in_for(
    linker: &mut LinkerInstance<'_, SandboxState>,
    instance: &ComponentInstance,
    compiled: &Component,
) -> wasmtime::Result<()> {
    instance.exports(compiled.engine()).try_for_each(|(name, item)| one(linker, name, &item.ty, compiled))
}

fn one(
    linker: &mut LinkerInstance<'_, SandboxState>,
    name: &str,
    item: &ComponentItem,
    compiled: &Component,
) -> wasmtime::Result<()> {
    match item {
        ComponentItem::ComponentFunc(_) => linker.func_new(name, |_, _, _, _| Err(Fault::WorkflowOnly.into())),
        ComponentItem::Resource(_) => linker.resource(name, ResourceType::host::<StandIn>(), |_, _| Ok(())),
        ComponentItem::ComponentInstance(instance) => stand_in_for(&mut linker.instance(name)?, instance, compiled),
        // Types need nobody, and code is not to be had: the component is refused by wasmtime for it.
        ComponentItem::Type(_)
        | ComponentItem::CoreFunc(_)
        | ComponentItem::Module(_)
        | ComponentItem::Component(_) => Ok(()),
    }
}

/// The resources of a workflow's host, of which there are none.
struct StandIn;
