//! Work on payloads, away from the threads that drive input and output when there is much of it.

use activity::{CodecError, Payload};

/// The weight from which on work is done elsewhere: what is below takes less time than to hand it over and wait.
const MUCH: usize = 64 << 10;

/// Does `work` on `payloads`, on a thread for blocking work if they are large.
pub(crate) async fn run(
    payloads: Vec<Payload>,
    work: impl FnOnce(Vec<Payload>) -> Result<Vec<Payload>, CodecError> + Send + 'static,
) -> Result<Vec<Payload>, CodecError> {
    if payloads.iter().map(Payload::weight).sum::<usize>() < MUCH {
        return work(payloads);
    }
    blocking(move || work(payloads)).await
}

/// Does `work` on a thread for blocking work.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, CodecError> + Send + 'static,
) -> Result<T, CodecError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or(Err(CodecError::Broken { reason: "the work on them was lost" }))
}
