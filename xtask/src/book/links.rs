//! The links of a site: each leads to a file of it, and to a place in that.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A page's links and the places in it.
struct Page {
    links: Vec<String>,
    places: BTreeSet<String>,
}

/// Checks every link from a page of the site to the site, and returns how many there are.
///
/// # Errors
/// All links that lead nowhere.
pub(super) fn check(site: &Path) -> anyhow::Result<usize> {
    let site = &fs::canonicalize(site)?;
    let mut files = Vec::new();
    collect(site, &mut files)?;
    let mut pages = BTreeMap::new();
    for file in files.iter().filter(|file| file.extension().is_some_and(|ending| ending == "html")) {
        pages.insert(file.clone(), read(&fs::read_to_string(file)?));
    }
    let (mut checked, mut broken) = (0, Vec::new());
    for (file, page) in &pages {
        for link in page.links.iter().filter(|link| !is_elsewhere(link)) {
            checked += 1;
            if !leads_somewhere(file, link, &pages) {
                broken.push(format!("{}: {link}", file.strip_prefix(site).unwrap_or(file).display()));
            }
        }
    }
    anyhow::ensure!(broken.is_empty(), "links that lead nowhere:\n{}", broken.join("\n"));
    Ok(checked)
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, found)?;
        } else {
            found.push(path);
        }
    }
    Ok(())
}

fn read(html: &str) -> Page {
    let values = |attribute: &str| -> Vec<String> {
        let start = format!(" {attribute}=\"");
        let found = html.split(&start).skip(1).filter_map(|rest| rest.split('"').next());
        found.map(str::to_owned).collect()
    };
    Page { links: values("href"), places: values("id").into_iter().collect() }
}

/// Whether a link is to another site, or to what is no file.
fn is_elsewhere(link: &str) -> bool {
    ["http:", "https:", "mailto:", "data:", "javascript:"].iter().any(|start| link.starts_with(start))
}

fn leads_somewhere(from: &Path, link: &str, pages: &BTreeMap<PathBuf, Page>) -> bool {
    let (path, place) = link.split_once('#').unwrap_or((link, ""));
    let Some(folder) = from.parent() else { return false };
    let file = match path {
        "" => from.to_path_buf(),
        path => match fs::canonicalize(folder.join(path)) {
            Ok(file) if file.is_file() => file,
            _ => return false,
        },
    };
    place.is_empty() || pages.get(&file).is_some_and(|page| page.places.contains(place))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_and_places_are_found() {
        let page = read(r##"<h1 id="top">A</h1> <a href="b.html#c">b</a> <a class="x" href="#top">up</a>"##);
        assert_eq!(page.links, ["b.html#c", "#top"]);
        assert!(page.places.contains("top"));
        assert!(is_elsewhere("https://example.com") && !is_elsewhere("b.html"));
    }
}
