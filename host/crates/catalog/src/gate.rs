//! What a candidate must hold to take over, as operators write it: `failures<1%,p99<2x`.

use std::{fmt, str::FromStr};

use thiserror::Error;

/// The longest gate that is looked at, in bytes.
const LONGEST: usize = 200;

/// How many digits a number may have after its point.
const DIGITS: usize = 3;

/// The largest factor: a candidate that may take longer than that needs no gate.
const LARGEST_FACTOR: u32 = 1_000;

/// What a candidate must hold. At least one thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gate {
    /// Fewer of its attempts may fail than so many percent beyond those of the stable version.
    pub failures: Option<Thousandths>,
    /// The 99th percentile of its attempts' run times must be less than so many times that of the stable version.
    pub p99: Option<Thousandths>,
}

/// A number with three digits after its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Thousandths(pub u32);

/// Why a gate is none.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum GateError {
    /// It is empty, or too long.
    #[error("a gate has 1 to {LONGEST} bytes, and this one has {0}")]
    Length(usize),
    /// A part of it is no condition.
    #[error(
        "{0:?} is no condition: there is `failures<NUMBER%`, such as `failures<1%`, and `p99<NUMBERx`, such as `p99<2x`"
    )]
    Condition(String),
    /// A number is out of its bounds.
    #[error("{condition:?} never makes a difference: its number must be above 0 and at most {most}")]
    Bounds {
        /// The condition.
        condition: String,
        /// The largest number.
        most: u32,
    },
    /// A condition is there twice.
    #[error("{0:?} is there twice")]
    Twice(&'static str),
}

impl Thousandths {
    /// The number.
    pub fn value(self) -> f64 {
        f64::from(self.0) / 1_000.0
    }
}

impl FromStr for Gate {
    type Err = GateError;

    fn from_str(text: &str) -> Result<Self, GateError> {
        if text.trim().is_empty() || LONGEST < text.len() {
            return Err(GateError::Length(text.len()));
        }
        let mut gate = Self { failures: None, p99: None };
        for condition in text.split(',').map(str::trim) {
            let wrong = || GateError::Condition(condition.to_owned());
            let (what, number) = condition.split_once('<').ok_or_else(wrong)?;
            let (name, place, unit, most) = match what.trim() {
                "failures" => ("failures", &mut gate.failures, '%', 100),
                "p99" => ("p99", &mut gate.p99, 'x', LARGEST_FACTOR),
                _ => return Err(wrong()),
            };
            let number = number.trim().strip_suffix(unit).and_then(|number| thousandths(number.trim()));
            let number = number.ok_or_else(wrong)?;
            if number.0 == 0 || most * 1_000 < number.0 {
                return Err(GateError::Bounds { condition: condition.to_owned(), most });
            }
            if place.replace(number).is_some() {
                return Err(GateError::Twice(name));
            }
        }
        Ok(gate)
    }
}

/// Digits, and perhaps a point and up to three more.
fn thousandths(text: &str) -> Option<Thousandths> {
    let (whole, rest) = text.split_once('.').unwrap_or((text, "0"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
    if !is_number(whole) || !is_number(rest) || DIGITS < rest.len() {
        return None;
    }
    let thousandths: u32 = format!("{rest:0<DIGITS$}").parse().ok()?;
    Some(Thousandths(whole.parse::<u32>().ok()?.checked_mul(1_000)?.checked_add(thousandths)?))
}

impl fmt::Display for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let conditions = [("failures", self.failures, '%'), ("p99", self.p99, 'x')];
        let conditions = conditions.into_iter().filter_map(|(what, number, unit)| Some((what, number?, unit)));
        for (at, (what, number, unit)) in conditions.enumerate() {
            write!(f, "{}{what}<{number}{unit}", if at == 0 { "" } else { "," })?;
        }
        Ok(())
    }
}

impl fmt::Display for Thousandths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gate_is_read_as_it_is_written() {
        let cases = [
            ("failures<1%,p99<2x", "failures<1%,p99<2x"),
            (" p99 < 1.25x ", "p99<1.25x"),
            ("p99<2x, failures<0.5%", "failures<0.5%,p99<2x"),
            ("failures<100%", "failures<100%"),
            ("p99<0.125x", "p99<0.125x"),
        ];
        for (text, expected) in cases {
            assert_eq!(text.parse::<Gate>().unwrap().to_string(), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_gate_is_refused_with_what_is_wrong() {
        let long = "p99<2x,".repeat(40);
        let cases = [
            ("", "1 to 200 bytes"),
            (&long, "1 to 200 bytes"),
            ("failures<1%,", "\"\" is no condition"),
            ("failures<1", "\"failures<1\" is no condition"),
            ("failures>1%", "is no condition"),
            ("failures<-1%", "is no condition"),
            ("failures<1e3%", "is no condition"),
            ("failures<.5%", "is no condition"),
            ("failures<1.2345%", "is no condition"),
            ("failures<99999999999%", "is no condition"),
            ("p98<2x", "is no condition"),
            ("p99<2%", "is no condition"),
            ("p99<NaNx", "is no condition"),
            ("failures<0%", "above 0 and at most 100"),
            ("failures<101%", "above 0 and at most 100"),
            ("p99<0.000x", "above 0 and at most 1000"),
            ("p99<2x,p99<3x", "\"p99\" is there twice"),
        ];
        for (text, expected) in cases {
            let error = text.parse::<Gate>().unwrap_err().to_string();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
