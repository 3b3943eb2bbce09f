//! The functions of a component that was built without an SDK: found in its type, and called with values.

use activity::{ActivityName, Limits};
use values::{Found, Function, Naming, Type};
use wasmtime::component::{Component, ComponentExportIndex};

use crate::error::LoadError;

/// The functions that are activities, and where they are found in an instance.
pub(crate) struct Functions {
    functions: Vec<(Function, ComponentExportIndex)>,
    naming: Naming,
    /// Whether any of them returns a list.
    return_lists: bool,
}

impl Functions {
    /// Those of a component that exports no handler.
    ///
    /// # Errors
    /// When there are none.
    pub(crate) fn find(compiled: &Component) -> Result<Self, LoadError> {
        let Found { functions, refused } = values::functions(compiled);
        if functions.is_empty() {
            return Err(LoadError::no_functions(&refused));
        }
        let naming = values::activity_names(&functions);
        let return_lists = functions.iter().any(|function| function.result.as_ref().is_some_and(Type::has_lists));
        let functions = functions.into_iter().filter_map(|function| {
            let index = index(compiled, &function)?;
            Some((function, index))
        });
        Ok(Self { functions: functions.collect(), naming, return_lists })
    }

    /// The activities that they are. None can be told of a cancellation unless it asks, and so each may be interrupted.
    pub(crate) fn activities(&self) -> Vec<(ActivityName, bool)> {
        self.naming.names.keys().map(|name| (ActivityName::Named(name.clone()), true)).collect()
    }

    /// What the host may hold for the result of one call, in bytes, beyond what it holds for that of any component: for
    /// lists, each of whose elements is far larger there than in a payload.
    pub(crate) fn memory(&self, limits: &Limits) -> usize {
        if self.return_lists { limits.host_buffer.max(values::memory_for(limits.result)) } else { 0 }
    }

    /// The one that is this activity.
    pub(crate) fn get(&self, activity_type: &str) -> Option<&(Function, ComponentExportIndex)> {
        self.functions.get(*self.naming.names.get(activity_type)?)
    }
}

fn index(compiled: &Component, function: &Function) -> Option<ComponentExportIndex> {
    let interface = match &function.interface {
        Some(interface) => Some(compiled.get_export_index(None, interface.as_str())?),
        None => None,
    };
    compiled.get_export_index(interface.as_ref(), function.name.as_str())
}
