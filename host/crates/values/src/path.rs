//! Where in an argument something is.

use std::fmt;

use activity::shown;

/// The way from a parameter to a part of its value.
#[derive(Clone, Debug, Default)]
pub(crate) struct Path<'a>(Vec<Step<'a>>);

#[derive(Clone, Debug)]
pub(crate) enum Step<'a> {
    /// A name that the component gave.
    Name(&'a str),
    /// A place in a list.
    Index(usize),
    /// A key that the caller gave.
    Key(String),
}

impl<'a> Path<'a> {
    pub(crate) fn push(&mut self, step: Step<'a>) {
        self.0.push(step);
    }

    pub(crate) fn pop(&mut self) {
        self.0.pop();
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.0.iter().enumerate() {
            match step {
                Step::Name(name) if position == 0 => f.write_str(name)?,
                Step::Name(name) => write!(f, ".{name}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Key(key) => write!(f, "[\"{}\"]", shown::name(key))?,
            }
        }
        Ok(())
    }
}
