//! The configuration as it is written: every key with its meaning, its default and its bounds. Nothing is checked here but
//! types.

pub(crate) mod codec;

pub(crate) mod component;

pub(crate) mod asked;

pub(crate) mod release;

pub(crate) mod requests;

pub(crate) mod tenant_limits;

pub(crate) mod traces;

pub(crate) mod mode;
mod paths;

use std::{collections::BTreeMap, path::PathBuf};

use serde::{Deserialize, Serialize};

use self::{codec::RawCodec, component::RawComponent, tenant_limits::RawTenantLimits, traces::RawTraces};
use super::{
    defaults,
    isolation::Isolation,
    quantity::{ByteSize, Count, Span},
    section::section,
};

const TIB: u64 = 1 << 40;

section! {
    /// The whole file.
    RawConfig {
        /// where Temporal is
        connection: RawConnection, table RawConnection;
        /// what runs the guests
        engine: RawEngine, table RawEngine;
        /// where components come from that are no files
        registry: RawRegistry, table RawRegistry;
        /// who must have signed these
        trust: Vec<RawTrust>, unset "nobody", tables RawTrust;
        /// where metrics go
        metrics: RawMetrics, table RawMetrics;
        /// which attempts are traced, and where that goes
        traces: RawTraces, table RawTraces;
        /// the log
        log: RawLog, table RawLog;
        /// how a running worker is asked and told
        admin: RawAdmin, table RawAdmin;
        /// what it answers by HTTP
        web: RawWeb, table RawWeb;
        /// what is kept of what happened
        audit: RawAudit, table RawAudit;
        /// what is kept of each attempt
        receipts: RawReceipts, table RawReceipts;
        /// who issues identity tokens
        identity: RawIdentity, table RawIdentity;
        /// for whom the guests run
        tenants: Vec<RawTenant>, tables RawTenant;
    }
}

section! {
    /// Where Temporal is. What is not set here comes from Temporal's own environment configuration: the profile in
    /// Temporal's configuration file, and TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS_… on top of
    /// it.
    RawConnection {
        /// host and port of Temporal's frontend
        address: Option<String>, unset "Temporal's own", example "\"localhost:7233\"", flag "HOST:PORT";
        /// namespace of the workers that name none
        namespace: Option<String>, unset "Temporal's own", example "\"default\"", flag "NAMESPACE";
        /// which profile of Temporal's configuration file to use
        profile: Option<String>, unset "Temporal's own", example "\"default\"", flag "PROFILE";
        /// Temporal's configuration file
        config_file: Option<PathBuf>, unset "Temporal's own", example "\"temporal.toml\"";
        /// a file that holds the API key and nothing else
        api_key_file: Option<PathBuf>, unset "Temporal's own", example "\"/run/secrets/temporal-api-key\"";
        /// how this worker is called in Temporal's user interface
        identity: Option<String>, unset "process id and host name", example "\"orders-1\"", flag "IDENTITY";
        /// the Worker Deployment that the workers are [versions](operations.md#versions) of
        deployment: Option<String>, unset "`TEMPORAL_DEPLOYMENT_NAME`'s, or none", example "\"orders\"";
        /// how often each worker tells Temporal how it is, for its [page of workers](operations.md#workers-as-temporal-sees-them);
        /// 0 for never
        worker_heartbeat: Option<Span> = Span::secs(60), within Span::secs(0), Span::secs(60);
        /// whether messages from and to Temporal are compressed: `"none"`, or `"gzip"`, which takes processor time for less on
        /// the [way](operations.md#compression)
        compression: Option<RawCompression> = RawCompression::None;
    }
}

/// How messages are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RawCompression {
    /// Not at all.
    None,
    /// By gzip, where the server takes it.
    Gzip,
}

