//! Something that moves on standard error while a step lasts.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// How often it moves.
const INTERVAL: Duration = Duration::from_millis(100);

/// A step that takes its time. Shown while it lives, on terminals only.
pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// Shows `message`.
    pub(crate) fn start(message: String) -> Self {
        let style = ProgressStyle::with_template("{spinner} {msg} {elapsed}");
        let bar = ProgressBar::new_spinner().with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        bar.set_message(message);
        bar.enable_steady_tick(INTERVAL);
        Self(bar)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
