//! The cgroups of cells: whether there are any, and what they say.

use activity::LARGEST_IMAGE;
use anyhow::anyhow;
use cell::CellSettings;
use cgroup::Delegated;

use crate::{
    config::raw::RawCgroup,
    exit::{Exit, Problem},
};

/// Attempts take this part of their memory more: what maps it, and what lies between allocations.
const PART_BESIDE: u64 = 64;

/// Takes the cgroup of this process for itself and its cells, where `wanted` says so and it is delegated.
///
/// # Errors
/// When it is required and is not delegated.
pub(crate) fn take(wanted: RawCgroup) -> Result<Option<Delegated>, Problem> {
    if wanted == RawCgroup::Off {
        return Ok(None);
    }
    match Delegated::take() {
        Ok(delegated) => {
            tracing::info!("cells have their weights and memory limits by cgroups in {}", delegated.path().display());
            Ok(Some(delegated))
        }
        Err(error) if wanted == RawCgroup::Required => {
            let cure = format!("{}; `engine.cgroup = \"auto\"` goes without", error.cure());
            let error = anyhow!("cells can't have cgroups, as engine.cgroup requires: {error}");
            Err(Problem::new(Exit::Usage, error).cure(cure))
        }
        Err(error) => {
            let cure = error.cure();
            let told =
                format!("cells have weights by niceness, and no memory limits, without cgroups: {error}; {cure}");
            match error.is_half() {
                true => tracing::info!("{told}"),
                false => tracing::debug!("{told}"),
            }
            Ok(None)
        }
    }
}

/// Gives the processes of a cell what they have by its new settings.
pub(crate) fn change(cell: &CellSettings, new: &CellSettings) {
    let (Some(share), Some(new)) = (&cell.share, &new.share) else { return };
    if share.of_each() == new.of_each() {
        return;
    }
    if let Err(error) = share.change(new.of_each()) {
        tracing::warn!("failed to change what the cell of {} has of the machine: {error}", cell.name);
    }
}

/// What a cell may hold, in bytes, whose attempts may hold this: beside that the image of each of its components, once, and
/// what an engine needs.
pub(crate) fn memory_limit(attempts: u64, components: u64, overhead: u64) -> u64 {
    let beside = attempts / PART_BESIDE;
    let images = components.saturating_mul(LARGEST_IMAGE);
    [attempts, beside, images, overhead].into_iter().fold(0, u64::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_may_hold_its_attempts_and_what_runs_them() {
        const MIB: u64 = 1 << 20;
        assert_eq!(memory_limit(640 * MIB, 2, 512 * MIB), (640 + 10 + 256 + 512) * MIB);
        assert_eq!(memory_limit(u64::MAX, u64::MAX, 1), u64::MAX);
    }
}
