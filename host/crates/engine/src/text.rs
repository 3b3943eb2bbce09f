//! Quantities as people write them, and what wasmtime says of an error, within bounds: a name of the guest's choosing can
//! be in it.

use std::fmt;

use activity::shown;
use wasmtime::WasmBacktrace;

/// Longest part of wasmtime's own text that is passed on, in bytes.
const LONGEST_REASON: usize = 1_000;

/// Wasmtime's reason for an error, without the steps that led to it.
pub(crate) fn reason(error: &wasmtime::Error) -> String {
    one_line(&shown::bounded(&error.root_cause(), LONGEST_REASON))
}

/// Wasmtime's reason for an error, with the steps that led to it. A backtrace is none of them: its text has no bound.
pub(crate) fn reasons(error: &wasmtime::Error) -> String {
    if error.is::<WasmBacktrace>() {
        return reason(error);
    }
    let steps = error.chain().map(|step| shown::bounded(&step, LONGEST_REASON));
    one_line(&shown::cut(&steps.collect::<Vec<_>>().join(": "), LONGEST_REASON))
}

fn one_line(text: &str) -> String {
    shown::on_one_line(text).into_owned()
}

/// A size, in the largest unit that divides it.
pub(crate) struct Bytes(pub(crate) u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(bytes) = *self;
        let units = [(30, "GiB"), (20, "MiB"), (10, "KiB")];
        match units.into_iter().find(|(shift, _)| bytes != 0 && bytes.trailing_zeros() >= *shift) {
            Some((shift, unit)) => write!(f, "{} {unit}", bytes >> shift),
            None => write!(f, "{bytes} bytes"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Bytes;

    #[test]
    fn sizes() {
        let sizes = [0, 1, 1_000, 1 << 10, 3 << 20, 1 << 30, (1 << 30) + 1];
        let texts = sizes.map(|size| Bytes(size).to_string());
        assert_eq!(texts, ["0 bytes", "1 bytes", "1000 bytes", "1 KiB", "3 MiB", "1 GiB", "1073741825 bytes"]);
    }
}
