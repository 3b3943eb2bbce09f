//! The files of web-platform-tests that Node has in its sources: those of Debian's source package of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;
use sha2::{Digest as _, Sha256};

use crate::process;
use crate::steps::cured;
use crate::tools::on_path;
use crate::workspace;

/// Debian's release whose package it is: a stable one, whose sources stay.
const RELEASE: &str = "trixie";
const PACKAGE: &str = "nodejs";

/// The sources, and what they must be.
const SOURCES: &str = "nodejs_20.19.2+dfsg.orig.tar.xz";
const DIGEST: &str = "5e5559381ad031d245a8efa403458abbb73755f74c3e6380f185a4dd342b7949";

/// What of them is unpacked, and below how many folders it lies.
const WANTED: &str = "*/test/fixtures/wpt/*";
const ABOVE: u32 = 4;

/// Debian's keys for its archives, which every Debian has.
const KEYS: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// The folder with the files, fetched when they are missing.
///
/// # Errors
/// When they are missing and can't be fetched.
pub(crate) fn ensure() -> anyhow::Result<PathBuf> {
    if let Some(found) = installed() {
        return Ok(found);
    }
    fetch().map_err(|why| {
        cured(format!("{why:#}"), "run this on a Debian with tar and xz, whose archive has the sources of its releases")
    })
}

/// The folder with the files, where they are.
pub(crate) fn installed() -> Option<PathBuf> {
    Some(folder()).filter(|folder| folder.is_dir())
}

fn folder() -> PathBuf {
    workspace::tools().join("web-platform-tests")
}

fn fetch() -> anyhow::Result<PathBuf> {
    anyhow::ensure!(on_path("apt-get").is_some(), "this is no Debian: there is no apt-get");
    let work = workspace::tools().join("web-platform-tests.part");
    if work.exists() {
        fs::remove_dir_all(&work)?;
    }
    let (lists, files) = (work.join("lists"), work.join("files"));
    for made in [lists.join("partial"), work.join("archives/partial"), files.clone()] {
        fs::create_dir_all(made)?;
    }
    println!(
        "  unpacking web-platform-tests' files from Debian's sources of Node into {}",
        workspace::shown(&folder())
    );
    let source = format!("deb-src [signed-by={KEYS}] {} {RELEASE} main\n", archive()?);
    fs::write(work.join("sources.list"), source)?;
    apt(&work, &["update"])?;
    apt(&work, &["source", "--download-only", "--tar-only", &format!("{PACKAGE}/{RELEASE}")])?;
    let sources = work.join(SOURCES);
    let found = fs::read(&sources).with_context(|| format!("Debian's {RELEASE} has other sources than {SOURCES}"))?;
    let digest = format!("{:x}", Sha256::digest(found));
    anyhow::ensure!(digest == DIGEST, "{SOURCES} has digest {digest}, and not the known one");
    let mut tar = Command::new("tar");
    tar.arg("-xJf").arg(sources).arg("-C").arg(&files).args(["--wildcards", WANTED]);
    process::capture(tar.arg(format!("--strip-components={ABOVE}")))?;
    fs::rename(files, folder())?;
    fs::remove_dir_all(work)?;
    Ok(folder())
}

/// Where this machine has Debian's packages from.
fn archive() -> anyhow::Result<String> {
    let mut asked = Command::new("apt-get");
    asked.args(["indextargets", "--format", "$(CODENAME) $(REPO_URI)", "Created-By: Packages", "Origin: Debian"]);
    let told = process::capture(&mut asked)?;
    // What is only for updates has another name, and no sources of other releases.
    let archive = told.lines().filter_map(|line| line.split_once(' ')).find(|(release, _)| !release.contains('-'));
    archive.map(|(_, archive)| archive.to_owned()).context("apt-get names no archive of Debian's")
}

/// apt-get with lists of its own: those of the machine have no sources, and stay as they are.
fn apt(work: &Path, arguments: &[&str]) -> anyhow::Result<String> {
    let mut command = Command::new("apt-get");
    for (option, place) in [("Etc::SourceList", "sources.list"), ("State::Lists", "lists"), ("Cache", "archives")] {
        command.arg("-o").arg(format!("Dir::{option}={}", work.join(place).display()));
    }
    // A folder in which nothing else can be named.
    command.args(["-o", "Dir::Etc::SourceParts=/dev/null"]).args(arguments).current_dir(work);
    process::capture(&mut command)
}
