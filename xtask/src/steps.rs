//! Numbered steps with their times, and failures that say which step, why, and what to do.

use std::fmt;
use std::time::Instant;

use crate::process;

/// A failure that knows its cure.
#[derive(Debug)]
struct Cure {
    why: String,
    cure: String,
}

/// A failure for this reason, with what to do about it.
pub(crate) fn cured(why: impl Into<String>, cure: impl Into<String>) -> anyhow::Error {
    anyhow::Error::new(Cure { why: why.into(), cure: cure.into() })
}

impl fmt::Display for Cure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.why)
    }
}

impl std::error::Error for Cure {}

/// Which step failed; the reason is its source.
#[derive(Debug)]
struct StepFailed {
    step: String,
    cure: String,
    why: anyhow::Error,
}

impl fmt::Display for StepFailed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} failed", self.step)
    }
}

impl std::error::Error for StepFailed {}

/// A run of numbered steps.
pub(crate) struct Steps {
    total: usize,
    current: usize,
    started: Instant,
}

impl Steps {
    /// A run of so many steps.
    pub(crate) fn new(total: usize) -> Self {
        Self { total, current: 0, started: Instant::now() }
    }

    /// Does one step, saying when it begins and how long it took.
    ///
    /// # Errors
    /// The step's own, with the step's name; `cure` is shown unless the failure brings its own.
    pub(crate) fn run<T>(
        &mut self,
        what: &str,
        cure: &str,
        step: impl FnOnce() -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        self.current += 1;
        let label = format!("[{}/{}]", self.current, self.total);
        println!("{label} {what} …");
        let began = Instant::now();
        match step() {
            Ok(value) => {
                println!("{label} done in {}", seconds(began));
                Ok(value)
            }
            Err(why) => {
                let cure = find_cure(&why).unwrap_or(cure).to_owned();
                let step = format!("step {} of {}, {what},", self.current, self.total);
                Err(anyhow::Error::new(StepFailed { step, cure, why }))
            }
        }
    }

    /// Says that all is done.
    pub(crate) fn finish(&self, what: &str) {
        println!("{what} in {}", seconds(self.started));
    }
}

/// The text for a failure of a whole command.
pub(crate) fn describe(error: &anyhow::Error) -> String {
    if process::interrupted() {
        let place = error.downcast_ref::<StepFailed>().map(|failed| format!(" in {}", failed.step));
        return format!("interrupted{}", place.unwrap_or_default().trim_end_matches(','));
    }
    match error.downcast_ref::<StepFailed>() {
        Some(failed) => format!("error: {failed}\n  why: {:#}\n  what to do: {}", failed.why, failed.cure),
        None => match find_cure(error) {
            Some(cure) => format!("error: {error:#}\n  what to do: {cure}"),
            None => format!("error: {error:#}"),
        },
    }
}

fn find_cure(error: &anyhow::Error) -> Option<&str> {
    error.chain().find_map(|cause| cause.downcast_ref::<Cure>()).map(|found| found.cure.as_str())
}

fn seconds(since: Instant) -> String {
    let elapsed = since.elapsed().as_secs_f64();
    if elapsed < 60.0 {
        format!("{elapsed:.1} s")
    } else {
        format!("{} min {:02.0} s", (elapsed / 60.0).floor(), elapsed % 60.0)
    }
}
