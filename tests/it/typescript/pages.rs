//! What an attempt in TypeScript writes to of the memory that all of them share: counted, for each page is copied and put
//! back.

use serde_json::json;

use crate::support::{DevServer, Isolet};

/// Attempts of an activity, each in the same slot as the one before.
const ATTEMPTS: usize = 5;

/// An image as QuickJS leaves it: 260 pages in as many places.
#[tokio::test]
async fn an_attempt_writes_to_few_pages() {
    for (activity, arguments, most) in [
        ("nothing", json!([]), 70),
        ("greet", json!(["Ada"]), 75),
        ("add", json!([1, 2]), 75),
        ("info", json!([]), 85),
        ("log_lines", json!(["x"]), 85),
        ("unencodable_result", json!([]), 120),
    ] {
        let worker = Isolet::worker(DevServer::start().await)
            .component("conformance-typescript")
            .option("--isolation", "none")
            .start()
            .await;
        for _ in 0..ATTEMPTS {
            worker.standalone(activity).args(&arguments).run().await;
        }
        let written = worker.written();
        let (pages, regions) = (written.pages(), written.regions());
        assert!(0 < pages && pages <= most, "{activity}: {pages} pages in {regions} regions");
        worker.stop().await;
    }
}
