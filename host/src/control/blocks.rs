//! What must not run, as an operator has said: kept in a file, so that it holds after a restart, too.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

use activity::{Block, Blocks, LEAST_DIGEST_DIGITS, shown};
use admin::{Changed, Refusal};
use anyhow::{Context as _, anyhow};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::{
    exit::{Exit, OrCure as _, OrExit as _, Problem},
    files,
};

/// The file in the state folder.
const FILE: &str = "blocks.json";

/// The version of its form.
const VERSION: u32 = 1;

/// More is no list of blocks.
const LARGEST_FILE: u64 = 16 << 20;

/// How much can be blocked one by one.
const MOST: usize = 10_000;

/// The longest name: what Temporal takes.
const LONGEST_NAME: usize = 1_000;

/// The longest reason, in bytes; callers read it.
const LONGEST_REASON: usize = 1_000;

/// What is given as the reason where none is.
const NO_REASON: &str = "an operator has blocked it";

/// What must not run.
#[derive(Debug)]
pub(crate) struct KeptBlocks {
    /// Where it is kept; nothing can be blocked without.
    path: Option<PathBuf>,
    now: watch::Sender<Arc<Blocks>>,
}

/// The file.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Written {
    version: u32,
    blocks: Vec<admin::Block>,
}

impl KeptBlocks {
    /// What is kept in the folder `state`; nothing if there is none.
    ///
    /// # Errors
    /// When it is kept and can't be read: what was blocked must not run because of that.
    pub(crate) fn read(state: Option<&Path>) -> Result<Self, Problem> {
        let path = state.map(|folder| folder.join(FILE));
        let blocks = match &path {
            Some(path) => read(path)
                .with_context(|| format!("failed to read what is blocked, in {}", path.display()))
                .or_exit(Exit::Usage)
                .or_cure("correct the file, or remove it if nothing is to be blocked; `isolet block` writes it")?,
            None => Vec::new(),
        };
        if !blocks.is_empty() {
            let names: Vec<String> = blocks.iter().map(ToString::to_string).collect();
            tracing::warn!("blocked since before: {}", shown::names(names.iter().map(String::as_str)));
        }
        Ok(Self { path, now: watch::Sender::new(Arc::new(Blocks::new(blocks))) })
    }

    /// What must not run, now and later.
    pub(crate) fn watch(&self) -> watch::Receiver<Arc<Blocks>> {
        self.now.subscribe()
    }

    /// What must not run now.
    pub(crate) fn now(&self) -> Arc<Blocks> {
        Arc::clone(&self.now.borrow())
    }

    /// Blocks something from now on. Returns what is blocked, and whether that is news.
    ///
    /// # Errors
    /// When it makes no sense, or can't be kept; then nothing changes.
    pub(crate) fn block(&self, asked: &admin::Block) -> Result<(Block, Changed), Refusal> {
        let mut block = Block { since: SystemTime::now(), ..understood(asked)? };
        let now = self.now();
        let known = now.iter().find(|other| other.is_of(&block));
        // Who says no reason has no better one than who said it first.
        if let Some(known) = known.filter(|_| block.reason == NO_REASON) {
            block.reason.clone_from(&known.reason);
        }
        let is_same = |other: &&Block| other.reason == block.reason && other.at_once == block.at_once;
        if let Some(known) = known.filter(is_same) {
            return Ok((known.clone(), Changed::default()));
        }
        let mut blocks: Vec<Block> = now.iter().filter(|other| !other.is_of(&block)).cloned().collect();
        if MOST <= blocks.len() {
            let message = format!("{MOST} blocks are as many as there can be");
            return Err(Refusal { message, cure: Some("block whole tenants or components instead".to_owned()) });
        }
        blocks.push(block.clone());
        self.keep(blocks)?;
        Ok((block, Changed { changed: true, ..Changed::default() }))
    }

    /// Blocks it no more.
    ///
    /// # Errors
    /// As for [`KeptBlocks::block`].
    pub(crate) fn unblock(&self, asked: &admin::Block) -> Result<(Block, Changed), Refusal> {
        let block = understood(asked)?;
        let now = self.now();
        let blocks: Vec<Block> = now.iter().filter(|other| !other.is_of(&block)).cloned().collect();
        if blocks.len() == now.iter().count() {
            return Ok((block, Changed::default()));
        }
        self.keep(blocks)?;
        Ok((block, Changed { changed: true, ..Changed::default() }))
    }

