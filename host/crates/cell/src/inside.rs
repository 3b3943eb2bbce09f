//! The cell's end: a process that confines itself, runs an engine, and ends with the worker.

mod attempt;

mod voice;

use std::{
    collections::HashMap,
    ffi::OsString,
    fs::File,
    io,
    os::{
        fd::AsFd as _,
        unix::{ffi::OsStringExt as _, net::UnixStream},
    },
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use activity::{ComponentHandle, ComponentId, Level, LineFormat};
use confinement::{Calls, Confinement, Directory, Limits, Walls};
use egress::Remote;
use engine::{Code, Engine, EngineSettings, Listing, LoadError, Outbound, Prepared, Roots};
use tokio::runtime::{Builder, Handle};

use self::{attempt::Attempts, voice::Voice};
use crate::wire::{self, Broken, Crosses as _, Reader, ToCell, from_cell, to_cell};

/// How often it tells what memory its guests have, when that has changed.
const TELLING: Duration = Duration::from_secs(1);

/// Runs this process as a cell: what a program does that was started as [`crate::CellSettings`] say. It must be the first
/// thing that its `main` does. `format` is what writes lines of guests down, by the words of the settings.
pub fn run(format: impl Fn(&str) -> Option<Arc<dyn LineFormat>>) -> ExitCode {
    match serve(format) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// Serves until the worker is gone or has no use for it any more.
fn serve(format: impl Fn(&str) -> Option<Arc<dyn LineFormat>>) -> io::Result<()> {
    confinement::close_inherited().map_err(io::Error::other)?;
    let socket = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    let voice = Voice::new(socket.try_clone()?);
    let mut reader = Reader::new(socket, usize::MAX);
    let Some(ToCell { say: Some(to_cell::Say::Begin(begin)) }) = reader.next()? else {
        return Err(io::Error::other("it does not begin as it should"));
    };
    let begun = |refused| from_cell::Say::Begun(wire::Begun { version: wire::VERSION, refused });
    let remote = begin.outside.is_some().then(|| Arc::new(Remote::new()));
    let (engine, loads) = match start(begin, format, remote.clone(), &mut reader) {
        Ok(started) => started,
        Err(refused) => {
            voice.say(begun(Some(refused)))?;
            return Err(io::Error::other("it can't run"));
        }
    };
    voice.say(begun(None))?;
    let engine = Arc::new(engine);
    let mut runtime = Builder::new_multi_thread();
    let runtime = runtime.worker_threads(1).thread_name("cell").enable_time();
    let runtime = if remote.is_some() { runtime.enable_io() } else { runtime }.build()?;
    runtime.spawn(tell_memory(Arc::clone(&engine), voice.clone()));
    let (loaded, attempts) = (HashMap::new(), Attempts::default());
    let tasks = runtime.handle().clone();
    let mut inside = Inside { engine, voice, tasks, remote, loads: loaded, attempts };
    for load in loads {
        inside.load(load)?;
    }
    let engine = Arc::clone(&inside.engine);
    // Where guests start, so that a task takes no other thread's waking up.
    let heard = engine.threads().block_on(engine.threads().spawn(inside.listen(reader)));
    runtime.shutdown_background();
    heard?
}

/// Confines the process, and starts its engine.
fn start(
    begin: wire::Begin,
    format: impl Fn(&str) -> Option<Arc<dyn LineFormat>>,
    remote: Option<Arc<Remote>>,
    reader: &mut Reader<ToCell>,
) -> Result<(Engine, Vec<Load>), String> {
    let broken = |broken: Broken| broken.to_string();
    if begin.version != wire::VERSION {
        return Err(format!("this is of version {}, and not of version {}", wire::VERSION, begin.version));
    }
    let settings = EngineSettings {
        guest_threads: usize::try_from(begin.guest_threads).unwrap_or(usize::MAX),
        busy_niceness: begin.busy_niceness,
        tick: Duration::required(begin.tick, "tick").map_err(broken)?,
        pool_slots: begin.slots,
        log_level: Level::receive(begin.log_level).map_err(broken)?,
        log_format: match begin.lines {
            Some(lines) => Some(format(&lines.format).ok_or("lines in a form that is not known")?),
            None => None,
        },
        outbound: match (remote, begin.outside) {
            (Some(remote), Some(outside)) => Outbound::Through(remote, Roots::from_der(outside.roots)),
            _ => Outbound::Direct { nameservers: Vec::new(), proxy: None },
        },
        ..EngineSettings::default()
    };
    // What it needs of the system's files it opens before.
    let prepared = Prepared::for_code(settings).map_err(|error| error.to_string())?;
    let loads = (0..begin.loads).map(|_| read_code(&prepared, reader)).collect::<io::Result<Vec<_>>>();
    let loads = loads.map_err(|error| error.to_string())?;
    let directory = |wire::Place { path, writable }| Directory { path: OsString::from_vec(path).into(), writable };
    let confinement = Confinement {
        parent: begin.parent,
        limits: Limits::default(),
        directories: begin.directories.into_iter().map(directory).collect(),
        calls: Calls::Serve,
        walls: Walls { landlock: begin.landlock, seccomp: begin.seccomp },
    };
    confinement.enter_with_own().map_err(|error| format!("failed to {error}"))?;
    let engine = prepared.start().map_err(|error| error.to_string())?;
    Ok((engine, loads))
}

/// A component that was not looked at yet but for its code, which is mapped.
struct Load {
    load: wire::Load,
    code: Result<Code, LoadError>,
}

fn read_code(prepared: &Prepared, reader: &mut Reader<ToCell>) -> io::Result<Load> {
    let Some(ToCell { say: Some(to_cell::Say::Load(load)) }) = reader.next()? else {
        return Err(io::Error::other("a component is missing"));
    };
    let code = reader.descriptor().ok_or_else(|| io::Error::other("a component without code"))?;
    Ok(Load { load: *load, code: prepared.read_code(&File::from(code)) })
}

async fn tell_memory(engine: Arc<Engine>, voice: Voice) {
    let (mut ticks, mut told) = (tokio::time::interval(TELLING), 0);
    loop {
        ticks.tick().await;
        let memory = engine.stats().memory;
        if memory != told && voice.say(from_cell::Say::Memory(memory)).is_err() {
            return;
        }
        told = memory;
    }
}

/// What a cell has.
struct Inside {
    engine: Arc<Engine>,
    voice: Voice,
    /// Where tasks run that are not about one attempt.
    tasks: Handle,
    /// What connects, if any of its components may reach anything.
    remote: Option<Arc<Remote>>,
    loads: HashMap<u64, ComponentHandle>,
    attempts: Attempts,
}

impl Inside {
    /// Does what the worker says until it has no use for it any more, or is gone: nothing is waited for then.
    async fn listen(mut self, mut reader: Reader<ToCell>) -> io::Result<()> {
        let socket = reader.awaited()?;
        while let Some(message) = tokio::select! {
            message = reader.next_on(&socket) => message?,
            never = self.attempts.carry() => match never {},
        } {
            let say = message.say.ok_or_else(|| io::Error::other("an empty message"))?;
            self.hear(say, &mut reader)?;
        }
        Ok(())
    }

    /// Does what the worker says; `reader` has what came with it.
    fn hear(&mut self, say: to_cell::Say, reader: &mut Reader<ToCell>) -> io::Result<()> {
        let broken = io::Error::other::<Broken>;
        match say {
            to_cell::Say::Begin(_) | to_cell::Say::Load(_) => Err(io::Error::other("it begins twice")),
            to_cell::Say::Forget(number) => {
                self.loads.remove(&number);
                Ok(())
            }
            to_cell::Say::Start(start) => {
                let wire::Start { attempt, task } = *start;
                let task = task.ok_or(Broken("task")).map_err(broken)?;
                // A component that was refused is told of by the engine, which has none of that number.
                let component = self.loads.get(&task.load).cloned();
                let component = component.unwrap_or_else(|| ComponentHandle::to_nothing(ComponentId::default()));
                let task = task.receive(component).map_err(broken)?;
                self.attempts.start(attempt, task, &self.engine, &self.voice);
                Ok(())
            }
            to_cell::Say::Tell(wire::Tell { attempt, command }) => {
                let command = activity::Command::required(command, "command").map_err(broken)?;
                self.attempts.tell(attempt, command);
                Ok(())
            }
            to_cell::Say::Taken(attempt) => {
                self.attempts.taken(attempt);
                Ok(())
            }
            to_cell::Say::Line(_) => match (&self.remote, reader.descriptor()) {
                (Some(remote), Some(line)) => remote.take_line(line, &self.tasks),
                _ => Err(io::Error::other("a line that is none")),
            },
        }
    }

    /// Loads a component, and tells what it told or why it is refused.
    fn load(&mut self, Load { load, code }: Load) -> io::Result<()> {
        let wire::Load { number, id, policy, listing } = load;
        let broken = io::Error::other::<Broken>;
        let id = ComponentId::required(id, "id").map_err(broken)?;
        let policy = policy.ok_or(Broken("policy")).and_then(wire::Policy::receive).map_err(broken)?;
        let known = Listing::optional(listing).map_err(broken)?;
        let loaded = code.and_then(|code| self.engine.load_code(id, &code, Arc::new(policy), known));
        let told = match loaded {
            Ok(loaded) => {
                self.loads.insert(number, loaded.component);
                let listing = Some(loaded.listing.send());
                wire::Loaded { number, listing, refused: None, cure: None }
            }
            Err(error) => {
                let (refused, cure) = (Some(error.to_string()), error.cure().map(str::to_owned));
                wire::Loaded { number, listing: None, refused, cure }
            }
        };
        self.voice.say(from_cell::Say::Loaded(told))
    }
}
