//! One attempt in the making.

use std::{fmt, sync::Arc, time::Duration};

use activity::{
    CancellationDetails, ClientAnswer, ClientError, ClientGrant, ClientRequest, ComponentHandle, GrantCheck, Info,
    KillReason, Payload, Stopping, Task,
};
use engine::Engine;
use serde_json::Value;
use tokio::{runtime::Builder, time::Instant};

use crate::{
    Error, Run, Running, When, default_info, payload,
    plan::{Happening, Plan, Rules},
};

/// Answers client calls.
type ClientStub = Box<dyn FnMut(&ClientRequest) -> ClientAnswer + Send>;

/// What is in place of Temporal for one attempt.
pub(crate) struct Client {
    /// What may be asked; `None` for everything.
    grant: Option<Arc<ClientGrant>>,
    /// Who answers.
    stub: Option<ClientStub>,
}

impl Client {
    /// The answer to a request of an attempt in `namespace`.
    pub(crate) fn answer(&mut self, request: &ClientRequest, namespace: &str) -> ClientAnswer {
        if let Some(grant) = &self.grant {
            GrantCheck::new(grant, namespace).request(request)?;
        }
        match &mut self.stub {
            Some(stub) => stub(request),
            None => Err(ClientError::no_grant()),
        }
    }
}

/// One attempt that is about to run, and what will happen to it.
#[must_use = "nothing runs before `run`, `run_blocking` or `start`"]
pub struct ActivityTest {
    engine: Arc<Engine>,
    component: ComponentHandle,
    info: Info,
    input: Vec<Payload>,
    rules: Rules,
    timeout: Option<Duration>,
    worker_shutdown: bool,
    arranged: Vec<(When, Happening)>,
    grant: Option<Arc<ClientGrant>>,
    client: Option<ClientStub>,
}

impl ActivityTest {
    pub(crate) fn new(
        engine: Arc<Engine>,
        component: ComponentHandle,
        name: &str,
        grant: Option<Arc<ClientGrant>>,
    ) -> Self {
        Self {
            engine,
            component,
            info: Info { activity_type: name.to_owned(), ..default_info() },
            input: Vec::new(),
            rules: Rules { stopping: Stopping::default(), shutdown_grace: None },
            timeout: None,
            worker_shutdown: false,
            arranged: Vec::new(),
            grant,
            client: None,
        }
    }

    /// With one more argument, as JSON.
    pub fn argument(self, value: impl Into<Value>) -> Self {
        self.input([payload(value)])
    }

    /// With further arguments, encoded already.
    pub fn input(mut self, payloads: impl IntoIterator<Item = Payload>) -> Self {
        self.input.extend(payloads);
        self
    }

    /// With another [`Info`], except for the activity's type; see [`default_info`].
    pub fn info(mut self, info: Info) -> Self {
        let activity_type = std::mem::take(&mut self.info.activity_type);
        self.info = Info { activity_type, ..info };
        self
    }

    /// With changes of its [`Info`].
    pub fn with_info(mut self, change: impl FnOnce(&mut Info)) -> Self {
        change(&mut self.info);
        self
    }

    /// As the attempt of this number, from 1.
    pub fn attempt(self, number: u32) -> Self {
        self.with_info(|info| info.attempt = number)
    }

    /// With details of the previous attempt's last heartbeat, as JSON.
    pub fn last_heartbeat(self, details: impl IntoIterator<Item = impl Into<Value>>) -> Self {
        let details = details.into_iter().map(payload).collect();
        self.with_info(|info| info.heartbeat_details = details)
    }

    /// With this start-to-close timeout: the attempt is told its deadline, cancelled when it has passed, and killed when
    /// the kill grace has passed, too.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self.with_info(|info| {
            info.start_to_close_timeout = Some(timeout);
            info.deadline = info.started_time.checked_add(timeout);
        })
    }

    /// Stopped by these rules; by the default ones, a cancellation kills nobody.
    pub fn stopping(mut self, stopping: Stopping) -> Self {
        self.rules.stopping = stopping;
        self
    }

    /// Cancelled for these reasons. Of several cancellations the guest is told the first.
    pub fn cancel(self, when: When, details: CancellationDetails) -> Self {
        self.arrange(when, Happening::Cancel(details))
    }

    /// Told that its worker begins to shut down.
    pub fn worker_shutdown(self, when: When) -> Self {
        self.arrange(when, Happening::WorkerShutdown)
    }

    /// Cancelled so long after the beginning of its worker's shutdown; without this, never.
    pub fn shutdown_grace(mut self, grace: Duration) -> Self {
        self.rules.shutdown_grace = Some(grace);
        self
    }

    /// Started on a worker that is shutting down already.
    pub fn late(mut self) -> Self {
        self.worker_shutdown = true;
        self
    }

    /// Killed, wherever it is.
    pub fn kill(self, when: When, reason: KillReason) -> Self {
        self.arrange(when, Happening::Kill(reason))
    }

    /// With `stub` in place of Temporal: it answers the calls of the activity's client. Without one they are refused.
    ///
    /// If the component was loaded with a grant for the client, a call that it does not cover is refused as a worker
    /// refuses it, and the stub does not hear of it. Of a raw call the method alone is checked: what is in the encoded
    /// request is Temporal's. Loaded without one, whatever the stub answers is granted.
    ///
    /// The stub is asked where the attempt is waited for, so it may panic to fail the test.
    pub fn client(mut self, stub: impl FnMut(&ClientRequest) -> ClientAnswer + Send + 'static) -> Self {
        self.client = Some(Box::new(stub));
        self
    }

    /// Starts the attempt. To be called in a tokio runtime with timers.
    pub fn start(self) -> Running {
        let begun = Instant::now();
        let mut arranged = self.arranged;
        if let Some(timeout) = self.timeout {
            let details = CancellationDetails::TIMED_OUT;
            arranged.push((When::after(timeout), Happening::Cancel(details)));
        }
        let plan = Plan::new(self.rules, arranged, begun);
        let task = Task {
            component: self.component,
            info: Arc::new(self.info),
            input: self.input,
            kill_after: self.timeout.map(|timeout| timeout.saturating_add(self.rules.stopping.kill_grace)),
            worker_shutdown: self.worker_shutdown,
            identity: Default::default(),
        };
        Running::start(&self.engine, task, plan, Client { grant: self.grant, stub: self.client })
    }

    /// Runs the attempt to its end. To be awaited in a tokio runtime with timers.
    pub async fn run(self) -> Run {
        self.start().finish().await
    }

    /// Runs the attempt to its end, for tests that are not asynchronous.
    ///
    /// # Errors
    /// When the system does not let a runtime be made.
    pub fn run_blocking(self) -> Result<Run, Error> {
        let runtime = Builder::new_current_thread().enable_time().build().map_err(Error::Runtime)?;
        Ok(runtime.block_on(self.run()))
    }

    fn arrange(mut self, when: When, happening: Happening) -> Self {
        self.arranged.push((when, happening));
        self
    }
}

impl fmt::Debug for ActivityTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { component, info, arranged, .. } = self;
        f.debug_struct("ActivityTest")
            .field("component", component.id())
            .field("info", info)
            .field("arranged", arranged)
            .finish_non_exhaustive()
    }
}
