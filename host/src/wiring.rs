//! The composition root: where the layers are put together.
//!
//! - [`loading`]: an engine, and components.
//! - [`artifacts`]: components that registries have.
//! - [`cells`]: where guests run; [`groups`]: the cgroups of cells.
//! - [`environment`]: the variables that guests see, and secrets; [`commands`]: programs that write them.
//! - [`connecting`]: the connection to Temporal.
//! - [`coding`]: how payloads are coded.
//! - [`measuring`]: where metrics go; [`sampling`]: what is looked at for them now and then.
//! - [`mod@traces`]: which attempts are traced, and where their spans go.
//! - [`tenants`]: what all task queues of one tenant share.
//! - [`recording`]: the audit log and receipts.
//! - [`issuing`]: identity tokens.
//! - [`web`]: what is answered by HTTP.
//! - [`named`]: files that a start reads, looked into before one.
//! - [`versions`]: as which version Temporal knows a worker.

pub(crate) mod loading;

pub(crate) mod artifacts;

pub(crate) mod turns;

pub(crate) mod cells;

pub(crate) mod groups;

pub(crate) mod environment;

mod commands;

pub(crate) mod connecting;

pub(crate) mod coding;

pub(crate) mod measuring;

pub(crate) mod sampling;

pub(crate) mod traces;

pub(crate) mod tenants;

pub(crate) mod recording;

pub(crate) mod issuing;

pub(crate) mod web;

pub(crate) mod named;

pub(crate) mod versions;

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use engine::{CompileLimits, Compiler, Engine, Outbound, Walls};
use tokio::runtime::{Builder, Runtime};

use crate::{
    config::settings::EngineSettings,
    exit::{Exit, OrExit as _, Problem, failed_to},
    output::reporter::GuestLines,
};

/// This very program, also when its file was replaced by a newer one meanwhile.
pub(crate) const THIS_PROGRAM: &str = "/proc/self/exe";

/// The hidden subcommand that compiles in a process of its own.
pub(crate) const COMPILE_SUBCOMMAND: &str = "__compile";

/// How many components are loaded at once, at most.
pub(crate) const LOADERS: u8 = 2;

/// The sandboxes that they are asked in for their activities.
pub(crate) const ASKED: u32 = LOADERS as u32;

/// How long work that nobody needs any more may hold up the end of the process.
const LEFTOVERS: Duration = Duration::from_millis(500);

/// The runtime for input and output. Its threads only pass messages; guests run on threads of the engine.
///
/// # Errors
/// When the system has no threads left.
pub(crate) fn runtime(settings: &EngineSettings) -> Result<Runtime, Problem> {
    let runtime = Builder::new_multi_thread()
        .worker_threads(settings.io_threads)
        .thread_name("io")
        .on_thread_start(engine::take_short_slices)
        .enable_all()
        .build();
    runtime.context("failed to start the threads for input and output").or_exit(Exit::Other)
}

/// Ends the runtime. What still works on payloads of attempts that are over is not waited for.
pub(crate) fn end(runtime: Runtime) {
    runtime.shutdown_timeout(LEFTOVERS);
}

/// An engine that compiles in a process of its own, and treats what guests log as `lines` says.
///
/// # Errors
/// When the system or the settings do not allow it.
pub(crate) fn engine(settings: &EngineSettings, lines: GuestLines) -> Result<Arc<Engine>, Problem> {
    started(settings, of_program(settings, lines))
}

/// The same for what a developer builds in an interpreted language, and will build again after a change.
///
/// # Errors
/// When the system or the settings do not allow it.
pub(crate) fn engine_for_builds(settings: &EngineSettings) -> Result<Arc<Engine>, Problem> {
    let of_program = of_program(settings, GuestLines::unread());
    started(settings, engine::EngineSettings { keeps_functions: true, ..of_program })
}

fn of_program(settings: &EngineSettings, lines: GuestLines) -> engine::EngineSettings {
    engine::EngineSettings {
        guest_threads: settings.guest_threads,
        tick: settings.tick,
        // More, for components that are asked for their activities while all others are at work.
        pool_slots: settings.slots.saturating_add(ASKED),
        cache_dir: Some(settings.cache.clone()),
        cache_size: settings.cache_size,
        compile_limits: CompileLimits {
            memory: settings.compile_memory,
            walls: settings.compiler_walls,
            ..CompileLimits::default()
        },
        compiler: Compiler::Child { program: THIS_PROGRAM.into(), arguments: vec![COMPILE_SUBCOMMAND.into()] },
        outbound: Outbound::Direct { nameservers: settings.nameservers.clone(), proxy: settings.http_proxy.clone() },
        log_level: lines.least_level,
        log_format: lines.format,
        ..engine::EngineSettings::default()
    }
}

fn started(settings: &EngineSettings, of_engine: engine::EngineSettings) -> Result<Arc<Engine>, Problem> {
    let engine = Engine::new(of_engine).map_err(|error| {
        let cure = error.cure().map(str::to_owned);
        Problem { exit: Exit::Usage, cure, error: failed_to(error) }
    })?;
    if settings.compiler_walls != Walls::ALL {
        tracing::warn!("{}", unconfined(settings.compiler_walls));
    }
    if engine.slots() < settings.slots.saturating_add(ASKED) {
        let (room, wanted) = (engine.slots().saturating_sub(ASKED), settings.slots);
        tracing::warn!("the system has room for {room} sandboxes, fewer than {wanted}: raise vm.max_map_count");
    }
    Ok(Arc::new(engine))
}

/// What is told of a compiler that is less confined than it could be, as the configuration wants it.
fn unconfined(walls: Walls) -> &'static str {
    match walls.seccomp {
        true => "components are compiled, and cells run, without Landlock, as engine.landlock says: seccomp is left",
        false => "components are compiled unconfined, as engine.confine-compiler says: each must be one to be trusted",
    }
}
