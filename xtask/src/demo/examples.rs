//! Which activities the demo runs, and with what.

use std::path::PathBuf;

use crate::workspace;

/// One activity of the demo.
pub(crate) struct Example {
    /// What the step is called.
    pub(crate) title: &'static str,
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
}

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
pub(crate) const PROJECTS: &[&str] = &["ts-invoice", "js-fetch-report"];

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
    Example {
        title: "thumbnail: a small picture of a photo of a rocket",
        activity_type: "thumbnail",
        activity_id: "rocket",
        inputs: &[Input::Bytes("guest-examples/rust-thumbnail/data/rocket.jpg"), Input::Json("128")],
        options: &["--start-to-close-timeout", "60s", "--schedule-to-close-timeout", "120s"],
        output: Output::Png("thumbnail.png"),
        least_attempts: 1,
    },
    Example {
        title: "renderInvoice: an invoice in HTML, in TypeScript with zod, date-fns and mustache",
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
