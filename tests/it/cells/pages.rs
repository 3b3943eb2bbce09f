//! Page faults of attempts in a cell: counted, because each costs what a small call does.

use std::fs;

use rustix::process::Pid;

use super::{Tenants, cells};

/// Attempts that find slots as others have left them.
const ATTEMPTS: usize = 40;

/// Of an attempt and the messages about it. It is none but now and then, in a slot that was in use before; without page
/// tables that are filled before, it was more than 200.
const MOST: u64 = 5;

/// Page faults of a process so far that needed no disk.
fn faults(pid: Pid) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).unwrap();
    stat.rsplit_once(") ").unwrap().1.split(' ').nth(7).unwrap().parse().unwrap()
}

#[tokio::test]
async fn an_attempt_takes_few_page_faults() {
    let tenants = Tenants::start_with("conformance-python", ["tenant", "none"]).await;
    let greet = async || drop(tenants.worker.standalone_on(&tenants.acme, "greet").arg("Ada").run().await);
    for _ in 0..10 {
        greet().await;
    }
    let [cell] = cells(&tenants.acme)[..] else { panic!("no cell") };
    let mut each = Vec::new();
    for _ in 0..ATTEMPTS {
        let before = faults(cell);
        greet().await;
        each.push(faults(cell) - before);
    }
    // One that begins before another's slot is given back finds a new one, and that takes more, once.
    each.sort_unstable();
    let median = each[ATTEMPTS / 2];
    assert!(median <= MOST, "page faults of attempts: {each:?}");
    tenants.worker.stop().await;
}
