//! From what the configuration says to what runs.
//!
//! The configuration is one value. The supervisor compares it with what runs, and lets a keeper for each task queue bring that
//! about; a keeper that has trouble keeps it to itself. Starting is the first difference, another configuration the next, and
//! the shutdown the last.
//!
//! - [`desired`]: where the configuration comes from, again and again.
//! - [`link`]: the connection to Temporal that all share.
//! - [`keeper`]: one task queue; `ready`: what it needs, `serving`: the worker that serves it, `status`: how it is with it.
//! - [`asked`]: what is asked and told from the outside; [`releasing`]: what is released, [`heeding`]: which release a
//!   component has, [`loading`] and [`versions`]: what is loaded for it.
//! - [`pause`]: how long to wait before something is tried again; [`Turns`]: whose turn it is to load.

pub(crate) mod desired;

pub(crate) mod link;

mod asked;

mod keeper;

mod ready;

mod serving;

mod status;

mod pause;

mod kept;

mod versions;

mod loading;

mod heeding;

mod releasing;

use std::{
    collections::BTreeSet,
    future::Future,
    path::PathBuf,
    pin::pin,
    sync::Arc,
    time::{Duration, SystemTime},
};

use activity::Blocks;
use admin::Asked;
use identity::Issuer;
use page::Recent;
use tokio::{
    sync::{Notify, mpsc, watch},
    task::{JoinError, JoinHandle, JoinSet},
    time::{Instant, MissedTickBehavior, interval, sleep_until},
};
use worker::{MemoryBudget, Shutdown, ShutdownHandle, Summary};

use self::{
    desired::{Configuration, Desired},
    keeper::Ended,
    kept::Kept,
    link::{Line, Link, Linker},
    releasing::{Prepared, Releasing},
    serving::Claims,
    status::Report,
};
use crate::{
    config::settings::{Settings, WorkerSettings},
    control::{
        Control,
        releases::{Releases, release::Judged},
        running::Running,
    },
    exit::{Exit, OrExit as _, Problem},
    output::reporter::{Ready, Reporter},
    reload::Watched,
    signals::{EndRequests, Hangups},
    wiring::{
        connecting, issuing,
        loading::Host,
        measuring::Metrics,
        recording::Records,
        sampling::Sampler,
        traces::{Tracers, Traces},
        turns::Turns,
        versions as builds,
        web::{Known, Web},
    },
};

/// How long what runs may take to end once something has happened that it can't know of, such as the end of the server.
const MISHAP_PATIENCE: Duration = Duration::from_secs(5);

/// How often it is looked whether time has decided a release.
const LOOKS: Duration = Duration::from_secs(1);

/// What becomes of what goes wrong with a task queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnTrouble {
    /// It ends the program: what was typed is at hand to be corrected.
    End,
    /// It is the task queue's status, and is tried again.
    TryAgain,
}

/// What a supervisor begins with.
pub(crate) struct Supervision {
    /// What runs components.
    pub host: Host,
    /// What is to run, now and later.
    pub desired: Desired,
    /// The connection, where it is there already.
    pub link: Link,
    /// The web user interface, where we know it.
    pub ui: Option<String>,
    /// Where metrics go.
    pub metrics: Metrics,
    /// Where spans go.
    pub traces: Traces,
    /// Whom to tell.
    pub reporter: Arc<Reporter>,
    /// Who asks for the end.
    pub requests: EndRequests,
    /// Who asks for a new look at everything, if anybody may.
    pub hangups: Option<Hangups>,
    /// What becomes of trouble.
    pub on_trouble: OnTrouble,
}

/// What all keepers share.
struct Shared {
    host: Host,
    budget: MemoryBudget,
    metrics: Metrics,
    tracers: Tracers,
    sampler: Option<Arc<Sampler>>,
    reporter: Arc<Reporter>,
    on_trouble: OnTrouble,
    claims: Claims,
    loading: Turns,
    /// What must not run.
    blocks: watch::Receiver<Arc<Blocks>>,
    /// Which version runs what.
    releases: Arc<Releases>,
    /// The attempts that run, if anybody may ask for them.
    running: Option<Arc<Running>>,
    /// What is kept of what happened.
    records: Records,
    /// Whether results carry what they have cost.
    result_metadata: bool,
    /// As what Temporal knows the workers.
    known_as: builds::KnownAs,
    /// Who issues identity tokens, if anybody does.
    issuer: Option<Arc<Issuer>>,
    /// What is told of attempts at the page, if there is one.
    recent: Option<Arc<Recent>>,
}

