//! Projects that are served as they are written: built, and built again whenever their sources change.
//!
//! A build is another run of this program, `isolet build`, so that it can be stopped in the middle and that what it does
//! is what a user would see. The component it leaves is watched as every other: see [`crate::reload`].

use std::{
    fs::{self, DirBuilder},
    os::unix::{ffi::OsStrExt as _, fs::DirBuilderExt as _},
    path::{Path, PathBuf},
    process::{Output, Stdio},
    sync::Arc,
};

use anyhow::{Context as _, anyhow};
use registry::Reference;
use rustix::process::{Pid, Signal, kill_process_group};
use sha2::{Digest as _, Sha256};

use super::sources::Sources;
use crate::{
    commands::build::project_name,
    dev_server::guard,
    exit::{Exit, Problem},
    languages::{self, Programs},
    output::{Format, reporter::Reporter},
    wiring::THIS_PROGRAM,
};

/// A project and the component that is made of it.
#[derive(Clone, Debug)]
pub(crate) struct Project {
    /// As it was named.
    path: PathBuf,
    /// Where its component is.
    component: PathBuf,
    programs: Programs,
    cache: PathBuf,
    format: Format,
}

impl Project {
    /// Whether `path` is a project: a component is a file that ends in `.wasm`.
    pub(crate) fn is_one(path: &Path) -> bool {
        !Reference::is_one(path) && (path.is_dir() || languages::of(path).is_some())
    }

    /// The project at `path`. Its component lies in the cache directory, under a name that no other project's has.
    ///
    /// # Errors
    /// When there is no such project.
    pub(crate) fn new(path: &Path, programs: &Programs, cache: &Path, format: Format) -> Result<Self, Problem> {
        let found = path.canonicalize().with_context(|| format!("failed to find {}", path.display()));
        let found = found.map_err(|error| Problem::new(Exit::Usage, error))?;
        let folder = format!("{:x}", Sha256::digest(found.as_os_str().as_bytes()));
        let folder = cache.join("dev").join(folder.get(..16).unwrap_or(&folder));
        // The first to come makes the cache directory, which the store wants to be nobody else's.
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&folder);
        made.with_context(|| format!("failed to make {}", folder.display()))?;
        let component = folder.join(project_name(&found).unwrap_or("project".as_ref())).with_added_extension("wasm");
        let (path, programs, cache) = (path.to_owned(), programs.clone(), cache.to_owned());
        Ok(Self { path, component, programs, cache, format })
    }

    /// The component's file.
    pub(crate) fn component(&self) -> &Path {
        &self.component
    }

    /// Builds it.
    ///
    /// # Errors
    /// When it can't be built.
    pub(crate) async fn build(&self) -> Result<(), Problem> {
        let draft = self.component.with_added_extension("new");
        let mut command = guard::command(Path::new(THIS_PROGRAM));
        command.arg("build").arg(&self.path).arg("-o").arg(&draft).arg("--draft");
        command.args(self.programs.flags()).arg("--cache").arg(&self.cache);
        // Its own group, so that all that it starts ends with it.
        command.process_group(0).stdin(Stdio::null()).stdout(Stdio::piped());
        // People see how it goes, and its errors as they come.
        command.stderr(if self.format == Format::Human { Stdio::inherit() } else { Stdio::piped() });
        let child = command.spawn().context("failed to start the build")?;
        let group = Group(child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?)));
        let Output { status, stderr, .. } = child.wait_with_output().await?;
        group.ended();
        if status.success() {
            fs::rename(&draft, &self.component)
                .with_context(|| format!("failed to move {}", draft.display()))
                .map_err(Problem::from)?;
            return Ok(());
        }
        let said = String::from_utf8_lossy(&stderr).trim().to_owned();
        let said = if said.is_empty() { "what is wrong is told above".to_owned() } else { said };
        Err(Problem::new(Exit::NotLoaded, anyhow!("{} can't be built: {said}", languages::shown(&self.path))))
    }

    /// Builds it whenever its sources change, for ever.
    pub(super) async fn keep_built(self, mut sources: Sources, reporter: Arc<Reporter>) {
        let shown = PathBuf::from(languages::shown(&self.path));
        loop {
            let built = match sources.changed().await {
                Ok(changed) => {
                    reporter.rebuilding(&shown, &changed);
                    self.build().await
                }
                Err(error) => {
                    reporter.reload_failed(&shown, &Problem::new(Exit::Other, error));
                    return;
                }
            };
            // What was built is loaded and told of by who watches the component.
            if let Err(problem) = built {
                reporter.reload_failed(&shown, &problem);
            }
        }
    }

    /// Watches its sources.
    ///
    /// # Errors
    /// When the system can't.
    pub(super) fn watch(&self) -> Result<Sources, Problem> {
        Ok(Sources::watch(&self.path)?)
    }
}

/// A build and all that it has started. Killed when it is dropped before it has ended.
struct Group(Option<Pid>);

impl Group {
    fn ended(mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // It may end at this very moment.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}
