//! From code that may wait to code that must not.

use std::{future::Future, io, panic, thread};

use tokio::runtime::Builder;

use crate::Error;

/// What comes of `future`. On a thread of its own, so that it does not matter what runs on the caller's.
///
/// # Errors
/// Those of the future, and when the system has no threads left.
pub(crate) fn block_on<T: Send>(future: impl Future<Output = Result<T, Error>> + Send) -> Result<T, Error> {
    let no_thread = |error: io::Error| Error::Client(error.to_string());
    thread::scope(|scope| {
        let run = || {
            let runtime = Builder::new_current_thread().enable_all().build().map_err(no_thread)?;
            let done = runtime.block_on(future);
            // A program for credentials that hangs is not waited for.
            runtime.shutdown_background();
            done
        };
        let thread = thread::Builder::new().name("registry".to_owned()).spawn_scoped(scope, run).map_err(no_thread)?;
        thread.join().unwrap_or_else(|panic| panic::resume_unwind(panic))
    })
}
