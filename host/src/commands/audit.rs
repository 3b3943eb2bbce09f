//! `isolet audit`: what the audit log shows.

use std::path::PathBuf;

use anyhow::anyhow;
use clap::{Args, Subcommand};
use records::{Verdict, VerifyError, verify};
use serde_json::json;

use crate::{
    exit::{CommandResult, Exit, OrCure as _, OrExit as _, Problem, failed_to},
    output::{self, Format},
};

/// Looks at audit logs.
#[derive(Debug, Args)]
pub(crate) struct AuditArgs {
    #[command(subcommand)]
    command: AuditCommand,
}

#[derive(Debug, Subcommand)]
enum AuditCommand {
    Verify(VerifyArgs),
}

/// Tells whether the chain of an audit log holds.
///
/// Each entry has the hash of the one before, so that whatever is changed, removed, added or moved within the log is found.
/// What a chain alone can't show is that entries are missing at its end, or that all of it was written anew: for that, keep
/// its head elsewhere now and then, as `isolet status` tells it, and name it with --head. The exit code is 1 when the chain
/// does not hold.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  isolet audit verify /var/lib/isolet/audit.log
  isolet audit verify audit.log.20261130T021500.123456Z audit.log --head 5f0c…")]
struct VerifyArgs {
    /// The log; of several files, the oldest first.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The hash of an entry that was its head once, which must be in it.
    #[arg(long, value_name = "HASH")]
    head: Option<String>,
    /// For people, or as one JSON document.
    #[arg(long, value_enum, default_value_t)]
    output: Format,
}

impl AuditArgs {
    pub(crate) fn run(self) -> CommandResult {
        let AuditCommand::Verify(args) = self.command;
        args.run()
    }
}

impl VerifyArgs {
    fn run(self) -> CommandResult {
        const DIGITS: usize = 64;
        let head = self.head.as_deref().map(str::to_lowercase);
        let is_hash = |head: &String| head.len() == DIGITS && head.bytes().all(|digit| digit.is_ascii_hexdigit());
        if let Some(head) = head.as_ref().filter(|head| !is_hash(head)) {
            return Err(anyhow!("{head:?} is no hash, which has {DIGITS} hexadecimal digits"))
                .or_exit(Exit::Usage)
                .or_cure("name a head as `isolet status` tells it");
        }
        let verdict = verify(&self.files, head.as_deref()).map_err(|error| {
            let (exit, cure) = match &error {
                VerifyError::System { .. } => (Exit::Usage, "name the log's files, the oldest first"),
                VerifyError::Broken { .. } | VerifyError::NoHead(_) => (
                    Exit::AttemptFailed,
                    "compare it with a copy; what is before that line holds, and nothing after it can be trusted",
                ),
            };
            Problem::new(exit, failed_to(error)).cure(cure)
        })?;
        let Verdict { entries, first, head, repaired, torn } = &verdict;
        match self.output {
            Format::Json => output::json(&json!({
                "entries": entries,
                "first": first,
                "last": head.number,
                "head": head.hash,
                "repaired": repaired,
                "torn_bytes": torn,
            })),
            Format::Human => {
                match *entries {
                    0 => output::line(format_args!("there is no entry, and so nothing to hold")),
                    1 => output::line(format_args!("the chain holds: one entry, {first}")),
                    _ => output::line(format_args!("the chain holds: {entries} entries, {first} to {}", head.number)),
                }
                if *entries != 0 {
                    output::line(format_args!("head: {}", head.hash));
                }
                if 1 < *first {
                    output::line(format_args!("what was before entry {first} is in other files"));
                }
                match *repaired {
                    0 => {}
                    1 => output::line(format_args!("one line was cut off by a crash, and that was told")),
                    _ => output::line(format_args!("{repaired} lines were cut off by crashes, and that was told")),
                }
                if let Some(torn) = torn {
                    let text = "are no whole line, as after a crash; the worker tells of that when it goes on";
                    output::line(format_args!("the last {torn} bytes {text}"));
                }
            }
        }
        Ok(Exit::Completed)
    }
}
