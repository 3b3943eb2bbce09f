//! Programs of the operator's that write a secret to their standard output. They run beside the worker and as it does, and
//! never in a cell; what they write is told nobody.

use std::{
    io::{self, Read as _},
    os::unix::process::CommandExt as _,
    process::{Child, Command, Stdio},
    sync::mpsc::{RecvTimeoutError, channel},
    thread,
    time::Duration,
};

use anyhow::{Context as _, bail};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use zeroize::Zeroizing;

/// How long one may take.
const TIME: Duration = Duration::from_secs(10);

/// What a program writes within its time: text of at most `largest` bytes. Its standard error is nobody's.
///
/// # Errors
/// When it can't be run, fails, takes too long or writes something else. No text of it has what was written.
pub(super) fn output(words: &[String], largest: u64) -> anyhow::Result<String> {
    output_within(words, largest, TIME)
}

fn output_within(words: &[String], largest: u64, time: Duration) -> anyhow::Result<String> {
    let (program, arguments) = words.split_first().context("it names no program")?;
    let mut command = Command::new(program);
    // In a group of its own, so that what it starts ends with it.
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).process_group(0);
    let child = command.spawn().context("it can't be started")?;
    let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let (sender, ended) = channel();
    thread::Builder::new().name("command".to_owned()).spawn(move || {
        // Nobody waits any more for one that took too long.
        let _ = sender.send(read(child, largest));
    })?;
    let end = || group.map(|group| kill_process_group(group, Signal::KILL));
    match ended.recv_timeout(time) {
        Ok(Ok(text)) => text,
        Ok(Err(error)) => {
            end();
            Err(error).context("it can't be read")
        }
        Err(RecvTimeoutError::Timeout) => {
            let has_ended = group.is_some_and(has_ended);
            end();
            let time = humantime::format_duration(time);
            if has_ended {
                bail!("it ended, but something that it started keeps its output open for longer than {time}");
            }
            bail!("it took longer than {time}");
        }
        Err(RecvTimeoutError::Disconnected) => bail!("it can't be read"),
    }
}

/// Whether a child of this process has ended that nobody has waited for.
fn has_ended(child: Pid) -> bool {
    let looks = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    waitid(WaitId::Pid(child), looks).is_ok_and(|status| status.is_some())
}

/// What it writes until its end; the outer error is that it was not heard to its end.
fn read(mut child: Child, largest: u64) -> io::Result<anyhow::Result<String>> {
    let mut bytes = Zeroizing::new(Vec::new());
    if let Some(stdout) = child.stdout.take() {
        stdout.take(largest.saturating_add(1)).read_to_end(&mut bytes)?;
    }
    if largest < bytes.len() as u64 {
        child.kill()?;
        child.wait()?;
        return Ok(Err(anyhow::anyhow!("it writes more than {largest} bytes")));
    }
    let status = child.wait()?;
    if !status.success() {
        return Ok(Err(anyhow::anyhow!("it failed ({status}); run it by hand to see why")));
    }
    let text = std::str::from_utf8(&bytes).map(str::to_owned);
    Ok(text.map_err(|_| anyhow::anyhow!("it writes no UTF-8 text")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(script: &str, time: Duration) -> String {
        let words = ["sh", "-c", script].map(str::to_owned);
        output_within(&words, 10, time).unwrap_or_else(|error| format!("{error:#}"))
    }

    #[test]
    fn what_a_program_writes_is_taken() {
        assert_eq!(said("echo hunter2; echo noise >&2", TIME), "hunter2\n");
        assert_eq!(said("echo hunter2; exit 3", TIME), "it failed (exit status: 3); run it by hand to see why");
        assert_eq!(said("echo hunter2hunter2", TIME), "it writes more than 10 bytes");
        assert_eq!(said("yes", TIME), "it writes more than 10 bytes");
        assert_eq!(said("printf '\\377'", TIME), "it writes no UTF-8 text");
        assert_eq!(said("cat", TIME), "");
        assert!(output(&["/does/not/exist".to_owned()], 10).unwrap_err().to_string().contains("can't be started"));
    }

    #[test]
    fn what_takes_too_long_is_ended_with_all_that_it_started() {
        assert_eq!(said("sleep 1000 & wait", Duration::from_millis(100)), "it took longer than 100ms");
        let kept = "it ended, but something that it started keeps its output open for longer than 300ms";
        assert_eq!(said("sleep 1000 & echo hunter2", Duration::from_millis(300)), kept);
    }
}
