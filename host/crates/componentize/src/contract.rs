//! The contract, in this program.

use std::collections::BTreeMap;

use wit_parser::{Resolve, SourceMap, WorldId};

/// The version of the contract.
pub(crate) const VERSION: &str = "0.1.0";

/// What a component of activities exports.
pub(crate) const HANDLER: &str = "isolet:activity/handler";

/// The world of all that a component may import. One has those that its module uses.
const WORLD: &str = "activity-with-http";

macro_rules! files {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../../../../", $path)))),*]
    };
}

/// The files of the contract, by their paths in the repository.
pub const CONTRACT: &[(&str, &str)] = files![
    "wit/cancellation.wit",
    "wit/client.wit",
    "wit/deps/clocks/monotonic-clock.wit",
    "wit/deps/http/outgoing-handler.wit",
    "wit/deps/http/types.wit",
    "wit/deps/io/error.wit",
    "wit/deps/io/poll.wit",
    "wit/deps/io/streams.wit",
    "wit/handler.wit",
    "wit/heartbeat.wit",
    "wit/info.wit",
    "wit/log.wit",
    "wit/metrics.wit",
    "wit/types.wit",
    "wit/world.wit",
];

/// What the files say, and the world in it.
///
/// # Errors
/// When they don't parse, which a test would tell.
pub(crate) fn world() -> Result<(Resolve, WorldId), String> {
    // A folder is a package.
    let mut packages: BTreeMap<&str, SourceMap> = BTreeMap::new();
    for (path, text) in CONTRACT {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        packages.entry(folder).or_default().push_str(path, *text);
    }
    let mut groups = Vec::new();
    for sources in packages.into_values() {
        groups.push(sources.parse().map_err(|(sources, error)| error.render(&sources))?);
    }
    // The contract's own folder comes before those below it.
    let main = groups.remove(0);
    let mut resolve = Resolve::default();
    let package = resolve.push_groups(main, groups).map_err(|error| error.to_string())?;
    let world = resolve.select_world(&[package], Some(WORLD)).map_err(|error| error.to_string())?;
    Ok((resolve, world))
}
