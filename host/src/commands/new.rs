//! `isolet new`: a project to begin with.

mod name;

use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf, absolute},
};

use anyhow::{Context as _, anyhow};
use clap::{
    Args,
    builder::{PossibleValue, PossibleValuesParser, TypedValueParser},
};

use crate::{
    config::defaults,
    exit::{CommandResult, Exit, OrCure as _, OrExit as _, Problem},
    languages::{self, Template},
    output,
};

/// Makes a project that builds, with an activity and its tests.
///
/// The folder is made; nothing is installed. What is said at the end and the project's README.md tell how it goes on.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  isolet new --lang ts hello
  isolet new --lang rust hello
  isolet new services/billing --lang python")]
pub(crate) struct NewArgs {
    /// The project's folder, which must not be there yet, or be empty. Its last part is the project's name.
    project: PathBuf,
    /// What it is written in.
    #[arg(long, value_name = "LANGUAGE", value_parser = lang())]
    lang: &'static Template,
    /// Where the SDK of a Rust or Go project is kept [default: the platform's cache directory].
    #[arg(long, env = "ISOLET_CACHE", value_name = "DIR")]
    cache: Option<PathBuf>,
}

impl NewArgs {
    pub(crate) fn run(self) -> CommandResult {
        // So that `.` has a name.
        let folder = absolute(&self.project).or_exit(Exit::Usage)?;
        let name = folder.file_name().and_then(|name| name.to_str());
        let name = name.ok_or_else(|| anyhow!("{} names no project", self.project.display())).or_exit(Exit::Usage)?;
        name::check(name).or_exit(Exit::Usage).or_cure(name::ALLOWED)?;
        ensure_free(&folder)?;
        let template = self.lang;
        for (path, text) in template.files(name) {
            write(&folder.join(path), &text)?;
        }
        if let Some(language) = languages::declared_in(&folder) {
            language.begin(&folder, &cache(self.cache)?)?;
        }
        let shown = self.project.display();
        output::line(format_args!("made {shown} in {}\nnext:\n  cd {shown}", template.language));
        template.test.iter().for_each(|command| output::line(format_args!("  {command}")));
        output::line("  isolet dev\nREADME.md there says what these do, and how its activity is called");
        Ok(Exit::Completed)
    }
}

fn cache(named: Option<PathBuf>) -> Result<PathBuf, Problem> {
    let cache = named.or_else(defaults::cache).ok_or_else(|| {
        let error = anyhow!("there is no cache directory, as there is no home directory");
        Problem::new(Exit::Usage, error).cure("name one with --cache")
    })?;
    Ok(absolute(cache)?)
}

/// All that new projects begin with.
fn templates() -> impl Iterator<Item = &'static Template> {
    languages::all().flat_map(languages::Language::templates)
}

/// Takes the name of one of them.
fn lang() -> impl TypedValueParser<Value = &'static Template> {
    let value = |template: &Template| PossibleValue::new(template.lang).aliases(template.alias).help(template.language);
    PossibleValuesParser::new(templates().map(value)).try_map(|name| {
        let named = templates().find(|template| template.lang == name || template.alias == Some(&name));
        named.ok_or("there is no such language")
    })
}

/// Refuses a folder that has something in it: nothing of anybody's is written over.
fn ensure_free(folder: &Path) -> Result<(), Problem> {
    let is_free = match fs::read_dir(folder) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) if error.kind() == ErrorKind::NotFound => true,
        Err(error) => {
            let error = anyhow::Error::from(error).context(format!("{} can't be a project's folder", folder.display()));
            return Err(Problem::new(Exit::Usage, error).cure("name another folder"));
        }
    };
    if is_free {
        return Ok(());
    }
    Err(Problem::new(Exit::Usage, anyhow!("{} is there already, and not empty", folder.display()))
        .cure("name another folder"))
}

fn write(file: &Path, text: &str) -> anyhow::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).with_context(|| format!("failed to make {}", folder.display()))?;
    }
    fs::write(file, text).with_context(|| format!("failed to write {}", file.display()))
}
