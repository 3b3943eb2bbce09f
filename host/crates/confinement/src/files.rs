//! Landlock: files and directories, and who else can be reached.

use std::{io, path::Path};

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, CompatLevel, Compatible as _, PathBeneath, PathFd, Ruleset,
    RulesetAttr as _, RulesetCreatedAttr as _, RulesetError, Scope,
};

use crate::{Calls, Directory, Error};

/// What a kernel must have: all that was there from the beginning. What came later needs calls that seccomp refuses, too.
const LEAST: ABI = ABI::V1;

/// What is taken where the kernel has it: the newest that this was tried on.
const KNOWN: ABI = ABI::V7;

/// Leaves this thread, and those that it starts, these directories and no other file; and nobody outside to talk to or
/// to send signals to, where the kernel has that.
pub(crate) fn confine(directories: &[Directory], calls: Calls) -> Result<(), Error> {
    let refused = |error: RulesetError| Error::Landlock(error.to_string());
    let network = match calls {
        Calls::Compute | Calls::Serve => AccessNet::from_all(KNOWN),
        // Nobody connects to it.
        Calls::Connect => AccessNet::BindTcp.into(),
    };
    let mut rules = Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::from_all(LEAST))
        .and_then(|rules| {
            rules
                .set_compatibility(CompatLevel::BestEffort)
                .handle_access(AccessFs::from_all(KNOWN))?
                .handle_access(network)?
                .scope(Scope::from_all(KNOWN))?
                .create()
        })
        .map_err(refused)?;
    for directory in directories {
        let may = match directory.writable {
            true => AccessFs::from_read(KNOWN) | AccessFs::from_write(KNOWN),
            false => AccessFs::from_read(KNOWN),
        };
        // Nothing in it is a program for us, or a device, a FIFO or a socket.
        let never = AccessFs::Execute
            | AccessFs::MakeChar
            | AccessFs::MakeBlock
            | AccessFs::MakeFifo
            | AccessFs::MakeSock
            | AccessFs::IoctlDev;
        let path = open(&directory.path)?;
        rules = rules.add_rule(PathBeneath::new(path, may & !never)).map_err(refused)?;
    }
    rules.restrict_self().map_err(refused)?;
    Ok(())
}

/// Whether the kernel has what it must have.
pub(crate) fn check() -> Result<(), Error> {
    let rules = Ruleset::default().set_compatibility(CompatLevel::HardRequirement);
    let made = rules.handle_access(AccessFs::from_all(LEAST)).and_then(|rules| rules.create());
    made.map(drop).map_err(|error| Error::Landlock(error.to_string()))
}

fn open(path: &Path) -> Result<PathFd, Error> {
    PathFd::new(path).map_err(io::Error::other).map_err(Error::system("open a granted directory"))
}
