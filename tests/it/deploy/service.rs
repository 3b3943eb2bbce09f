//! The unit of systemd, as systemd reads it.

use std::{fs, process::Command};

use tempfile::TempDir;

use super::ended;
use crate::support::{isolet::program, repository, tool::tool};

/// Where the unit has the program.
const INSTALLED: &str = "/usr/local/bin/isolet";

/// The most that systemd may find exposed: 2.1, of 10.0, when this was written.
const MOST_EXPOSED: &str = "25";

fn unit() -> String {
    fs::read_to_string(repository("deploy/isolet.service")).unwrap()
}

#[test]
fn systemd_takes_the_unit_and_finds_little_exposed() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("isolet.service");
    fs::write(&file, unit().replace(INSTALLED, &program().display().to_string())).unwrap();
    let (is_right, text) = ended(Command::new(tool("systemd-analyze")).args(["verify", "--man=no"]).arg(&file));
    assert!(is_right && text.is_empty(), "{text}");
    let options = ["security", "--offline=true", "--no-pager", "--threshold", MOST_EXPOSED];
    let (is_right, text) = ended(Command::new(tool("systemd-analyze")).args(options).arg(&file));
    assert!(is_right, "{text}");
}

#[test]
fn the_unit_leaves_cells_what_they_need() {
    let unit = unit();
    let lines: Vec<&str> = unit.lines().collect();
    for wanted in ["Delegate=yes", "OOMPolicy=continue", "ExecReload=/bin/kill -HUP $MAINPID", "KillMode=mixed"] {
        assert!(lines.contains(&wanted), "{wanted}");
    }
    for harmful in ["MemoryDenyWriteExecute=yes", "ProtectControlGroups=yes"] {
        assert!(!lines.contains(&harmful), "{harmful}");
    }
    let filters: Vec<&str> = lines.iter().filter_map(|line| line.strip_prefix("SystemCallFilter=")).collect();
    let allowed = filters.join(" ");
    for call in ["seccomp", "landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self"] {
        assert!(allowed.split(' ').any(|word| word == call), "{call}");
    }
}
