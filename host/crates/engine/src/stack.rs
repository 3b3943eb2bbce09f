//! A guest's stack as text. Its names are whatever the guest's name section says: nothing is made of them that is not
//! bounded before.

use std::fmt::Write as _;

use activity::shown;
use wasmtime::{FrameInfo, WasmBacktrace};

use crate::config::BACKTRACE_FRAMES;

/// Longest mangled name that is made readable: generic code of Rust has names of some hundred bytes.
const LONGEST_MANGLED: usize = 2 << 10;

/// What is shown of a name. A demangler may make any amount of text of a short name, and is asked for no more than this.
const NAME_SHOWN: usize = 256;

/// What is shown of a whole stack.
const STACK_SHOWN: usize = 8 << 10;

/// The stack on which a guest failed, by the names in its name section; empty when there is none.
///
/// Wasmtime's own text of it is never used: that demangles without a bound.
pub(crate) fn stack_trace(error: &wasmtime::Error) -> String {
    let Some(backtrace) = error.downcast_ref::<WasmBacktrace>() else { return String::new() };
    let mut text = String::new();
    for (number, frame) in backtrace.frames().iter().take(BACKTRACE_FRAMES.get()).enumerate() {
        let line = line(number, frame);
        if STACK_SHOWN < text.len() + line.len() {
            text.push_str("\n…");
            break;
        }
        let separator = if text.is_empty() { "" } else { "\n" };
        // Writing to a string doesn't fail.
        let _ = write!(text, "{separator}{line}");
    }
    text
}

fn line(number: usize, frame: &FrameInfo) -> String {
    let module = frame.module().name().map_or("<unknown>".into(), shown::name);
    let offset = frame.module_offset().map(|offset| format!("{offset:#8x} - ")).unwrap_or_default();
    let function = match frame.func_name() {
        Some(name) => readable(name),
        None => format!("<wasm function {}>", frame.func_index()),
    };
    format!("{number}: {offset}{module}!{function}")
}

/// A function's name for people: Rust's demangled, any other as it is. C++'s stay mangled: their demanglers have no bound.
fn readable(name: &str) -> String {
    let demangled = (name.len() <= LONGEST_MANGLED).then(|| rustc_demangle::try_demangle(name).ok()).flatten();
    let text = match demangled {
        Some(demangled) => shown::bounded(&demangled, NAME_SHOWN),
        None => shown::cut(name, NAME_SHOWN).into_owned(),
    };
    shown::on_one_line(&text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn demangles_rust_alone() {
        assert_eq!(
            readable("_ZN4core3fmt5Write9write_fmt17h0123456789abcdefE"),
            "core::fmt::Write::write_fmt::h0123456789abcdef"
        );
        assert_eq!(readable("_RNvC6_123foo3bar"), "123foo::bar");
        assert_eq!(readable("_ZNSt6vectorIiSaIiEE9push_backERKi"), "_ZNSt6vectorIiSaIiEE9push_backERKi");
        assert_eq!(readable("plain name"), "plain name");
    }

    #[test]
    fn is_bounded_whatever_a_name_says() {
        // Each type is a pair of the one before: two to the power of how deep they are.
        let mut nested = "_RINvC1a1bTuu".to_owned();
        let mut at = nested.len() - "_R".len() - "Tuu".len();
        nested.push('E');
        for _ in 0..60 {
            let back = base_62(at);
            at = nested.len() - "_R".len();
            nested.push_str(&format!("T{back}{back}E"));
        }
        nested.push('E');
        let demangled = readable(&nested);
        assert!(demangled.starts_with("a::b::<((), ()), "), "{demangled}");
        assert!(demangled.ends_with('…') && demangled.len() <= NAME_SHOWN + 8, "{demangled}");
        let mut cpp = "_Z1fSt4pairIiiE".to_owned();
        (0..200).for_each(|level| cpp.push_str(&format!("St4pairIS{level}_S{level}_E")));
        for name in
            [cpp, "n".repeat(1 << 20), "_ZN".repeat(1 << 18), "_R".repeat(1 << 18), "\u{202e}\n".repeat(1 << 10)]
        {
            let shown = readable(&name);
            assert!(shown.len() <= 10 * NAME_SHOWN && !shown.contains(['\u{202e}', '\n']), "{shown}");
        }
    }

    /// A back reference as Rust's mangling writes it.
    fn base_62(position: usize) -> String {
        let digits = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
        let mut rest = position;
        let mut text = vec![b'_'];
        if let Some(mut more) = rest.checked_sub(1) {
            loop {
                text.insert(0, digits[more % 62]);
                more /= 62;
                if more == 0 {
                    break;
                }
            }
            rest = more;
        }
        let _ = rest;
        format!("B{}", String::from_utf8(text).unwrap())
    }
}
