//! A real Temporal client: the CLI, which starts an activity and waits for its result.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Context as _;
use serde_json::Value;

use crate::demo::examples::{self, Example, Input, Output};
use crate::demo::worker::Place;
use crate::process::Running;

/// An activity that is over.
pub(crate) struct Execution {
    /// The server's id of this run.
    pub(crate) run_id: String,
    /// The result, the value of JSON, base64 text for bytes; or what the caller is told instead.
    pub(crate) result: Result<Value, Failure>,
}

/// A failure, as the server tells it to callers.
pub(crate) struct Failure {
    /// Its type, or which time was over.
    pub(crate) failure_type: String,
    /// What it says.
    pub(crate) message: String,
}

impl Execution {
    /// Refuses an outcome that is not the one that an example is to show.
    ///
    /// # Errors
    /// What it came to instead.
    pub(crate) fn is_as_wanted(&self, wanted: &Output) -> anyhow::Result<()> {
        match (wanted, &self.result) {
            (Output::Contained(wanted), Err(failure)) if *wanted == failure.failure_type => Ok(()),
            (Output::Contained(wanted), Ok(_)) => anyhow::bail!("it completed, and {wanted} was to be seen"),
            (_, Err(Failure { failure_type, message })) => anyhow::bail!("it failed with {failure_type}: {message}"),
            (_, Ok(_)) => Ok(()),
        }
    }
}

/// Starts an example's activity and waits until it is over.
///
/// # Errors
/// When it can't be started.
pub(crate) fn execute(temporal: &Path, place: &Place, example: &Example) -> anyhow::Result<Execution> {
    let mut command = Command::new(temporal);
    command.args(["activity", "execute", "--output", "json", "--color", "never"]);
    // Settings of the user's own must not send the demo to another server.
    command.args(["--disable-config-file", "--disable-config-env"]);
    command.args(["--address", &place.address, "--namespace", &place.namespace, "--task-queue", example.tenant]);
    command.args(["--activity-id", example.activity_id, "--type", example.activity_type]).args(example.options);
    for (position, input) in example.inputs.iter().enumerate() {
        let (file, encoding) = input_file(place, example, position, input)?;
        command.arg("--input-file").arg(file).arg("--input-meta").arg(format!("encoding={encoding}"));
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let output = Running::start(&mut command)?.finish()?;
    // Of an activity that has failed it tells so, too, before it ends unsuccessfully.
    let answer: Value = serde_json::from_slice(&output.stdout).with_context(|| {
        format!("the client answered no JSON, but: {}", String::from_utf8_lossy(&output.stderr).trim())
    })?;
    let run_id = answer["runId"].as_str().context("the client's answer has no run id")?.to_owned();
    let result = failure(&answer["failure"]).map_or_else(|| Ok(answer["result"].clone()), Err);
    Ok(Execution { run_id, result })
}

fn failure(failure: &Value) -> Option<Failure> {
    let message = failure["message"].as_str()?.to_owned();
    let types = ["/applicationFailureInfo/type", "/timeoutFailureInfo/timeoutType"];
    let failure_type = types.iter().find_map(|pointer| failure.pointer(pointer)?.as_str()).unwrap_or_default();
    Some(Failure { failure_type: failure_type.to_owned(), message })
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
