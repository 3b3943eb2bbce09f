//! Compiling and linking.

use std::{
    fs,
    io::{IsTerminal as _, stderr},
    num::NonZeroUsize,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::{Mutex, PoisonError},
    thread,
};

use anyhow::{Context as _, anyhow};

use super::{
    super::{
        Task,
        builder::{folder, made_whole},
        files, shown,
    },
    PACKAGES,
    sdk::Sdk,
    sources::{Dialect, Sources},
};
use crate::{
    exit::{Exit, Problem},
    output::{self, progress::Progress},
};

/// How everything is compiled. Address 0 is an address as every other in WebAssembly, so that null pointers are looked
/// for by what is compiled. Zig leaves out assertions where it optimises.
const FLAGS: [&str; 6] = ["-target", "wasm32-wasi", "-O2", "-UNDEBUG", "-fsanitize=null", "-fsanitize-trap=null"];

/// C++ as WebAssembly's libraries have it: without exceptions.
const CPP_FLAGS: [&str; 2] = ["-std=c++23", "-fno-exceptions"];

/// The stack in the component's memory, below all else, so that using it up is seen.
const STACK: &str = "-Wl,-z,stack-size=262144";

/// What is missing where nothing was registered.
const ACTIVITIES: &str = "undefined symbol: isolet_activities";

/// The compiler, with the SDK.
#[derive(Debug)]
pub(super) struct Compiler {
    zig: PathBuf,
    /// Headers of libraries for C++.
    libraries: PathBuf,
    sdk: Sdk,
    /// Where it keeps the libraries of C and C++, which it compiles when they are needed first.
    cache: PathBuf,
}

impl Compiler {
    /// The compiler, fetched unless it is there.
    ///
    /// # Errors
    /// When it can't be fetched, or does not work.
    pub(super) fn ensure(task: &Task<'_>) -> Result<Self, Problem> {
        let packages = PACKAGES.ensure(task, |target| Ok(slimmed(target)?))?;
        let zig = packages.join("ziglang").join("zig");
        let cache = packages.join("compiled");
        let (folder, _lock) = folder(task.cache, PACKAGES.folder)?;
        let sdk = folder.join(format!("sdk-{}", files::C.digest()));
        made_whole(&sdk, |target| {
            let _progress = Progress::start("compiling the SDK for C".to_owned());
            let scratch = Scratch::make(&folder)?;
            Sdk::make(target, |source, includes, object| {
                let mut command = zig_command(&zig, &cache, &scratch.0, "cc");
                command.args(FLAGS).arg("-c").arg(source).arg("-o").arg(object);
                for folder in includes {
                    command.arg("-I").arg(folder);
                }
                let done = command.output().context("failed to start the compiler")?;
                if done.status.success() {
                    return Ok(());
                }
                Err(anyhow!("the SDK does not compile\n{}", said(&done)).into())
            })
        })?;
        let libraries = packages.join("nlohmann_json").join("include");
        Ok(Self { zig, libraries, sdk: Sdk::at(&sdk)?, cache })
    }

    /// The core module of a project.
    ///
    /// # Errors
    /// When it does not compile.
    pub(super) fn module(&self, sources: &Sources) -> Result<Vec<u8>, Problem> {
        let _progress = Progress::start("compiling".to_owned());
        let scratch = Scratch::make(self.cache.parent().unwrap_or(&self.cache))?;
        let objects = self.objects(sources, &scratch)?;
        let module = scratch.0.join("module.wasm");
        let mut link = self.command(sources, &scratch.0, if sources.have_cpp() { "c++" } else { "cc" });
        link.args(["-target", "wasm32-wasi", "-mexec-model=reactor", "-O2", STACK]).args(&sources.flags);
        link.args(&objects).args(&self.sdk.objects).arg("-o").arg(&module);
        let linked = link.output().context("failed to start the linker")?;
        if !linked.status.success() {
            return Err(not_linked(&linked, &sources.root));
        }
        Ok(fs::read(&module).context("failed to read the linked module")?)
    }

    /// Compiles a project without keeping anything.
    ///
    /// # Errors
    /// When it does not compile.
    pub(super) fn check(&self, sources: &Sources) -> Result<(), Problem> {
        let _progress = Progress::start("checking".to_owned());
        let scratch = Scratch::make(self.cache.parent().unwrap_or(&self.cache))?;
        self.objects(sources, &scratch).map(drop)
    }

