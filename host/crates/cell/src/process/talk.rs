//! The threads that write to a process and read from it.

use std::{
    io,
    os::unix::net::UnixStream,
    process::ChildStderr,
    sync::{Arc, Weak, atomic::Ordering},
    thread::{self, JoinHandle},
};

use activity::{Event, shown};

use super::{Listener, Process, Shared, outgoing::Outgoing, owner};
use crate::{
    cell::Inner,
    wire::{self, FromCell, Reader, from_cell},
};

/// What reading from a process that is gone comes to.
const GONE: [io::ErrorKind; 2] = [io::ErrorKind::ConnectionReset, io::ErrorKind::UnexpectedEof];

/// Lines that a process may complain with.
const COMPLAINTS: usize = 100;

/// Starts the threads.
///
/// # Errors
/// When the system has none left.
pub(super) fn start(
    shared: &Arc<Shared>,
    process: &Weak<Process>,
    cell: &Arc<Inner>,
    (socket, outgoing): (&UnixStream, &Arc<Outgoing>),
    complaints: Option<ChildStderr>,
) -> io::Result<Vec<JoinHandle<()>>> {
    let writer = {
        let (socket, outgoing) = (socket.try_clone()?, Arc::clone(outgoing));
        let (shared, process, weak) = (Arc::clone(shared), process.clone(), Arc::downgrade(cell));
        let idle = cell.settings.idle;
        named("isolet-cell-out", move || {
            if let Err(error) = outgoing.write(&socket, idle, || owner::at_rest(&shared, &process, &weak)) {
                shared.kill(&format!("the system has no descriptor left for it: {error}"));
            }
            // It ends when it hears nothing more.
            let _ = socket.shutdown(std::net::Shutdown::Write);
        })?
    };
    // It ends with the process that is written to, not with the system's, so nobody joins it.
    drop(writer);
    let reader = {
        let reader = Reader::new(socket.try_clone()?, cell.longest_message());
        let (shared, weak) = (Arc::clone(shared), Arc::downgrade(cell));
        named("isolet-cell-in", move || read(reader, &shared, &weak))?
    };
    let name = shared.name.clone();
    let complaints =
        complaints.map(|complaints| named("isolet-cell-err", move || hear(&name, complaints))).transpose()?;
    Ok([Some(reader), complaints].into_iter().flatten().collect())
}

fn named(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
    thread::Builder::new().name(name.to_owned()).spawn(work)
}

fn read(mut reader: Reader<FromCell>, shared: &Shared, cell: &Weak<Inner>) {
    loop {
        let heard = match reader.next() {
            Ok(Some(message)) => hear_one(message, shared),
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
    }
}

fn hear_one(message: FromCell, shared: &Shared) -> Result<(), String> {
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
            pass_on(told.attempt, event, shared);
            Ok(())
        }
    }
}

/// Passes an event on to whom waits for it. Waits itself while a lot of that attempt's measurements does: a cell tells one, and
/// the next thing once that was taken.
fn pass_on(attempt: u64, event: Event, shared: &Shared) {
    let listener = {
        let mut listeners = shared.listeners();
        match event {
            Event::Ended(_) => listeners.attempts.remove(&attempt),
            _ => listeners.attempts.get(&attempt).cloned(),
        }
    };
    // Nobody waits for the attempt any more.
    let Some(Listener { events, measured }) = listener else { return };
    match event {
        Event::Written(line) => events.log_written(line.into_string()),
        Event::LogLinesDropped(count) => events.log_lines_dropped(count),
        Event::Heartbeat(details) => events.heartbeat(details),
        Event::HeartbeatFailed(reason) => events.heartbeat_failed(reason),
        Event::Called(call) => events.call(*call),
        Event::Ended(ending) => events.end(*ending),
        Event::Measured(lot) => drop(measured.blocking_send(lot)),
        // It does not cross.
        Event::Logged(_) => {}
    }
}

/// Passes on what a process says before its end, as of a panic.
fn hear(name: &str, complaints: ChildStderr) {
    confinement::hear(complaints, COMPLAINTS, |line| {
        tracing::warn!("the cell of {name} says: {}", shown::on_one_line(line));
    });
}
