//! The process that compiles.

use std::{
    fs,
    io::{self, BufRead as _, Read as _, Write as _},
    process::ExitCode,
};

use rustix::process::{Resource, Rlimit, setrlimit};
use wasmtime::Engine;

use super::{Answer, Request};
use crate::config;

/// Compiles the component on standard input into a file, and answers on standard output: what a process does that was
/// started as [`crate::Compiler::Child`]. It limits itself before it looks at the component.
pub fn compile_child() -> ExitCode {
    let answer = compile().unwrap_or_else(|error| Answer::Unable(error.to_string()));
    let told = serde_json::to_vec(&answer).map_err(io::Error::from).and_then(|text| io::stdout().write_all(&text));
    match (answer, told) {
        (Answer::Compiled, Ok(())) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

fn compile() -> io::Result<Answer> {
    let mut input = io::stdin().lock();
    let mut header = String::new();
    input.read_line(&mut header)?;
    let request: Request = serde_json::from_str(&header)?;
    limit(Resource::Core, 0)?;
    limit(Resource::Cpu, request.cpu_seconds)?;
    limit(Resource::As, request.memory)?;
    let mut component = Vec::new();
    input.read_to_end(&mut component)?;

    let engine = match Engine::new(&config::compile_config(request.wasm_stack)) {
        Ok(engine) => engine,
        Err(error) => return Ok(Answer::Unable(error.to_string())),
    };
    if super::compatibility(&engine) != request.compatibility {
        return Ok(Answer::Unable("its code would not fit".to_owned()));
    }
    match engine.precompile_component(&component) {
        Ok(code) => {
            fs::write(&request.output, code)?;
            Ok(Answer::Compiled)
        }
        Err(error) => Ok(Answer::Invalid(super::reason(&error))),
    }
}

fn limit(resource: Resource, limit: u64) -> io::Result<()> {
    setrlimit(resource, Rlimit { current: Some(limit), maximum: Some(limit) })?;
    Ok(())
}
