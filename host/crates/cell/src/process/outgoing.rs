//! What is said to a process, in order: written at once by who says it while the process reads, else by a thread as it reads
//! on. Nobody who says something waits for it.

use std::{
    collections::VecDeque,
    io,
    os::{fd::OwnedFd, unix::net::UnixStream},
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use crate::wire::Writer;

/// What may wait to be written, in bytes, beyond one message: a cell that does not read is of no use.
const WAITING: usize = 256 << 20;

/// Messages to one process.
#[derive(Debug)]
pub(super) struct Outgoing {
    state: Mutex<State>,
    /// There is something to write, or nothing will be said any more.
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    /// What those who say something write to, once there is a process.
    writer: Option<Writer>,
    waiting: VecDeque<Message>,
    /// Bytes of all that wait.
    bytes: usize,
    /// The thread has taken a message, and what is said comes after it.
    is_writing: bool,
    said_at: Instant,
    is_closed: bool,
}

/// A message on its way.
#[derive(Debug)]
struct Message {
    bytes: Vec<u8>,
    /// How much of it was written.
    written: usize,
    with: Option<OwnedFd>,
}

impl Outgoing {
    /// To a process that is not there yet.
    pub(super) fn new() -> Self {
        let state = State {
            writer: None,
            waiting: VecDeque::new(),
            bytes: 0,
            is_writing: false,
            said_at: Instant::now(),
            is_closed: false,
        };
        Self { state: Mutex::new(state), changed: Condvar::new() }
    }

    /// Says something. Returns whether the process may have so much unread.
    pub(super) fn say(&self, bytes: Vec<u8>, with: Option<OwnedFd>) -> bool {
        let mut state = self.lock();
        if state.is_closed {
            // A process that has ended needs to be told nothing.
            return true;
        }
        state.said_at = Instant::now();
        let mut message = Message { bytes, written: 0, with };
        if state.waiting.is_empty()
            && !state.is_writing
            && let Some(writer) = &mut state.writer
        {
            match writer.write_now(&message.bytes, message.with.as_ref()) {
                Ok(written) => message.written = written,
                // Its end is noticed by who reads from it.
                Err(_) => return true,
            }
            if message.written == message.bytes.len() {
                return true;
            }
            if message.written != 0 {
                message.with = None;
            }
        }
        state.bytes = state.bytes.saturating_add(message.bytes.len());
        state.waiting.push_back(message);
        self.changed.notify_one();
        state.bytes <= WAITING
    }

    /// Nothing will be said any more.
    pub(super) fn close(&self) {
        self.lock().is_closed = true;
        self.changed.notify_one();
    }

    /// Writes what waits to the process at the other end, until nothing will be said any more or it is gone. Calls `at_rest`
    /// when nothing was said for as long as `rest` tells.
    ///
    /// # Errors
    /// When the system has no descriptor left.
    pub(super) fn write(&self, socket: &UnixStream, rest: impl Fn() -> Duration, at_rest: impl Fn()) -> io::Result<()> {
        let mut writer = Writer::new(socket.try_clone()?);
        self.lock().writer = Some(Writer::new(socket.try_clone()?));
        while let Some(Message { bytes, written, with }) = self.next(&rest, &at_rest) {
            if writer.write(bytes.get(written..).unwrap_or_default(), with.as_ref()).is_err() {
                self.close();
                return Ok(());
            }
        }
        Ok(())
    }

    /// The next that the thread has to write; the former one is written.
    fn next(&self, rest: impl Fn() -> Duration, at_rest: impl Fn()) -> Option<Message> {
        let mut state = self.lock();
        state.is_writing = false;
        loop {
            if let Some(message) = state.waiting.pop_front() {
                state.is_writing = true;
                state.bytes = state.bytes.saturating_sub(message.bytes.len());
                return Some(message);
            }
            if state.is_closed {
                return None;
            }
            let silence = state.said_at.elapsed();
            let wait = match rest().checked_sub(silence).filter(|wait| !wait.is_zero()) {
                Some(wait) => wait,
                None => {
                    drop(state);
                    at_rest();
                    state = self.lock();
                    rest()
                }
            };
            // What happened meanwhile is seen before it waits.
            if state.waiting.is_empty() && !state.is_closed {
                state = self.changed.wait_timeout(state, wait).unwrap_or_else(PoisonError::into_inner).0;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Each change is complete before anything can panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::{io::Read as _, sync::Arc, thread};

    use super::*;

    #[test]
    fn what_is_said_arrives_in_order_whoever_writes_it() {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        let outgoing = Arc::new(Outgoing::new());
        // Before there is a process, and more than its socket takes while it does not read.
        let said: Vec<u8> = (0..=u8::MAX).cycle().take(4 << 20).collect();
        for (number, part) in said.chunks(10_000).enumerate() {
            assert!(outgoing.say(part.to_vec(), None));
            if number == 10 {
                let outgoing = Arc::clone(&outgoing);
                let ours = ours.try_clone().unwrap();
                thread::spawn(move || outgoing.write(&ours, || Duration::from_secs(60), || {}).unwrap());
            }
        }
        let mut heard = vec![0; said.len()];
        theirs.read_exact(&mut heard).unwrap();
        assert!(heard == said);
        assert!(outgoing.say(vec![7], None));
        let mut byte = [0];
        theirs.read_exact(&mut byte).unwrap();
        assert_eq!(byte, [7]);
        outgoing.close();
    }

    #[test]
    fn who_does_not_read_is_told_of() {
        let outgoing = Outgoing::new();
        assert!(outgoing.say(vec![0; WAITING], None));
        assert!(!outgoing.say(vec![0], None));
    }

    #[test]
    fn silence_is_noticed_once_it_lasts() {
        let (ours, _theirs) = UnixStream::pair().unwrap();
        let outgoing = Outgoing::new();
        outgoing.write(&ours, || Duration::from_millis(1), || outgoing.close()).unwrap();
    }
}
