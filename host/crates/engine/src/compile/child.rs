//! The process that compiles.

use std::{
    io::{self, BufRead as _, Read as _, Write as _},
    process::ExitCode,
};

use wasmtime::Engine;

use super::{Answer, Missing, Request};
use crate::config;

/// Compiles the component on standard input, and answers on standard output, with the code after the answer: what a
/// process does that was started as [`crate::Compiler::Child`]. It confines itself before it looks at the component.
pub fn compile_child() -> ExitCode {
    let (answer, code) = match compile() {
        Ok(Ok(code)) => (Answer::Compiled, code),
        Ok(Err(answer)) => (answer, Vec::new()),
        Err(error) => (Answer::Unable(error.to_string()), Vec::new()),
    };
    match (tell(&answer, &code), answer) {
        (Ok(()), Answer::Compiled) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

fn tell(answer: &Answer, code: &[u8]) -> io::Result<()> {
    let mut output = io::stdout().lock();
    serde_json::to_writer(&mut output, answer)?;
    output.write_all(b"\n")?;
    output.write_all(code)?;
    output.flush()
}

fn compile() -> io::Result<Result<Vec<u8>, Answer>> {
    let mut input = io::stdin().lock();
    let mut header = String::new();
    input.read_line(&mut header)?;
    let request: Request = serde_json::from_str(&header)?;
    if let Err(error) = request.confinement().enter() {
        return Ok(Err(Answer::Unconfined(Missing::from(&error), error.to_string())));
    }
    let mut component = Vec::new();
    input.read_to_end(&mut component)?;

    let engine = match Engine::new(&config::compile_config(request.wasm_stack)) {
        Ok(engine) => engine,
        Err(error) => return Ok(Err(Answer::Unable(error.to_string()))),
    };
    if super::compatibility(&engine) != request.compatibility {
        return Ok(Err(Answer::Unable("its code would not fit".to_owned())));
    }
    Ok(super::precompile(&engine, &component).map_err(|error| Answer::Invalid(super::reason(&error))))
}
