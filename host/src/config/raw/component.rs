//! `[[tenants.workers.components]]` as it is written: limits, grants and stopping.

use std::{collections::BTreeMap, path::PathBuf, str::FromStr};

use activity::{HttpLimits, Limits, Stopping};
use serde::{Deserialize, Serialize};

use crate::config::{
    environment::RawVariable,
    quantity::{ByteSize, Count, Span},
    raw::{mode::RawMode, release::RawRelease, requests::RawHttp},
    secrets::RawSecret,
    section::section,
};

const TIB: u64 = 1 << 40;

/// All that a WebAssembly memory can hold, and so all that a guest can have at once.
const LARGEST: ByteSize = ByteSize(4 << 30);

section! {
    /// A component that runs activities of this task queue. Any number of them, but each activity in only one.
    RawComponent {
        /// its file, or what a [registry](registries.md) has: `oci://REGISTRY/REPOSITORY:TAG` or `…@DIGEST`
        path: Option<PathBuf>, example "\"orders.wasm\"";
        /// what each attempt may use
        limits: RawLimits, table RawLimits;
        /// what it may reach
        grants: RawGrants, table RawGrants;
        /// how its attempts are stopped
        stopping: RawStopping, table RawStopping;
        /// another version of it
        release: RawRelease, table RawRelease;
    }
}

section! {
    /// What each attempt may use. An attempt that wants more fails, with the limit's name.
    RawLimits {
        /// memory of its own, beyond what its component begins with; with that, most of what an attempt takes of the memory
        /// budget
        memory: Option<ByteSize> = ByteSize(Limits::default().memory), within ByteSize(64 << 10), LARGEST;
        /// elements of all its tables
        // As many as a sandbox of the engine has room for.
        table_elements: Option<Count> = Count(Limits::default().table_elements), within Count(0), Count(100_000);
        /// processor time
        cpu_time: Option<Span>, unset "no limit", example "\"30s\"", within Span::millis(1), Span::days(30);
        /// what one call to the host may copy out of the guest, and what Temporal's [client](client.md) may be answered
        host_buffer: Option<ByteSize> = ByteSize::from_usize(Limits::default().host_buffer), within ByteSize(64), LARGEST;
        /// files, streams and pollables that it holds at once
        resources: Option<Count> = Count::from_usize(Limits::default().resources), within Count(0), Count(1_000_000);
        /// its result, or its failure, encoded; Temporal refuses more than 2MiB, unless its operator allows more
        // A failure needs some room to say what is wrong.
        result: Option<ByteSize> = ByteSize::from_usize(Limits::default().result), within ByteSize(64), LARGEST;
        /// what the host may hold of a result with lists, of a component [without an SDK](components-without-sdk.md#large-results),
        /// before it is encoded
        // As much as any program for WASI writes at once.
        values: Option<ByteSize> = ByteSize::from_usize(Limits::default().values), within ByteSize(64 << 10), LARGEST;
        /// the details of one heartbeat, encoded
        heartbeat: Option<ByteSize> = ByteSize::from_usize(Limits::default().heartbeat), within ByteSize(0), LARGEST;
        /// one log line; a longer one is cut
        log_line: Option<ByteSize> = ByteSize::from_usize(Limits::default().log_line), within ByteSize(64), ByteSize(1 << 20);
        /// log lines per second; more are dropped and counted
        log_rate: Option<Count> = Count(Limits::default().log_rate.into()), within Count(0), Count(1_000_000);
        /// random bytes in one call
        random: Option<ByteSize> = ByteSize(Limits::default().random), within ByteSize(0), LARGEST;
        /// what it writes to its [directories](#grants), in all
        disk: Option<ByteSize> = ByteSize(Limits::default().disk), within ByteSize(0), ByteSize(1_024 * TIB);
        /// [HTTP requests](http.md#limits) in flight at once, each until its response has been read
        http_requests: Option<Count> = Count::from_usize(HttpLimits::default().requests), within Count(0), Count(10_000);
        /// the headers of one HTTP request or response, names and values together
        http_headers: Option<ByteSize> = ByteSize::from_usize(HttpLimits::default().headers),
            within ByteSize(64), ByteSize(1 << 30);
        /// the body of one HTTP request
        http_request_body: Option<ByteSize> = ByteSize(HttpLimits::default().request_body),
            within ByteSize(0), ByteSize(1_024 * TIB);
        /// the body of one HTTP response
        http_response_body: Option<ByteSize> = ByteSize(HttpLimits::default().response_body),
            within ByteSize(0), ByteSize(1_024 * TIB);
        /// how long an HTTP request may take to be connected; a guest may ask for less, as with the next two
        http_connect_timeout: Option<Span> = Span(HttpLimits::default().connect_timeout),
            within Span::millis(1), Span::days(1);
        /// how long an HTTP request may take until its response begins
        http_response_timeout: Option<Span> = Span(HttpLimits::default().response_timeout),
            within Span::millis(1), Span::days(1);
        /// how long an HTTP response may pause
        http_read_timeout: Option<Span> = Span(HttpLimits::default().read_timeout),
            within Span::millis(1), Span::days(1);
        /// `"enforce"`, or `"count"` to let log lines, HTTP requests and what is written beyond `log-rate`, `http-requests` and
        /// `disk` go on and [count](limits-and-failures.md#count-before-enforce) them
        mode: Option<RawMode> = RawMode::Enforce;
        /// which failures of the sandbox are retried, where that differs from
        /// [the defaults](limits-and-failures.md#failures-that-have-no-name-in-temporal)
        retryable: BTreeMap<String, bool>, unset "as by default", example "{ SandboxMemoryLimit = true }";
    }
}

