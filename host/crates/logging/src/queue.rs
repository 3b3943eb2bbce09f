//! Lines on their way to someone who may read them slowly, or not at all.
//!
//! Those who write are guests and threads that drive input and output, so lines go through a queue to a thread of their
//! own. The queue is bounded in bytes and shared fairly: a reader that does not read costs lines, which are counted, and
//! no memory; and whoever writes too much costs only itself.

mod waiting;

use std::{
    io::{self, BufWriter, Write},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        mpsc::{Receiver, sync_channel},
    },
    thread::Builder,
    time::{Duration, Instant},
};

use self::waiting::Waiting;
pub(crate) use self::waiting::{Owner, Speaker};

/// Bytes of lines that wait to be read.
const WAITING_BYTES: usize = 16 << 20;

/// Bytes that are taken out at once, so that who writes waits for the queue no longer than copying a few lines takes.
const BATCH: usize = 64 << 10;

/// Between two times of telling what was dropped, while it goes on.
const TELLING: Duration = Duration::from_secs(1);

/// How long the end of the program waits for a reader that has stopped reading.
const READER_GRACE: Duration = Duration::from_secs(2);

/// Tells that so many lines of someone were dropped.
pub(crate) type Lost = Box<dyn Fn(&Owner, u64) -> String + Send>;

/// Takes lines.
#[derive(Clone, Debug)]
pub(crate) struct Queue {
    /// Closes it with the last clone.
    open: Arc<Open>,
}

#[derive(Debug)]
struct Open {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    waiting: Waiting,
    is_closed: bool,
    /// Whether the thread that prints has ended, because nobody reads any more.
    is_unread: bool,
}

/// The thread that prints lines. Waited for after the last of those who write them is gone.
#[derive(Debug)]
pub struct Printer {
    /// Closed when the thread has ended. Behind a lock only so that it can be shared.
    ended: Mutex<Receiver<()>>,
}

/// Starts a thread called `name` that prints lines on `output`; where some are missing, it says so with `lost`.
///
/// # Errors
/// When the system has no thread left.
pub(crate) fn start(name: &str, output: impl Write + Send + 'static, lost: Lost) -> io::Result<(Queue, Printer)> {
    let (queue, shared) = bounded(WAITING_BYTES);
    let (end, ended) = sync_channel(0);
    let what = name.to_owned();
    Builder::new().name(name.to_owned()).spawn(move || {
        // An error is that nobody reads any more: then there is nothing left to do but to let lines go by.
        if let Err(error) = print(&shared, &lost, BufWriter::new(output)) {
            tracing::warn!(%error, "nobody reads the {what} any more: none are written from now on");
        }
        let mut state = shared.lock();
        state.is_unread = true;
        state.waiting = Waiting::new(0);
        drop(state);
        drop(end);
    })?;
    Ok((queue, Printer { ended: Mutex::new(ended) }))
}

fn bounded(most: usize) -> (Queue, Arc<Shared>) {
    let state = State { waiting: Waiting::new(most), is_closed: false, is_unread: false };
    let shared = Arc::new(Shared { state: Mutex::new(state), changed: Condvar::new() });
    (Queue { open: Arc::new(Open { shared: Arc::clone(&shared) }) }, shared)
}

fn print(shared: &Shared, lost: &Lost, mut output: impl Write) -> io::Result<()> {
    let mut told = Instant::now();
    loop {
        let mut state = shared.wait();
        let mut lines = Vec::new();
        let mut bytes = 0;
        while bytes < BATCH
            && let Some(line) = state.waiting.take()
        {
            bytes += line.len();
            lines.push(line);
        }
        let (is_empty, is_closed) = (state.waiting.is_empty(), state.is_closed);
        let tells = is_empty || TELLING <= told.elapsed();
        let dropped = if tells { state.waiting.take_dropped() } else { Vec::new() };
        drop(state);
        for line in lines {
            writeln!(output, "{line}")?;
        }
        for (owner, count) in dropped {
            writeln!(output, "{}", lost(&owner, count))?;
            told = Instant::now();
        }
        if is_empty {
            output.flush()?;
        }
        if is_empty && is_closed {
            return Ok(());
        }
    }
}

impl Shared {
    /// Waits until there are lines, or there will be none.
    fn wait(&self) -> MutexGuard<'_, State> {
        let idle = |state: &mut State| state.waiting.is_empty() && !state.is_closed;
        self.changed.wait_while(self.lock(), idle).unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing in here panics.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    /// Takes one line.
    pub(crate) fn write(&self, owner: Owner, line: String) {
        let mut state = self.open.shared.lock();
        if state.is_unread {
            return;
        }
        let was_empty = state.waiting.is_empty();
        state.waiting.put(owner, line);
        drop(state);
        if was_empty {
            self.open.shared.changed.notify_one();
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.shared.lock().is_closed = true;
        self.shared.changed.notify_one();
    }
}

impl Printer {
    /// Waits until the last line is written, or nobody takes it. Everyone who writes lines must be gone.
    pub fn join(self) {
        // Either way there is nothing more to print.
        let _ = self.ended.into_inner().unwrap_or_else(PoisonError::into_inner).recv_timeout(READER_GRACE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lost() -> Lost {
        Box::new(|owner, count| format!("{count} of {} lost", owner.tenant))
    }

    fn guest(tenant: &str) -> Owner {
        Owner { speaker: Speaker::Guest, tenant: tenant.to_owned(), component: String::new() }
    }

    fn printed(queue: Queue, shared: &Shared) -> String {
        let mut output = Vec::new();
        drop(queue);
        print(shared, &lost(), &mut output).unwrap();
        String::from_utf8(output).unwrap()
    }

    #[test]
    fn lines_come_in_order() {
        let (queue, shared) = bounded(1 << 10);
        queue.write(guest("a"), "a".to_owned());
        queue.write(Owner::host(), "b".to_owned());
        assert_eq!(printed(queue, &shared), "a\nb\n");
    }

    #[test]
    fn what_is_dropped_is_told_with_whose_it_was() {
        let (queue, shared) = bounded(300);
        for line in ["a", "b", "c", "d"] {
            queue.write(guest("acme"), line.to_owned());
        }
        assert_eq!(printed(queue, &shared), "a\nb\n2 of acme lost\n");
    }

    /// A reader that takes nothing.
    struct Gone;

    impl Write for Gone {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
    }

    #[test]
    fn a_reader_that_is_gone_stops_nobody_and_keeps_nothing() {
        let (queue, printer) = start("gone", Gone, lost()).unwrap();
        queue.write(guest("a"), "a".to_owned());
        let Printer { ended } = printer;
        assert!(ended.into_inner().unwrap().recv().is_err(), "the thread has ended");
        queue.write(guest("a"), "b".to_owned());
        assert!(queue.open.shared.lock().waiting.is_empty());
    }
}