section! {
    /// What runs the guests.
    RawEngine {
        /// threads that run guest code, apart from those for input and output
        guest_threads: Option<Count> = Count::from_usize(defaults::guest_threads().min(1_024)), unset "one for each processor",
            example "2", within Count(1), Count(1_024), flag "NUMBER";
        /// threads for input and output, which pass messages between Temporal and guests
        io_threads: Option<Count> = Count::from_usize(defaults::io_threads()), unset "one for every two processors, 2 to 16",
            example "2", within Count(1), Count(64);
        /// how often a running guest is looked at: how exactly deadlines hold, against a little processor time
        tick: Option<Span> = Span::millis(10), within Span::millis(1), Span::secs(1), flag "DURATION";
        /// the most sandboxes at once, in the worker's own process and in each cell; each reserves address space, not memory
        slots: Option<Count>, unset "256, or as many as may run there at once, and have memory", example "256",
            within Count(1), Count(100_000), flag "NUMBER";
        /// where compiled components are kept, readable to this user alone
        cache: Option<PathBuf>, unset "the platform's cache directory", example "\"/var/cache/isolet\"", flag "DIRECTORY";
        /// how much is kept there; what was not used for longest goes first
        cache_size: Option<ByteSize> = ByteSize(4 << 30), within ByteSize(0), ByteSize(1_024 * TIB);
        /// the memory that compiling one component may take, in a process of its own
        compile_memory: Option<ByteSize> = ByteSize(2 << 30), within ByteSize(64 << 20), ByteSize(TIB);
        /// whether that process is kept from files, network and other processes, which
        /// [the system must be able to do](operations.md#compiling); only to be turned off where every component can be
        /// trusted
        confine_compiler: Option<bool> = true;
        /// whether Landlock is part of that, and of what keeps [cells](operations.md#cells) in,
        /// [beside the filter of system calls](operations.md#compiling); only to be turned off where the kernel has none
        landlock: Option<bool> = true;
        /// where guests run, of tenants that don't say it themselves: `"none"` for the worker's own process, `"tenant"` for
        /// a [cell](operations.md#cells) of each tenant, `"shared:NAME"` for one that tenants share
        isolation: Option<Isolation> = Isolation::Tenant;
        /// when the process of a cell is started: `"task"` for its first task, `"load"` for the worker's start; one is
        /// started in any case to ask a component for its activities that was not served before
        cell_start: Option<RawCellStart> = RawCellStart::Task;
        /// how long the process of a cell stays that runs no attempt
        cell_idle: Option<Span> = Span::secs(300), within Span::secs(1), Span::days(30);
        /// whether each cell has a [cgroup](operations.md#control-groups) with its weight and a limit on its memory: `"auto"`
        /// where the worker's own cgroup is delegated to it, `"required"` for no start elsewhere, `"off"`
        cgroup: Option<RawCgroup> = RawCgroup::Auto;
        /// what that limit leaves a cell beside its attempts and the images of its components
        cell_overhead: Option<ByteSize> = ByteSize(512 << 20), within ByteSize(64 << 20), ByteSize(TIB);
        /// memory of all attempts together; no task is taken from Temporal without its component's share being free in it
        memory_budget: Option<ByteSize> = ByteSize(defaults::memory_budget()),
            unset "half of this machine's or container's", example "\"2GiB\"",
            within ByteSize(64 << 10), ByteSize(1_024 * TIB), flag "SIZE";
        /// whom to ask for the [names](http.md#names) of servers that guests send HTTP requests to: addresses, with a port
        /// unless it is 53
        nameservers: Vec<String>, unset "those of the system", example "[\"10.0.0.53\", \"[fd00::53]:5353\"]";
        /// an [HTTP proxy](http.md#a-proxy) by which guests reach public servers, as `http://HOST:PORT`
        http_proxy: Option<String>, unset "none", example "\"http://proxy.example:3128\"";
    }
}

/// When the process of a cell is started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RawCellStart {
    /// With its first task.
    Task,
    /// With the worker.
    Load,
}

/// Whether cells have cgroups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RawCgroup {
    /// Where the worker's own is delegated to it.
    Auto,
    /// There, and elsewhere nothing starts.
    Required,
    /// Never.
    Off,
}

