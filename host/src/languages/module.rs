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
    let read = |path: &Path| path.canonicalize().ok();
    if read(component).is_some_and(|written| Some(written) == read(module)) {
        let error = anyhow!("the component of {} would be written over it", module.display());
        return Err(Problem::new(Exit::Usage, error).cure("name another file with -o"));
    }
    let bytes = fs::read(module).with_context(|| format!("failed to read {}", module.display()));
    made_of(&bytes.or_exit(Exit::Usage)?, module, component)?;
    Ok(Built::default())
}

/// Makes a component of the core module that was made of `source`, as the file `component`.
///
/// # Errors
/// When it is no core module of activities, and when the file can't be written.
pub(super) fn made_of(module: &[u8], source: &Path, component: &Path) -> Result<(), Problem> {
    let made = componentize::component(module).map_err(|error| {
        let cure = error.cure();
        let context = format!("{} can't become a component", source.display());
        Problem::new(Exit::Usage, anyhow::Error::from(error).context(context)).cure(cure)
    })?;
    fs::write(component, made).with_context(|| format!("failed to write {}", component.display()))?;
    Ok(())
}
