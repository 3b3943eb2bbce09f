//! Components that registries have: from a reference to a file of which the digest is known.

use catalog::{ComponentFile, Digests, LARGEST_COMPONENT, ReadError};
use registry::{Error, Located};

use crate::{
    config::registry::Artifact,
    exit::{Exit, OrExit as _, Problem, failed_to},
    output::progress::Progress,
};

/// The file of a component that a registry has, pulled unless it is kept. A tag is resolved here and nowhere else: what
/// runs is what the digest names that this logs.
///
/// # Errors
/// When the registry does not have it or can't be asked, or what comes is not what it should be.
pub(crate) fn find(artifact: &Artifact, digests: &dyn Digests) -> Result<ComponentFile, Problem> {
    let (located, file) = pull(artifact, digests)?;
    tracing::info!("{} is {}, whose component has digest {}", artifact.reference, located.reference, file.digest);
    Ok(file)
}

/// The same, with what the reference stands for.
///
/// # Errors
/// As for [`find`].
pub(crate) fn pull(artifact: &Artifact, digests: &dyn Digests) -> Result<(Located, ComponentFile), Problem> {
    let Artifact { reference, registry } = artifact;
    let _progress = Progress::start(format!("pulling {reference}"));
    let located = registry::locate(registry, reference).map_err(problem)?;
    let file = fetch(artifact, &located, digests)?;
    if let Some(away) = &located.away {
        tracing::warn!("failed to {away}: the tag stands for what it last stood for");
    }
    Ok((located, file))
}

/// What is kept may have been harmed meanwhile; then it is pulled once more.
fn fetch(artifact: &Artifact, located: &Located, digests: &dyn Digests) -> Result<ComponentFile, Problem> {
    let Artifact { reference, registry } = artifact;
    let find = |path| ComponentFile::find_kept(path, reference.name(), located.component.hex(), digests);
    let found = match find(registry::fetch(registry, located, LARGEST_COMPONENT).map_err(problem)?) {
        Err(ReadError::Changed(path)) => {
            tracing::warn!(file = %path.display(), "a pulled component was changed by someone: it is pulled again");
            find(registry::fetch_anew(registry, located, LARGEST_COMPONENT).map_err(problem)?)
        }
        found => found,
    };
    found.map_err(failed_to).or_exit(Exit::NotLoaded)
}

/// What a registry's error ends a command with.
pub(crate) fn problem(error: Error) -> Problem {
    let exit = match &error {
        Error::Certificates { .. } | Error::Credentials { .. } => Exit::Usage,
        _ => Exit::NotLoaded,
    };
    Problem { exit, cure: error.cure().map(str::to_owned), error: failed_to(error) }
}
