//! The functions of a component that was built without an SDK: found in its type, and called with values.

use activity::{ActivityName, Limits};
use values::{Found, Function, Naming, Type, Weight};
use wasmtime::component::{Component, ComponentExportIndex};

use crate::error::LoadError;

/// The functions that are activities, and where they are found in an instance.
pub(crate) struct Functions {
    functions: Vec<Exported>,
    naming: Naming,
}

/// One of them.
pub(crate) struct Exported {
    pub(crate) function: Function,
    pub(crate) index: ComponentExportIndex,
    /// What its result takes on the host, if that may have lists in it.
    weight: Option<Weight>,
}

/// What one host call may always copy out of a guest, unless its limit is lower: no program for WASI writes more at once.
const LEAST_BUFFER: usize = 2 << 20;

impl Functions {
    /// Those of a component that exports no handler.
    ///
    /// # Errors
    /// When there are none, or too many.
    pub(crate) fn find(compiled: &Component) -> Result<Self, LoadError> {
        let Found { functions, refused, left_out } = values::functions(compiled);
        if functions.is_empty() {
            return Err(LoadError::no_functions(&refused));
        }
        if 0 < left_out {
            let count = functions.len().saturating_add(left_out);
            return Err(LoadError::TooManyFunctions { count, limit: values::MOST_FUNCTIONS });
        }
        let naming = values::activity_names(&functions);
        let functions = functions.into_iter().filter_map(|function| {
            let index = index(compiled, &function)?;
            let weight = function.result.as_ref().and_then(Type::weight);
            Some(Exported { function, index, weight })
        });
        Ok(Self { functions: functions.collect(), naming })
    }

    /// The activities that they are. None can be told of a cancellation unless it asks, and so each may be interrupted.
    pub(crate) fn activities(&self) -> Vec<(ActivityName, bool)> {
        self.naming.names.keys().map(|name| (ActivityName::Named(name.clone()), true)).collect()
    }

    /// What the host may hold for the result of one call, in bytes, beyond what it holds for that of any component: for
    /// lists, each of whose elements is far larger there than in a payload.
    pub(crate) fn memory(&self, limits: &Limits) -> usize {
        let memory = |each: &Exported| each.weight.map(|weight| weight.memory_for(each.counted(limits)));
        self.functions.iter().filter_map(memory).max().unwrap_or_default()
    }

    /// The one that is this activity.
    pub(crate) fn get(&self, activity_type: &str) -> Option<&Exported> {
        self.functions.get(*self.naming.names.get(activity_type)?)
    }
}

impl Exported {
    /// What wasmtime may count of what one host call copies out of the guest, the return of the result being one.
    pub(crate) fn counted(&self, limits: &Limits) -> usize {
        let least = limits.host_buffer.min(LEAST_BUFFER);
        let within = self.weight.map(|weight| weight.counted_within(limits.values));
        within.map_or(limits.host_buffer, |within| within.min(values::counted_for(limits.result)).max(least))
    }
}

fn index(compiled: &Component, function: &Function) -> Option<ComponentExportIndex> {
    let interface = match &function.interface {
        Some(interface) => Some(compiled.get_export_index(None, interface.as_str())?),
        None => None,
    };
    compiled.get_export_index(interface.as_ref(), function.name.as_str())
}