    /// Keeps these, and lets them hold: in this order, so that what was promised holds after a crash.
    fn keep(&self, blocks: Vec<Block>) -> Result<(), Refusal> {
        let Some(path) = &self.path else {
            let message = "this worker has no folder to keep blocks in, so they would be gone with it".to_owned();
            return Err(Refusal { message, cure: Some("set admin.state to a folder, and start it anew".to_owned()) });
        };
        let text = written(&blocks).unwrap_or_default();
        if text.is_empty() || LARGEST_FILE < text.len() as u64 {
            let message = format!("what is blocked would take more than {LARGEST_FILE} bytes");
            return Err(Refusal { message, cure: Some("block whole tenants or components instead".to_owned()) });
        }
        files::write_whole(path, &text).map_err(|error| {
            let message = format!("failed to keep what is blocked in {}: {error}", path.display());
            Refusal {
                message,
                cure: Some(
                    "make room there, let this user write there, or set admin.state to another folder".to_owned(),
                ),
            }
        })?;
        self.now.send_replace(Arc::new(Blocks::new(blocks)));
        Ok(())
    }
}

/// As it is told, and kept.
pub(crate) fn told(block: &Block) -> admin::Block {
    admin::Block {
        activity: block.activity.clone(),
        digest: block.digest.clone(),
        tenant: block.tenant.clone(),
        reason: block.reason.clone(),
        since: humantime::format_rfc3339_seconds(block.since).to_string(),
        at_once: block.at_once,
    }
}

/// What a client asks for, if it makes sense.
fn understood(asked: &admin::Block) -> Result<Block, Refusal> {
    let wrong = |message: String| Refusal { message, cure: None };
    let names = [("activity", &asked.activity), ("tenant", &asked.tenant)];
    for (what, name) in names.into_iter().filter_map(|(what, name)| Some((what, name.as_deref()?))) {
        if name.is_empty() || LONGEST_NAME < name.len() {
            return Err(wrong(format!("no {what} has a name of {} bytes", name.len())));
        }
    }
    let digest = asked.digest.as_deref().map(digest).transpose().map_err(wrong)?;
    if asked.activity.is_none() && digest.is_none() && asked.tenant.is_none() {
        return Err(wrong("neither an activity nor a digest nor a tenant is named".to_owned()));
    }
    let reason = asked.reason.trim();
    if LONGEST_REASON < reason.len() {
        return Err(wrong(format!("a reason has at most {LONGEST_REASON} bytes")));
    }
    Ok(Block {
        activity: asked.activity.clone(),
        digest,
        tenant: asked.tenant.clone(),
        reason: shown::on_one_line(if reason.is_empty() { NO_REASON } else { reason }).into_owned(),
        since: humantime::parse_rfc3339(&asked.since).unwrap_or(SystemTime::UNIX_EPOCH),
        at_once: asked.at_once,
    })
}

/// A digest as components have it.
fn digest(written: &str) -> Result<String, String> {
    const DIGITS: usize = 64;
    let digits = written.strip_prefix("sha256:").unwrap_or(written).to_lowercase();
    let is_hexadecimal = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    match is_hexadecimal && (LEAST_DIGEST_DIGITS..=DIGITS).contains(&digits.len()) {
        true => Ok(digits),
        false => Err(format!(
            "{:?} is no digest: that is {DIGITS} hexadecimal digits, or the first {LEAST_DIGEST_DIGITS} or more of them",
            shown::name(written)
        )),
    }
}

fn read(path: &Path) -> anyhow::Result<Vec<Block>> {
    let text = match files::read_text(path, LARGEST_FILE) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let Written { version, blocks } = serde_json::from_str(&text)?;
    if version != VERSION {
        return Err(anyhow!("its version is {version}, and this program knows version {VERSION}"));
    }
    let block = |block: &admin::Block| understood(block).map_err(|refusal| anyhow!(refusal.message));
    blocks.iter().map(block).collect()
}