section! {
    /// How registries are asked for components whose path begins with `oci://`, and where these are kept. docs/registries.md
    /// explains it.
    RawRegistry {
        /// registries that are asked without TLS, as references name them
        plain_http: Vec<String>, unset "none", example "[\"localhost:5000\"]";
        /// files with certificates of authorities in PEM, which registries may have theirs from, beside those of the system
        ca_files: Vec<PathBuf>, unset "none", example "[\"/etc/ssl/private-ca.pem\"]";
        /// the file with credentials for registries, as Docker writes it
        credentials: Option<PathBuf>, unset "Docker's own", example "\"/run/secrets/config.json\"";
        /// how long a registry may take to answer, and for each piece of a component
        timeout: Option<Span> = Span::secs(10), within Span::millis(100), Span::secs(600);
        /// how long pulling one component may take
        pull_time: Option<Span> = Span::secs(600), within Span::secs(1), Span::days(1);
        /// how much of components is kept in the cache directory; what was not used for longest goes first
        store_size: Option<ByteSize> = ByteSize(4 << 30), within ByteSize(0), ByteSize(1_024 * TIB);
    }
}

section! {
    /// Who must have signed components that come from registries, and what else must be said of them. Any number of entries:
    /// those whose scope names most of a component's place are for it, and one of these suffices. Once there is one, what
    /// none is for is refused, unless its digest is pinned. docs/signatures.md explains it.
    RawTrust {
        /// for which components: a registry, or the beginning of a repository of whole parts; `"*"` for all
        scope: Option<String>, example "\"registry.example.com/acme\"";
        /// a file with the public key in PEM that must have signed
        key: Option<PathBuf>, unset "an identity", example "\"acme.pub\"";
        /// who must have signed without a key of their own: a mail address, or a workflow's address; `*` at its end, after `/`
        /// or `@`, is for anything; beside a key, either suffices
        identity: Option<String>, unset "a key",
            example "\"https://github.com/acme/orders/.github/workflows/release.yml@*\"";
        /// who says who that is
        issuer: Option<String>, unset "a key", example "\"https://token.actions.githubusercontent.com\"";
        /// what must be said, all of it by the same signer: `"signature"`, `"provenance"`, `"sbom"`, or the type of another
        /// statement
        require: Vec<String>, unset "`[\"signature\"]`", example "[\"signature\", \"provenance\"]";
        /// what becomes of what has not what is wanted: `"enforce"` refuses it, `"count"` warns of it
        level: Option<RawLevel> = RawLevel::Enforce;
        /// the least version that is taken, of those that are signed with it
        min_version: Option<Count>, unset "the highest that was taken", example "7", within Count(0), Count(u64::MAX >> 1);
        /// whether what a key has signed must be in a transparency log; what has no key must be in any case
        transparency_log: Option<bool> = false;
        /// a file with the authorities and logs that count, as Sigstore's `trusted_root.json`
        trusted_root: Option<PathBuf>, unset "Sigstore's own", example "\"/etc/isolet/trusted_root.json\"";
    }
}

/// What becomes of a component that has not what is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RawLevel {
    /// It is refused.
    Enforce,
    /// It is told, and taken.
    Count,
}

