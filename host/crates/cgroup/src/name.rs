//! What the cgroups of a worker are called.

/// The leaf of the worker itself, which systemd may put it into: `DelegateSubgroup=isolet-worker`.
pub(crate) const WORKER: &str = "isolet-worker";

/// How the name of each other one begins.
const CELL: &str = "isolet-cell-";

/// Bytes of what it is for that are shown in a name: 255 is the most that names may have.
const SHOWN: usize = 100;

/// The cgroup with this number, for people with what it is for: letters, digits and a few signs of that, so that it names
/// nothing but itself, whatever a tenant is called.
pub(crate) fn of_cell(number: u64, whose: &str) -> String {
    let clean = |each: char| if each.is_ascii_alphanumeric() || matches!(each, '-' | '_') { each } else { '_' };
    let whose: String = whose.chars().map(clean).take(SHOWN).collect();
    format!("{CELL}{number}-{whose}")
}

/// Whether a cgroup of this name was made for a child of a worker.
pub(crate) fn is_of_cell(name: &str) -> bool {
    let number = name.strip_prefix(CELL).and_then(|rest| rest.split_once('-'));
    number.is_some_and(|(number, _)| number.parse::<u64>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_of_harmless_signs_and_known_again() {
        let names = [
            ("acme", "isolet-cell-7-acme"),
            ("shared:small ones", "isolet-cell-7-shared_small_ones"),
            ("../../system.slice", "isolet-cell-7-______system_slice"),
            ("", "isolet-cell-7-"),
            ("käse\n\0/", "isolet-cell-7-k_se___"),
        ];
        for (whose, wanted) in names {
            let name = of_cell(7, whose);
            assert_eq!(name, wanted);
            assert!(is_of_cell(&name), "{name}");
        }
        assert!(of_cell(u64::MAX, &"x".repeat(10_000)).len() < 255);
    }

    #[test]
    fn other_names_are_nobody_s() {
        for name in [WORKER, "isolet-cell-", "isolet-cell-acme", "isolet-cell-7", "isolet-cell-x-7", "acme", ".."] {
            assert!(!is_of_cell(name), "{name}");
        }
    }
}
