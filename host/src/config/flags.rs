//! Flags that commands share, and how they come over what a file says.

use std::{mem::take, path::PathBuf, str::FromStr};

use clap::{Arg, Args};

pub(crate) use super::table_flags::TableFlags;
use super::{
    environment::{VariableFlag, file_flag},
    isolation::Isolation,
    parse::limit_flag,
    quantity::ByteSize,
    raw::{
        RawConnection, RawEngine, RawExport, RawMetrics, RawWeb, RawWorker,
        component::{RawClient, RawComponent, RawDirectory, RawGrants, RawLimits, RawStopping},
        release::RawRelease,
        requests::RawHttp,
    },
    registries::RegistryFlags,
    secrets::SecretFlag,
    section::Declared as _,
    table_flags::FlagTable,
};

/// Where Temporal is.
pub(crate) type ConnectionFlags = TableFlags<RawConnection>;

/// What runs the guests, and how their components are asked for.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct EngineFlags {
    #[command(flatten)]
    pub table: TableFlags<RawEngine>,
    #[command(flatten)]
    pub registry: RegistryFlags,
}

/// How attempts are stopped.
pub(crate) type StoppingFlags = TableFlags<RawStopping>;

/// How task queues are served.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Serving")]
pub(crate) struct ServingFlags {
    #[command(flatten)]
    pub worker: TableFlags<RawWorker>,
    /// Serves metrics to Prometheus at this address; port 0 for any free one [default: what the configuration says, else
    /// none].
    #[arg(long, value_name = "HOST:PORT")]
    pub metrics_address: Option<String>,
    /// Answers by HTTP at this address: health, metrics and, with a token, status and the web page; port 0 for any free one
    /// [default: what the configuration says, else nowhere].
    #[arg(long, value_name = "HOST:PORT", env = "ISOLET_WEB_ADDRESS")]
    pub web_address: Option<String>,
    /// The file with the token for status and the web page [default: what the configuration says, else neither is there].
    #[arg(long, value_name = "FILE", env = "ISOLET_WEB_TOKEN_FILE")]
    pub web_token_file: Option<PathBuf>,
    /// Where guests run whose tenants don't say it: `none` for the worker's own process, `tenant` for a cell of each
    /// tenant, or `shared:NAME` [default: what the configuration says, else tenant].
    #[arg(long, value_name = "none|tenant|shared:NAME", env = "ISOLET_ISOLATION")]
    pub isolation: Option<Isolation>,
    #[command(flatten)]
    pub stopping: StoppingFlags,
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
    /// How much a directory of each attempt's own may hold, `/tmp`, which is empty at first and gone with the attempt.
    #[arg(long, value_name = "SIZE")]
    scratch: Option<ByteSize>,
    /// What the guest may ask Temporal, such as `methods=Signal*,Query*` or `workflow-ids=order-*`; docs/client.md
    /// explains the keys. May be repeated.
    #[arg(long, value_name = "KEY=NAME[,NAME]")]
    client: Vec<RawClient>,
    /// Which HTTP requests the guest may send, such as `https://api.example.com/v1/`, `https://*.example.org:8443`, `public`,
    /// or a table as the configuration has it: `{ url = "https://api.example.com", methods = ["GET"] }`. May be repeated.
    #[arg(long, value_name = "URL")]
    http: Vec<RawHttp>,
    /// A secret that the host puts into the guest's requests: its name, and a table as the configuration has it, such as
    /// `stripe={ file = "key", servers = ["https://api.example.com"] }`. May be repeated.
    #[arg(long = "secret", value_name = "NAME={ … }")]
    secrets: Vec<SecretFlag>,
}

#[derive(Clone, Debug)]
struct Directory(RawDirectory);

impl FlagTable for RawConnection {
    const HEADING: &'static str = "Connection (else Temporal's environment: profile file, TEMPORAL_ADDRESS, …)";

    fn adapt(flag: Arg) -> Arg {
        if flag.get_id() == "namespace" { flag.short('n') } else { flag }
    }
}

impl FlagTable for RawEngine {
    const HEADING: &'static str = "Engine";

    fn adapt(flag: Arg) -> Arg {
        if flag.get_id() == "cache" { flag.env("ISOLET_CACHE") } else { flag }
    }
}

impl FlagTable for RawWorker {
    const HEADING: &'static str = "Serving";
}

impl FlagTable for RawStopping {
    const HEADING: &'static str = "Stopping";
}

// === impl ServingFlags ===

impl ServingFlags {
    /// Puts the flags over `raw`.
    pub(crate) fn apply(&self, raw: &mut RawWorker) {
        self.worker.apply(raw);
        for component in &mut raw.components {
            self.stopping.apply(&mut component.stopping);
        }
    }

    /// Puts the flags about cells over `raw`.
    pub(crate) fn apply_to_engine(&self, raw: &mut RawEngine) {
        if self.isolation.is_some() {
            raw.isolation.clone_from(&self.isolation);
        }
    }

    /// Puts the flags about metrics over `raw`.
    pub(crate) fn apply_to_metrics(&self, raw: &mut RawMetrics) {
        if self.metrics_address.is_some() {
            raw.export = Some(RawExport::Prometheus);
            raw.address.clone_from(&self.metrics_address);
        }
    }

    /// Puts the flags about what is answered by HTTP over `raw`.
    pub(crate) fn apply_to_web(&self, raw: &mut RawWeb) {
        raw.address = self.web_address.clone().or(raw.address.take());
        raw.token_file = self.web_token_file.clone().or(raw.token_file.take());
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
        let secrets = self.secrets.iter().cloned().map(|SecretFlag(name, secret)| (name, secret)).collect();
        let mut client = RawClient::default();
        self.client.iter().for_each(|flag| client.add(flag));
        RawComponent {
            path: Some(path),
            limits,
            grants: RawGrants {
                environment,
                directories,
                scratch: self.scratch,
                client,
                http: self.http.clone(),
                secrets,
                ..RawGrants::default()
            },
            stopping: RawStopping::default(),
            release: RawRelease::default(),
        }
    }

    /// Whether any is given.
    pub(crate) fn is_any(&self) -> bool {
        !(self.limits.is_empty()
            && self.environment.is_empty()
            && self.env_from_file.is_empty()
            && self.directories.is_empty()
            && self.scratch.is_none()
            && self.client.is_empty()
            && self.http.is_empty()
            && self.secrets.is_empty())
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

#[cfg(test)]
mod tests {
    use super::{super::quantity::Count, *};

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
        let flags = RawConnection { address: Some("b:2".to_owned()), ..RawConnection::default() };
        TableFlags(flags).apply(&mut raw);
        assert_eq!(raw.address.as_deref(), Some("b:2"));
        assert_eq!(raw.profile.as_deref(), Some("p"));
    }
}