section! {
    /// Where metrics go: those of the workers, of Temporal's client, of the sandboxes and of the guests. docs/metrics.md
    /// lists them.
    RawMetrics {
        /// `"off"`; `"prometheus"`, to be fetched from `address` under `/metrics`; or `"otlp"`, sent to a collector of
        /// OpenTelemetry
        export: Option<RawExport>, unset "`\"off\"`, or `\"prometheus\"` where `address` or `web.address` is set",
            example "\"prometheus\"";
        /// host and port at which Prometheus finds the metrics, and nothing else; port 0 for any free one
        address: Option<String>, unset "`web.address`; where that is not set, `127.0.0.1:9464`",
            example "\"127.0.0.1:9464\"";
        /// how many series the guests of one component may have on one task queue, over all attempts; more are dropped and
        /// counted
        max_series: Option<Count> = Count(1_000), within Count(1), Count(1_000_000);
        /// attributes of every metric
        tags: BTreeMap<String, String>, unset "none", example "{ region = \"eu-1\" }";
        /// the upper bounds of the buckets of histograms whose name contains the key
        buckets: BTreeMap<String, Vec<f64>>, unset "those of Temporal's core",
            example "{ order_size = [1.0, 10.0, 100.0] }";
        /// whether durations are exported in seconds, and not in milliseconds; `isolet_…` metrics are in seconds in any case
        durations_in_seconds: Option<bool> = false;
        /// with `"prometheus"`: whether the names of counters end in `_total`
        counters_total_suffix: Option<bool> = false;
        /// with `"prometheus"`: whether the names of histograms end in their unit
        unit_suffix: Option<bool> = false;
        /// with `"otlp"`: the collector; for `"http"` with the path, usually `/v1/metrics`
        otlp_url: Option<String> = "http://localhost:4317/".to_owned();
        /// with `"otlp"`: `"grpc"`, or `"http"` for protobuf over HTTP
        otlp_protocol: Option<RawOtlpProtocol> = RawOtlpProtocol::Grpc;
        /// with `"otlp"`: how often metrics are sent
        otlp_interval: Option<Span> = Span::secs(10), within Span::millis(100), Span::days(1);
        /// with `"otlp"`: a file with the headers that the collector wants, such as a key; a line for each, like
        /// `name: value`
        otlp_headers_file: Option<PathBuf>, unset "no headers", example "\"/run/secrets/collector-headers\"";
    }
}

/// To where metrics go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RawExport {
    /// Nowhere.
    Off,
    /// To Prometheus, which fetches them.
    Prometheus,
    /// To a collector of OpenTelemetry.
    Otlp,
}

/// In which form a collector takes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RawOtlpProtocol {
    /// gRPC.
    Grpc,
    /// Protobuf over HTTP.
    Http,
}

section! {
    /// The log, on standard error.
    RawLog {
        /// `"text"` for people, `"json"` for one JSON object a line
        format: Option<LogFormat> = LogFormat::Text;
        /// what is logged, by who says it and how important it is: `activity` is what is logged about attempts and by
        /// guests, `isolet` what the program tells; the variable `ISOLET_LOG` comes over it
        filter: Option<String>, unset "what suits the command, such as `warn,isolet=info,activity=info`",
            example "\"warn,isolet=info,activity=debug\"";
    }
}

/// What stands for no socket.
pub(super) const OFF: &str = "off";

section! {
    /// How a running worker is asked and told, by `isolet status`, `isolet block`, `isolet unblock` and `isolet release`.
    /// docs/operations.md explains it.
    RawAdmin {
        /// the Unix socket for that, which its user and root may connect to; `"off"` for none
        socket: Option<PathBuf>, unset "`isolet/admin.sock` in the user's runtime directory",
            example "\"/run/isolet/admin.sock\"";
        /// the folder where what is [blocked](operations.md#blocking) and [released](releases.md) is kept across restarts; only
        /// one worker at a time can keep [releases](releases.md#what-is-kept) there
        state: Option<PathBuf>, unset "the platform's state directory", example "\"/var/lib/isolet\"";
    }
}

section! {
    /// What a worker answers by HTTP at one address: health, metrics, the keys of identity tokens, and to those who have the
    /// token how it is, for programs and as a [page](page.md).
    RawWeb {
        /// host and port; port 0 for any free one. It is plain HTTP: beyond this machine, put a proxy with TLS before it
        address: Option<String>, unset "nowhere", example "\"127.0.0.1:9464\"";
        /// a file with the token for `/status` and the page, of 16 characters at least
        token_file: Option<PathBuf>, unset "neither is there", example "\"/run/secrets/isolet-web-token\"";
        /// where Temporal's web user interface is, for links to it
        temporal_ui: Option<String>, unset "no links", example "\"https://temporal.example.com\"";
    }
}

