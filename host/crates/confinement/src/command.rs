//! How a process that will confine itself is started.

use std::{
    ffi::OsStr,
    process::{Command, Stdio},
};

/// A process without anything of this one's environment, which may hold credentials, with pipes to talk to it and nothing
/// to complain to. It ends when the thread that starts it does, so that has to stay.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.env_clear().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    command
}
