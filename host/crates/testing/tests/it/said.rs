//! What an attempt says: heartbeats, log lines, its end.

use serde_json::{Value, json};
use testing::{
    AttributeValue, ClientError, ClientGrant, ClientRequest, ClientResponse, Event, Level, Limits, MeasuredValue,
    Pattern, payload,
};

use crate::support::{component, conformance, report};

#[tokio::test]
async fn every_heartbeat_is_recorded_in_order() {
    let run = conformance().activity("heartbeat_then_fail").unwrap().argument(500).run().await;
    let expected: Vec<Vec<Value>> = (1..=500).map(|number| vec![json!(number)]).collect();
    assert_eq!(run.said.heartbeat_values(), expected);
    assert_eq!(run.failure().unwrap().message, "first attempt");
}

#[tokio::test]
async fn log_lines_are_recorded_with_level_and_fields() {
    let run = conformance().activity("log_lines").unwrap().argument("of the test").run().await;
    let line = run.said.log_lines().find(|line| line.level == Level::Warn).unwrap();
    assert_eq!((line.message.as_str(), line.logger.as_str()), ("warn line", "conformance::attempt"));
    assert!(line.fields.contains(&("number".to_owned(), "42".to_owned())), "{:?}", line.fields);
    assert!(run.said.has_logged("error output line"));
    assert_eq!(run.said.dropped_log_lines(), 0);
}

#[tokio::test]
async fn lines_beyond_the_limit_are_counted() {
    let limits = Limits { log_rate: 2, ..Limits::default() };
    let run = component("conformance", limits).activity("log_lines").unwrap().argument("x").run().await;
    let kept = run.said.log_lines().count() as u64;
    assert_eq!(kept + run.said.dropped_log_lines(), 7);
    assert!(kept < 7);
}

#[tokio::test]
async fn what_would_be_reported_is_what_a_worker_reports() {
    let run = conformance().activity("complete_async").unwrap().run().await;
    assert_eq!(report(&run), "will complete asynchronously");
    let test = conformance().activity("fail_application").unwrap();
    let run = test.argument("OutOfStock").argument(true).argument(1_500).run().await;
    assert_eq!(run.failure_type(), Some("OutOfStock"));
    assert!(run.result::<Value>().unwrap_err().to_string().contains("failed on purpose"));
    let run = conformance().activity("heartbeat_unencodable").unwrap().run().await;
    assert_eq!(report(&run), "failed: TypeError: key must be a string");
}

#[tokio::test]
async fn events_can_be_followed_while_the_attempt_runs() {
    let mut running = conformance().activity("wait_cancel_uncaught").unwrap().start();
    let first = running.next().await.unwrap();
    assert!(matches!(first, Event::Heartbeat(_)), "{first:?}");
    running.cancel(testing::cancel_requested());
    while running.next().await.is_some() {}
    let run = running.finish().await;
    assert_eq!(report(&run), "cancelled with 0 details");
    assert!(1 <= run.said.heartbeat_count());
}

#[tokio::test]
async fn measurements_are_recorded() {
    let run = component("speaker", Limits::default()).activity("measure").unwrap().argument(3).run().await;
    let [measurement] = run.said.measurements().collect::<Vec<_>>()[..] else { panic!("{run:?}") };
    assert_eq!(measurement.instrument.name, "rows");
    assert_eq!(measurement.value, MeasuredValue::Integer(3));
    assert_eq!(measurement.attributes, [("kind".to_owned(), AttributeValue::Text("order".to_owned()))]);
}

#[tokio::test]
async fn a_stub_answers_the_client() {
    let ask = || component("speaker", Limits::default()).activity("ask").unwrap().argument("w-1");
    let run = ask()
        .client(|request| match request {
            ClientRequest::QueryWorkflow { workflow, .. } => {
                Ok(ClientResponse::Values(vec![payload(format!("hello from {}", workflow.workflow_id))]))
            }
            other => Err(ClientError::Invalid(format!("{other:?}"))),
        })
        .run()
        .await;
    assert_eq!(run.result::<String>().unwrap(), "hello from w-1");
    assert_eq!(run.said.calls().count(), 1);
    let run = ask().run().await;
    assert!(run.failure().unwrap().message.contains("grant `client`"), "{run:?}");
}

#[tokio::test]
async fn a_stub_is_not_asked_what_the_grant_does_not_cover() {
    let patterns = |texts: &[&str]| texts.iter().copied().map(Pattern::new).collect();
    let granted =
        ClientGrant { methods: patterns(&["Query*"]), workflow_ids: patterns(&["w-*"]), ..ClientGrant::default() };
    let speaker = component("speaker", Limits::default()).client_grant(Some(granted.into()));
    let ask = async |workflow_id: &str| {
        let test = speaker.activity("ask").unwrap().argument(workflow_id);
        test.client(|_| Ok(ClientResponse::Values(vec![payload("answered")]))).run().await
    };
    assert_eq!(ask("w-1").await.result::<String>().unwrap(), "answered");
    let run = ask("v-1").await;
    let message = &run.failure().unwrap().message;
    assert!(message.contains("does not cover workflow id \"v-1\""), "{message}");
}
