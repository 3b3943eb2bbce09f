//! Versions of a component beside the one that the configuration names: found, kept, and compared with the one that runs.

use std::path::{Path, PathBuf};

use activity::{ActivityName, ComponentId, LEAST_DIGEST_DIGITS, shown};
use admin::Refusal;
use anyhow::{Context as _, anyhow};
use catalog::{ComponentFile, Exported};
use registry::Reference;
use sha2::{Digest as _, Sha256};

use super::{
    Releases,
    release::{Source, Version},
};
use crate::{
    config::{manifest, settings::ComponentSettings},
    exit::{Exit, OrCure as _, OrExit as _, Problem, failed_to},
    face::Face,
    files,
    wiring::{
        artifacts,
        loading::{Finder, KeptDigests, find, refused, with_source},
    },
};

/// The largest manifest that is kept beside a component.
const LARGEST_MANIFEST: u64 = 1 << 20;

/// The digits of a whole digest.
const DIGITS: usize = 64;

/// How an operator names a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    /// By its file.
    File(PathBuf),
    /// By its digest, or how that begins: the worker knows it.
    Digest(String),
    /// By what a registry has.
    Reference(Reference),
}

/// A version that the worker knows.
#[derive(Clone, Debug)]
pub(crate) enum Known {
    /// It was released.
    Version(Version),
    /// The configuration names it.
    Configured(String, Box<ComponentSettings>),
}

impl Named {
    /// What is named so.
    ///
    /// # Errors
    /// When nothing is.
    pub(crate) fn read(text: &str) -> Result<Self, Refusal> {
        let wrong = |message: String| Refusal {
            message,
            cure: Some("name a file, a digest that `isolet status` tells, or an oci:// reference".to_owned()),
        };
        let digits = text.strip_prefix("sha256:").unwrap_or(text);
        let is_digest = digits.bytes().all(|digit| digit.is_ascii_hexdigit())
            && (LEAST_DIGEST_DIGITS..=DIGITS).contains(&digits.len());
        let path = Path::new(text);
        match () {
            () if Reference::is_one(path) => Reference::from_path(path)
                .map(Self::Reference)
                .map_err(|problem| wrong(format!("{:?} names no component: {problem}", shown::name(text)))),
            () if is_digest => Ok(Self::Digest(digits.to_lowercase())),
            () if path.is_absolute() => Ok(Self::File(path.to_owned())),
            () => {
                Err(wrong(format!("{:?} is neither an absolute path nor a digest nor a reference", shown::name(text))))
            }
        }
    }
}

impl Known {
    fn digest(&self) -> &str {
        match self {
            Self::Version(version) => &version.digest,
            Self::Configured(digest, _) => digest,
        }
    }
}

