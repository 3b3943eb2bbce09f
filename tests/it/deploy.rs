//! What Isolet is run with elsewhere: the files of `deploy/`, checked by those who read them.

mod chart;
mod service;

use std::{
    io::Write as _,
    process::{Command, Output, Stdio},
};

/// What a command has come to.
fn ended(command: &mut Command) -> (bool, String) {
    said(command.output().unwrap_or_else(|error| panic!("{command:?}: {error}")))
}

/// The same for one that reads something.
fn ended_with(command: &mut Command, input: &str) -> (bool, String) {
    let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = pipes.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    said(child.wait_with_output().unwrap())
}

/// Whether it was successful, and what it has said.
fn said(output: Output) -> (bool, String) {
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    (output.status.success(), text.concat())
}
