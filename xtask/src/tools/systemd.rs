//! `systemd-analyze`, which checks the unit of the service; on a machine that systemd does not run, too.

use std::path::PathBuf;

use anyhow::Context as _;

use crate::tools::{debian, find};

const NAME: &str = "systemd-analyze";

/// Where Debian's packages have units, of which one is the target that the service is for.
const UNITS: [&str; 2] = ["lib/systemd/system", "usr/lib/systemd/system"];

/// The path of the program, unpacked when it is missing.
///
/// # Errors
/// When it is missing and can't be fetched.
pub(crate) fn ensure() -> anyhow::Result<PathBuf> {
    if let Some(found) = installed() {
        return Ok(found);
    }
    let folder = debian::unpack("systemd", &["systemd", "libsystemd-shared"], &[])?;
    let libraries = debian::libraries(&folder, "systemd", "libsystemd-shared")?;
    let units = UNITS.map(|units| folder.join(units)).into_iter().find(|units| units.is_dir());
    let units = units.context("Debian's packages have no units")?;
    // It looks for units there beside those that it is given.
    let (libraries, units) = (libraries.display().to_string(), format!("{}:", units.display()));
    debian::program(NAME, &folder, &[("LD_LIBRARY_PATH", &libraries), ("SYSTEMD_UNIT_PATH", &units)])
}

/// The path of the program, where there is one.
pub(crate) fn installed() -> Option<PathBuf> {
    find(NAME)
}
