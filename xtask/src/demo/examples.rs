//! Which activities the demo runs, and with what.

use std::path::PathBuf;

use crate::demo::tenants::{ACME, MALLORY};
use crate::workspace;

/// One activity of the demo.
pub(crate) struct Example {
    /// What the step is called.
    pub(crate) title: &'static str,
    /// Whose it is.
    pub(crate) tenant: &'static str,
    /// The activity's type.
    pub(crate) activity_type: &'static str,
    /// The activity's id.
    pub(crate) activity_id: &'static str,
    /// Its arguments, in order.
    pub(crate) inputs: &'static [Input],
    /// Timeouts and retry policy, as the client's options.
    pub(crate) options: &'static [&'static str],
    /// What to do with the result.
    pub(crate) output: Output,
    /// How many attempts there have to be: more than one where the demo shows how an attempt is resumed.
    pub(crate) least_attempts: usize,
}

/// One argument.
pub(crate) enum Input {
    /// A value, as JSON, in which [`REPORTS`] stands for the server of reports.
    Json(&'static str),
    /// A file that holds JSON; the path counts from the repository's root.
    JsonFile(&'static str),
    /// A file's bytes; the path counts from the repository's root.
    Bytes(&'static str),
}

/// What a result is.
pub(crate) enum Output {
    /// A value, shown.
    Json,
    /// A picture, written to a file of this name.
    Png(&'static str),
    /// A value with a page of HTML, which is written to a file of this name.
    Html(&'static str),
    /// None: the attempt is contained, and the caller is told a failure of this type, or that its time was over.
    Contained(&'static str),
}

impl Output {
    /// How the worker tells of the last attempt.
    pub(crate) fn outcome(&self) -> &'static str {
        match self {
            Self::Contained(TIMEOUT) => "timed-out",
            Self::Contained(_) => "failed",
            _ => "completed",
        }
    }
}

/// What a caller is told of an attempt that went on until its time was over.
pub(crate) const TIMEOUT: &str = "TIMEOUT_TYPE_START_TO_CLOSE";

/// The activities, in the order in which they run.
pub(crate) fn all() -> &'static [Example] {
    EXAMPLES
}

/// The components that hold them.
pub(crate) fn components() -> impl Iterator<Item = PathBuf> {
    let names = ["rust-csv-report", "rust-thumbnail"].iter().chain(PROJECTS);
    names.map(|name| workspace::guests().join(name).with_extension("wasm"))
}

/// Those of them that Isolet builds itself.
pub(crate) const PROJECTS: &[&str] = &["ts-invoice", "js-fetch-report", "python-weather-report"];

/// What means harm, each with what the other tenant does meanwhile.
pub(crate) const HOSTILE: &[(Example, Example)] = &[
    (
        Example {
            title: "a memory bomb of another tenant, and a thumbnail meanwhile",
            tenant: MALLORY,
            activity_type: "memory_bomb",
            activity_id: "bomb",
            inputs: &[],
            options: &["--start-to-close-timeout", "60s", "--schedule-to-close-timeout", "120s"],
            output: Output::Contained("SandboxMemoryLimit"),
            least_attempts: 1,
        },
        thumbnail("meanwhile.png", "rocket-beside-bomb"),
    ),
    (
        Example {
            title: "a loop without end of another tenant, and a thumbnail meanwhile",
            tenant: MALLORY,
            activity_type: "spin",
            activity_id: "loop",
            inputs: &[],
            options: &["--start-to-close-timeout", "2s", "--retry-maximum-attempts", "1"],
            output: Output::Contained(TIMEOUT),
            least_attempts: 1,
        },
        thumbnail("meanwhile.png", "rocket-beside-loop"),
    ),
];

const fn thumbnail(file: &'static str, activity_id: &'static str) -> Example {
    Example {
        title: "thumbnail: a small picture of a photo of a rocket",
        tenant: ACME,
        activity_type: "thumbnail",
        activity_id,
        inputs: &[Input::Bytes("guest-examples/rust-thumbnail/data/rocket.jpg"), Input::Json("128")],
        options: &["--start-to-close-timeout", "60s", "--schedule-to-close-timeout", "120s"],
        output: Output::Png(file),
        least_attempts: 1,
    }
}

/// Stands for the origin of the server of reports.
pub(crate) const REPORTS: &str = "$REPORTS";

/// What the demo leaves: logs, arguments, results.
pub(crate) fn output_folder() -> PathBuf {
    workspace::target().join("demo")
}

const WEATHER: Input = Input::Bytes("guest-examples/rust-csv-report/data/weather.csv");

const EXAMPLES: &[Example] = &[
    Example {
        title: "csv_report: the temperatures of 2,922 days",
        tenant: ACME,
        activity_type: "csv_report",
        activity_id: "weather",
        inputs: &[WEATHER, Input::Json(r#"{"group_by": "location", "measure": "temp_max"}"#)],
        options: &["--start-to-close-timeout", "60s", "--schedule-to-close-timeout", "120s"],
        output: Output::Json,
        least_attempts: 1,
    },
    // Slowed down to about four seconds, of which an attempt gets two: the next one goes on from the last heartbeat.
    Example {
        title: "csv_report: the same, cut off by its deadline and resumed from its heartbeats",
        tenant: ACME,
        activity_type: "csv_report",
        activity_id: "weather-resumed",
        inputs: &[
            WEATHER,
            Input::Json(
                r#"{"group_by": "location", "measure": "temp_max", "chunk_rows": 100, "pause_per_chunk_ms": 150}"#,
            ),
        ],
        options: &[
            "--start-to-close-timeout",
            "2s",
            "--heartbeat-timeout",
            "1s",
            "--retry-initial-interval",
            "200ms",
            "--retry-backoff-coefficient",
            "1",
            "--schedule-to-close-timeout",
            "120s",
        ],
        output: Output::Json,
        least_attempts: 2,
    },
    thumbnail("thumbnail.png", "rocket"),
    Example {
        title: "weather_report: days and warmest days of two cities, in Python for Temporal's own worker",
        tenant: ACME,
        activity_type: "weather_report",
        activity_id: "weather-python",
        inputs: &[WEATHER],
        options: &[
            "--start-to-close-timeout",
            "60s",
            "--heartbeat-timeout",
            "30s",
            "--schedule-to-close-timeout",
            "120s",
        ],
        output: Output::Json,
        least_attempts: 1,
    },
    Example {
        title: "renderInvoice: an invoice in HTML, in TypeScript with zod, date-fns and mustache",
        tenant: ACME,
        activity_type: "renderInvoice",
        activity_id: "invoice",
        inputs: &[Input::JsonFile("guest-examples/ts-invoice/data/order.json")],
        options: &["--start-to-close-timeout", "60s", "--schedule-to-close-timeout", "120s"],
        output: Output::Html("invoice.html"),
        least_attempts: 1,
    },
    // The first attempt gets one half of the download, the second one asks for the rest.
    Example {
        title: "fetchReport: a report on a download that breaks off and is gone on with, in JavaScript",
        tenant: ACME,
        activity_type: "fetchReport",
        activity_id: "download",
        inputs: &[Input::Json(r#"{"url": "$REPORTS/weather.csv", "groupBy": "location", "measure": "temp_max"}"#)],
        options: &[
            "--start-to-close-timeout",
            "60s",
            "--heartbeat-timeout",
            "30s",
            "--retry-initial-interval",
            "200ms",
            "--schedule-to-close-timeout",
            "120s",
        ],
        output: Output::Json,
        least_attempts: 2,
    },
];
