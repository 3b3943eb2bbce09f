//! The documentation against the program: what it names exists, and what exists is named.

use std::{collections::BTreeSet, fs, process::Command};

use super::{assert_none, files_with_extension, root};

/// A command line that a document shows.
struct Shown {
    place: String,
    words: Vec<String>,
}

#[test]
fn documented_project_commands_exist() {
    let source = fs::read_to_string(root().join("xtask/src/options.rs")).unwrap();
    let complaints: Vec<String> = shown_commands("cargo xtask")
        .iter()
        .filter(|shown| shown.words.first().is_some_and(|name| !source.contains(&format!("\"{name}\""))))
        .map(|shown| format!("{}: there is no `cargo xtask {}`", shown.place, shown.words.join(" ")))
        .collect();
    assert_none("commands of the project that do not exist", &complaints);
}

#[test]
fn documented_subcommands_exist() {
    let known = subcommands();
    let complaints: Vec<String> = shown_commands("isolet")
        .iter()
        .filter(|shown| {
            shown.words.first().is_some_and(|name| is_word(name) && name != "help" && !known.contains(name))
        })
        .map(|shown| format!("{}: there is no `isolet {}`", shown.place, shown.words.join(" ")))
        .collect();
    assert_none("subcommands that do not exist", &complaints);
}

#[test]
fn tests_of_the_threat_model_exist() {
    let text = fs::read_to_string(root().join("SECURITY.md")).unwrap();
    let table = text.split("## ").find(|section| section.starts_with("Threat model")).unwrap();
    let named: Vec<_> =
        table.split("[`").skip(1).filter_map(|rest| rest.split(')').next()?.split_once("`](")).collect();
    assert!(20 < named.len(), "only {} tests are named", named.len());
    let is_there = |(test, file): &&(&str, &str)| {
        fs::read_to_string(root().join(file)).is_ok_and(|source| source.contains(&format!("fn {test}(")))
    };
    let missing = named.iter().filter(|named| !is_there(named));
    let complaints: Vec<_> = missing.map(|(test, file)| format!("SECURITY.md: {file} has no test `{test}`")).collect();
    assert_none("tests that do not exist", &complaints);
}

#[test]
fn every_subcommand_and_option_is_documented() {
    let page = fs::read_to_string(root().join("docs/cli.md")).unwrap();
    let mut complaints = Vec::new();
    for subcommand in subcommands() {
        if !page.contains(&format!("## `isolet {subcommand}")) {
            complaints.push(format!("docs/cli.md has no section \"## `isolet {subcommand} …`\""));
        }
        for option in options_of(&subcommand) {
            if !page.contains(&format!("`{option}")) {
                complaints.push(format!("docs/cli.md does not explain {option} of `isolet {subcommand}`"));
            }
        }
    }
    assert_none("undocumented parts of the command line", &complaints);
}

#[test]
fn every_exit_code_is_documented() {
    let page = fs::read_to_string(root().join("docs/operations.md")).unwrap();
    let help = help_of(&[]);
    let table = help.split("Exit codes:\n").nth(1).unwrap_or_else(|| panic!("the help has no exit codes:\n{help}"));
    let rows = table.lines().map(str::trim).take_while(|line| !line.is_empty());
    let rows = rows.filter_map(|line| line.split_once("  ")).map(|(code, meaning)| format!("| {code} | {meaning} |"));
    let missing: Vec<String> = rows.filter(|row| !page.contains(row)).collect();
    assert_none("exit codes that docs/operations.md does not explain", &missing);
}

#[test]
fn every_key_of_the_configuration_is_documented() {
    let page = fs::read_to_string(root().join("docs/configuration.md")).unwrap();
    let example = printed(&["config", "example"]);
    let keys = example.lines().filter_map(key_of);
    let missing: Vec<String> = keys.filter(|key| !page.contains(&format!("`{key}`"))).collect();
    assert_none("keys that docs/configuration.md does not explain", &missing);
}