/// Runs what is wanted.
struct Supervisor {
    shared: Arc<Shared>,
    desired: Desired,
    /// What it is to be.
    now: Configuration,
    kept: Kept,
    control: Control,
    begun: SystemTime,
    link: watch::Receiver<Link>,
    /// Raised when the connection's files may be others.
    credentials: Arc<Notify>,
    watched: Watched,
    reports: mpsc::UnboundedReceiver<Report>,
    ended: JoinSet<Ended>,
    /// What is made ready to be released, and answers that wait.
    releasing: Releasing,
    handle: ShutdownHandle,
    shutdown: Shutdown,
    urls: Urls,
    is_ready: bool,
    requested: u32,
    give_up_at: Option<Instant>,
    total: Summary,
    problem: Option<Problem>,
}

/// Where there is something to see.
#[derive(Clone, Debug)]
struct Urls {
    /// Temporal's web user interface, where we know it.
    ui: Option<String>,
    /// What the worker answers by HTTP.
    web: Option<String>,
    /// The metrics, for Prometheus.
    metrics: Option<String>,
}

/// Something that a supervisor hears of.
enum Event {
    EndRequested,
    Mishap(Problem),
    LookAgain,
    Asked(Asked),
    Prepared(Box<Prepared>),
    Judged(Judged),
    LookAtReleases,
    Changed(BTreeSet<PathBuf>),
    Told(Report),
    LinkChanged,
    Ended(Result<Ended, JoinError>),
    GiveUp,
}

impl Supervision {
    /// Runs what is wanted until someone asks for the end, or until `mishap`: then attempts get no grace. Everything that was
    /// started has ended when this returns.
    ///
    /// # Errors
    /// When nothing of what is wanted can be served at first, when something can't be that may not be missing, or with the
    /// mishap.
    pub(crate) async fn run(self, mishap: impl Future<Output = Problem>) -> Result<(), Problem> {
        let Self { host, desired, link, ui, metrics, traces, reporter, mut requests, mut hangups, on_trouble } = self;
        let now = desired.first();
        let control = Control::start(&now.settings)?;
        let (issuer, web) = web(&now.settings, &control, &metrics, ui.as_ref()).await?;
        let budget = MemoryBudget::new(now.settings.engine.memory_budget);
        let (sampler, sampling) = sampler(&metrics, &traces.tracers(), &host, &budget).unzip();
        let (handle, shutdown) = worker::shutdown();
        let linker = Linker::new(now.settings.connection.clone(), metrics.telemetry.clone(), link);
        let (link, credentials) = (linker.link(), linker.changed());
        let linking = tokio::spawn(linker.run(shutdown.clone()));
        let shared = Arc::new(Shared {
            host,
            budget,
            metrics,
            tracers: traces.tracers(),
            sampler,
            reporter,
            on_trouble,
            claims: Claims::default(),
            loading: Turns::new(),
            blocks: control.blocks.watch(),
            releases: Arc::clone(&control.releases),
            running: control.running.clone(),
            records: control.records.clone(),
            result_metadata: now.settings.records.result_metadata,
            known_as: builds::KnownAs::of(&now.settings.connection),
            issuer,
            recent: web.recent.clone(),
        });
        let (told, reports) = mpsc::unbounded_channel();
        let mut supervisor = Supervisor {
            releasing: Releasing::new(shared.metrics.meter()),
            shared,
            desired,
            now,
            kept: Kept::new(told),
            control,
            begun: SystemTime::now(),
            link,
            credentials,
            watched: Watched::new(Vec::new()),
            reports,
            ended: JoinSet::new(),
            handle,
            shutdown,
            urls: Urls { ui, web: web.url.clone(), metrics: web.metrics.clone() },
            is_ready: false,
            requested: 0,
            give_up_at: None,
            total: Summary::default(),
            problem: None,
        };
        supervisor.begin();
        supervisor.supervise(&mut requests, hangups.as_mut(), mishap).await;
        let ended = supervisor.end().await;
        linking.await.or_exit(Exit::Other)?;
        tokio::join!(traces.end(), give_up(sampling), web.end());
        ended
    }
}

