//! Both workers on one server, with the same modules.

use rustix::process::Signal;
use temporalio_client::Connection;

use super::{
    Case, Language, Then,
    lines::{self, Log},
    seen::{Names, Seen},
};
use crate::{
    metrics::fetch,
    support::{
        DevServer, Isolet,
        call::{Call, Caller, Started, unique},
        component,
        dev_server::connect,
        process::Process,
    },
};

/// How activities begin the line that they wait.
const WAITING: &str = "\"waiting";

/// How both workers run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    /// The folders whose modules they serve.
    pub(crate) modules: &'static [&'static str],
    /// Seconds between the shutdown's begin and the cancellation of what still runs.
    pub(crate) grace: &'static str,
    /// The ports at which ours and theirs show their metrics.
    pub(crate) metrics: Option<[u16; 2]>,
    /// How often Isolet asks whether an attempt without heartbeats was cancelled.
    pub(crate) cancel_check: &'static str,
    /// How many milliseconds heartbeats are held back at most.
    pub(crate) heartbeat_throttle: Option<u32>,
    /// The port of a server on the loopback address that activities may ask.
    pub(crate) http: Option<u16>,
}

impl Options {
    /// With the modules of these folders.
    pub(crate) const fn of(modules: &'static [&'static str]) -> Self {
        Self { modules, grace: "0", metrics: None, cancel_check: "20s", heartbeat_throttle: None, http: None }
    }
}

/// A worker, and how to reach it.
#[derive(Debug)]
struct Side {
    process: Process,
    queue: String,
}

/// Ours and theirs.
#[derive(Debug)]
pub(crate) struct Pair {
    pub(super) language: &'static dyn Language,
    sides: [Side; 2],
    connection: Connection,
}

impl Pair {
    /// Starts both.
    pub(crate) async fn start(language: &'static dyn Language, options: Options) -> Self {
        let server = DevServer::start().await;
        let connection = connect(&server.address()).await;
        let sides =
            [isolet(language, &server.address(), options), official(language, &server.address(), options).await];
        Self { language, sides, connection }
    }

    /// Makes the call on both, waits until both have ended, and tells what their caller sees.
    pub(crate) async fn play(&self, case: &Case) -> [Seen; 2] {
        let [ours, theirs] = self.sides.each_ref().map(|side| self.play_on(side, case));
        tokio::join!(ours, theirs).into()
    }

    /// The same, once more where it timed out: a busy development server now and then starts a task that comes to no
    /// worker, on either side. What hangs does so again, but is not asked to where theirs is known to.
    pub(crate) async fn play_patiently(&self, case: &Case) -> [Seen; 2] {
        let [ours, theirs] = self.sides.each_ref().map(async |side| {
            let seen = self.play_on(side, case).await;
            let hangs = case.theirs_hangs && !self.is_ours(side);
            if seen.outcome.is_start_to_close_timeout() && !hangs { self.play_on(side, case).await } else { seen }
        });
        tokio::join!(ours, theirs).into()
    }

    async fn play_on(&self, side: &Side, case: &Case) -> Seen {
        let started = self.start_on(side, case).await;
        if case.then != Then::Nothing {
            side.says(started.id(), WAITING).await;
        }
        match case.then {
            Then::Nothing => {}
            Then::Cancel => started.cancel().await,
            Then::Complete => started.complete("from elsewhere").await,
        }
        let seen = ended(&started).await;
        if case.known.is_some_and(|known| known.is_said(self.is_ours(side))) {
            // What is known to differ is said at the end of an attempt, which may come after that of the activity.
            side.says(started.id(), "ompleting").await;
        }
        seen
    }

    /// Makes the call on both, and waits until both say that they wait.
    pub(crate) async fn start_waiting(&self, case: &Case) -> [Started; 2] {
        let [ours, theirs] = self.sides.each_ref().map(async |side| {
            let started = self.start_on(side, case).await;
            side.says(started.id(), WAITING).await;
            started
        });
        tokio::join!(ours, theirs).into()
    }

    async fn start_on(&self, side: &Side, case: &Case) -> Started {
        let call = Call::new(self.connection.clone(), &side.queue, Caller::Client, case.activity);
        case.of(call, self.is_ours(side)).start().await
    }

    fn is_ours(&self, side: &Side) -> bool {
        std::ptr::eq(side, &raw const self.sides[0])
    }

