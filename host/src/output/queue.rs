//! Lines on their way to someone who may read them slowly, or not at all.
//!
//! Observers are called on threads that drive input and output, so lines go through a queue to a thread of their own.
//! The queue is bounded: a reader that does not read costs lines, which are counted, and no memory.

use std::{
    fmt::Display,
    io::{self, BufWriter, Write},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, SyncSender, TryRecvError, TrySendError, sync_channel},
    },
    thread::Builder,
    time::Duration,
};

/// Lines that wait to be read.
const WAITING_LINES: usize = 16_384;

/// How long the end of the program waits for a reader that has stopped reading.
const READER_GRACE: Duration = Duration::from_secs(2);

/// Takes lines.
#[derive(Clone, Debug)]
pub(crate) struct Queue<T> {
    waiting: SyncSender<T>,
    /// Lines that found the queue full; raised by those who write, taken by the thread that prints.
    dropped: Arc<AtomicU64>,
}

/// The thread that prints. Waited for after the last [`Queue`] is gone.
#[derive(Debug)]
pub(crate) struct Printer {
    /// Closed when the thread has ended. Behind a lock only so that it can be shared.
    ended: Mutex<Receiver<()>>,
}

/// Starts a thread called `name` that prints lines on `output`; where some are missing, it says so with `lost`.
///
/// # Errors
/// When the system has no thread left.
pub(crate) fn start<T: Display + Send + 'static>(
    name: &str,
    output: impl Write + Send + 'static,
    lost: fn(u64) -> T,
) -> io::Result<(Queue<T>, Printer)> {
    let (queue, waiting) = bounded(WAITING_LINES);
    let dropped = Arc::clone(&queue.dropped);
    let (end, ended) = sync_channel(0);
    Builder::new().name(name.to_owned()).spawn(move || {
        // Ends when nobody reads any more: then there is nothing left to do but to let lines go by.
        let _ = print(&waiting, &dropped, lost, BufWriter::new(output));
        drop(end);
    })?;
    Ok((queue, Printer { ended: Mutex::new(ended) }))
}

fn bounded<T>(lines: usize) -> (Queue<T>, Receiver<T>) {
    let (waiting, receiver) = sync_channel(lines);
    (Queue { waiting, dropped: Arc::default() }, receiver)
}

fn print<T: Display>(
    waiting: &Receiver<T>,
    dropped: &AtomicU64,
    lost: fn(u64) -> T,
    mut output: impl Write,
) -> io::Result<()> {
    let mut next = waiting.recv().ok();
    while let Some(line) = next {
        writeln!(output, "{line}")?;
        let count = dropped.swap(0, Ordering::Relaxed);
        if 0 < count {
            writeln!(output, "{}", lost(count))?;
        }
        next = match waiting.try_recv() {
            Ok(line) => Some(line),
            Err(TryRecvError::Disconnected) => None,
            Err(TryRecvError::Empty) => {
                output.flush()?;
                waiting.recv().ok()
            }
        };
    }
    output.flush()
}

impl<T> Queue<T> {
    /// Takes one line.
    pub(crate) fn write(&self, line: T) {
        if let Err(TrySendError::Full(_)) = self.waiting.try_send(line) {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Printer {
    /// Waits until the last line is written, or nobody takes it. Every [`Queue`] must be gone.
    pub(crate) fn join(self) {
        // Either way there is nothing more to print.
        let _ = self.ended.into_inner().unwrap_or_else(PoisonError::into_inner).recv_timeout(READER_GRACE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lost(count: u64) -> String {
        format!("{count} lost")
    }

    fn printed(queue: Queue<String>, waiting: &Receiver<String>) -> String {
        let (mut output, dropped) = (Vec::new(), Arc::clone(&queue.dropped));
        drop(queue);
        print(waiting, &dropped, lost, &mut output).unwrap();
        String::from_utf8(output).unwrap()
    }

    #[test]
    fn lines_come_in_order() {
        let (queue, waiting) = bounded(2);
        queue.write("a".to_owned());
        queue.write("b".to_owned());
        assert_eq!(printed(queue, &waiting), "a\nb\n");
    }

    #[test]
    fn lines_beyond_the_queue_are_counted() {
        let (queue, waiting) = bounded(1);
        for line in ["a", "b", "c"] {
            queue.write(line.to_owned());
        }
        assert_eq!(printed(queue, &waiting), "a\n2 lost\n");
    }

    #[test]
    fn a_reader_that_is_gone_stops_nobody() {
        let (queue, waiting) = bounded(1);
        drop(waiting);
        queue.write("a".to_owned());
    }
}