/// Answers by HTTP from now on, also with the keys of who issues identity tokens; `ui` is where Temporal's page is, if that
/// is known without the configuration.
async fn web(
    settings: &Settings,
    control: &Control,
    metrics: &Metrics,
    ui: Option<&String>,
) -> Result<(Option<Arc<Issuer>>, Web), Problem> {
    let issuer = issuing::issuer(settings.identity.as_ref())?;
    let known = Known { asks: control.asks.clone(), metrics, issuer: issuer.as_deref(), ui };
    let web = Web::start(settings, known).await?;
    Ok((issuer, web))
}

/// What looks at the whole from time to time, if anybody wants to know, and the task that does.
fn sampler(
    metrics: &Metrics,
    tracers: &Tracers,
    host: &Host,
    budget: &MemoryBudget,
) -> Option<(Arc<Sampler>, JoinHandle<()>)> {
    metrics.meter().map(|meter| {
        let runs = (Arc::clone(&host.engine), Arc::clone(&host.cells));
        let sampler = Arc::new(Sampler::new(meter, runs, budget.clone(), tracers.spans()));
        (Arc::clone(&sampler), tokio::spawn(sampler.run()))
    })
}

impl Supervisor {
    /// Starts what is wanted. What was written while the program started is wanted, too.
    fn begin(&mut self) {
        self.control.records.started(&self.now.files);
        self.apply();
        if self.desired.may_change() {
            self.read_again(false);
        }
    }

