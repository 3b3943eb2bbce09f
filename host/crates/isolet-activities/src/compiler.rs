//! The program as what compiles components, in a process of its own.

use std::{
    env,
    process::{self, ExitCode},
    sync::atomic::{AtomicBool, Ordering},
};

use engine::Compiler;

use crate::Error;

/// The argument that makes the program what compiles.
const ARGUMENT: &str = "__isolet-compile";

/// This very program, also when its file was replaced by a newer one meanwhile.
const THIS_PROGRAM: &str = "/proc/self/exe";

/// Whether `main` knows what to do with the argument.
static IS_ASKED: AtomicBool = AtomicBool::new(false);

/// Compiles a component, and ends the program, if that is what it was started for; otherwise it does nothing. Call it
/// first in `main`, before a thread is started or a file is opened: the process that compiles takes all from itself but
/// memory and its standard streams.
pub fn compile_if_asked() {
    if env::args_os().nth(1).is_some_and(|argument| argument == ARGUMENT) {
        end(engine::compile_child());
    }
    IS_ASKED.store(true, Ordering::Relaxed);
}

#[expect(clippy::disallowed_methods, reason = "the process holds nothing, and the rest of `main` is not for it")]
fn end(code: ExitCode) -> ! {
    process::exit(i32::from(code != ExitCode::SUCCESS))
}

/// The program as what compiles.
///
/// # Errors
/// When it would not know that it is.
pub(crate) fn confined() -> Result<Compiler, Error> {
    match IS_ASKED.load(Ordering::Relaxed) {
        true => Ok(Compiler::Child { program: THIS_PROGRAM.into(), arguments: vec![ARGUMENT.into()] }),
        false => Err(Error::NoCompiler),
    }
}
