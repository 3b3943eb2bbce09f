//! What an attempt writes to of the memory that all of them share: counted, for each page is copied and put back.

use serde_json::json;

use crate::support::{DevServer, Isolet};

/// Attempts of an activity, each in the same slot as the one before.
const ATTEMPTS: usize = 5;

/// The image as componentize-py leaves it: 380 to 640 pages in 280 to 430 regions.
#[tokio::test]
async fn an_attempt_writes_to_few_pages_that_lie_together() {
    for (activity, arguments, pages, regions) in [
        ("nothing", json!([]), 120, 60),
        ("greet", json!(["Ada"]), 120, 60),
        ("recode", json!([{"a": ["b", 1]}]), 120, 60),
        ("echo", json!([{"a": 1}]), 120, 60),
        ("add", json!([1, 2]), 120, 60),
        ("info", json!([]), 120, 65),
        ("log_lines", json!(["x"]), 135, 75),
        ("unencodable_result", json!([]), 220, 125),
    ] {
        let worker = Isolet::worker(DevServer::start().await)
            .component("conformance-python")
            .option("--isolation", "none")
            .start()
            .await;
        for _ in 0..ATTEMPTS {
            worker.standalone(activity).args(&arguments).run().await;
        }
        let written = worker.written();
        let found = (written.pages(), written.regions());
        assert!(0 < found.0 && found.0 <= pages && found.1 <= regions, "{activity}: {found:?} pages and regions");
        worker.stop().await;
    }
}
