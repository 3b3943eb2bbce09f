//! Log lines, on standard error.

use std::io::{self, IsTerminal as _, Write};

use tracing_subscriber::{EnvFilter, fmt::MakeWriter, layer::SubscriberExt as _, util::SubscriberInitExt as _};

/// The variable that says what is logged, in `tracing`'s notation, such as `debug` or `isolet=debug,worker=trace`.
pub(crate) const FILTER_VARIABLE: &str = "ISOLET_LOG";

/// Begins to log: what commands tell people from `info` on unless they are `quiet`, everything else from `warn` on; or
/// what the variable says.
pub(crate) fn start(quiet: bool) {
    let default = if quiet { "warn" } else { "warn,isolet=info" };
    let filter = EnvFilter::try_from_env(FILTER_VARIABLE).unwrap_or_else(|_| EnvFilter::new(default));
    let lines =
        tracing_subscriber::fmt::layer().with_writer(Stderr).with_ansi(io::stderr().is_terminal()).with_target(false);
    // Fails only when logging was started before, and then it is already as wanted.
    let _ = tracing_subscriber::registry().with(filter).with(lines).try_init();
}

/// Standard error, as long as someone reads it.
struct Stderr;

impl MakeWriter<'_> for Stderr {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        Self
    }
}

impl Write for Stderr {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // Reported as written in any case: a subscriber would print its complaint on the same broken stream.
        let _ = io::stderr().lock().write_all(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