fn written(blocks: &[Block]) -> serde_json::Result<String> {
    serde_json::to_string_pretty(&Written { version: VERSION, blocks: blocks.iter().map(told).collect() })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn asked(activity: &str, reason: &str) -> admin::Block {
        admin::Block { activity: Some(activity.to_owned()), reason: reason.to_owned(), ..admin::Block::default() }
    }

    fn kept(state: &Path) -> Vec<String> {
        let kept = KeptBlocks::read(Some(state)).unwrap();
        kept.now().iter().map(|block| format!("{block}: {}", block.reason)).collect()
    }

    #[test]
    fn what_is_blocked_is_there_after_a_restart() {
        let state = tempfile::tempdir().unwrap();
        let blocks = KeptBlocks::read(Some(&state.path().join("new"))).unwrap();
        assert!(blocks.block(&asked("ship", "one\ntwo")).unwrap().1.changed);
        assert!(!blocks.block(&asked("ship", "one\ntwo")).unwrap().1.changed);
        assert!(blocks.block(&asked("ship", "another")).unwrap().1.changed);
        assert!(!blocks.block(&asked("ship", "")).unwrap().1.changed, "no reason takes the place of one");
        assert!(blocks.block(&asked("bill", "")).unwrap().1.changed);
        let state = state.path().join("new");
        assert_eq!(kept(&state), ["activity ship: another", "activity bill: an operator has blocked it"]);
        assert!(blocks.unblock(&asked("ship", "")).unwrap().1.changed);
        assert!(!blocks.unblock(&asked("ship", "")).unwrap().1.changed);
        assert_eq!(kept(&state), ["activity bill: an operator has blocked it"]);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let state = tempfile::tempdir().unwrap();
        let blocks = KeptBlocks::read(Some(state.path())).unwrap();
        let digest = |digest: &str| admin::Block { digest: Some(digest.to_owned()), ..admin::Block::default() };
        let long = "x".repeat(LONGEST_REASON + 1);
        let wrong = [
            admin::Block::default(),
            asked("", "why"),
            asked("ship", &long),
            digest("0123456789a"),
            digest("0123456789xy"),
        ];
        for asked in wrong {
            blocks.block(&asked).unwrap_err();
        }
        let (block, _) = blocks.block(&digest("sha256:0123456789AB")).unwrap();
        assert_eq!(block.to_string(), "component 0123456789ab");
        let nowhere = KeptBlocks::read(None).unwrap();
        assert!(nowhere.block(&asked("ship", "")).unwrap_err().cure.unwrap().contains("admin.state"));
        let unwritable = KeptBlocks::read(Some(Path::new("/proc/none"))).unwrap();
        assert!(unwritable.block(&asked("ship", "")).unwrap_err().message.contains("/proc/none/blocks.json"));
        assert_eq!(unwritable.now().iter().count(), 0, "what is not kept does not hold");
    }

    #[test]
    fn what_is_kept_can_be_read_again_however_much_it_is() {
        let state = tempfile::tempdir().unwrap();
        let names = (0..3_000).map(|number| format!("{number:-<LONGEST_NAME$}").replace('-', "\u{1}"));
        let block = |name: String| understood(&asked(&name, "why")).unwrap();
        let blocks = KeptBlocks::read(Some(state.path())).unwrap();
        let refused = blocks.keep(names.map(block).collect()).unwrap_err();
        assert!(refused.message.contains("would take more than"), "{}", refused.message);
        blocks.keep((0..MOST).map(|number| block(number.to_string())).collect()).unwrap();
        assert!(blocks.block(&asked("one more", "")).unwrap_err().message.contains("as many as there can be"));
        assert_eq!(kept(state.path()).len(), MOST);
    }

    #[test]
    fn a_file_that_is_not_right_is_never_passed_over() {
        let state = tempfile::tempdir().unwrap();
        let file = state.path().join(FILE);
        let one = |fields: &str| format!("{{\"version\": 1, \"blocks\": [{{{fields}}}]}}");
        let wrong = [
            String::new(),
            "{".to_owned(),
            "{\"version\": 2, \"blocks\": []}".to_owned(),
            "{\"version\": 1, \"blocks\": [], \"more\": 1}".to_owned(),
            one(""),
            one("\"digest\": \"odd\""),
        ];
        for text in wrong {
            fs::write(&file, &text).unwrap();
            let problem = KeptBlocks::read(Some(state.path())).unwrap_err();
            assert!(format!("{:#}", problem.error).contains("blocks.json: "), "{text}: {:#}", problem.error);
            assert!(problem.cure.is_some());
        }
        fs::write(&file, one("\"activity\": \"ship\"")).unwrap();
        assert_eq!(kept(state.path()), ["activity ship: an operator has blocked it"]);
    }
}