/// Finds a version of the component `of`, and sees to it that it is found again after a restart: a file is copied, and of
/// what a registry has the digest counts. Blocks, and a registry may take its time.
///
/// # Errors
/// When there is no such version, or it can't be kept.
pub(crate) fn keep(
    named: &Named,
    written: &str,
    of: &ComponentSettings,
    known: &[Known],
    (finder, releases): (Finder<'_>, &Releases),
) -> Result<Version, Problem> {
    match named {
        Named::File(path) => {
            let file =
                ComponentFile::find(path, &KeptDigests(finder.engine)).map_err(failed_to).or_exit(Exit::NotLoaded)?;
            copy(file, written, of, releases)
        }
        Named::Reference(reference) => of_registry(reference, written, of, finder),
        Named::Digest(digest) => {
            let mut found: Vec<&Known> = known.iter().filter(|known| known.digest().starts_with(digest)).collect();
            found.dedup_by_key(|known| known.digest().to_owned());
            match found.as_slice() {
                [] => Err(Problem::new(Exit::Usage, anyhow!("this worker knows no version with the digest {digest}"))
                    .cure("name its file or an oci:// reference; `isolet status` tells the digests that it knows")),
                [Known::Version(version)] => Ok(version.clone()),
                [Known::Configured(_, settings)] => match &settings.artifact {
                    Some(artifact) => of_registry(&artifact.reference, written, of, finder),
                    None => copy(find(finder, settings)?, written, of, releases),
                },
                _ => {
                    Err(Problem::new(Exit::Usage, anyhow!("several versions have a digest that begins with {digest}"))
                        .cure("name more of its digits"))
                }
            }
        }
    }
}

/// Copies a file, and the manifest beside it, into the state folder, under the component's name. Other manifests beside the
/// same bytes are in other folders: what is served is not touched.
fn copy(file: ComponentFile, written: &str, of: &ComponentSettings, releases: &Releases) -> Result<Version, Problem> {
    let name = format!("{}.wasm", name(of));
    let own = manifest::path(&file.path);
    let manifest = match own.exists() {
        true => Some(
            files::read_text(&own, LARGEST_MANIFEST).with_context(|| format!("failed to read {}", own.display()))?,
        ),
        false => None,
    };
    let folder = match &manifest {
        Some(manifest) => format!("{}-{:x}", file.digest, Sha256::digest(manifest)),
        None => file.digest.clone(),
    };
    let bytes = match &file.bytes {
        Some(bytes) => bytes.clone(),
        None => file.read().map_err(failed_to).or_exit(Exit::NotLoaded)?,
    };
    let path = releases.prepare(&folder).map_err(refusal)?.join(&name);
    let kept = || format!("failed to keep {} in {}", shown::on_one_line(written), path.display());
    files::write_whole(&path, &bytes).with_context(kept)?;
    if let Some(manifest) = manifest {
        files::write_whole(&manifest::path(&path), manifest).with_context(kept)?;
    }
    Ok(Version { digest: file.digest, written: written.to_owned(), source: Source::Kept { folder, name } })
}

fn of_registry(
    reference: &Reference,
    written: &str,
    of: &ComponentSettings,
    finder: Finder<'_>,
) -> Result<Version, Problem> {
    let artifact = of.sources.artifact(reference.clone());
    let pulled = artifacts::pull(&artifact, &KeptDigests(finder.engine), finder.turn)?;
    let source = Source::Registry(pulled.located.reference.to_string());
    Ok(Version { digest: pulled.file.digest, written: written.to_owned(), source })
}

/// What the component is called, whatever version it is.
fn name(of: &ComponentSettings) -> String {
    match &of.artifact {
        Some(artifact) => artifact.reference.name().to_owned(),
        None => of.path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
    }
}

/// How a version of the component `of` is loaded.
///
/// # Errors
/// When it is not where it was.
pub(crate) fn settings(
    version: &Version,
    of: &ComponentSettings,
    releases: &Releases,
) -> Result<ComponentSettings, Problem> {
    let (path, artifact) = match (&version.source, &of.release) {
        (Source::Kept { folder, name }, _) => (releases.version(folder).map_err(refusal)?.join(name), None),
        (Source::Registry(text), _) => {
            let reference = Reference::from_path(Path::new(text));
            let reference = reference.map_err(|problem| anyhow!("{text:?} names no component: {problem}"))?;
            (text.into(), Some(of.sources.artifact(reference)))
        }
        (Source::Configuration, Some(release)) => (release.candidate.clone(), release.artifact.clone()),
        (Source::Configuration, None) => {
            let error = anyhow!("the configuration names no candidate of {} any more", of.path.display());
            return Err(Problem::new(Exit::NotLoaded, error));
        }
    };
    Ok(ComponentSettings { path, artifact, release: None, ..of.clone() })
}

/// What others see of a version with these activities.
///
/// # Errors
/// When it can't be read, or is another one by now.
pub(crate) fn face(
    finder: Finder<'_>,
    settings: &ComponentSettings,
    digest: &str,
    activities: &[Exported],
) -> Result<Face, Problem> {
    let (mut file, engine) = (find(finder, settings)?, finder.engine);
    let id = ComponentId::new(file.name(), &file.digest);
    let outline = with_source(engine, &mut file, id, |source| engine.outline(source));
    if file.digest != digest {
        let error = anyhow!("component {} has changed meanwhile", settings.path.display());
        return Err(Problem::new(Exit::NotLoaded, error).cure("try again once its new version is served"));
    }
    let (imports, functions) = outline.map_err(|error| refused(settings, error))?;
    let activities: Vec<(ActivityName, bool)> =
        activities.iter().map(|exported| (exported.name.clone(), exported.interruptible)).collect();
    Ok(Face::new(&activities, &imports, &functions))
}

/// Refuses a candidate that can't take the place of the stable version.
///
/// # Errors
/// With all that is in its way.
pub(crate) fn compare(stable: &Face, candidate: &Face, settings: &ComponentSettings) -> Result<(), Problem> {
    let obstacles = Face::obstacles(stable, candidate, &settings.policy.grants);
    if obstacles.is_empty() {
        return Ok(());
    }
    let obstacles = obstacles.join("; ");
    Err(Problem::new(Exit::Usage, anyhow!("the candidate can't take the place of the stable version: {obstacles}")))
        .or_cure("`isolet diff` tells all that changes; serve what breaks callers on a task queue of its own")
}

/// What is refused, as the problem of a component.
pub(crate) fn refusal(Refusal { message, cure }: Refusal) -> Problem {
    Problem { exit: Exit::Usage, cure, error: anyhow!(message) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_a_file_a_digest_or_a_reference() {
        let digest = |digits: &str| Named::Digest(digits.to_owned());
        let cases = [
            ("0123456789ab", digest("0123456789ab")),
            ("sha256:0123456789ABCDEF", digest("0123456789abcdef")),
            ("/srv/0123456789ab", Named::File("/srv/0123456789ab".into())),
            ("/srv/orders.wasm", Named::File("/srv/orders.wasm".into())),
        ];
        for (text, expected) in cases {
            assert_eq!(Named::read(text).unwrap(), expected, "{text}");
        }
        assert!(matches!(Named::read("oci://example.com/orders:1"), Ok(Named::Reference(_))));
        for wrong in ["", "orders.wasm", "0123456789", "oci://", "sha256:xyz"] {
            assert!(Named::read(wrong).unwrap_err().cure.is_some(), "{wrong}");
        }
    }
}
