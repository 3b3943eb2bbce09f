//! Exit codes, and errors that know theirs.

use std::{
    error,
    fmt::{self, Write as _},
    process::ExitCode,
    sync::Arc,
};

use anyhow::Error;

/// How a run of the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// A completed attempt, or the clean end of a command.
    Completed = 0,
    /// An attempt that failed, or a change that breaks callers.
    AttemptFailed = 1,
    /// Wrong usage or configuration.
    Usage = 2,
    /// A component that could not be loaded.
    NotLoaded = 3,
    /// No server.
    NoServer = 4,
    /// A namespace that the server does not have.
    NoNamespace = 5,
    /// A port that another program has.
    PortInUse = 6,
    /// A server that refuses this client.
    Refused = 7,
    /// A development server that could not be started.
    NoDevServer = 8,
    /// Whatever else went wrong.
    Other = 9,
}

impl Exit {
    /// Every code with its meaning, for the help text.
    const TABLE: [(Self, &str); 10] = [
        (Self::Completed, "the attempt completed, or the command came to its clean end"),
        (Self::AttemptFailed, "the attempt failed or was cancelled, or what is new breaks callers"),
        (Self::Usage, "wrong usage, configuration or input"),
        (Self::NotLoaded, "a component could not be loaded"),
        (Self::NoServer, "no Temporal server at the address"),
        (Self::NoNamespace, "the server does not have the namespace"),
        (Self::PortInUse, "another program has the port"),
        (Self::Refused, "the server refused this client: key, certificate or permission"),
        (Self::NoDevServer, "Temporal's development server could not be found or started"),
        (Self::Other, "something else went wrong; the message says what"),
    ];

    /// The table of exit codes, as help texts show it.
    pub(crate) fn table() -> String {
        Self::TABLE.iter().fold("Exit codes:\n".to_owned(), |mut text, (exit, meaning)| {
            // Writing to a string never fails.
            let _ = writeln!(text, "  {}  {meaning}", *exit as u8);
            text
        })
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command could not do its work.
#[derive(Debug)]
pub(crate) struct Problem {
    /// What the program exits with.
    pub exit: Exit,
    /// What went wrong, with its causes.
    pub error: Error,
    /// What to do about it.
    pub cure: Option<String>,
}

/// The error of a problem that others know, too.
#[derive(Debug)]
struct Known(Arc<Problem>);

impl fmt::Display for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.error.fmt(f)
    }
}

impl error::Error for Known {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        self.0.error.source()
    }
}

/// What a command ends with.
pub(crate) type CommandResult = Result<Exit, Problem>;

impl Problem {
    /// A problem that ends the program with `exit`.
    pub(crate) fn new(exit: Exit, error: impl Into<Error>) -> Self {
        Self { exit, error: error.into(), cure: None }
    }

    /// One that others know, too.
    pub(crate) fn known(problem: Arc<Self>) -> Self {
        let (exit, cure) = (problem.exit, problem.cure.clone());
        Self { exit, cure, error: Known(problem).into() }
    }

    /// The same, with what to do about it.
    pub(crate) fn cure(self, cure: impl Into<String>) -> Self {
        Self { cure: Some(cure.into()), ..self }
    }
}

impl<E: Into<Error>> From<E> for Problem {
    fn from(error: E) -> Self {
        Self::new(Exit::Other, error)
    }
}

/// Gives an error its exit code.
pub(crate) trait OrExit<T> {
    /// The value, or a problem that ends the program with `exit`.
    fn or_exit(self, exit: Exit) -> Result<T, Problem>;
}

impl<T, E: Into<Error>> OrExit<T> for Result<T, E> {
    fn or_exit(self, exit: Exit) -> Result<T, Problem> {
        self.map_err(|error| Problem::new(exit, error))
    }
}

/// An error of one of our libraries as a sentence. Their texts say what could not be done, and fit after this.
#[derive(Debug)]
struct FailedTo<E>(E);

impl<E: fmt::Display> fmt::Display for FailedTo<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "failed to {}", self.0)
    }
}

impl<E: error::Error> error::Error for FailedTo<E> {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        self.0.source()
    }
}

/// What went wrong, from what could not be done.
pub(crate) fn failed_to<E: error::Error + Send + Sync + 'static>(error: E) -> Error {
    FailedTo(error).into()
}

/// Adds what to do about a problem.
pub(crate) trait OrCure<T> {
    /// The same, with `cure` for the problem.
    fn or_cure(self, cure: impl Into<String>) -> Result<T, Problem>;
}

impl<T> OrCure<T> for Result<T, Problem> {
    fn or_cure(self, cure: impl Into<String>) -> Self {
        self.map_err(|problem| problem.cure(cure))
    }
}
