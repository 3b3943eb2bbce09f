//! The C compiler that QuickJS's build calls: zig's, with what we add to QuickJS before and after its own code.
//!
//! QuickJS's build compiles a copy of its source, which is adjusted here in three ways: counting references leaves out
//! what `quickjs/after.h` keeps for good, functions that recurse take a frame on the stack that QuickJS looks at, and that
//! file is included at the end.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Context as _;

use crate::process;
use crate::tools::zig;
use crate::workspace;

/// The command of this program that this is: for QuickJS's build, and for nobody else.
pub(crate) const COMMAND: &str = "compile-quickjs";

/// How QuickJS reads and writes the number of references to an object.
const COUNT: &str = "JS_REF_COUNT(";
const COUNT_IS: &str = "#define JS_REF_COUNT(p) (js_rc(p)->ref_count)";
const COUNT_BECOMES: &str = "#define JS_REF_COUNT(p) (*isolet_count(&js_rc(p)->ref_count))";

/// Functions that call themselves, however far away, and how many bytes of the stack in memory each call takes
/// (`ISOLET_FRAME` in `quickjs/before.h`). QuickJS checks only that one, and without these bytes WebAssembly's own stack
/// of 16 MiB, on which nobody can check anything, is used up before the 3 MiB that scripts have. So a function has at
/// least 3 bytes here for each 16 that a round of its recursion takes there, as `what_nests_too_deep_is_a_range_error` shows.
const FRAMES: &[(&str, usize)] = &[
    ("json_parse_value", 64),
    ("js_json_to_str", 96),
    ("internalize_json_property", 96),
    ("js_parse_assign_expr2", 96),
    ("js_parse_unary", 96),
    ("js_parse_postfix_expr", 640),
    ("js_proxy_getPrototypeOf", 192),
    ("js_proxy_setPrototypeOf", 192),
    ("js_proxy_isExtensible", 192),
    ("js_proxy_preventExtensions", 192),
    ("js_proxy_has", 192),
    ("js_proxy_get", 192),
    ("js_proxy_set", 192),
    ("js_proxy_get_own_property", 192),
    ("js_proxy_define_own_property", 192),
    ("js_proxy_delete_property", 192),
    ("js_proxy_get_own_property_names", 192),
];

/// Compiles.
///
/// # Errors
/// When QuickJS's source is not what we adjust, and when the compiler can't be started.
pub(crate) fn run(arguments: &[String]) -> anyhow::Result<()> {
    let ours = workspace::root().join("guest-sdk/js/runtime/quickjs");
    if let Some(source) = arguments.iter().find(|argument| argument.ends_with("quickjs.c")) {
        adjust(Path::new(source), &ours.join("after.h"))?;
    }
    let mut zig = Command::new(zig::ensure()?);
    zig.args(["cc", "-target", "wasm32-wasi", "-O2", "-include"]).arg(ours.join("before.h")).args(arguments);
    process::replace_with(&mut zig)
}

fn adjust(source: &Path, after: &Path) -> anyhow::Result<()> {
    let text = fs::read_to_string(source).with_context(|| format!("failed to read {}", source.display()))?;
    let include = format!("\n#include \"{}\"\n", after.display());
    if text.ends_with(&include) {
        return Ok(());
    }
    let found = text.matches(COUNT_IS).count();
    anyhow::ensure!(
        found == 1,
        "QuickJS counts references in another way than xtask/src/js_runtime/compiler.rs expects"
    );
    let mut adjusted = uncounted_beginnings(&text).replace(COUNT_IS, COUNT_BECOMES) + &include;
    for (function, bytes) in FRAMES {
        let body = body(&adjusted, function).with_context(|| {
            format!("QuickJS has no function {function}, or several: see xtask/src/js_runtime/compiler.rs")
        })?;
        adjusted.insert_str(body, &format!("\n    ISOLET_FRAME({bytes});"));
    }
    fs::write(source, adjusted).with_context(|| format!("failed to write {}", source.display()))
}

/// A count is set where an object begins, whatever its memory held before.
fn uncounted_beginnings(text: &str) -> String {
    let mut pieces = text.split(COUNT);
    let mut adjusted = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        match piece.split_once(')') {
            Some((object, rest)) if rest.starts_with(" = ") => {
                adjusted += &format!("js_rc({object})->ref_count{rest}");
            }
            _ => adjusted += &format!("{COUNT}{piece}"),
        }
    }
    adjusted
}

/// Where the body of the one function of this name begins.
fn body(text: &str, function: &str) -> Option<usize> {
    let called = format!(" {function}(");
    let mut bodies = text.match_indices(&called).filter_map(|(at, _)| {
        let (before, from) = text.split_at_checked(at)?;
        let is_declared = before.rsplit('\n').next()?.starts_with("static");
        // A declaration ends with a semicolon, and a definition goes on with its body.
        let ends = from.find(['{', ';'])?;
        (is_declared && from.as_bytes().get(ends) == Some(&b'{')).then_some(at + ends + 1)
    });
    let body = bodies.next()?;
    bodies.next().is_none().then_some(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_that_of_the_one_definition() {
        let text = "static int f(int a);\nstatic int g(void)\n{\n    return f(1);\n}\nstatic int f(int a)\n{\n    return a;\n}\n";
        assert_eq!(body(text, "f").map(|at| &text[at..]), Some("\n    return a;\n}\n"));
        assert_eq!(body(text, "h"), None);
        let twice = text.repeat(2);
        assert_eq!(body(&twice, "f"), None);
    }
}
