//! HTTP by the SDK's client.

use std::io::{self, Read as _};
use std::time::Duration;

use futures_util::future::join_all;
use futures_util::stream;
use isolet_sdk::http::{Body, Bytes, HttpError};
use isolet_sdk::{ActivityContext, ActivityError, Level, activity, sleep};

/// Asks all servers side by side. Returns what each answered, or why it did not.
#[activity]
pub(crate) async fn ask_all(context: &ActivityContext, urls: Vec<String>) -> Vec<String> {
    let ask = async |url| {
        let answer = context.http().get(url).send().await?;
        let status = answer.status();
        Ok(format!("{status}: {}", answer.text().await?))
    };
    let answers = join_all(urls.iter().map(ask)).await;
    answers.into_iter().map(|answer: Result<_, HttpError>| answer.unwrap_or_else(|error| error.to_string())).collect()
}

/// Asks one server without an executor of one's own, and lets every error out.
#[activity]
pub(crate) fn ask(context: &ActivityContext, url: String) -> Result<String, ActivityError> {
    Ok(context.http().get(url).send_blocking()?.error_for_status()?.text()?)
}

/// Sends a value and a header, and returns the answer.
#[activity]
pub(crate) async fn send_json(context: &ActivityContext, url: String) -> Result<String, ActivityError> {
    let request = context.http().post(url).query([("a b", "ä")]).header("x-a", "1").bearer_auth("token");
    Ok(request.json(&[1, 2]).send().await?.text().await?)
}

/// Sends pieces as they are made, in the way that is named, and returns the answer.
#[activity]
pub(crate) async fn send_pieces(
    context: &ActivityContext,
    url: String,
    pieces: usize,
    way: String,
) -> Result<String, ActivityError> {
    let piece = Bytes::from(vec![b'.'; 1000]);
    let body = match way.as_str() {
        "stream" => Body::from_stream(stream::iter((0..pieces).map(move |_| Ok::<_, io::Error>(piece.clone())))),
        "reader" => Body::from_reader(io::repeat(b'.').take(pieces as u64 * 1000)),
        _ => Body::from_stream(stream::iter([Ok(piece), Err("the source is dry")])),
    };
    Ok(context.http().post(url).body(body).send().await?.text().await?)
}

/// Reads a body as from a file, and returns its length.
#[activity]
pub(crate) fn read_body(context: &ActivityContext, url: String) -> Result<u64, ActivityError> {
    Ok(io::copy(&mut context.http().get(url).send_blocking()?, &mut io::sink())?)
}

/// Waits for a server for so long, and returns why there was no answer.
#[activity]
pub(crate) async fn lose_patience(context: &ActivityContext, url: String, ms: u64) -> Result<String, ActivityError> {
    let request = context.http().get(url).timeout(Duration::from_millis(ms));
    let answer = async { request.send().await?.text().await };
    Ok(match answer.await {
        Ok(text) => text,
        Err(error) => format!("{error}, timeout: {}", error.is_timeout()),
    })
}

/// Waits for silent servers and for time to pass, all side by side, until it is cancelled. Then tells another server.
#[activity]
pub(crate) async fn ask_in_vain(
    context: &ActivityContext,
    silent: Vec<String>,
    other: String,
) -> Result<String, ActivityError> {
    let ask = async |url| context.http().get(url).send().await?.text().await;
    let (answers, slept) =
        futures_util::future::join(join_all(silent.iter().map(ask)), sleep(Duration::from_secs(600))).await;
    let cancelled = answers.iter().filter(|answer| answer.as_ref().is_err_and(HttpError::is_cancelled)).count();
    let told = context.shield_async(ask(&other)).await;
    context.log(Level::Info, format!("{cancelled} requests cancelled, sleep cancelled: {}", slept.is_err()));
    told??;
    Ok("never".to_owned())
}
