//! Components that registries have: from a reference to a file that is trusted, and of which the digest is known.

use std::path::PathBuf;

use activity::shown;
use catalog::{ComponentFile, Digests, LARGEST_COMPONENT, ReadError};
use registry::{Attached, Error, Located};
use trust::{Artefact, Sigstore, Statement, Verdict};

use crate::{
    config::registries::Artifact,
    exit::{Exit, OrExit as _, Problem, failed_to},
    output::progress::Progress,
    wiring::{
        loading::{Finder, KeptDigests},
        turns::Turn,
    },
};

/// What a reference stands for, and the file of the component.
#[derive(Debug)]
pub(crate) struct Pulled {
    /// What the reference stands for.
    pub(crate) located: Located,
    /// Who has signed it.
    pub(crate) verdict: Verdict,
    /// The component.
    pub(crate) file: ComponentFile,
}

/// The file of a component that a registry has, pulled unless it is kept. A tag is resolved here and nowhere else: what
/// runs is what the digest names that this logs.
///
/// # Errors
/// When the registry does not have it or can't be asked, when it is not to be trusted, or what comes is not what it should
/// be.
pub(crate) fn find(artifact: &Artifact, finder: Finder<'_>) -> Result<ComponentFile, Problem> {
    let Pulled { located, verdict, file } = pull(artifact, &KeptDigests(finder.engine), finder.turn)?;
    tracing::info!("{} is {}, whose component has digest {}", artifact.reference, located.reference, file.digest);
    for line in signed(&verdict) {
        tracing::info!("{} is {line}", located.reference);
    }
    Ok(file)
}

/// The same, with what the reference stands for. Others may have their turns to load while a registry is asked.
///
/// # Errors
/// As for [`find`].
pub(crate) fn pull(artifact: &Artifact, digests: &dyn Digests, turn: Option<&Turn>) -> Result<Pulled, Problem> {
    let _progress = Progress::start(format!("pulling {}", artifact.reference));
    let ask = || {
        let (located, verdict) = locate(artifact)?;
        let path = registry::fetch(&artifact.registry, &located, LARGEST_COMPONENT).map_err(problem)?;
        Ok::<_, Problem>((located, verdict, path))
    };
    let (located, verdict, path) = turn.map_or_else(ask, |turn| turn.aside(ask))?;
    let mut file = read(artifact, &located, path, digests)?;
    file.reference = Some(located.reference.to_string());
    Ok(Pulled { located, verdict, file })
}

/// What a reference stands for, once it is trusted.
///
/// # Errors
/// When the registry does not have it or can't be asked, or when it is not to be trusted.
pub(crate) fn locate(artifact: &Artifact) -> Result<(Located, Verdict), Problem> {
    let located = registry::locate(&artifact.registry, &artifact.reference).map_err(problem)?;
    if let Some(away) = &located.away {
        tracing::warn!("failed to {away}: the tag stands for what it last stood for");
    }
    let verdict = verdict(artifact, &located)?;
    for counted in &verdict.counted {
        tracing::warn!("would fail to {}, which is only counted", counted.0);
    }
    Ok((located, verdict))
}

/// Who has signed an artefact, as far as anybody must have: by what is kept, or else by what the registry has now.
fn verdict(artifact: &Artifact, located: &Located) -> Result<Verdict, Problem> {
    if artifact.trust.is_empty() {
        return Ok(Verdict::default());
    }
    let kept = registry::kept_attached(&artifact.registry, &located.reference).map_err(problem)?;
    let is_known = kept.is_some();
    match check(artifact, located, kept.unwrap_or_default()) {
        Ok(verdict) if verdict.counted.is_empty() => Ok(verdict),
        // What it last had is all there is.
        by_kept if located.away.is_some() && is_known => by_kept.map_err(untrusted),
        by_kept => match registry::attached(&artifact.registry, &located.reference) {
            Ok(attached) => check(artifact, located, attached).map_err(untrusted),
            // Nor is there more here; what is only counted must not depend on it.
            Err(away) if away.is_away() && by_kept.is_ok() => {
                tracing::warn!("failed to {away}: what it last had counts");
                by_kept.map_err(untrusted)
            }
            Err(error) => Err(problem(error)),
        },
    }
}

fn check(artifact: &Artifact, located: &Located, attached: Vec<Attached>) -> Result<Verdict, trust::Error> {
    let bundles: Vec<String> = attached.into_iter().filter_map(|attached| attached.bundle).collect();
    let artefact = Artefact {
        place: &located.reference.place(),
        is_pinned: artifact.reference.digest().is_some(),
        manifest: &located.bytes,
        bundles: &bundles,
    };
    artifact.trust.check(&Sigstore, &artifact.versions, artefact)
}

/// What is kept may have been harmed or taken out meanwhile; then it is pulled once more.
fn read(
    artifact: &Artifact,
    located: &Located,
    path: PathBuf,
    digests: &dyn Digests,
) -> Result<ComponentFile, Problem> {
    let Artifact { reference, registry, .. } = artifact;
    let find = |path| ComponentFile::find_kept(path, reference.name(), located.component.hex(), digests);
    let found = match find(path) {
        Err(ReadError::Changed(path)) => {
            tracing::warn!(file = %path.display(), "a pulled component was changed by someone: it is pulled again");
            find(registry::fetch_anew(registry, located, LARGEST_COMPONENT).map_err(problem)?)
        }
        // Others have made room for theirs meanwhile.
        Err(ReadError::NotFound(_)) => find(registry::fetch(registry, located, LARGEST_COMPONENT).map_err(problem)?),
        found => found,
    };
    found.map_err(failed_to).or_exit(Exit::NotLoaded)
}

/// Who has signed, a line for each.
pub(crate) fn signed(verdict: &Verdict) -> Vec<String> {
    let line = |(signer, statement): &(String, Statement)| {
        let version = statement.version.map(|version| format!(" as version {version}")).unwrap_or_default();
        let expires = statement.until().map(|expires| format!(", until {expires}")).unwrap_or_default();
        format!("signed by {}{version}{expires}", shown::name(signer))
    };
    verdict.signed.iter().map(line).collect()
}

/// What a registry's error ends a command with.
pub(crate) fn problem(error: Error) -> Problem {
    let exit = match &error {
        Error::Certificates { .. } | Error::Credentials { .. } => Exit::Usage,
        _ => Exit::NotLoaded,
    };
    Problem { exit, cure: error.cure().map(str::to_owned), error: failed_to(error) }
}

/// What it ends a command with that something is not to be trusted.
pub(crate) fn untrusted(error: trust::Error) -> Problem {
    let exit = match &error {
        trust::Error::File { .. } => Exit::Usage,
        _ => Exit::NotLoaded,
    };
    Problem { exit, cure: error.cure().map(str::to_owned), error: failed_to(error) }
}
