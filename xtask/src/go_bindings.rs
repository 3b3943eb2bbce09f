//! The bindings of the contract in the Go SDK, made anew after the contract has changed.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Context as _;
use sha2::{Digest as _, Sha256};

use crate::process;
use crate::tools::{go, wit_bindgen};
use crate::workspace;

/// Where they are.
const PLACE: &str = "guest-sdk/go/sdk/internal/wit";

/// The world of all that a component may import.
const WORLD: &str = "activity-with-http";

/// The package that they are.
const PACKAGE: &str = "go.temporal.io/sdk/internal/wit";

/// What the generator imports, and where the SDK has it.
const RUNTIME: (&str, &str) = ("go.bytecodealliance.org/pkg/wit/", "go.temporal.io/sdk/internal/witpkg/");

/// In the place of its first part comes its second: what only a component has, other targets don't compile.
const TARGET: &str = "//go:build wasip1\n\n";

/// Which contract they are of: compared by a test of `host/src/languages/go.rs`.
const DIGEST: &str = "contract.sha256";

/// Makes them.
///
/// # Errors
/// When the tools can't be installed, or the contract does not parse.
pub(crate) fn write() -> anyhow::Result<()> {
    let (generator, go) = (wit_bindgen::ensure()?, go::ensure()?);
    let place = workspace::root().join(PLACE);
    let contract = workspace::root().join("wit");
    fs::remove_dir_all(place.join("imports")).context("failed to remove the bindings that there are")?;
    let mut generate = Command::new(generator);
    generate.args(["go", "--world", WORLD, "--pkg-name", PACKAGE, "--quiet", "--out-dir"]).arg(&place).arg(&contract);
    process::run(&mut generate)?;
    for file in below(&place)? {
        if file.extension().is_some_and(|ending| ending == "go") && !file.ends_with("handler.go") {
            let text = fs::read_to_string(&file)?.replace(RUNTIME.0, RUNTIME.1);
            let native = text.contains("//go:wasmimport") || text.contains("//go:wasmexport");
            fs::write(&file, if native { TARGET.to_owned() + &text } else { text })?;
        }
    }
    process::run(Command::new(go.join("gofmt")).arg("-w").arg(&place))?;
    fs::write(place.join(DIGEST), digest(&contract)?)?;
    println!("made {}", workspace::shown(&place));
    Ok(())
}

/// The digest of all files of the contract, in the order of their paths.
fn digest(contract: &Path) -> anyhow::Result<String> {
    let mut hash = Sha256::new();
    let mut files = below(contract)?;
    files.retain(|file| file.extension().is_some_and(|ending| ending == "wit"));
    files.sort();
    for file in files {
        hash.update(fs::read(&file)?);
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect::<String>() + "\n")
}

fn below(folder: &Path) -> anyhow::Result<Vec<std::path::PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("failed to read {}", workspace::shown(folder)))? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(below(&path)?);
        } else {
            files.push(path);
        }
    }
    Ok(files)
}