section! {
    /// What it may reach. Nothing but metrics, unless granted.
    RawGrants {
        /// environment variables that the guest sees, each with its value, or with a table that names one of `file`, `env` and
        /// `command`, a file, a variable of the worker's own or a program that has it; it sees none of the host's
        environment: BTreeMap<String, RawVariable>, unset "none",
            example "{ STAGE = \"production\", TOKEN = { file = \"/run/secrets/token\" }, KEY = { env = \"ORDERS_KEY\" } }";
        /// directories that the guest sees, each with `host`, `guest` and `writable`; FIFOs, sockets and devices in them
        /// can't be opened (`not-permitted`), and 16 file operations of a component may be under way at once
        directories: Vec<RawDirectory>, unset "none",
            example "[{ host = \"/srv/orders\", guest = \"/data\", writable = false }]";
        /// how much a [directory of the attempt's own](operations.md#scratch) may hold, `/tmp`, which is empty at first and gone
        /// with the attempt; it is in memory, which the attempt takes of the memory budget
        scratch: Option<ByteSize>, unset "no such directory", example "\"64MiB\"", within ByteSize(64 << 10), ByteSize(1 << 40);
        /// whether the guest may record [metrics](metrics.md) of its own, which the worker exports
        metrics: Option<bool> = true;
        /// which [HTTP requests](http.md) it may send: scheme, host and port, and a path below which; `*.` in front stands for
        /// any name below the host, `"public"` for every public server; a table with `url` also has `methods`, whether the name
        /// may lead to `private` addresses, an `idempotency-header`, and whether the server is told the
        /// [`trace-context`](traces.md#http-requests)
        http: Vec<RawHttp>, unset "none",
            example "[\"https://*.example.org\", { url = \"https://api.example.com/v1/\", methods = [\"GET\"] }]";
        /// [secrets](http.md#secrets) that the host puts into headers of its requests and it never sees, each with `servers`
        /// that may learn it, and with `file`, `env` or `command`, which has it
        secrets: BTreeMap<String, RawSecret>, unset "none",
            example "{ stripe = { file = \"/run/secrets/stripe\", servers = [\"https://api.example.com\"] } }";
        /// `"enforce"`, or `"count"` to let HTTP requests to public servers and calls of Temporal's client go on that are not
        /// granted, and [count](limits-and-failures.md#count-before-enforce) them
        mode: Option<RawMode> = RawMode::Enforce;
        /// identity tokens that the host puts into headers of its requests
        identity: RawIdentityGrant, table RawIdentityGrant;
        /// what it may ask Temporal
        client: RawClient, table RawClient;
    }
}

section! {
    /// [Identity tokens](identity.md) that the host puts into headers of its requests. None, unless audiences are named.
    RawIdentityGrant {
        /// whom a token may be for
        audiences: Vec<String>, unset "none", example "[\"vault\"]";
        /// how long a token is valid at most, from the beginning of its attempt; it is never valid for longer than the
        /// attempt may run
        ttl: Option<Span> = Span::secs(3_600), within Span::secs(10), Span::days(1);
    }
}

/// A directory that a component sees.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct RawDirectory {
    pub host: Option<PathBuf>,
    pub guest: Option<String>,
    pub writable: bool,
}

section! {
    /// What it may ask Temporal over the worker's connection. Nothing, unless methods are named; docs/client.md lists them.
    /// Each name may have `*` in it, for any text.
    RawClient {
        /// methods of Temporal's workflow service
        methods: Vec<String>, unset "none", example "[\"StartWorkflowExecution\", \"Signal*\", \"Query*\"]";
        /// namespaces
        namespaces: Vec<String>, unset "the worker's own", example "[\"orders-*\"]";
        /// ids of workflows
        workflow_ids: Vec<String>, unset "none", example "[\"order-*\"]";
        /// task queues on which it may start something
        task_queues: Vec<String>, unset "none", example "[\"orders\"]";
        /// ids of activities
        activity_ids: Vec<String>, unset "none", example "[\"ship-*\"]";
        /// whether it may complete activities by their [task tokens](client.md#what-holds-whatever-is-granted): any activity
        /// of the namespace, whatever its ids
        task_tokens: Option<bool> = false;
    }
}

section! {
    /// How its attempts are stopped.
    RawStopping {
        /// what a cancellation does: `"tell"` lets the guest finish, `"kill"` stops it after the cancel grace
        on_cancel: Option<RawOnCancel> = RawOnCancel::Tell, flag "tell|kill";
        /// with `"kill"`: how long a cancelled guest may go on
        cancel_grace: Option<Span> = Span(Stopping::default().cancel_grace), within Span::secs(0), Span::days(30), flag "DURATION";
        /// how long a guest may go on after its deadline, after its lease is lost, or at the end of a shutdown
        kill_grace: Option<Span> = Span(Stopping::default().kill_grace), within Span::secs(0), Span::days(30), flag "DURATION";
    }
}

/// What a cancellation does to a guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RawOnCancel {
    /// The guest is told and may finish.
    Tell,
    /// The guest is told, and killed after the cancel grace.
    Kill,
}

impl FromStr for RawOnCancel {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        <Self as clap::ValueEnum>::from_str(text, false)
            .map_err(|_| format!("{text:?} is neither \"tell\" nor \"kill\""))
    }
}
