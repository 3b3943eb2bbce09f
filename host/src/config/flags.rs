//! Flags that commands share, and how they come over what a file says.

use std::{mem::take, path::PathBuf, str::FromStr};

use clap::Args;

use super::{
    environment::{VariableFlag, file_flag},
    parse::limit_flag,
    quantity::{ByteSize, Count, Span},
    raw::{
        RawConnection, RawEngine, RawExport, RawMetrics, RawWorker,
        component::{RawClient, RawComponent, RawDirectory, RawGrants, RawLimits, RawOnCancel, RawStopping},
    },
    section::Declared as _,
};

/// Where Temporal is.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Connection (else Temporal's environment: profile file, TEMPORAL_ADDRESS, …)")]
pub(crate) struct ConnectionFlags {
    /// Host and port of Temporal's frontend.
    #[arg(long, value_name = "HOST:PORT")]
    pub address: Option<String>,
    /// The namespace.
    #[arg(long, short)]
    pub namespace: Option<String>,
    /// The profile of Temporal's configuration file.
    #[arg(long)]
    pub profile: Option<String>,
    /// How this worker is called in Temporal's user interface.
    #[arg(long)]
    pub identity: Option<String>,
}

/// What runs the guests.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Engine")]
pub(crate) struct EngineFlags {
    /// Threads that run guest code [default: one for each processor].
    #[arg(long, value_name = "NUMBER")]
    pub guest_threads: Option<Count>,
    /// How often a running guest is looked at [default: 10ms].
    #[arg(long, value_name = "DURATION")]
    pub tick: Option<Span>,
    /// The most sandboxes at once [default: 256, or as many as all workers may run at once].
    #[arg(long, value_name = "NUMBER")]
    pub slots: Option<Count>,
    /// Memory of all attempts together [default: half of this machine's or container's].
    #[arg(long, value_name = "SIZE")]
    pub memory_budget: Option<ByteSize>,
    /// Where compiled components are kept [default: the platform's cache directory].
    #[arg(long, value_name = "DIRECTORY", env = "ISOLET_CACHE")]
    pub cache: Option<PathBuf>,
}

/// How task queues are served.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Serving")]
pub(crate) struct ServingFlags {
    /// The most attempts at once [default: 100].
    #[arg(long, value_name = "NUMBER")]
    pub max_concurrent: Option<Count>,
    /// At shutdown: how long attempts may go on before they are cancelled [default: 10s].
    #[arg(long, value_name = "DURATION")]
    pub shutdown_grace: Option<Span>,
    /// How soon an activity without a heartbeat timeout learns that it is cancelled [default: 5s].
    #[arg(long, value_name = "DURATION")]
    pub cancel_check: Option<Span>,
    /// How long a heartbeat is held back before it is sent, at most [default: 1m].
    #[arg(long, value_name = "DURATION")]
    pub max_heartbeat_throttle: Option<Span>,
    /// Serves metrics to Prometheus at this address; port 0 for any free one [default: what the configuration says, else
    /// none].
    #[arg(long, value_name = "HOST:PORT")]
    pub metrics_address: Option<String>,
    #[command(flatten)]
    pub stopping: StoppingFlags,
}

/// How attempts are stopped.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Stopping")]
pub(crate) struct StoppingFlags {
    /// What a cancellation does [default: tell].
    #[arg(long, value_enum)]
    pub on_cancel: Option<RawOnCancel>,
    /// With `--on-cancel kill`: how long a cancelled guest may go on [default: 5s].
    #[arg(long, value_name = "DURATION")]
    pub cancel_grace: Option<Span>,
    /// How long a guest may go on after its deadline, a lost lease, or at the end of a shutdown [default: 5s].
    #[arg(long, value_name = "DURATION")]
    pub kill_grace: Option<Span>,
}

/// What components may use and reach.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Limits and grants")]
pub(crate) struct PolicyFlags {
    /// A limit of each attempt, such as `memory=64MiB` or `cpu-time=30s`; `isolet config example` lists them. May be
    /// repeated.
    #[arg(long = "limit", value_name = "KEY=VALUE", value_parser = limit_flag)]
    limits: Vec<RawLimits>,
    /// An environment variable that the guest sees; without a value, it has that of Isolet's own variable of this name.
    /// May be repeated.
    #[arg(long = "env", value_name = "NAME[=VALUE]")]
    environment: Vec<VariableFlag>,
    /// An environment variable that the guest sees, with what a file holds as its value. May be repeated.
    #[arg(long, value_name = "NAME=FILE", value_parser = file_flag)]
    env_from_file: Vec<VariableFlag>,
    /// A directory that the guest sees, read-only unless `:rw` follows. May be repeated.
    #[arg(long = "dir", value_name = "HOST:GUEST[:rw]")]
    directories: Vec<Directory>,
    /// What the guest may ask Temporal, such as `methods=Signal*,Query*` or `workflow-ids=order-*`; docs/client.md
    /// explains the keys. May be repeated.
    #[arg(long, value_name = "KEY=NAME[,NAME]")]
    client: Vec<RawClient>,
    /// Where the guest may send HTTP requests, such as `https://api.example.com` or `https://*.example.org:8443`. May be
    /// repeated.
    #[arg(long, value_name = "ORIGIN")]
    http: Vec<String>,
}

#[derive(Clone, Debug)]
struct Directory(RawDirectory);

// === impl ConnectionFlags ===

impl ConnectionFlags {
    /// Puts the flags over `raw`.
    pub(crate) fn apply(&self, raw: &mut RawConnection) {
        over(&mut raw.address, &self.address);
        over(&mut raw.namespace, &self.namespace);
        over(&mut raw.profile, &self.profile);
        over(&mut raw.identity, &self.identity);
    }
}