    /// Compiles all sources, and returns what became of them.
    fn objects(&self, sources: &Sources, scratch: &Scratch) -> Result<Vec<PathBuf>, Problem> {
        let objects: Vec<_> = (0..sources.files.len()).map(|index| scratch.0.join(format!("{index}.o"))).collect();
        let jobs = sources.files.iter().zip(&objects).map(|((file, dialect), object)| {
            let mut command = self.compile(sources, *dialect, &scratch.0);
            command.arg("-c").arg(file).arg("-o").arg(object);
            command
        });
        all_succeed(jobs.collect())?;
        Ok(objects)
    }

    /// A command that compiles a source.
    fn compile(&self, sources: &Sources, dialect: Dialect, scratch: &Path) -> Command {
        let mut command = self.command(sources, scratch, if dialect == Dialect::Cpp { "c++" } else { "cc" });
        command.args(FLAGS).arg("-Wall");
        command.arg(if stderr().is_terminal() { "-fcolor-diagnostics" } else { "-fno-color-diagnostics" });
        if dialect == Dialect::Cpp {
            command.args(CPP_FLAGS).arg("-isystem").arg(&self.libraries);
        }
        for folder in self.sdk.includes() {
            command.arg("-isystem").arg(folder);
        }
        for folder in &sources.includes {
            command.arg("-I").arg(folder);
        }
        command.args(&sources.flags);
        command
    }

    fn command(&self, sources: &Sources, scratch: &Path, tool: &str) -> Command {
        let mut command = zig_command(&self.zig, &self.cache, scratch, tool);
        command.current_dir(&sources.root);
        command
    }
}

fn zig_command(zig: &Path, cache: &Path, scratch: &Path, tool: &str) -> Command {
    let mut command = Command::new(zig);
    command.arg(tool).env("ZIG_GLOBAL_CACHE_DIR", cache).env("ZIG_LOCAL_CACHE_DIR", scratch).stdin(Stdio::null());
    command
}

/// Runs all of them, several at once, and shows what they say.
fn all_succeed(mut jobs: Vec<Command>) -> Result<(), Problem> {
    let at_once = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let next = Mutex::new(jobs.iter_mut());
    let run_some = || {
        let take = || next.lock().unwrap_or_else(PoisonError::into_inner).next();
        std::iter::from_fn(take).map(Command::output).collect::<Vec<_>>()
    };
    let done: Vec<_> = thread::scope(|scope| {
        let runners: Vec<_> = (0..at_once).map(|_| scope.spawn(run_some)).collect();
        runners.into_iter().flat_map(|runner| runner.join().unwrap_or_default()).collect()
    });
    let mut failed = 0_usize;
    for done in done {
        let done = done.context("failed to start the compiler")?;
        let text = said(&done);
        if !text.is_empty() {
            output::note(text);
        }
        failed += usize::from(!done.status.success());
    }
    if failed == 0 {
        return Ok(());
    }
    let files = if failed == 1 { "a file".to_owned() } else { format!("{failed} files") };
    Err(Problem::new(Exit::Usage, anyhow!("{files} of the project can't be compiled"))
        .cure("mend what the compiler tells above"))
}

fn not_linked(linked: &Output, project: &Path) -> Problem {
    let text = said(linked);
    if text.contains(ACTIVITIES) {
        return Problem::new(Exit::Usage, anyhow!("{} has no activities", shown(project)))
            .cure("declare them at the end of a file: ISOLET_ACTIVITIES(ISOLET_ACTIVITY(greet, \"name\"))");
    }
    output::note(text);
    Problem::new(Exit::Usage, anyhow!("the project can't be linked")).cure("mend what the linker tells above")
}

fn said(done: &Output) -> String {
    String::from_utf8_lossy(&done.stderr).trim_end().to_owned()
}

/// Libraries for other systems, which take most of the room.
fn slimmed(packages: &Path) -> anyhow::Result<()> {
    const USED: [&str; 5] = ["musl", "wasi", "wasm", "generic-musl", "include"];
    let libraries = packages.join("ziglang/lib/libc");
    for folder in [libraries.join("include"), libraries] {
        for entry in fs::read_dir(&folder).with_context(|| format!("failed to read {}", folder.display()))? {
            let entry = entry?;
            let name = entry.file_name();
            if !USED.iter().any(|used| name.to_string_lossy().starts_with(used)) && entry.file_type()?.is_dir() {
                fs::remove_dir_all(entry.path())?;
            }
        }
    }
    Ok(())
}

/// A folder of one build's own, removed after it.
struct Scratch(PathBuf);

impl Scratch {
    fn make(below: &Path) -> anyhow::Result<Self> {
        let folder = below.join(format!("build-{}", std::process::id()));
        fs::create_dir_all(&folder).with_context(|| format!("failed to make {}", folder.display()))?;
        Ok(Self(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What is left is small, and in the way of nothing.
        let _ = fs::remove_dir_all(&self.0);
    }
}
