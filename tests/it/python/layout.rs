//! A project with a layout, dependencies and activities of many kinds: `tests/guests-python/layout`.

use expect_test::expect;
use serde_json::{Value, json};

use crate::support::{DevServer, Isolet, call::transcript};

#[tokio::test]
async fn its_activities_are_found_and_run() {
    let worker = Isolet::worker(DevServer::start().await).component("layout-python").start().await;
    let calls = [
        ("orders-pack", json!([["cup", "cup", "plate"]])),
        ("where", json!([])),
        ("serve", json!(["Ada"])),
        ("adds-1", json!([1])),
        ("adds-2", json!([1])),
        ("interceptor", json!([])),
        ("closes", json!([])),
        ("stored", json!([])),
        ("halves", json!(["12.30"])),
        ("owes", json!(["1.5"])),
        ("notes", json!([])),
    ];
    let outcome =
        async |activity: &str, arguments: &Value| worker.standalone(activity).args(arguments).run().await.to_string();
    expect![[r#"
        > orders-pack [["cup","cup","plate"]]
        completed: ["0.6.2",{"cup":2,"plate":1}]
        > where []
        completed: "front"
        > serve ["Ada"]
        completed: "Ada at the back"
        > adds-1 [1]
        completed: 2
        > adds-2 [1]
        completed: 3
        > interceptor []
        completed: "TracingInterceptor"
        > closes []
        completed: 22
        > stored []
        completed: [["common.store.shelves"],7]
        > halves ["12.30"]
        completed: "6.15 EUR"
        > owes ["1.5"]
        failed: : "1.5 EUR" are missing
          details: ["1.5 EUR"]
        not tried again: MaximumAttemptsReached
        > notes []
        completed: [["kept.txt"],"kept\n",[true,false]]
    "#]]
    .assert_eq(&transcript(&calls, outcome).await);
    worker.stop().await;
}