// === impl EngineFlags ===

impl EngineFlags {
    /// Puts the flags over `raw`.
    pub(crate) fn apply(&self, raw: &mut RawEngine) {
        over(&mut raw.guest_threads, &self.guest_threads);
        over(&mut raw.tick, &self.tick);
        over(&mut raw.slots, &self.slots);
        over(&mut raw.memory_budget, &self.memory_budget);
        // A flag's path starts in the working directory, a file's where the file is.
        let cache = self.cache.as_ref().map(|cache| std::path::absolute(cache).unwrap_or_else(|_| cache.clone()));
        over(&mut raw.cache, &cache);
    }
}

// === impl ServingFlags ===

impl ServingFlags {
    /// Puts the flags over `raw`.
    pub(crate) fn apply(&self, raw: &mut RawWorker) {
        over(&mut raw.max_concurrent, &self.max_concurrent);
        over(&mut raw.shutdown_grace, &self.shutdown_grace);
        over(&mut raw.cancel_check, &self.cancel_check);
        over(&mut raw.max_heartbeat_throttle, &self.max_heartbeat_throttle);
        for component in &mut raw.components {
            self.stopping.apply(&mut component.stopping);
        }
    }
}

impl ServingFlags {
    /// Puts the flags about metrics over `raw`.
    pub(crate) fn apply_to_metrics(&self, raw: &mut RawMetrics) {
        if self.metrics_address.is_some() {
            raw.export = Some(RawExport::Prometheus);
            raw.address.clone_from(&self.metrics_address);
        }
    }
}

// === impl StoppingFlags ===

impl StoppingFlags {
    /// Puts the flags over `raw`.
    pub(crate) fn apply(&self, raw: &mut RawStopping) {
        over(&mut raw.on_cancel, &self.on_cancel);
        over(&mut raw.cancel_grace, &self.cancel_grace);
        over(&mut raw.kill_grace, &self.kill_grace);
    }
}

// === impl PolicyFlags ===

impl PolicyFlags {
    /// The component at `path` under these flags.
    pub(crate) fn component(&self, path: PathBuf) -> RawComponent {
        let mut limits = RawLimits::default();
        for flag in self.limits.iter().cloned() {
            // Each flag is about one kind of failure.
            let mut retryable = take(&mut limits.retryable);
            retryable.extend(flag.retryable.clone());
            limits = RawLimits { retryable, ..flag.over(limits) };
        }
        let variables = self.environment.iter().chain(&self.env_from_file).cloned();
        let environment = variables.map(|VariableFlag(name, variable)| (name, variable)).collect();
        let directories = self.directories.iter().map(|Directory(raw)| raw.clone()).collect();
        let mut client = RawClient::default();
        self.client.iter().for_each(|flag| client.add(flag));
        RawComponent {
            path: Some(path),
            limits,
            grants: RawGrants { environment, directories, client, http: self.http.clone(), ..RawGrants::default() },
            stopping: RawStopping::default(),
        }
    }

    /// Whether any is given.
    pub(crate) fn is_any(&self) -> bool {
        !(self.limits.is_empty()
            && self.environment.is_empty()
            && self.env_from_file.is_empty()
            && self.directories.is_empty()
            && self.client.is_empty()
            && self.http.is_empty())
    }
}

impl FromStr for Directory {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (paths, writable) = match text.strip_suffix(":rw") {
            Some(paths) => (paths, true),
            None => (text.strip_suffix(":ro").unwrap_or(text), false),
        };
        let (host, guest) = paths.rsplit_once(':').ok_or("a directory is written HOST:GUEST or HOST:GUEST:rw")?;
        Ok(Self(RawDirectory { host: Some(host.into()), guest: Some(guest.to_owned()), writable }))
    }
}

/// Sets `value` to what a flag says, if it says anything.
fn over<T: Clone>(value: &mut Option<T>, flag: &Option<T>) {
    if flag.is_some() {
        value.clone_from(flag);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_limits_come_over_earlier_ones() {
        let limits = ["memory=1MiB", "memory=2MiB", "resources=7"].map(|flag| limit_flag(flag).unwrap()).to_vec();
        let component = PolicyFlags { limits, ..PolicyFlags::default() }.component("a.wasm".into());
        assert_eq!(component.limits.memory, Some(ByteSize(2 << 20)));
        assert_eq!(component.limits.resources, Some(Count(7)));
    }

    #[test]
    fn directories_are_read_only_unless_said_otherwise() {
        let read = |text: &str| text.parse::<Directory>().map(|directory| directory.0);
        let expected = |writable| RawDirectory { host: Some("/a:b".into()), guest: Some("/c".to_owned()), writable };
        assert_eq!(read("/a:b:/c"), Ok(expected(false)));
        assert_eq!(read("/a:b:/c:ro"), Ok(expected(false)));
        assert_eq!(read("/a:b:/c:rw"), Ok(expected(true)));
        assert!(read("/a").is_err());
    }

    #[test]
    fn flags_come_over_the_file() {
        let mut raw = RawConnection {
            address: Some("a:1".to_owned()),
            profile: Some("p".to_owned()),
            ..RawConnection::default()
        };
        ConnectionFlags { address: Some("b:2".to_owned()), ..ConnectionFlags::default() }.apply(&mut raw);
        assert_eq!(raw.address.as_deref(), Some("b:2"));
        assert_eq!(raw.profile.as_deref(), Some("p"));
    }
}
