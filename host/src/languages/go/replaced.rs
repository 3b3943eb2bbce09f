//! The project's own `go.mod`, as it is for a build: with the SDK in the place of Temporal's modules. The user's files
//! stay as they are: Go is told to read others instead.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, anyhow};
use serde_json::{Map, json};
use tempfile::NamedTempFile;

use super::toolchain::Toolchain;
use crate::{
    exit::{Exit, OrExit as _, Problem},
    languages::builder::ran,
};

/// The file that says which files are read instead of others.
pub(super) const OVERLAY: &str = "overlay.json";

/// Temporal's modules, the folders of the SDK that take their places, and a version for projects that name none.
const MODULES: [(&str, &str, &str); 2] =
    [("go.temporal.io/sdk", "sdk", "v1.48.0"), ("go.temporal.io/api", "api", "v1.64.3")];

/// The module of a project that has none.
const NO_MODULE: &str = "module activities\n\ngo 1.27\n";

/// Writes the files that Go is to read instead into `scratch`, for a project in `folder`.
///
/// # Errors
/// When the project's `go.mod` can't be read or is none.
pub(super) fn write(toolchain: &Toolchain, folder: &Path, scratch: &Path) -> Result<(), Problem> {
    let own = folder.ancestors().find(|above| above.join("go.mod").is_file());
    let root = own.unwrap_or(folder);
    let text = match own {
        Some(root) => fs::read_to_string(root.join("go.mod")).context("failed to read go.mod").or_exit(Exit::Usage)?,
        None => NO_MODULE.to_owned(),
    };
    let replacing = scratch.join("go.mod");
    fs::write(&replacing, &text)?;
    let mut edit = toolchain.go();
    edit.args(["mod", "edit"]);
    for (name, place, version) in MODULES {
        if !text.contains(&format!("{name} v")) {
            edit.arg(format!("-require={name}@{version}"));
        }
        edit.arg(format!("-replace={name}={}", toolchain.sdk.join(place).display()));
    }
    let go_mod = root.join("go.mod");
    let (scheduler, ours) = toolchain.scheduler();
    let mut instead = Map::from_iter([(text_of(&go_mod)?, json!(replacing)), (text_of(&scheduler)?, json!(ours))]);
    instead.insert(text_of(&toolchain.exit())?, json!(told_exit(toolchain)?));
    for (number, module) in vendored(root).into_iter().enumerate() {
        edit.arg(format!("-replace={}={}", module.path, module.folder.display()));
        let go_mod = scratch.join(format!("vendored-{number}.mod"));
        fs::write(&go_mod, format!("module {}\n\ngo {}\n", module.path, module.version))?;
        instead.insert(text_of(&module.folder.join("go.mod"))?, json!(go_mod));
    }
    ran(edit.arg(&replacing)).map_err(|error| {
        // Go names the copy that it was given.
        let said = error.to_string().replace(&*replacing.to_string_lossy(), &go_mod.to_string_lossy());
        Problem::new(Exit::Usage, anyhow!("the project's go.mod can't be read\n{said}"))
    })?;
    fs::write(scratch.join(OVERLAY), json!({"Replace": instead}).to_string())?;
    Ok(())
}

/// Where Go ends a program by `os.Exit`, and what tells its code before that: the exit of WASI has none.
const EXIT: &str = "\n\truntime_beforeExit(code)\n";
const TOLD: &str = "\n\tif code != 0 {\n\t\tprint(\"fatal error: os.Exit(\", code, \")\\n\")\n\t}";

/// Go's file with `os.Exit`, which tells its code: always in the same place, since Go compiles what was moved anew.
fn told_exit(toolchain: &Toolchain) -> Result<PathBuf, Problem> {
    let file = toolchain.exit();
    let text = fs::read_to_string(&file).with_context(|| format!("failed to read {}", file.display()))?;
    if text.matches(EXIT).count() != 1 {
        let error = anyhow!("{} is not that of the Go that was fetched", file.display());
        return Err(Problem::new(Exit::Other, error).cure("remove the folder `go` of the cache directory"));
    }
    let text = text.replace(EXIT, &format!("{TOLD}{EXIT}"));
    let told = toolchain.sdk.join("proc.go");
    if !fs::read_to_string(&told).is_ok_and(|before| before == text) {
        // Whole at once: another build may read it.
        let mut draft = NamedTempFile::new_in(&toolchain.sdk)?;
        draft.write_all(text.as_bytes())?;
        draft.persist(&told).context("failed to write what is told of os.Exit")?;
    }
    Ok(told)
}

/// How the workspaces begin that are made here.
const OURS: &str = "// For this machine: Isolet's module for activities in the place of Temporal's.\n";

/// Lets a workspace that was made here lead to this version of the SDK.
///
/// # Errors
/// When it can't be written.
pub(super) fn refresh(folder: &Path, sdk: &Path) -> Result<(), Problem> {
    let (file, wanted) = (folder.join("go.work"), workspace(sdk));
    let is_stale = fs::read_to_string(&file).is_ok_and(|text| text.starts_with(OURS) && text != wanted);
    if is_stale {
        fs::write(file, wanted)?;
    }
    Ok(())
}

/// A workspace of the project in its folder, with the SDK in the place of Temporal's modules.
pub(super) fn workspace(sdk: &Path) -> String {
    let mut text = format!("{OURS}\ngo 1.24\n\nuse .\n");
    for (name, place, _) in MODULES {
        text += &format!("\nreplace {name} => {}\n", sdk.join(place).display());
    }
    text
}

/// A module that the project has in its folder `vendor`.
struct Vendored {
    path: String,
    /// The version of the language that it is written in.
    version: String,
    folder: PathBuf,
}

/// The language of modules that say none, as Go has it.
const OLDEST: &str = "1.16";

/// What the folder `vendor` has, by its list. Each becomes a module in the place of the one that Go would fetch: Go reads
/// the folder itself only as a whole, with Temporal's own module in it.
fn vendored(root: &Path) -> Vec<Vendored> {
    let folder = root.join("vendor");
    let list = fs::read_to_string(folder.join("modules.txt")).unwrap_or_default();
    let mut modules: Vec<Vendored> = Vec::new();
    for line in list.lines() {
        if let Some(path) = line.strip_prefix("# ").and_then(|line| line.split(' ').next()) {
            let (path, folder) = (path.to_owned(), folder.join(path));
            modules.push(Vendored { path, version: OLDEST.to_owned(), folder });
        } else if let (Some(said), Some(module)) = (line.strip_prefix("## "), modules.last_mut()) {
            let version = said.split("; ").find_map(|word| word.strip_prefix("go "));
            module.version = version.unwrap_or(OLDEST).to_owned();
        }
    }
    modules.retain(|module| module.folder.is_dir() && MODULES.iter().all(|(name, _, _)| *name != module.path));
    modules
}

fn text_of(path: &Path) -> Result<String, Problem> {
    let shown = || format!("{} is no path that Go takes: it is not UTF-8", path.display());
    PathBuf::from(path).into_os_string().into_string().ok().with_context(shown).or_exit(Exit::Usage)
}
