//! The Python examples of `guest-examples`, on real input.

use expect_test::expect;
use serde_json::{Value, json};

use crate::{
    examples::{goes_on_where_it_was, weather},
    support::{DevServer, Isolet, Worker, call::transcript},
};

#[tokio::test]
async fn a_weather_report_goes_on_where_a_killed_attempt_was() {
    let report = |worker: &Worker, pauses: bool| {
        let pause = if pauses { 0.25 } else { 0.0 };
        let options = json!({"chunk_rows": 250, "pause_per_chunk": pause});
        worker.standalone("weather_report").payload(weather()).arg(options)
    };
    goes_on_where_it_was("python-weather-report", report, "places").await;
}

#[tokio::test]
async fn an_invoice_is_rendered_from_a_checked_order() {
    let worker = Isolet::worker(DevServer::start().await).component("python-invoices").limit("memory=256MiB");
    let worker = worker.start().await;
    let line = json!({"article": "tea & biscuits", "quantity": 2, "price": "1.25"});
    let order = json!({"number": "7", "customer": "Ada", "ordered": "2024-05-01", "lines": [line]});
    let invoice: String = worker.standalone("render_invoice").arg(order).run().await.json();
    expect![[r#"
        <h1>Invoice 7</h1>
        <p>To Ada, due on 2024-05-31.</p>
        <table>
          <tr><td>2</td><td>tea &amp; biscuits</td><td>2.50</td></tr>
          <tr><td></td><td>Total</td><td>2.50</td></tr>
        </table>"#]]
    .assert_eq(&invoice);
    let order = json!({"number": "7", "customer": "Ada", "ordered": "2024-05-01", "lines": []});
    expect![[r#"
        failed: InvalidOrder: the order is not valid
          details: [[{"ctx":{"limit_value":1},"loc":["lines"],"msg":"ensure this value has at least 1 items","type":"value_error.list.min_items"}]]
          non-retryable
        caused by failed: ValidationError: 1 validation error for Order
        lines
          ensure this value has at least 1 items (type=value_error.list.min_items; limit_value=1)
        not tried again: NonRetryableFailure"#]]
    .assert_eq(&worker.standalone("render_invoice").arg(order).run().await.to_string());
    worker.stop().await;
}

#[tokio::test]
async fn an_order_is_shipped() {
    let worker = Isolet::worker(DevServer::start().await).component("python-everything").limit("memory=256MiB");
    let worker = worker.start().await;
    let order = json!({"number": "7", "articles": ["tea", "cup"], "express": true});
    let calls = [
        ("pack", json!([order])),
        ("weigh", json!([order])),
        ("hand_over", json!([order])),
        ("hand_over", json!([{"number": "8", "articles": []}])),
        ("complain", json!(["cold tea"])),
        ("whatever else", json!([1, "two"])),
    ];
    let outcome =
        async |activity: &str, arguments: &Value| worker.standalone(activity).args(arguments).run().await.to_string();
    expect![[r#"
        > pack [{"articles":["tea","cup"],"express":true,"number":"7"}]
        completed: ["tea in 7","cup in 7"]
        > weigh [{"articles":["tea","cup"],"express":true,"number":"7"}]
        failed: AttributeError: 'dict' object has no attribute 'articles'
        not tried again: MaximumAttemptsReached
        > hand_over [{"articles":["tea","cup"],"express":true,"number":"7"}]
        completed: "handed over on attempt 1"
        > hand_over [{"articles":[],"number":"8"}]
        failed: EmptyParcel: nothing to hand over
          details: ["8"]
          non-retryable
        not tried again: NonRetryableFailure
        > complain ["cold tea"]
        completed: "the desk heard: cold tea"
        > whatever else [1,"two"]
        completed: ["whatever else",1,"two"]
    "#]]
    .assert_eq(&transcript(&calls, outcome).await);
    worker.stop().await;
}
