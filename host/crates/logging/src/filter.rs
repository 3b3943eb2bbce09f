//! What is logged: the filter of the process, in `tracing`'s notation.

use activity::Level;
use tracing_subscriber::{EnvFilter, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use crate::{Log, Style, host::HostLines};

/// What is never logged, or only its errors, whatever is asked for: lines that a guest could write without end. What it
/// sends to Temporal that is large is one for each time that it does; and what is wrong with a server's certificate is in the
/// error of whoever has asked the server.
const GUESTS_DOING: [&str; 3] =
    ["wasmtime_wasi_http=error", "temporalio_common::payload_limits=off", "rustls_platform_verifier=off"];

/// The target under which a filter knows lines about attempts.
const ACTIVITY_TARGET: &str = "activity";

/// Begins to log in this style what `filter` lets through, for the whole process.
pub fn start(style: Style, filter: EnvFilter) -> Log {
    let filter =
        GUESTS_DOING.iter().filter_map(|directive| directive.parse().ok()).fold(filter, EnvFilter::add_directive);
    let log = Log::new(style);
    // Fails only when logging was started before, and then it is already as wanted.
    let _ = tracing_subscriber::registry().with(filter).with(HostLines::new(log.clone())).try_init();
    log
}

/// The least important level of lines about attempts that the filter lets through.
pub fn least_level() -> Level {
    let all = [Level::Trace, Level::Debug, Level::Info, Level::Warn];
    all.into_iter().find(|level| is_enabled(*level)).unwrap_or(Level::Error)
}

/// Whether the filter lets lines about attempts through at this level.
pub(crate) fn is_enabled(level: Level) -> bool {
    match level {
        Level::Trace => tracing::enabled!(target: ACTIVITY_TARGET, tracing::Level::TRACE),
        Level::Debug => tracing::enabled!(target: ACTIVITY_TARGET, tracing::Level::DEBUG),
        Level::Info => tracing::enabled!(target: ACTIVITY_TARGET, tracing::Level::INFO),
        Level::Warn => tracing::enabled!(target: ACTIVITY_TARGET, tracing::Level::WARN),
        Level::Error => tracing::enabled!(target: ACTIVITY_TARGET, tracing::Level::ERROR),
    }
}
