//! The threads that write to a process and read from it.

use std::{
    io,
    os::unix::net::UnixStream,
    process::ChildStderr,
    sync::{Arc, Weak, atomic::Ordering, mpsc::Receiver},
    thread::{self, JoinHandle},
};

use activity::shown;

use super::{Outgoing, Process, Shared, owner};
use crate::{
    cell::Inner,
    wire::{self, FromCell, Reader, Writer, from_cell},
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
    (socket, messages): (&UnixStream, Receiver<Outgoing>),
    complaints: Option<ChildStderr>,
) -> io::Result<Vec<JoinHandle<()>>> {
    let writer = {
        let (writer, socket) = (Writer::new(socket.try_clone()?), socket.try_clone()?);
        let (shared, process, weak) = (Arc::clone(shared), process.clone(), Arc::downgrade(cell));
        let idle = cell.settings.idle;
        named("isolet-cell-out", move || {
            let next = || owner::next(&messages, &shared, &process, &weak, idle);
            write(writer, &shared, next);
            // It ends when it hears nothing more.
            let _ = socket.shutdown(std::net::Shutdown::Write);
        })?
    };
    // It ends with the process that holds its sender, not with the system's, so nobody joins it.
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

fn write(mut writer: Writer, shared: &Shared, next: impl Fn() -> Option<Outgoing>) {
    while let Some(Outgoing { message, with }) = next() {
        if writer.write(&message, with.as_ref()).is_err() {
            // Its end is noticed by who reads from it.
            return;
        }
        shared.waiting.fetch_sub(message.len(), Ordering::Relaxed);
    }
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
            if let activity::Event::Written(line) = &event
                && line.contains(['\n', '\r'])
            {
                return Err("a line that is several".to_owned());
            }
            pass_on(told.attempt, event, shared);
            Ok(())
        }
    }
}

/// Passes an event on to whom waits for it. Waits itself while many of that attempt's do.
fn pass_on(attempt: u64, event: activity::Event, shared: &Shared) {
    let mut listeners = shared.listeners();
    let listener = match event {
        activity::Event::Ended(_) => listeners.attempts.remove(&attempt),
        _ => listeners.attempts.get(&attempt).cloned(),
    };
    drop(listeners);
    if let Some(listener) = listener {
        // Nobody waits for the attempt any more.
        let _ = listener.blocking_send(event);
    }
}

/// Passes on what a process says before its end, as of a panic.
fn hear(name: &str, complaints: ChildStderr) {
    confinement::hear(complaints, COMPLAINTS, |line| {
        tracing::warn!("the cell of {name} says: {}", shown::on_one_line(line));
    });
}
