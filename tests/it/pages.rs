//! What a trivial attempt in a compiled language writes to of the memory that all of them share: counted, for each page
//! is copied and put back. Python and TypeScript have tests of their own.

use serde_json::json;

use crate::support::{DevServer, Isolet, component};

/// Attempts of an activity, each in the same slot as the one before.
const ATTEMPTS: usize = 5;

/// The most pages for each guest, of 4 KiB. None has a heap that grows in such an attempt, which would cost more than
/// all of these pages.
#[tokio::test]
async fn an_attempt_writes_to_few_pages() {
    for (guest, most) in [("conformance", 12), ("conformance-c", 24), ("conformance-cpp", 30), ("conformance-go", 700)]
    {
        for (activity, arguments) in [("nothing", json!([])), ("greet", json!(["Ada"])), ("info", json!([]))] {
            let worker =
                Isolet::worker(DevServer::start().await).component(guest).option("--isolation", "none").start().await;
            for _ in 0..ATTEMPTS {
                worker.standalone(activity).args(&arguments).run().await;
            }
            let (pages, regions) = (worker.written().pages(), worker.written().regions());
            assert!(0 < pages && pages <= most, "{guest}: {activity}: {pages} pages in {regions} regions");
            worker.stop().await;
        }
    }
}

/// A heap in C and C++ that an attempt begins with: what the attempt holds at most is what it began with.
#[tokio::test]
async fn the_memory_of_c_does_not_grow_in_a_trivial_attempt() {
    for guest in ["conformance-c", "conformance-cpp"] {
        let held = async |activity: &str, arguments: &[&str]| {
            let file = component(guest).display().to_string();
            let run = Isolet::with(["run", &file, activity].into_iter().chain(arguments.iter().copied())).run().await;
            let told = run.stderr.lines().find_map(|line| line.split_once(", with ")).map(|(_, held)| held.to_owned());
            told.unwrap_or_else(|| panic!("{}", run.stderr))
        };
        let least = held("nothing", &[]).await;
        assert_eq!(held("greet", &["\"Ada\""]).await, least, "{guest}");
        assert_eq!(held("info", &[]).await, least, "{guest}");
    }
}
