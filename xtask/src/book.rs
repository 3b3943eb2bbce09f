//! The site of the documentation: `docs/` with the pages of other folders that its table of contents names, by mdBook.
//!
//! What the site is made from is put together first, each file where it is in the repository, so that links among pages
//! are the same on the site, in the repository and in an editor. Files that pages link to are there as they are; of
//! folders, which a site does not show, their README is.

mod links;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;

use crate::process;
use crate::steps::Steps;
use crate::tools::mdbook;
use crate::workspace;

/// The table of contents.
const SUMMARY: &str = "docs/SUMMARY.md";
const CONFIGURATION: &str = "docs/book.toml";

/// Makes the site, and refuses links that lead nowhere.
///
/// # Errors
/// When mdBook can't be had or fails, or a link is broken.
pub(crate) fn build_step(steps: &mut Steps) -> anyhow::Result<()> {
    steps.run(
        "making the site of the documentation",
        "mend what is named above; docs/SUMMARY.md lists the pages",
        || {
            let program = mdbook::ensure()?;
            let source = workspace::target().join("book-source");
            let pages = put_together(&source)?;
            let site = workspace::target().join("book");
            if site.exists() {
                fs::remove_dir_all(&site)?;
            }
            process::capture(Command::new(program).arg("build").arg(&source).arg("--dest-dir").arg(&site))?;
            let checked = links::check(&site)?;
            println!("  {pages} pages with {checked} links in {}", workspace::shown(&site));
            Ok(())
        },
    )
}

/// Puts into a folder what mdBook reads, and returns how many pages there are.
fn put_together(source: &Path) -> anyhow::Result<usize> {
    if source.exists() {
        fs::remove_dir_all(source)?;
    }
    fs::create_dir_all(source.join("src"))?;
    let read = |file: &Path| fs::read_to_string(workspace::root().join(file));
    fs::copy(workspace::root().join(CONFIGURATION), source.join("book.toml"))?;
    let summary = read(Path::new(SUMMARY)).with_context(|| format!("failed to read {SUMMARY}"))?;
    let mut contents = String::new();
    for line in summary.split_inclusive('\n') {
        contents.push_str(&from_root(line));
    }
    fs::write(source.join("src/SUMMARY.md"), contents)?;
    let pages: BTreeSet<PathBuf> =
        targets(&summary).filter_map(|target| resolved(Path::new(SUMMARY), target)).collect();
    for page in &pages {
        let text = read(page).with_context(|| format!("{SUMMARY} names {}", page.display()))?;
        let copy = source.join("src").join(page);
        fs::create_dir_all(copy.parent().unwrap_or(source))?;
        fs::write(copy, without_folders(&text, page))?;
        for file in targets(&text).filter_map(|target| resolved(page, target)) {
            if workspace::root().join(&file).is_file() && !is_page(&file) {
                copy_linked(&file, source)?;
            }
        }
    }
    Ok(pages.len())
}

fn copy_linked(file: &Path, source: &Path) -> anyhow::Result<()> {
    let copy = source.join("src").join(file);
    fs::create_dir_all(copy.parent().unwrap_or(source))?;
    fs::copy(workspace::root().join(file), copy).with_context(|| format!("failed to copy {}", file.display()))?;
    Ok(())
}

/// The text of a page in which a link to a folder leads to its README, or is only its words where there is none.
fn without_folders(text: &str, page: &Path) -> String {
    let mut changed = String::new();
    let mut rest = text;
    while let Some((before, target, after)) = next_link(rest) {
        rest = after;
        let folder = resolved(page, target).map(|path| workspace::root().join(path)).filter(|path| path.is_dir());
        match (folder, before.rsplit_once('[')) {
            (None, _) => changed.extend([before, "](", target, ")"]),
            (Some(folder), _) if folder.join("README.md").is_file() => {
                changed.extend([before, "](", target.trim_end_matches('/'), "/README.md)"]);
            }
            (Some(_), Some((start, words))) => changed.extend([start, words]),
            (Some(_), None) => changed.push_str(before),
        }
    }
    changed + rest
}

/// What is before the target of a link, the target, and what is after it.
fn next_link(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once("](")?;
    let (target, after) = rest.split_once(')')?;
    Some((before, target, after))
}

fn is_page(file: &Path) -> bool {
    file.extension().is_some_and(|ending| ending == "md")
}

/// A line of the table of contents with its link from the repository's root.
fn from_root(line: &str) -> String {
    let Some((before, rest)) = line.split_once("](") else { return line.to_owned() };
    let Some((target, after)) = rest.split_once(')') else { return line.to_owned() };
    match resolved(Path::new(SUMMARY), target) {
        Some(path) => format!("{before}]({}){after}", path.display()),
        None => line.to_owned(),
    }
}

/// The targets of a text's links, without what is behind `#`.
fn targets(text: &str) -> impl Iterator<Item = &str> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    targets.filter_map(|target| target.split('#').next()).filter(|target| !target.is_empty() && !target.contains("://"))
}

/// Where a link of a page leads, from the repository's root; nowhere outside of it.
fn resolved(page: &Path, target: &str) -> Option<PathBuf> {
    let mut path = page.parent()?.to_path_buf();
    for part in Path::new(target).components() {
        match part {
            Component::Normal(part) => path.push(part),
            Component::ParentDir => path.pop().then_some(())?,
            Component::CurDir => {}
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_resolved_from_the_root() {
        let resolved = |page: &str, target| resolved(Path::new(page), target);
        assert_eq!(resolved("docs/a.md", "b.md"), Some("docs/b.md".into()));
        assert_eq!(resolved("docs/a.md", "../SECURITY.md"), Some("SECURITY.md".into()));
        assert_eq!(resolved("docs/a.md", "../../outside.md"), None);
        assert_eq!(from_root("- [A](a.md)\n"), "- [A](docs/a.md)\n");
        assert_eq!(from_root("# Part\n"), "# Part\n");
    }

    #[test]
    fn folders_become_their_readmes() {
        let changed =
            without_folders("see [the contract](../wit), [a](../deploy) and [b](b.md)", Path::new("docs/a.md"));
        assert_eq!(changed, "see [the contract](../wit/README.md), a and [b](b.md)");
    }

    #[test]
    fn targets_are_paths() {
        let text = "[a](a.md#part), [b](https://example.com/b), [c](#c) and [d](../d.md)";
        assert_eq!(targets(text).collect::<Vec<_>>(), ["a.md", "../d.md"]);
    }
}
