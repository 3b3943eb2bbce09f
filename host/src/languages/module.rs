//! Core modules: the last step of languages whose compilers make those, and a project of its own for whoever calls a
//! compiler himself.

use std::{fs, path::Path};

use anyhow::{Context as _, anyhow};

use super::Built;
use crate::exit::{Exit, OrExit as _, Problem};

/// Whether this is the file of a module, or of a component, rather than a project's.
pub(crate) fn is_one(project: &Path) -> bool {
    project.extension().is_some_and(|ending| ending == "wasm") && project.is_file()
}

/// Makes a component of a core module, as the file `component`.
///
/// # Errors
/// When it is no core module of activities, and when a file can't be read or written.
pub(crate) fn build(module: &Path, component: &Path) -> Result<Built, Problem> {
    let bytes = fs::read(module).with_context(|| format!("failed to read {}", module.display()));
    let made = made_of(&bytes.or_exit(Exit::Usage)?, module)?;
    let found = |path: &Path| path.canonicalize().ok();
    if found(component).is_some_and(|written| Some(written) == found(module)) {
        let error = anyhow!("the component of {} would be written over it", module.display());
        return Err(Problem::new(Exit::Usage, error).cure("name another file with -o"));
    }
    write(component, &made)?;
    Ok(Built::default())
}

/// The component of the core module that was made of `source`.
///
/// # Errors
/// When it is no core module of activities.
pub(super) fn made_of(module: &[u8], source: &Path) -> Result<Vec<u8>, Problem> {
    componentize::component(module).map_err(|error| {
        let cure = error.cure();
        let context = format!("{} can't become a component", source.display());
        Problem::new(Exit::Usage, anyhow::Error::from(error).context(context)).cure(cure)
    })
}

/// Writes a component's file.
///
/// # Errors
/// When it can't be written.
pub(super) fn write(component: &Path, bytes: &[u8]) -> Result<(), Problem> {
    fs::write(component, bytes).with_context(|| format!("failed to write {}", component.display()))?;
    Ok(())
}
