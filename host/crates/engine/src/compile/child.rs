//! The process that compiles.

use std::{
    io::{self, BufRead as _, Read as _, Write as _},
    process::ExitCode,
    sync::Arc,
};

use wasmtime::Engine;

use super::{
    Answer, Known, Missing, Request,
    functions::{Given, Made},
};
use crate::config;

/// Compiles the component on standard input, and answers on standard output, with the code after the answer: what a
/// process does that was started as [`crate::Compiler::Child`]. It confines itself before it looks at the component.
pub fn compile_child() -> ExitCode {
    let made = Arc::new(Made::default());
    let (answer, code) = match compile(&made) {
        Ok(Ok(code)) => (Answer::Compiled(made.size()), code),
        Ok(Err(answer)) => (answer, Vec::new()),
        Err(error) => (Answer::Unable(error.to_string()), Vec::new()),
    };
    match (tell(&answer, &made, &code), answer) {
        (Ok(()), Answer::Compiled(_)) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

fn tell(answer: &Answer, made: &Made, code: &[u8]) -> io::Result<()> {
    let mut output = io::stdout().lock();
    serde_json::to_writer(&mut output, answer)?;
    output.write_all(b"\n")?;
    if let Answer::Compiled(_) = answer {
        made.write(&mut output)?;
    }
    output.write_all(code)?;
    output.flush()
}

fn compile(made: &Arc<Made>) -> io::Result<Result<Vec<u8>, Answer>> {
    let mut input = io::stdin().lock();
    let mut header = String::new();
    input.read_line(&mut header)?;
    let request: Request = serde_json::from_str(&header)?;
    if let Err(error) = request.confinement().enter() {
        return Ok(Err(Answer::Unconfined(Missing::from(&error), error.to_string())));
    }
    let mut config = config::compile_config(request.wasm_stack);
    let known = match request.functions {
        Known::Unasked => Ok(&mut config),
        Known::Wanted => config.enable_incremental_compilation(Arc::<Made>::clone(made)),
        Known::Bytes(size) => {
            let mut bytes = Vec::new();
            input.by_ref().take(size).read_to_end(&mut bytes)?;
            config.enable_incremental_compilation(Arc::new(Given::new(bytes)))
        }
    };
    if let Err(error) = known {
        return Ok(Err(Answer::Unable(error.to_string())));
    }
    let mut component = Vec::new();
    input.read_to_end(&mut component)?;

    let engine = match Engine::new(&config) {
        Ok(engine) => engine,
        Err(error) => return Ok(Err(Answer::Unable(error.to_string()))),
    };
    if super::compatibility(&engine) != request.compatibility {
        return Ok(Err(Answer::Unable("its code would not fit".to_owned())));
    }
    Ok(super::precompile(&engine, &component).map_err(|error| Answer::Invalid(super::reason(&error))))
}
