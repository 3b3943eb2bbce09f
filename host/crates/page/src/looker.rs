//! How the worker is: asked for when somebody wants to know, and not for every reader anew.

use std::{sync::Arc, time::Duration};

use admin::{Asked, Reply, Request, Status};
use tokio::{
    sync::{Mutex, mpsc, oneshot},
    time::{Instant, sleep_until, timeout},
};

/// How long it is let alone after it was asked: telling takes its time, whoever wants to know.
const PAUSE: Duration = Duration::from_millis(50);

/// How long the worker may take to say.
const PATIENCE: Duration = Duration::from_secs(5);

/// Asks the worker how it is.
#[derive(Debug)]
pub struct Looker {
    asked: mpsc::Sender<Asked>,
    user: u32,
    /// When it was last asked, and what it said then.
    last: Mutex<Option<(Instant, Arc<Status>)>>,
}

impl Looker {
    /// One that asks by `asked`, as this user.
    pub fn new(asked: mpsc::Sender<Asked>, user: u32) -> Self {
        Self { asked, user, last: Mutex::default() }
    }

    /// How it is now; `None` when it does not say so in time, as at its very end.
    pub async fn status(&self) -> Option<Arc<Status>> {
        let came = Instant::now();
        let mut last = self.last.lock().await;
        if let Some((asked, status)) = &*last {
            // Those who waited for one and the same answer.
            if came <= *asked {
                return Some(Arc::clone(status));
            }
            sleep_until(*asked + PAUSE).await;
        }
        let asked = Instant::now();
        let status = Arc::new(timeout(PATIENCE, self.ask()).await.ok().flatten()?);
        *last = Some((asked, Arc::clone(&status)));
        Some(status)
    }

    async fn ask(&self) -> Option<Status> {
        let (reply, answer) = oneshot::channel();
        self.asked.send(Asked { request: Request::Status, user: self.user, reply }).await.ok()?;
        match answer.await.ok()? {
            Reply::Status(status) => Some(*status),
            _ => None,
        }
    }
}
