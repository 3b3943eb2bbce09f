//! The examples of `guest-examples` in TypeScript and JavaScript, on real input.

use std::{fs, os::unix::fs::symlink, time::Duration};

use expect_test::expect;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{DevServer, Isolet, http_server::HttpServer, repository, worker::is_about};

/// How long installing packages and a check may take beside other tests, on a slow machine.
const PATIENCE: Duration = Duration::from_secs(300);

#[tokio::test]
async fn an_invoice_is_rendered_from_a_checked_order() {
    let worker = Isolet::worker(DevServer::start().await).component("ts-invoice").start().await;
    let order = fs::read(repository("guest-examples/ts-invoice/data/order.json")).unwrap();
    let mut order: Value = serde_json::from_slice(&order).unwrap();
    let invoice: Value = worker.standalone("renderInvoice").arg(&order).run().await.json();
    expect![[r#"
        <h1>Invoice 2026-0117</h1>
        <address>Lovelace &amp; Daughters<br>12 St James&#39;s Square<br>London SW1Y 4JH</address>
        <p>Of your order of 29 January 2026. Please pay EUR 181.24 by 2 March 2026.</p>
        <table>
          <tr><td>3</td><td>Assam &lt;FTGFOP1&gt;, 100 g</td><td>9.95</td><td>7 %</td><td>EUR 29.85</td></tr>
          <tr><td>1</td><td>Teapot, cast iron</td><td>64.50</td><td>19 %</td><td>EUR 64.50</td></tr>
          <tr><td>1.5</td><td>Tasting, per hour</td><td>38.33</td><td>19 %</td><td>EUR 57.50</td></tr>
          <tr><td>100</td><td>Filters</td><td>0.0345</td><td>19 %</td><td>EUR 3.45</td></tr>
          <tr><td colspan="4">7 % tax on EUR 29.85</td><td>EUR 2.09</td></tr>
          <tr><td colspan="4">19 % tax on EUR 125.45</td><td>EUR 23.85</td></tr>
          <tr><td colspan="4">Total</td><td>EUR 181.24</td></tr>
        </table>
    "#]]
    .assert_eq(invoice["html"].as_str().unwrap());
    let amounts = ["due", "currency", "net", "tax", "total"].map(|name| invoice[name].as_str().unwrap());
    assert_eq!(amounts, ["2026-03-02", "EUR", "155.30", "25.94", "181.24"]);

    order["ordered"] = json!("2026-02-30");
    order["lines"][1]["quantity"] = json!(0.1);
    expect![[r#"
        failed: InvalidOrder: the order is not valid: 2 issues
          details: [[{"at":"ordered","message":"Invalid ISO date"},{"at":"lines.1.quantity","message":"Invalid input: expected string, received number"}]]
          non-retryable
        not tried again: NonRetryableFailure"#]].assert_eq(&worker.standalone("renderInvoice").arg(&order).run().await.to_string());
    worker.stop().await;
}

#[tokio::test]
async fn types_are_checked_by_the_project_s_own_typescript() {
    let folder = TempDir::new().unwrap();
    let example = repository("guest-examples/ts-invoice");
    // Packages are there since the example was built. Where its component came from elsewhere, the build installs them.
    for file in ["package.json", "package-lock.json", "tsconfig.json", "node_modules"] {
        if example.join(file).exists() {
            symlink(example.join(file), folder.path().join(file)).unwrap();
        }
    }
    fs::create_dir(folder.path().join("src")).unwrap();
    let wrong = "import { z } from 'zod';\nexport const render = async (): Promise<number> => z.string().parse('');\n";
    fs::write(folder.path().join("src/activities.ts"), wrong).unwrap();
    let check = Isolet::with(["build", "--check"]).within(folder.path()).run_within(PATIENCE).await;
    expect![[r#"
        exit code 2
        error: the project's types are wrong
            src/activities.ts(2,52): error TS2322: Type 'string' is not assignable to type 'number'.
          cure: mend them, or build with --no-types
    "#]]
    .assert_eq(&check.refusal());
    let unchecked = Isolet::with(["build", "--check", "--no-types"]).within(folder.path()).run_within(PATIENCE).await;
    assert_eq!(unchecked.code, Some(0), "{}", unchecked.stderr);
}

#[tokio::test]
async fn a_report_goes_on_where_its_download_ended() {
    let server = HttpServer::start();
    let origin = server.origin("127.0.0.1");
    let worker = Isolet::worker(DevServer::start().await)
        .component("js-fetch-report")
        .option("--http", &origin)
        .option("--max-heartbeat-throttle", "100ms")
        .cancel_check("300ms")
        .start()
        .await;
    let report = |table: &str| {
        let request = json!({"url": format!("{origin}/{table}"), "groupBy": "location", "measure": "temp_max"});
        worker.standalone("fetchReport").arg(request)
    };
    let whole: Value = report("table").run().await.json();
    expect![[r#"{"attempt":1,"groups":{"New York":{"count":1461,"max":37.8,"mean":17.09917864476385,"min":-7.7,"sum":24981.899999999983},"Seattle":{"count":1461,"max":35.6,"mean":16.43908281998628,"min":-1.6,"sum":24017.499999999953}},"resumedAfterRow":0,"rows":2922}"#]].assert_eq(&whole.to_string());

    let resumed: Value = report("torn-table").attempts(2).run().await.json();
    assert_eq!((&resumed["rows"], &resumed["attempt"]), (&json!(2922), &json!(2)));
    let row = resumed["resumedAfterRow"].as_u64().unwrap();
    assert!(0 < row && row < 2922 && row.is_multiple_of(250), "resumed after row {row}");
    assert_eq!(resumed["groups"], whole["groups"]);

    let stalled = report("stalled-table").start().await;
    // The last chunk of what comes.
    worker.event("row 1250", |event| is_about(event, "log", stalled.id()) && event["fields"]["rows"] == 1250).await;
    stalled.cancel().await;
    let cancelled = stalled.outcome().await.to_string();
    assert!(cancelled.starts_with(r#"cancelled: Activity canceled [{"rows":1"#), "{cancelled}");
    server.connections(0).await;

    expect![[r#"
        failed: TypeError: fetch failed
        caused by HttpResponseIncomplete (None)
        not tried again: MaximumAttemptsReached"#]]
    .assert_eq(&report("close").run().await.to_string());
    worker.stop().await;
}