section! {
    /// [Identity tokens](identity.md): who issues them, and with which keys.
    RawIdentity {
        /// how tokens name who issues them: an `https` URL, at which whoever checks them finds the documents about their keys
        issuer: Option<String>, unset "no tokens", example "\"https://worker.example.com\"";
        /// where the worker serves those documents by plain HTTP, for a proxy that has the issuer's URL
        address: Option<String>, unset "nowhere", example "\"127.0.0.1:9465\"";
        /// the key that signs: a private key of P-256 in PEM, in a file with mode 600
        key_file: Option<PathBuf>, unset "one that the worker makes, in `admin.state`", example "\"/run/secrets/identity.pem\"";
        /// keys that sign nothing now, but are published beside the other, before and after they do
        other_key_files: Vec<PathBuf>, unset "none", example "[\"/run/secrets/former-identity.pem\"]";
    }
}

section! {
    /// The audit log: what was loaded, changed, granted, denied, stopped and blocked. docs/operations.md explains it.
    RawAudit {
        /// the file, which only grows
        file: Option<PathBuf>, unset "none", example "\"/var/lib/isolet/audit.log\"";
        /// when it has so many bytes it is moved aside, and another one begun; 0 for never
        max_size: Option<ByteSize> = ByteSize(64 << 20), within ByteSize(0), ByteSize(1_024 * TIB);
    }
}

section! {
    /// Receipts: what each attempt has used. docs/operations.md explains them.
    RawReceipts {
        /// a file for lines in the JSON format of CloudEvents, one for each attempt
        file: Option<PathBuf>, unset "none", example "\"/var/lib/isolet/receipts.jsonl\"";
        /// when it has so many bytes it is moved aside, and another one begun; 0 for never
        max_size: Option<ByteSize> = ByteSize(256 << 20), within ByteSize(0), ByteSize(1_024 * TIB);
        /// whether results carry what they have cost, as metadata of their payloads
        result_metadata: Option<bool> = false;
    }
}

/// How the log looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

section! {
    /// For whom the guests run. Any number of tenants, each with its own workers.
    RawTenant {
        /// the tenant's name
        name: Option<String>, example "\"acme\"";
        /// where its guests run: `"none"`, `"tenant"` or `"shared:NAME"`
        isolation: Option<Isolation>, unset "that of the engine", example "\"tenant\"";
        /// its [share](operations.md#shares) of the memory budget and, among tenants with cells, of the processors when several
        /// want them: twice as much has twice of it
        weight: Option<Count> = Count(100), within Count(1), Count(10_000);
        /// what all its attempts together may use
        limits: RawTenantLimits, table RawTenantLimits;
        /// who must have signed its components, beside whom the operator wants
        trust: Vec<RawTrust>, unset "nobody", tables RawTrust;
        /// its task queues
        workers: Vec<RawWorker>, tables RawWorker;
    }
}

section! {
    /// One task queue that the tenant's components serve.
    RawWorker {
        /// its namespace
        namespace: Option<String>, unset "that of the connection", example "\"default\"";
        /// its name
        task_queue: Option<String>, example "\"orders\"";
        /// the most attempts at once on this task queue
        // Temporal's own default.
        max_concurrent: Option<Count> = Count(100), within Count(1), Count(100_000), flag "NUMBER";
        /// when the worker shuts down: how long attempts may go on before they are cancelled
        shutdown_grace: Option<Span> = Span(defaults::SHUTDOWN_GRACE), within Span::secs(0), Span::days(30), flag "DURATION";
        /// how soon an activity without a heartbeat timeout learns that it is cancelled
        cancel_check: Option<Span> = Span::secs(5), within Span::millis(100), Span::days(1), flag "DURATION";
        /// how long a heartbeat is held back before it is sent, at most: an activity with a heartbeat timeout learns that
        /// it is cancelled when one is sent
        // That of Temporal's SDKs.
        max_heartbeat_throttle: Option<Span> = Span::secs(60), within Span::millis(100), Span::days(1), flag "DURATION";
        /// whether messages and stack traces of failures become [payloads](payloads.md#failures), which are then coded like
        /// all others
        encode_failure_attributes: Option<bool> = false;
        /// what happens to its payloads
        codec: RawCodec, table RawCodec;
        /// what serves it
        components: Vec<RawComponent>, tables RawComponent;
    }
}