    /// Waits until both have ended.
    pub(crate) async fn ended(&self, started: &[Started; 2]) -> [Seen; 2] {
        let [ours, theirs] = started.each_ref().map(ended);
        tokio::join!(ours, theirs).into()
    }

    /// Sends both a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        for side in &self.sides {
            side.process.signal(signal);
        }
    }

    /// Waits until both have ended, as they were asked to, and returns what they logged.
    pub(crate) async fn exit(&self) -> [Log; 2] {
        let [ours, theirs] = self.sides.each_ref().map(|side| side.process.exit());
        let (ours, theirs) = tokio::join!(ours, theirs);
        assert_eq!((ours.code, theirs.code), (Some(0), Some(0)), "{}\n{}", ours.stderr, theirs.stderr);
        self.language.read([&ours.stderr, &theirs.stderr])
    }

    /// What Prometheus would get from both.
    pub(crate) async fn measured(&self, [ours, theirs]: [u16; 2]) -> [String; 2] {
        let fetched = async |port: u16, side: &Side| {
            fetch(&format!("127.0.0.1:{port}"), "metrics").await.replace(&side.queue, "QUEUE")
        };
        tokio::join!(fetched(ours, &self.sides[0]), fetched(theirs, &self.sides[1])).into()
    }

    /// Waits until their worker has logged this.
    pub(crate) async fn their_line(&self, text: &str) {
        let [_, theirs] = &self.sides;
        theirs.process.find_in_stderr(text, |line| line.contains(text).then_some(())).await;
    }

    /// All that was seen of a call, as text in which nothing differs that must.
    pub(crate) fn shown(&self, seen: &[Seen; 2], logs: &[Log; 2]) -> [String; 2] {
        let logged =
            [0, 1].map(|side| logs[side].get(&seen[side].info.activity_id).map(Vec::as_slice).unwrap_or_default());
        let logged = lines::shown(self.language, logged);
        [0, 1].map(|side| {
            let (queue, info) = (&self.sides[side].queue, &seen[side].info);
            let names = Names { queue, activity_id: &info.activity_id, run_id: &info.run_id };
            let seen = seen[side].text(self.language);
            self.language.replaced(&names.replaced(&format!("{seen}\nlog:\n{}", logged[side])))
        })
    }
}

impl Side {
    /// Waits until something with these words has been logged about the activity.
    async fn says(&self, activity_id: &str, words: &str) {
        let wanted = |line: &str| (line.contains(activity_id) && line.contains(words)).then_some(());
        self.process.find_in_stderr(&format!("line about {activity_id} with {words:?}"), wanted).await;
    }
}

async fn ended(started: &Started) -> Seen {
    let outcome = started.outcome().await;
    Seen { outcome, info: started.standalone().describe().await }
}

/// Isolet, which logs all that it can tell of activities.
fn isolet(language: &dyn Language, address: &str, options: Options) -> Side {
    let queue = unique("ours");
    let mut isolet = Isolet::with(["worker", "--address", address, "--task-queue", &queue, "--log-format", "json"])
        .arg("--shutdown-grace")
        .arg(format!("{}s", options.grace))
        .env("ISOLET_LOG", "warn,activity=trace");
    for argument in ["--kill-grace", "30s", "--cancel-check", options.cancel_check, "--limit", "memory=256MiB"] {
        isolet = isolet.arg(argument);
    }
    if let Some([port, _]) = options.metrics {
        isolet = isolet.arg("--metrics-address").arg(format!("127.0.0.1:{port}"));
    }
    if let Some(throttle) = options.heartbeat_throttle {
        isolet = isolet.arg("--max-heartbeat-throttle").arg(format!("{throttle}ms"));
    }
    if let Some(port) = options.http {
        isolet = isolet.arg("--http").arg(format!("http://127.0.0.1:{port}"));
    }
    for module in options.modules {
        isolet = isolet.arg(component(&format!("{module}{}", language.suffix())).display());
    }
    // Tasks wait for it.
    Side { process: isolet.start(), queue }
}

/// Temporal's own worker.
async fn official(language: &dyn Language, address: &str, options: Options) -> Side {
    let queue = unique("theirs");
    let process = language.official(address, &queue, options);
    process.find("that it is ready", |line| line.starts_with("ready").then_some(())).await;
    Side { process, queue }
}
