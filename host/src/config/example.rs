//! `isolet config example`: a file with every key, its meaning and its default.

use super::{
    raw::RawConfig,
    section::{Declared as _, Key, Section, Table},
};

const INTRODUCTION: &str = "Isolet's configuration. Every key is here, with its meaning and its default; keys that are \
    commented out need not be there. `isolet config check` tells what a file means, and what is wrong with it. Sizes are \
    written like \"64MiB\", durations like \"30s\" or \"1m 30s\". Relative paths start where this file is.";

/// The width of its lines.
const WIDTH: usize = 120;

/// The file.
pub(crate) fn example() -> String {
    let mut page = comment(INTRODUCTION);
    tables(&mut page, RawConfig::SECTION, "");
    page
}

/// The tables in the one at `path`, one of each.
fn tables(page: &mut String, section: &Section, path: &str) {
    for key in section.keys {
        let Some(Table { section, is_list }) = key.table else { continue };
        let path = if path.is_empty() { key.name() } else { format!("{path}.{}", key.name()) };
        let header = if is_list { format!("[[{path}]]") } else { format!("[{path}]") };
        // A list of which there need be none is only shown.
        let begin = if is_list && key.unset.is_some() { "# " } else { "" };
        page.push_str(&format!("\n{}{begin}{header}\n", comment(section.about)));
        section.keys.iter().filter(|key| key.table.is_none()).for_each(|key| page.push_str(&entry(key, begin)));
        tables(page, section, &path);
    }
}

fn entry(key: &Key, begin: &str) -> String {
    let default = key.default.map(|text| text());
    let value = key.example.map(str::to_owned).or(default).unwrap_or_default();
    let unset = key.unset.map_or_else(String::new, |unset| format!("; {}, unless set", plain(unset)));
    let bounds = key.bounds.map_or_else(String::new, |text| format!("; from {}", text()));
    let meaning = comment(&format!("{}{bounds}{unset}.", capitalised(&plain(key.meaning()))));
    let begin = if key.is_required() { begin } else { "# " };
    format!("{meaning}{begin}{} = {value}\n", key.name())
}

/// Markdown without its links.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, link)) = rest.split_once('[') {
        match link.split_once("](").and_then(|(shown, end)| Some((shown, end.split_once(')')?.1))) {
            Some((shown, after)) if !shown.contains(['[', ']']) => {
                plain.push_str(before);
                plain.push_str(shown);
                rest = after;
            }
            _ => {
                plain.push_str(before);
                plain.push('[');
                rest = link;
            }
        }
    }
    plain + rest
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The text in lines that begin with `#`.
fn comment(text: &str) -> String {
    let mut lines = String::new();
    let mut line = "#".to_owned();
    for word in text.split_whitespace() {
        if WIDTH < line.chars().count() + 1 + word.chars().count() {
            lines.push_str(&line);
            lines.push('\n');
            "#".clone_into(&mut line);
        }
        line.push(' ');
        line.push_str(word);
    }
    format!("{lines}{line}\n")
}
