//! The C compiler that QuickJS's build calls: zig's, with what we add to QuickJS before and after its own code.
//!
//! QuickJS's build compiles a copy of its source, which is adjusted here in two ways: counting references leaves out what
//! `quickjs/after.h` keeps for good, and that file is included at the end.

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
    let adjusted = uncounted_beginnings(&text).replace(COUNT_IS, COUNT_BECOMES) + &include;
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
