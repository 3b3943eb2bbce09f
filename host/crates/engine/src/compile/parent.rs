//! Compiling in another process, as seen from here.

use std::{
    ffi::OsString,
    io::{self, BufRead as _, BufReader, Read as _},
    num::NonZeroUsize,
    path::Path,
    process::ExitStatus,
    sync::mpsc,
    thread,
    time::Duration,
};

use super::{Answer, Request, functions::MOST};
use crate::{
    cache::FunctionCode,
    error::{CompileError, LoadError},
};

/// More than any answer has.
const LONGEST_ANSWER: u64 = 64 * 1024;

/// Threads that compile: beyond so many, they take more memory than they save time.
const THREADS: usize = 16;

/// How the process that compiles is started.
pub(super) struct Child<'a> {
    pub(super) program: &'a Path,
    pub(super) arguments: &'a [OsString],
    pub(super) time: Duration,
}

impl Child<'_> {
    /// Compiles a component, and writes what it is made to `code`, and what its functions are made to those, unless they are
    /// known.
    ///
    /// # Errors
    /// When the component is not valid, and when the process fails or takes too long.
    pub(super) fn compile(
        &self,
        request: &Request,
        component: &[u8],
        functions: &mut FunctionCode,
        code: &mut (impl io::Write + Send),
    ) -> Result<(), LoadError> {
        let (status, answer) = self.run(request, component, functions, code)?;
        match answer {
            Some(Answer::Compiled(_)) if status.success() => Ok(()),
            Some(Answer::Invalid(reason)) => Err(LoadError::Invalid { reason }),
            Some(Answer::Unable(answer)) => {
                Err(CompileError::OtherVersion { program: self.program.to_owned(), answer }.into())
            }
            Some(Answer::Unconfined(missing, reason)) => Err(CompileError::Unconfined { missing, reason }.into()),
            Some(Answer::Compiled(_)) | None => {
                let Request { memory, cpu_seconds, .. } = *request;
                Err(CompileError::Stopped { status: status.to_string(), memory, cpu_seconds }.into())
            }
        }
    }

    /// Runs the process to its end and returns its answer, if it gave one.
    fn run(
        &self,
        request: &Request,
        component: &[u8],
        functions: &mut FunctionCode,
        code: &mut (impl io::Write + Send),
    ) -> Result<(ExitStatus, Option<Answer>), CompileError> {
        let failed = |source| CompileError::Program { program: self.program.to_owned(), source };
        let header = serde_json::to_vec(request).map_err(|error| failed(error.into()))?;
        let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get).min(THREADS);
        let mut child = confinement::command(self.program)
            .args(self.arguments)
            .env("RAYON_NUM_THREADS", threads.to_string())
            // Of the C library's allocator: each further arena takes address space that is not used.
            .env("MALLOC_ARENA_MAX", "2")
            .spawn()
            .map_err(failed)?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let most = request.memory;
        let (given, made): (&[u8], _) = match functions {
            FunctionCode::Unkept => (&[], None),
            FunctionCode::Known(known) => (known, None),
            FunctionCode::New(new) => (&[], Some(new)),
        };
        thread::scope(|scope| {
            let (sender, answered) = mpsc::channel();
            scope.spawn(move || {
                // A process that ends early says why itself.
                let _ = input.map(|mut input| send(&mut input, &header, [given, component]));
            });
            scope.spawn(move || {
                let read = output.map(|output| receive(output.take(most), made, code));
                // The answer may have come too late to be waited for.
                let _ = sender.send(read.unwrap_or(Ok(None)));
            });
            let answer = answered.recv_timeout(self.time);
            if !matches!(answer, Ok(Ok(Some(_)))) {
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

/// Takes an answer, and what follows it: functions, if they are wanted, and code.
fn receive(
    output: impl io::Read,
    made: Option<&mut impl io::Write>,
    code: &mut impl io::Write,
) -> io::Result<Option<Answer>> {
    let mut output = BufReader::new(output);
    let mut answer = Vec::new();
    output.by_ref().take(LONGEST_ANSWER).read_until(b'\n', &mut answer)?;
    let Ok(answer) = serde_json::from_slice(&answer) else { return Ok(None) };
    match (&answer, made) {
        (Answer::Compiled(size @ 1..=MOST), Some(made)) => drop(io::copy(&mut output.by_ref().take(*size), made)?),
        (Answer::Compiled(1..), _) => return Ok(None),
        _ => {}
    }
    io::copy(&mut output, code)?;
    Ok(Some(answer))
}

fn send(input: &mut impl io::Write, header: &[u8], parts: [&[u8]; 2]) -> io::Result<()> {
    input.write_all(header)?;
    input.write_all(b"\n")?;
    for part in parts {
        input.write_all(part)?;
    }
    input.flush()
}
