//! What can be wrong with values.

use activity::shown;

/// Why arguments are none of a function's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArgumentError {
    /// There are too few or too many.
    #[error("{function} takes {expected}, and got {given}")]
    Count {
        /// The function, as WIT has it.
        function: String,
        /// What it takes.
        expected: String,
        /// How many there are.
        given: usize,
    },
    /// One is not what its parameter takes.
    #[error("{path}: {problem}")]
    Value {
        /// Where: the parameter's name, and the way into it.
        path: String,
        /// What was expected there, and what is.
        problem: String,
    },
}

/// Why a value of a guest can't become a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// It is larger than it may be.
    #[error("it has more than {0} bytes")]
    TooLarge(usize),
    /// It is no value of its type, which no guest can bring about.
    #[error("it is not of its type")]
    OtherType,
}

/// A list of names as an error shows them.
pub(crate) fn alternatives<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> String {
    shown::names(names)
}
