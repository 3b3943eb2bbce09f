//! A real Temporal client: the CLI, which starts an activity and waits for its result.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;
use serde_json::Value;

use crate::demo::dev_worker::Place;
use crate::demo::examples::{self, Example, Input};
use crate::process;

/// An activity that has completed.
pub(crate) struct Execution {
    /// The server's id of this run.
    pub(crate) run_id: String,
    /// The result: the value of JSON, base64 text for bytes.
    pub(crate) result: Value,
}

/// Starts an example's activity and waits until it has completed.
///
/// # Errors
/// When it fails, with the server's reason, or can't be started.
pub(crate) fn execute(temporal: &Path, place: &Place, example: &Example) -> anyhow::Result<Execution> {
    let mut command = Command::new(temporal);
    command.args(["activity", "execute", "--output", "json", "--color", "never"]);
    // Settings of the user's own must not send the demo to another server.
    command.args(["--disable-config-file", "--disable-config-env"]);
    command.args(["--address", &place.address, "--namespace", &place.namespace, "--task-queue", &place.task_queue]);
    command.args(["--activity-id", example.activity_id, "--type", example.activity_type]).args(example.options);
    for (position, input) in example.inputs.iter().enumerate() {
        let (file, encoding) = input_file(place, example, position, input)?;
        command.arg("--input-file").arg(file).arg("--input-meta").arg(format!("encoding={encoding}"));
    }
    let answer = process::capture(&mut command)?;
    let answer: Value = serde_json::from_str(&answer).context("the client answered no JSON")?;
    let run_id = answer["runId"].as_str().context("the client's answer has no run id")?;
    Ok(Execution { run_id: run_id.to_owned(), result: answer["result"].clone() })
}

/// The file that holds an argument: the client takes either all arguments from files or none.
fn input_file(
    place: &Place,
    example: &Example,
    position: usize,
    input: &Input,
) -> anyhow::Result<(PathBuf, &'static str)> {
    match input {
        Input::Bytes(path) => Ok((crate::workspace::root().join(path), "binary/plain")),
        Input::JsonFile(path) => Ok((crate::workspace::root().join(path), "json/plain")),
        Input::Json(text) => {
            let text = text.replace(examples::REPORTS, &place.reports);
            let file = examples::output_folder().join(format!("{}-input-{position}.json", example.activity_id));
            std::fs::write(&file, text).with_context(|| format!("failed to write {}", file.display()))?;
            Ok((file, "json/plain"))
        }
    }
}
