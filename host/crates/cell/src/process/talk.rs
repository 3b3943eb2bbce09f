//! What writes to a process and reads from it.

use std::{
    io,
    os::unix::net::UnixStream,
    process::ChildStderr,
    sync::{Arc, Weak, atomic::Ordering, mpsc},
    thread::{self, JoinHandle},
    time::Duration,
};

use activity::{Event, EventSender, Measurement, shown};
use tokio::{sync::oneshot, task::coop::consume_budget};

use super::{Process, Shared, outgoing::Outgoing, owner};
use crate::{
    cell::{Inner, Start},
    wire::{self, Awaited, FromCell, Reader, from_cell},
};

/// What reading from a process that is gone comes to.
const GONE: [io::ErrorKind; 2] = [io::ErrorKind::ConnectionReset, io::ErrorKind::UnexpectedEof];

/// How long a process stays that was only asked for a component's activities, which the worker then knows: of a thousand
/// tenants each would stay for minutes with memory of its own.
const ONLY_ASKED: Duration = Duration::from_secs(2);

/// Lines that a process may complain with.
const COMPLAINTS: usize = 100;

/// What a process has said before its end, until it was heard.
pub(super) struct Heard {
    /// Closed once the task that reads has come to its end.
    reader: mpsc::Receiver<()>,
    complaints: Option<JoinHandle<()>>,
}

impl Heard {
    /// Waits until all of it was.
    pub(super) fn all(self) {
        // Nothing is ever sent.
        let _ = self.reader.recv();
        // One that panicked has nothing more to say.
        let _ = self.complaints.map(JoinHandle::join);
    }
}

/// Starts to write to it, on a thread, and to read from it, by a task of the worker's.
///
/// # Errors
/// When the system has no thread or descriptor left.
pub(super) fn start(
    shared: &Arc<Shared>,
    process: &Weak<Process>,
    cell: &Arc<Inner>,
    (socket, outgoing): (&UnixStream, &Arc<Outgoing>),
    complaints: Option<ChildStderr>,
) -> io::Result<Heard> {
    let writer = {
        let (socket, outgoing) = (socket.try_clone()?, Arc::clone(outgoing));
        let (shared, process, weak) = (Arc::clone(shared), process.clone(), Arc::downgrade(cell));
        let (idle, start) = (cell.settings.idle, cell.settings.start);
        named("isolet-cell-out", move || {
            let rest = || if start == Start::WithLoad || shared.has_run() { idle } else { idle.min(ONLY_ASKED) };
            if let Err(error) = outgoing.write(&socket, rest, || owner::at_rest(&shared, &process, &weak)) {
                shared.kill(&format!("the system has no descriptor left for it: {error}"));
            }
            // It ends when it hears nothing more.
            let _ = socket.shutdown(std::net::Shutdown::Write);
        })?
    };
    // It ends with the process that is written to, not with the system's, so nobody joins it.
    drop(writer);
    let (ends, reader) = mpsc::channel();
    let read = {
        let _worker = cell.worker.enter();
        let reader = Reader::new(socket.try_clone()?, cell.longest_message());
        read(reader.awaited()?, reader, (Arc::clone(shared), process.clone()), Arc::downgrade(cell))
    };
    cell.worker.spawn(async move {
        read.await;
        drop::<mpsc::Sender<()>>(ends);
    });
    let name = shared.name.clone();
    let complaints =
        complaints.map(|complaints| named("isolet-cell-err", move || hear(&name, complaints))).transpose()?;
    Ok(Heard { reader, complaints })
}

fn named(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
    thread::Builder::new().name(name.to_owned()).spawn(work)
}

