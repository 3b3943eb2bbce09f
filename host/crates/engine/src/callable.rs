//! What is called of an instance: the contract's handler, or functions of its own.

use std::sync::Arc;

use activity::{ActivityName, Failure, Limits, Outcome, Payload, shown};
use capabilities::{Fault, bindings::Activity};
use values::ValueError;
use wasmtime::{
    Store,
    component::{Instance, Val},
};

use crate::{component::Exports, functions::Functions, state::SandboxState};

/// The exports of one instance.
pub(crate) enum Callable {
    /// The contract's handler.
    Handler(Activity),
    /// Functions of its own.
    Functions(Arc<Functions>, Instance),
}

/// What an execution came to: an outcome and its size, or nothing if the result or failure is larger than it may be.
pub(crate) type Executed = Option<(Outcome, usize)>;

impl Callable {
    /// Those of `instance`, whose types are compared with the contract's before it is called for the first time.
    ///
    /// # Errors
    /// When they are others.
    pub(crate) fn load(
        exports: &Exports,
        store: &mut Store<SandboxState>,
        instance: Instance,
    ) -> wasmtime::Result<Self> {
        Ok(match exports {
            Exports::Handler(indices) => Self::Handler(indices.load(store, &instance)?),
            Exports::Functions(functions) => Self::Functions(Arc::clone(functions), instance),
        })
    }

    /// Runs one attempt within these limits.
    ///
    /// # Errors
    /// When the guest doesn't return.
    pub(crate) async fn execute(
        &self,
        store: &mut Store<SandboxState>,
        activity_type: &str,
        input: Vec<Payload>,
        limits: &Limits,
    ) -> wasmtime::Result<Executed> {
        match self {
            Self::Handler(exports) => {
                let input = capabilities::payloads_to_guest(input);
                let outcome = exports.isolet_activity_handler().call_execute(store, activity_type, &input).await?;
                Ok(Some(capabilities::outcome_from_guest(outcome)))
            }
            Self::Functions(functions, instance) => {
                call(functions, instance, store, activity_type, input, limits).await
            }
        }
    }

    /// The activities of the component.
    ///
    /// # Errors
    /// When the guest, asked for them, doesn't return.
    pub(crate) async fn activities(
        &self,
        store: &mut Store<SandboxState>,
    ) -> wasmtime::Result<Vec<(ActivityName, bool)>> {
        match self {
            Self::Handler(exports) => {
                let listed = exports.isolet_activity_handler().call_list_activities(store).await?;
                Ok(capabilities::activity_names(listed))
            }
            Self::Functions(functions, _) => Ok(functions.activities()),
        }
    }
}

/// Calls the function that is this activity.
async fn call(
    functions: &Functions,
    instance: &Instance,
    store: &mut Store<SandboxState>,
    activity_type: &str,
    input: Vec<Payload>,
    limits: &Limits,
) -> wasmtime::Result<Executed> {
    let found = functions.get(activity_type);
    let found = found.and_then(|exported| Some((exported, instance.get_func(&mut *store, exported.index)?)));
    let Some((exported, callee)) = found else {
        let message = format!("the component exports no function \"{}\"", shown::name(activity_type));
        return Ok(Some((Outcome::Failed(Failure::application("", message)), 0)));
    };
    let function = &exported.function;
    let read = match function.is_command() {
        true => function.command_line(&input).map(|words| set_command_line(store, activity_type, words)),
        false => function.arguments(&input),
    };
    let arguments = match read {
        Ok(arguments) => arguments,
        Err(error) => return Ok(Some((function.rejected(&error), 0))),
    };
    // They were all that is needed of it, and what was made of it is larger.
    drop(input);
    // The return of the result is one host call.
    store.set_hostcall_fuel(exported.counted(limits));
    let mut results: Vec<Val> = function.result.iter().map(|_| Val::Bool(false)).collect();
    match callee.call_async(&mut *store, &arguments, &mut results).await {
        Ok(()) => {}
        // So programs in most languages end that have nothing to complain of.
        Err(error) if function.is_command() && Fault::find(&error) == Some(Fault::Exited(0)) => {
            return Ok(Some((Outcome::Completed(None), 0)));
        }
        Err(error) => return Err(error),
    }
    drop(arguments);
    match function.outcome(results.first(), limits.result) {
        Ok(outcome) => Ok(Some(outcome)),
        Err(ValueError::TooLarge(_)) => Ok(None),
        Err(error @ ValueError::OtherType) => Err(error.into()),
    }
}

/// Gives a program its command line, which begins with what it was called by. It has no arguments beside.
fn set_command_line(store: &mut Store<SandboxState>, activity_type: &str, words: Vec<String>) -> Vec<Val> {
    let name = activity_type.to_owned();
    store.data_mut().capabilities.set_arguments(std::iter::once(name).chain(words).collect());
    Vec::new()
}
