//! Asking cargo, and reading what it says.

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, anyhow};
use serde::Deserialize;

use crate::{
    exit::{Exit, OrExit as _, Problem},
    languages::task::Wrong,
};

/// The package that becomes a component.
#[derive(Debug, Deserialize)]
pub(super) struct Package {
    pub(super) name: String,
    id: String,
    manifest_path: PathBuf,
    targets: Vec<Target>,
    pub(super) dependencies: Vec<Dependency>,
}

#[derive(Debug, Deserialize)]
struct Target {
    crate_types: Vec<String>,
}

/// Something that a package depends on.
#[derive(Debug, Deserialize)]
pub(super) struct Dependency {
    pub(super) name: String,
    /// Where it comes from; none for a folder.
    pub(super) source: Option<String>,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

/// What cargo said.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// The component, if one was made.
    pub(super) component: Option<PathBuf>,
    /// What the compiler refuses, as it shows it.
    pub(super) rendered: String,
    /// The same, by place.
    pub(super) problems: Vec<Wrong>,
    pub(super) warnings: Vec<String>,
}

/// The compiler that cargo would use.
pub(super) fn rustc(cargo: &Path) -> Command {
    let beside = cargo.with_file_name("rustc");
    Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| beside.into_os_string()))
}

/// The package of the project in a folder: that of its manifest, or the only one of its workspace that can become a
/// component.
///
/// # Errors
/// When there is none, or more than one, and when cargo does not understand the project.
pub(super) fn package(cargo: &Path, folder: &Path) -> Result<Package, Problem> {
    let mut asked = Command::new(cargo);
    asked.args(["metadata", "--no-deps", "--format-version", "1"]).current_dir(folder);
    let told = asked.output().context("failed to start cargo")?;
    if !told.status.success() {
        let said = String::from_utf8_lossy(&told.stderr).trim().to_owned();
        return Err(Problem::new(Exit::Usage, anyhow!("cargo does not understand {}\n{said}", folder.display())));
    }
    let metadata: Metadata = serde_json::from_slice(&told.stdout).context("cargo says what is no metadata")?;
    chosen(metadata.packages, folder)
}

fn chosen(packages: Vec<Package>, folder: &Path) -> Result<Package, Problem> {
    let is_here = |package: &Package| package.manifest_path.parent() == Some(folder);
    let (here, others): (Vec<_>, Vec<_>) = packages.into_iter().partition(is_here);
    if let Some(package) = here.into_iter().next() {
        if package.is_component() {
            return Ok(package);
        }
        let error = anyhow!("{} is no component: its library is not of the kind `cdylib`", package.name);
        let cure = "write `crate-type = [\"cdylib\"]` below `[lib]` in its Cargo.toml";
        return Err(Problem::new(Exit::Usage, error).cure(cure));
    }
    let mut components: Vec<_> = others.into_iter().filter(Package::is_component).collect();
    match components.len() {
        1 => components.pop().ok_or_else(|| anyhow!("there is no package")).or_exit(Exit::Other),
        0 => {
            let error = anyhow!("no package of the workspace in {} is a component", folder.display());
            let cure =
                "write `crate-type = [\"cdylib\"]` below `[lib]` in the Cargo.toml of the one that has activities";
            Err(Problem::new(Exit::Usage, error).cure(cure))
        }
        count => {
            let names: Vec<_> = components.iter().map(|package| package.name.as_str()).collect();
            let error = anyhow!("the workspace in {} has {count} components: {}", folder.display(), names.join(", "));
            Err(Problem::new(Exit::Usage, error).cure("name the folder of one of them"))
        }
    }
}

impl Package {
    fn is_component(&self) -> bool {
        self.targets.iter().any(|target| target.crate_types.iter().any(|kind| kind == "cdylib"))
    }
}

/// One line of what cargo says.
#[derive(Deserialize)]
#[serde(tag = "reason", rename_all = "kebab-case")]
enum Line {
    CompilerArtifact {
        package_id: String,
        filenames: Vec<PathBuf>,
    },
    CompilerMessage {
        package_id: String,
        message: Message,
    },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Message {
    level: String,
    message: String,
    rendered: Option<String>,
    code: Option<Code>,
    spans: Vec<Span>,
}

#[derive(Deserialize)]
struct Code {
    code: String,
}

#[derive(Deserialize)]
struct Span {
    file_name: String,
    line_start: u64,
    is_primary: bool,
}

/// Runs cargo to its end, and returns what it said.
///
/// # Errors
/// When it fails for another reason than the compiler's.
pub(super) fn listen(cargo: &mut Command, package: &Package) -> Result<Said, Problem> {
    let done = cargo.stdin(Stdio::null()).output().context("failed to start cargo")?;
    let mut said = Said::default();
    for line in String::from_utf8_lossy(&done.stdout).lines() {
        // Build scripts may write there, too.
        if let Ok(line) = serde_json::from_str(line) {
            said.take(line, package);
        }
    }
    if done.status.success() || !said.problems.is_empty() {
        return Ok(said);
    }
    let text = String::from_utf8_lossy(&done.stderr).trim().to_owned();
    Err(Problem::new(Exit::Usage, anyhow!("cargo can't build {}\n{text}", package.name)))
}

impl Said {
    fn take(&mut self, line: Line, package: &Package) {
        match line {
            Line::CompilerArtifact { package_id, filenames } if package_id == package.id => {
                let is_component = |file: &PathBuf| file.extension().is_some_and(|ending| ending == "wasm");
                self.component = filenames.into_iter().find(is_component).or(self.component.take());
            }
            Line::CompilerMessage { message, .. } if message.level.starts_with("error") => self.refuse(message),
            Line::CompilerMessage { package_id, message } if package_id == package.id && message.level == "warning" => {
                let place = message.place().map_or_else(String::new, |(file, line)| format!("{file}:{line}: "));
                if !message.spans.is_empty() {
                    self.warnings.push(format!("{place}{}", message.message));
                }
            }
            _ => {}
        }
    }

    fn refuse(&mut self, message: Message) {
        // Writing to a string never fails.
        let _ = writeln!(self.rendered, "{}", message.rendered.as_deref().unwrap_or(&message.message).trim_end());
        // What only counts the others is none.
        if let Some((file, line)) = message.place() {
            let rule = message.code.map(|code| code.code).unwrap_or_default();
            self.problems.push(Wrong { file, line, message: message.message, cure: String::new(), rule });
        } else if message.rendered.is_some() && !message.message.starts_with("aborting due to") {
            let (file, rule) = (String::new(), String::new());
            self.problems.push(Wrong { file, line: 0, message: message.message, cure: String::new(), rule });
        }
    }
}

impl Message {
    fn place(&self) -> Option<(String, u64)> {
        let span = self.spans.iter().find(|span| span.is_primary)?;
        Some((span.file_name.clone(), span.line_start))
    }
}