/// Hears what a process says. What one says is heard between what others of the worker's tasks do, as often as they.
async fn read(
    socket: Awaited,
    mut reader: Reader<FromCell>,
    (shared, process): (Arc<Shared>, Weak<Process>),
    cell: Weak<Inner>,
) {
    loop {
        let heard = match reader.next_on(&socket).await {
            Ok(Some(message)) => hear_one(message, &shared, &process),
            // It ended, or hung up, be it in the middle of a message.
            Ok(None) => return shared.end(),
            Err(error) if GONE.contains(&error.kind()) => return shared.end(),
            Err(error) => Err(error.to_string()),
        };
        if let Err(reason) = heard {
            return shared.kill(&format!("it broke the protocol: {reason}"));
        }
        if let Some(cell) = cell.upgrade() {
            reader.up_to(cell.longest_message());
        }
        consume_budget().await;
    }
}

fn hear_one(message: FromCell, shared: &Shared, process: &Weak<Process>) -> Result<(), String> {
    match message.say.ok_or("an empty message")? {
        from_cell::Say::Begun(begun) => match begun.refused {
            Some(refused) => {
                shared.refuse(&refused);
                Ok(())
            }
            None if begun.version == wire::VERSION => Ok(()),
            None => Err(format!("it is of version {}", begun.version)),
        },
        from_cell::Say::Memory(memory) => {
            shared.memory.store(memory, Ordering::Relaxed);
            Ok(())
        }
        from_cell::Say::Loaded(loaded) => {
            let listener = shared.listeners().loads.remove(&loaded.number);
            match (listener, &loaded.refused) {
                (Some(listener), _) => drop(listener.send(loaded)),
                (None, Some(reason)) => {
                    tracing::warn!("the cell of {} does not load a component again: {reason}", shared.name);
                }
                (None, None) => {}
            }
            Ok(())
        }
        from_cell::Say::Told(told) => {
            let event = told.event.ok_or("no event")?.receive().map_err(|broken| broken.to_string())?;
            if let Event::Written(line) = &event
                && line.contains(['\n', '\r'])
            {
                return Err("a line that is several".to_owned());
            }
            pass_on(told.attempt, event, shared, process)
        }
    }
}

/// Passes an event on to whom waits for it.
fn pass_on(attempt: u64, event: Event, shared: &Shared, process: &Weak<Process>) -> Result<(), String> {
    let mut listeners = shared.listeners();
    // Where there is none, nobody waits for the attempt any more.
    if let Event::Ended(ending) = event {
        let listener = listeners.attempts.remove(&attempt);
        drop(listeners);
        if let Some(listener) = listener {
            listener.events.end(*ending);
        }
        return Ok(());
    }
    let Some(listener) = listeners.attempts.get_mut(&attempt) else { return Ok(()) };
    let events = Arc::clone(&listener.events);
    if let Event::Measured(lot) = event {
        if listener.measuring.is_some() {
            return Err("measurements before the former ones were taken".to_owned());
        }
        let (measuring, given_up) = oneshot::channel();
        listener.measuring = Some(measuring);
        let process = process.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = measure(&events, lot) => if let Some(process) = process.upgrade() { process.taken(attempt) },
                // It has ended, or nobody waits for it any more.
                _ = given_up => {}
            }
        });
        return Ok(());
    }
    drop(listeners);
    match event {
        Event::Written(line) => events.log_written(line.into_string()),
        Event::LogLinesDropped(count) => events.log_lines_dropped(count),
        Event::Heartbeat(details) => events.heartbeat(details),
        Event::HeartbeatFailed(reason) => events.heartbeat_failed(reason),
        Event::Called(call) => events.call(*call),
        // A line does not cross that is not written down, and the others are passed on above.
        Event::Logged(_) | Event::Measured(_) | Event::Ended(_) => {}
    }
    Ok(())
}

/// Passes measurements on, once the worker has room for them.
async fn measure(events: &EventSender, lot: Vec<Measurement>) {
    for measurement in lot {
        events.measure(measurement).await;
    }
}

/// Passes on what a process says before its end, as of a panic.
fn hear(name: &str, complaints: ChildStderr) {
    confinement::hear(complaints, COMPLAINTS, |line| {
        tracing::warn!("the cell of {name} says: {}", shown::on_one_line(line));
    });
}