    async fn supervise(
        &mut self,
        requests: &mut EndRequests,
        mut hangups: Option<&mut Hangups>,
        mishap: impl Future<Output = Problem>,
    ) {
        let mut mishap = pin!(mishap);
        let mut looks = interval(LOOKS);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let is_stopping = self.requested != 0 || self.problem.is_some();
            // The last tenant may be gone, and another one come.
            if self.ended.is_empty() && (is_stopping || !self.desired.may_change()) {
                return;
            }
            let event = tokio::select! {
                () = requests.next() => Event::EndRequested,
                problem = &mut mishap, if self.give_up_at.is_none() => Event::Mishap(problem),
                () = sleep_until(self.give_up_at.unwrap_or_else(Instant::now)), if self.give_up_at.is_some() => Event::GiveUp,
                Some(report) = self.reports.recv() => Event::Told(report),
                Ok(()) = self.link.changed(), if !self.is_ready => Event::LinkChanged,
                Some(ended) = self.ended.join_next() => Event::Ended(ended),
                Some(asked) = self.control.asked.recv() => Event::Asked(asked),
                prepared = self.releasing.next() => Event::Prepared(Box::new(prepared)),
                Some(judged) = self.control.judged.recv() => Event::Judged(judged),
                _ = looks.tick() => Event::LookAtReleases,
                () = Hangups::next_of(&mut hangups), if !is_stopping => Event::LookAgain,
                changed = self.watched.changed(), if !is_stopping => Event::Changed(changed),
            };
            match event {
                Event::EndRequested if self.requested == 2 => return,
                Event::GiveUp => return,
                event => self.hear(event),
            }
        }
    }

    fn hear(&mut self, event: Event) {
        match event {
            Event::EndRequested => {
                self.requested += 1;
                if self.requested == 1 {
                    if self.is_ready {
                        self.shared.reporter.stopping();
                    }
                    self.handle.begin();
                } else {
                    self.handle.hasten();
                }
            }
            Event::Mishap(problem) => {
                self.problem.get_or_insert(problem);
                self.give_up_at = Some(Instant::now() + MISHAP_PATIENCE);
                self.handle.hasten();
            }
            Event::LookAgain => {
                self.control.records.look_again();
                self.read_again(true);
                self.credentials.notify_one();
                self.kept.look_again(|_| true);
            }
            Event::Asked(asked) => self.answer(asked),
            Event::Prepared(prepared) => self.release(*prepared),
            Event::Judged(judged) => self.judged(judged),
            Event::LookAtReleases => self.look_at_releases(),
            Event::Changed(paths) => self.files_changed(&paths),
            Event::Told(report) => self.told(&report),
            Event::LinkChanged => self.look_whether_ready(),
            Event::Ended(ended) => self.ended(ended),
            Event::GiveUp => {}
        }
    }

    fn files_changed(&mut self, paths: &BTreeSet<PathBuf>) {
        if self.now.files.iter().any(|file| paths.contains(file)) {
            self.read_again(true);
        }
        if connecting::files(&self.now.settings.connection).iter().any(|file| paths.contains(file)) {
            self.credentials.notify_one();
        }
        self.kept.look_again(|settings| settings.files().any(|file| paths.contains(&file)));
    }

    /// Reads the configuration again, and lets what it says be. What is wrong with it leaves everything as it is.
    fn read_again(&mut self, is_told: bool) {
        let read = self.desired.read().transpose().and_then(|read| {
            let Some(read) = read else { return Ok(None) };
            desired::check(&read, &self.shared.host, self.shared.budget.total())?;
            Ok(Some(read))
        });
        match read {
            Ok(None) => {}
            Ok(Some(configuration)) => {
                let difference = self.now.difference(&configuration);
                let is_same = difference.is_empty();
                self.now = configuration;
                if is_told || !is_same {
                    self.shared.reporter.reconfigured(&difference);
                }
                // Who writes a comment waits for an answer, but nobody who audits.
                if !is_same {
                    self.control.records.changed(&difference);
                }
                self.apply();
            }
            Err(problem) => {
                self.shared.reporter.reconfigure_failed(&problem);
                self.control.records.refused(&problem);
            }
        }
    }

    /// Lets what is wanted be.
    fn apply(&mut self) {
        self.watched.watch(self.files());
        self.end_other_releases();
        let lines = (&self.link, &self.shutdown);
        self.kept.apply(&self.now.settings, &self.shared, lines, &mut self.ended);
    }

    /// All files that what is wanted is made from.
    fn files(&self) -> BTreeSet<PathBuf> {
        let settings = &self.now.settings;
        let of_queues = settings.workers().flat_map(WorkerSettings::files);
        of_queues.chain(self.now.files.iter().cloned()).chain(connecting::files(&settings.connection)).collect()
    }

    /// A keeper tells how it is with its task queue.
    fn told(&mut self, report: &Report) {
        let is_new = self.kept.note(report);
        if self.is_ready && is_new {
            self.tell(report);
        }
        self.look_whether_ready();
    }

    /// Once everything was tried, the program goes on if anything is served: who has mistyped the server's address, or serves
    /// one thing only, hears of it at once.
    fn look_whether_ready(&mut self) {
        if self.is_ready || self.problem.is_some() || self.requested != 0 || !self.kept.is_settled() {
            return;
        }
        let link = self.link.borrow().clone();
        match (self.kept.first_problem(), link) {
            (Some(problem), _) | (None, Link::Closed(problem)) => {
                self.problem = Some(Problem::known(problem));
                self.handle.begin();
            }
            (None, Link::Open(line)) => self.ready(&line),
            (None, Link::Opening) => {}
        }
    }

    /// Everything was tried once, and something is served.
    fn ready(&mut self, line: &Line) {
        self.is_ready = true;
        let Urls { ui, web, metrics } = self.urls.clone();
        self.shared.reporter.ready(&Ready {
            address: line.connection.address().to_owned(),
            ui,
            namespace: line.connection.namespace().to_owned(),
            web,
            metrics,
            workers: self.kept.serving(),
        });
        for report in self.kept.troubled() {
            self.tell(&report);
        }
    }

    fn tell(&self, report: &Report) {
        let default = self.default_namespace();
        self.shared.reporter.queue(&report.told(default.as_deref()));
    }

    /// A keeper has ended. One that was not to is not what was asked for, so that the others end too, with their graces.
    fn ended(&mut self, ended: Result<Ended, JoinError>) {
        let problem = match ended {
            Ok(Ended { summary, problem }) => {
                add(&mut self.total, summary);
                problem
            }
            Err(error) => Some(error.into()),
        };
        if let Some(problem) = problem {
            self.problem.get_or_insert(problem);
            self.handle.begin();
        }
    }

    /// Ends what still runs, and tells what all of it has come to.
    async fn end(mut self) -> Result<(), Problem> {
        self.ended.shutdown().await;
        self.releasing.end().await;
        self.shared.releases.write_down();
        // Also what never had to be told before.
        self.handle.begin();
        if self.is_ready {
            self.shared.reporter.stopped(self.total);
        }
        self.control.end().await;
        self.problem.map_or(Ok(()), Err)
    }
}

/// Ends what never ends by itself.
async fn give_up(task: Option<JoinHandle<()>>) {
    if let Some(task) = task {
        task.abort();
        let _ = task.await;
    }
}

fn add(total: &mut Summary, summary: Summary) {
    total.completed += summary.completed;
    total.failed += summary.failed;
    total.cancelled += summary.cancelled;
    total.will_complete_async += summary.will_complete_async;
    total.timed_out += summary.timed_out;
    total.abandoned += summary.abandoned;
    total.unreported += summary.unreported;
}