#[test]
fn relative_links_lead_somewhere() {
    let mut complaints = Vec::new();
    for file in files_with_extension("md") {
        let folder = file.path.parent().unwrap();
        for target in links(&file.text()) {
            let path = target.split('#').next().unwrap_or_default();
            if !path.is_empty() && !folder.join(path).exists() {
                complaints.push(format!("{}: {target}", file.name));
            }
        }
    }
    assert_none("links that lead nowhere", &complaints);
}

/// What is in no table of contents is found by nobody.
#[test]
fn every_page_is_in_the_table_of_contents() {
    let contents = fs::read_to_string(root().join("docs/SUMMARY.md")).unwrap();
    let is_page = |name: &str| name.starts_with("docs/") && name != "docs/SUMMARY.md";
    let pages = files_with_extension("md").into_iter().map(|file| file.name).filter(|name| is_page(name));
    let missing: Vec<String> =
        pages.filter(|name| !contents.contains(&format!("]({})", name.trim_start_matches("docs/")))).collect();
    assert_none("pages that docs/SUMMARY.md does not name", &missing);
}

/// Every command line in the documents' code that starts with `program`.
fn shown_commands(program: &str) -> Vec<Shown> {
    let mut found = Vec::new();
    for file in files_with_extension("md") {
        for (position, line) in file.text().lines().enumerate() {
            let line = line.trim().trim_start_matches("$ ");
            let inline = line.split('`').skip(1).step_by(2);
            for code in inline.chain([line]) {
                let Some(rest) = code.strip_prefix(program).and_then(|rest| rest.strip_prefix(' ')) else { continue };
                let words = rest.split_whitespace().map(str::to_owned).collect();
                found.push(Shown { place: format!("{}:{}", file.name, position + 1), words });
            }
        }
    }
    found
}

/// Whether it may be the name of a subcommand: no option, no placeholder, no prose.
fn is_word(text: &str) -> bool {
    !text.is_empty()
        && text.chars().all(|character| character.is_ascii_lowercase() || character == '-')
        && !text.starts_with('-')
}

/// The program's subcommands, by its own help.
fn subcommands() -> BTreeSet<String> {
    let help = help_of(&[]);
    let commands = help.split("Commands:\n").nth(1).unwrap_or_else(|| panic!("the help lists no commands:\n{help}"));
    let lines = commands.lines().take_while(|line| !line.trim().is_empty());
    let names = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help").map(str::to_owned).collect()
}

/// The long options of a subcommand, by its own help.
fn options_of(subcommand: &str) -> BTreeSet<String> {
    let help = help_of(&[subcommand]);
    let options = help.lines().filter_map(option_of).filter(|option| option != "--help" && option != "--version");
    options.collect()
}

/// The option that a line of a help text is the heading of: `  -c, --config <FILE>` or `      --port <PORT>`.
fn option_of(line: &str) -> Option<String> {
    let long = line.strip_prefix("      --").or_else(|| {
        let (short, rest) = line.strip_prefix("  -")?.split_once(", --")?;
        (short.len() == 1).then_some(rest)
    })?;
    let name = long.split(|character: char| !character.is_ascii_lowercase() && character != '-').next()?;
    Some(format!("--{name}"))
}

fn help_of(arguments: &[&str]) -> String {
    printed(&[arguments, &["--help"]].concat())
}

/// What the program prints.
fn printed(arguments: &[&str]) -> String {
    let program = crate::support::isolet::program();
    let output = Command::new(program).args(arguments).output().unwrap();
    assert!(output.status.success(), "`isolet {}` fails", arguments.join(" "));
    String::from_utf8(output.stdout).unwrap()
}

/// The key that a line of the example configuration sets, commented out or not.
fn key_of(line: &str) -> Option<String> {
    let line = line.trim_start_matches("# ");
    let (key, _) = line.split_once(" = ")?;
    key.chars().all(|character| character.is_ascii_lowercase() || character == '-').then(|| key.to_owned())
}

/// The targets of a document's links inside the repository.
fn links(text: &str) -> Vec<String> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    targets.filter(|target| !target.contains("://") && !target.contains(' ')).map(str::to_owned).collect()
}
