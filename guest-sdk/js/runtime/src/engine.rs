//! The engine with the project's code in it, and the calls that the contract makes to it.

use rquickjs::{
    Array, Context, Ctx, Error, Function, Object, Promise, Result, Runtime, Value, context::EvalOptions,
    promise::PromiseState,
};

use crate::{
    contract::{
        exports::isolet::activity::handler::{ActivityDefinition, ActivityName, Outcome},
        isolet::activity::types::Payload,
    },
    event_loop, host, image,
    text::Text,
    values,
};

/// How much of the stack scripts may use, of the 4 MiB that the linker gives: what the engine and what it calls use
/// beyond the last check must fit beside. About 9,000 frames, as on Node.
const SCRIPT_STACK: usize = 3 << 20;

/// Where the bundle hands over its functions, and where it finds the host's.
const HANDLER: &str = "__isolet_handler";
const HOST: &str = "__isolet_host";

/// What tells of an error, and the source map that it does it by.
const EXPLAIN: &str = "__isolet_explain";
const SOURCE_MAP: &str = "__isolet_source_map";

/// What the file is called in stacks before they are translated.
const FILE: &str = "isolet:bundle";

/// A started engine.
pub(crate) struct Engine {
    context: Context,
    // Dropped last.
    runtime: Runtime,
}

impl Engine {
    /// Runs the bundle, which comes behind its source map in one line. Whatever is wrong with it is told on standard
    /// error and ends the build.
    pub(crate) fn start(code: &str) -> Self {
        let (map, bundle) = code.split_once('\n').unwrap_or_default();
        let started = Runtime::new().and_then(|runtime| {
            runtime.set_max_stack_size(SCRIPT_STACK);
            runtime.set_host_promise_rejection_tracker(Some(Box::new(event_loop::rejected)));
            Ok(Self { context: Context::full(&runtime)?, runtime })
        });
        let Ok(engine) = started else { host::system::give_up("there is no memory to start with") };
        engine.context.with(|ctx| {
            let begun = prepare(&ctx, map).and_then(|()| evaluate(&ctx, bundle));
            match begun.and_then(|begun| finish(&ctx, &begun)) {
                Ok(Some(_)) => {}
                Ok(None) => host::system::give_up("the code waits at its top level for what never comes"),
                Err(error) => host::system::give_up(&explain(&ctx, error)),
            }
        });
        engine.context.with(|ctx| image::settle(&ctx));
        engine
    }

    /// The names that the bundle tells.
    pub(crate) fn list_activities(&self) -> Vec<ActivityDefinition> {
        self.call(|ctx| {
            let names: Array<'_> = handler(ctx, "names")?.call(())?;
            names.iter::<Object<'_>>().map(|each| definition(&each?)).collect()
        })
    }

    /// Runs one attempt to its end.
    pub(crate) fn execute(&self, activity_type: &str, input: &[Payload]) -> Outcome {
        self.runtime.set_max_stack_size(SCRIPT_STACK);
        self.call(|ctx| {
            let input = values::give_payloads(ctx, input)?;
            let outcome: Promise<'_> = handler(ctx, "execute")?.call((activity_type, input))?;
            match finish(ctx, &outcome)? {
                Some(outcome) => values::outcome(&outcome.get()?),
                // Nothing can happen any more. Node would end its process, and Temporal's worker goes on waiting.
                None => host::attempt::wait_for_ever(),
            }
        })
    }

    /// What is thrown here is thrown where nobody can catch it, as in a timer: a trap, with the error on standard error.
    fn call<T>(&self, work: impl FnOnce(&Ctx<'_>) -> Result<T>) -> T {
        self.context.with(|ctx| work(&ctx).unwrap_or_else(|error| host::system::give_up(&explain(&ctx, error))))
    }
}

fn prepare(ctx: &Ctx<'_>, map: &str) -> Result<()> {
    ctx.globals().set(SOURCE_MAP, map)?;
    ctx.globals().set(HOST, host::define(ctx)?)
}

fn handler<'js>(ctx: &Ctx<'js>, name: &str) -> Result<Function<'js>> {
    ctx.globals().get::<_, Object<'js>>(HANDLER)?.get(name)
}

fn definition(each: &Object<'_>) -> Result<ActivityDefinition> {
    let name: Option<Text> = each.get("name")?;
    Ok(ActivityDefinition {
        name: name.map_or(ActivityName::Dynamic, |name| ActivityName::Named(name.0)),
        interruptible: true,
    })
}

/// The bundle is one call of an asynchronous function. It was made of modules, whose code is strict.
fn evaluate<'js>(ctx: &Ctx<'js>, bundle: &str) -> Result<Promise<'js>> {
    let mut options = EvalOptions::default();
    options.strict = true;
    options.filename = Some(FILE.to_owned());
    ctx.eval_with_options(bundle, options)
}

/// Lets everything happen that a promise waits for, and returns what it is fulfilled with: none if nothing can happen
/// any more and it still waits.
fn finish<'js>(ctx: &Ctx<'js>, promise: &Promise<'js>) -> Result<Option<Value<'js>>> {
    event_loop::run_jobs(ctx);
    let mut turns = event_loop::Turns::default();
    while matches!(promise.state(), PromiseState::Pending) {
        if !turns.next(ctx)? {
            return Ok(None);
        }
    }
    promise.result::<Value<'js>>().transpose()
}

/// An error for people: its stack in the project's files, by the bundle's own function if that was reached.
fn explain(ctx: &Ctx<'_>, error: Error) -> String {
    if !error.is_exception() {
        return error.to_string();
    }
    let thrown = ctx.catch();
    let explain: Result<Function<'_>> = ctx.globals().get(EXPLAIN);
    let explained = explain.and_then(|explain| explain.call::<_, Text>((thrown.clone(),)));
    explained.map_or_else(|_| format!("{thrown:?}"), |text| text.0)
}
