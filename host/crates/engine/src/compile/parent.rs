//! Compiling in another process, as seen from here.

use std::{
    ffi::OsString,
    io::{self, Read as _},
    path::Path,
    process::{Command, ExitStatus, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use super::{Answer, Request};
use crate::error::{CompileError, LoadError};

/// More than any answer has.
const LONGEST_ANSWER: u64 = 64 * 1024;

/// How the process that compiles is started.
pub(super) struct Child<'a> {
    pub(super) program: &'a Path,
    pub(super) arguments: &'a [OsString],
    pub(super) time: Duration,
}

impl Child<'_> {
    /// Compiles a component.
    ///
    /// # Errors
    /// When the component is not valid, and when the process fails or takes too long.
    pub(super) fn compile(&self, request: &Request, component: &[u8]) -> Result<(), LoadError> {
        let (status, answer) = self.run(request, component)?;
        match serde_json::from_slice(&answer) {
            Ok(Answer::Compiled) => Ok(()),
            Ok(Answer::Invalid(reason)) => Err(LoadError::Invalid { reason }),
            Ok(Answer::Unable(answer)) => {
                Err(CompileError::OtherVersion { program: self.program.to_owned(), answer }.into())
            }
            Err(_) => Err(CompileError::Stopped { status: status.to_string(), memory: request.memory }.into()),
        }
    }

    /// Runs the process to its end and returns its answer.
    fn run(&self, request: &Request, component: &[u8]) -> Result<(ExitStatus, Vec<u8>), CompileError> {
        let failed = |source| CompileError::Program { program: self.program.to_owned(), source };
        let header = serde_json::to_vec(request).map_err(|error| failed(error.into()))?;
        let mut child = Command::new(self.program)
            .args(self.arguments)
            // It needs nothing of our environment, which may hold credentials.
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(failed)?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        thread::scope(|scope| {
            let (sender, answered) = mpsc::channel();
            scope.spawn(move || {
                // A process that ends early says why itself.
                let _ = input.map(|mut input| send(&mut input, &header, component));
            });
            scope.spawn(move || {
                let mut answer = Vec::new();
                let read = output.map(|output| output.take(LONGEST_ANSWER).read_to_end(&mut answer));
                // The answer may have come too late to be waited for.
                let _ = sender.send(read.unwrap_or(Ok(0)).map(|_| answer));
            });
            let answer = answered.recv_timeout(self.time);
            if answer.is_err() {
                // It may have ended by itself meanwhile.
                let _ = child.kill();
            }
            let status = child.wait().map_err(failed)?;
            match answer {
                Ok(answer) => Ok((status, answer.map_err(failed)?)),
                Err(_) => Err(CompileError::TooSlow(self.time)),
            }
        })
    }
}

fn send(input: &mut impl io::Write, header: &[u8], component: &[u8]) -> io::Result<()> {
    input.write_all(header)?;
    input.write_all(b"\n")?;
    input.write_all(component)?;
    input.flush()
}
