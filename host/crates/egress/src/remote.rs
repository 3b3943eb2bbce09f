//! Connections that another process makes, asked for on a line.

use std::{
    collections::HashMap,
    fmt, io,
    os::fd::OwnedFd,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use tokio::{
    net::TcpStream,
    runtime::Handle,
    sync::{Semaphore, oneshot, watch},
    time::timeout,
};

use crate::{
    Connect, ConnectError, Destination,
    packets::{Packet, Packets},
    wire::{AT_ONCE, Answer, Ask, LONGEST},
};

/// Asks for connections on a line, and on the next one once that has come to its end.
#[derive(Debug)]
pub struct Remote {
    line: watch::Sender<Option<Arc<LineEnd>>>,
    next_id: AtomicU64,
    /// As many permits as connections may be made at once; further ones wait for their turn.
    room: Semaphore,
}

/// This end of a line.
struct LineEnd {
    packets: Packets,
    /// Who waits for which answer; `None` once none will come any more.
    waiting: Mutex<Option<HashMap<u64, oneshot::Sender<Answered>>>>,
}

type Answered = Result<OwnedFd, ConnectError>;

/// One that waits for its answer.
struct Waiting<'a> {
    line: &'a LineEnd,
    id: u64,
}

impl Remote {
    /// Without a line so far.
    pub fn new() -> Self {
        Self { line: watch::channel(None).0, next_id: AtomicU64::new(1), room: Semaphore::new(AT_ONCE) }
    }

    /// Asks on this line from now on; who waits for something on the former one, waits on. Answers are read on a task of
    /// `runtime`.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn take_line(self: &Arc<Self>, line: OwnedFd, runtime: &Handle) -> io::Result<()> {
        let packets = {
            let _entered = runtime.enter();
            Packets::new(line)?
        };
        let line = Arc::new(LineEnd { packets, waiting: Mutex::new(Some(HashMap::new())) });
        self.line.send_replace(Some(Arc::clone(&line)));
        let remote = Arc::downgrade(self);
        runtime.spawn(async move {
            line.hear().await;
            line.lock().take();
            if let Some(remote) = remote.upgrade() {
                remote.line.send_if_modified(|current| {
                    let is_this = current.as_ref().is_some_and(|current| Arc::ptr_eq(current, &line));
                    is_this && current.take().is_some()
                });
            }
        });
        Ok(())
    }

    /// The line, if it is not the one that has ended; waits for one while there is none.
    async fn line(&self, ended: Option<Arc<LineEnd>>) -> Result<Arc<LineEnd>, ConnectError> {
        let is_ended = |line: &Arc<LineEnd>| ended.as_ref().is_some_and(|ended| Arc::ptr_eq(ended, line));
        let mut lines = self.line.subscribe();
        let line = lines.wait_for(|line| line.as_ref().is_some_and(|line| !is_ended(line))).await;
        line.map_err(|_| ConnectError::Busy)?.clone().ok_or(ConnectError::Busy)
    }

    /// Asks once more when the line comes to its end first, and with it the process: a connection that was not handed over
    /// has told nobody anything. No more than once, so that who is the death of one process is not that of many.
    async fn ask(&self, to: &Destination, within: Duration) -> Answered {
        let _permit = self.room.acquire().await.map_err(|_| ConnectError::Busy)?;
        let first = self.line(None).await?;
        if let Some(answered) = self.ask_on(&first, to, within).await {
            return answered;
        }
        let second = self.line(Some(first)).await?;
        self.ask_on(&second, to, within).await.unwrap_or(Err(ConnectError::Busy))
    }

    /// The answer on this line; `None` when it comes to its end before.
    async fn ask_on(&self, line: &LineEnd, to: &Destination, within: Duration) -> Option<Answered> {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let (waiting, answer) = line.wait_for(id)?;
        // Waits while the other end does not listen: it holds back who asks too much.
        line.packets.send(&Ask::new(id, to, within), &[]).await.ok()?;
        let answered = answer.await.ok();
        drop(waiting);
        answered
    }
}

impl Default for Remote {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Connect for Remote {
    async fn connect(&self, to: Destination, within: Duration) -> Result<TcpStream, ConnectError> {
        // The other process tells what took too long; it is not waited for if it does not.
        let answered = timeout(within.saturating_add(GRACE), self.ask(&to, within)).await;
        let stream = std::net::TcpStream::from(answered.map_err(|_| ConnectError::TimedOut)??);
        TcpStream::from_std(stream).map_err(|error| ConnectError::of_system(&error))
    }
}

/// How long an answer may take beyond what it is about.
const GRACE: Duration = Duration::from_secs(1);

impl LineEnd {
    /// Hands answers to those who wait, until the other end is gone or says what makes no sense.
    async fn hear(&self) {
        while let Ok(Some(Packet { message, descriptors })) = self.packets.receive::<Answer>(LONGEST, 1).await {
            let waiting = self.lock().as_mut().and_then(|waiting| waiting.remove(&message.id));
            let Some(waiting) = waiting else { continue };
            let answered = match (message.refusal(), descriptors.into_iter().next()) {
                (Some(error), _) => Err(error),
                (None, Some(stream)) => Ok(stream),
                (None, None) => Err(ConnectError::Unavailable),
            };
            // Who does not wait any more has no use for it.
            let _ = waiting.send(answered);
        }
    }

    /// `None` once no answers come any more.
    fn wait_for(&self, id: u64) -> Option<(Waiting<'_>, oneshot::Receiver<Answered>)> {
        let (sender, answer) = oneshot::channel();
        self.lock().as_mut()?.insert(id, sender);
        Some((Waiting { line: self, id }, answer))
    }

    fn lock(&self) -> MutexGuard<'_, Option<HashMap<u64, oneshot::Sender<Answered>>>> {
        // Each change is one operation.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Waiting<'_> {
    /// Gives up what was not answered. If there is no room to say so, its time ends it.
    fn drop(&mut self) {
        let was_waiting = self.line.lock().as_mut().is_some_and(|waiting| waiting.remove(&self.id).is_some());
        if was_waiting {
            let _ = self.line.packets.send_now(&Ask::given_up(self.id));
        }
    }
}

impl fmt::Debug for LineEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LineEnd").finish_non_exhaustive()
    }
}
