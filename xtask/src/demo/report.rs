//! What the demo prints of an example: its result, what each attempt cost, and where to see it.

use std::fs;

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::demo::client::{Execution, Failure};
use crate::demo::examples::{self, Example, Output};
use crate::demo::worker::{Attempt, Place};
use crate::workspace;

/// The eight bytes that every PNG begins with, and what follows them up to the width.
const PNG_SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// Prints the report of one example.
///
/// # Errors
/// When the result is not what the example promises, or the attempts are not.
pub(crate) fn print(place: &Place, example: &Example, run: &Execution, attempts: &[Attempt]) -> anyhow::Result<()> {
    match (&example.output, &run.result) {
        (Output::Json, Ok(result)) => println!("  result    {}", shorten(&result.to_string())),
        (Output::Png(name), Ok(result)) => println!("  result    {}", save_png(name, result)?),
        (Output::Html(name), Ok(result)) => println!("  result    {}", save_html(name, result)?),
        (_, Err(Failure { failure_type, message })) => println!("  contained {failure_type}: {message}"),
        (Output::Contained(_), Ok(_)) => {}
    }
    for attempt in attempts {
        println!(
            "  attempt {} of {} {}: {:.1} ms wall, {:.1} ms CPU, {:.1} MiB peak memory",
            attempt.number,
            attempt.tenant,
            outcome_in_words(&attempt.outcome),
            attempt.wall_ms,
            attempt.cpu_ms,
            mebibytes(attempt.peak_memory)
        );
    }
    let Place { ui, namespace, .. } = place;
    println!("  web UI    {ui}/namespaces/{namespace}/activities/{}/{}/details", example.activity_id, run.run_id);
    anyhow::ensure!(
        attempts.len() >= example.least_attempts,
        "it took {} attempt(s), and {} or more were to be seen",
        attempts.len(),
        example.least_attempts
    );
    Ok(())
}

/// An outcome for people who do not know the worker's words.
fn outcome_in_words(outcome: &str) -> &str {
    match outcome {
        "timed-out" => "was cut off by its deadline",
        "failed" => "was ended",
        other => other,
    }
}

/// Writes the page and says where it is, and what else there is.
fn save_html(name: &str, result: &Value) -> anyhow::Result<String> {
    let mut fields = result.as_object().context("the result is no object")?.clone();
    let page = fields.remove("html");
    let page = page.as_ref().and_then(Value::as_str).context("the result has no page")?;
    Ok(format!("{}: {}", save(name, page.as_bytes())?, shorten(&Value::Object(fields).to_string())))
}

/// Writes the picture and says where and how large it is.
fn save_png(name: &str, result: &Value) -> anyhow::Result<String> {
    let text = result.as_str().context("the result is not bytes")?;
    let picture = STANDARD.decode(text).context("the result is not base64")?;
    let (width, height) = png_size(&picture).context("the result is not a PNG")?;
    Ok(format!("{}: {width} × {height} pixels, {} bytes", save(name, &picture)?, picture.len()))
}

/// Writes a file that the demo leaves, and says where it is.
fn save(name: &str, content: &[u8]) -> anyhow::Result<String> {
    let file = examples::output_folder().join(name);
    fs::write(&file, content).with_context(|| format!("failed to write {}", workspace::shown(&file)))?;
    Ok(workspace::shown(&file))
}

/// Width and height: two big-endian numbers behind the signature and the head of the first chunk.
fn png_size(picture: &[u8]) -> Option<(u32, u32)> {
    let first_chunk = picture.strip_prefix(PNG_SIGNATURE)?;
    let number = |from: usize| Some(u32::from_be_bytes(first_chunk.get(from..from + 4)?.try_into().ok()?));
    Some((number(8)?, number(12)?))
}

/// Long results are cut for the screen.
fn shorten(text: &str) -> String {
    const MOST: usize = 400;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}… ({} bytes)", text.get(..end).unwrap_or(text), text.len()),
        None => text.to_owned(),
    }
}

#[expect(clippy::cast_precision_loss, reason = "shown with one digit")]
fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / (1024.0 * 1024.0)
}
