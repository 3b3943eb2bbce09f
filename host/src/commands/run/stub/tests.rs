//! Files of answers.

use activity::WorkflowReference;
use std::io::Write as _;

use super::*;

fn read(text: &str) -> Result<Stub, Problem> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    Stub::read(Some(file.path()))
}

fn query() -> ClientRequest {
    let workflow = WorkflowReference { workflow_id: "w".to_owned(), ..WorkflowReference::default() };
    ClientRequest::QueryWorkflow { workflow, query: "q".to_owned(), input: Vec::new() }
}

#[test]
fn answers_come_in_turn_and_the_last_one_stays() {
    let mut stub = read(r#"{"query-workflow": [{"values": [1]}, {"values": ["a", null]}]}"#).unwrap();
    let values = |values: Vec<Value>| Ok(ClientResponse::Values(values.into_iter().map(payload).collect()));
    assert_eq!(stub.answer(&query()), values(vec![1.into()]));
    for _ in 0..2 {
        assert_eq!(stub.answer(&query()), values(vec!["a".into(), Value::Null]));
    }
}

#[test]
fn a_star_answers_everything_else() {
    let mut stub =
        read(r#"{"start-workflow": {}, "*": {"error": {"code": 5, "message": "no such workflow"}}}"#).unwrap();
    assert_eq!(stub.answer(&query()), Err(ClientError::status(5, "no such workflow")));
}

#[test]
fn what_nobody_answers_is_unavailable() {
    let no_server = Stub::read(None).unwrap().answer(&query()).unwrap_err();
    assert!(no_server.to_string().contains("there is no Temporal server"), "{no_server}");
    let mut stub = read(r#"{"start-workflow": {}}"#).unwrap();
    assert!(stub.answer(&query()).unwrap_err().to_string().contains("no answer to query-workflow"));
}

#[test]
fn a_wrong_file_is_refused() {
    let refused = |text| format!("{:#}", read(text).unwrap_err().error);
    assert!(refused("[]").contains("does not hold answers"));
    assert!(refused(r#"{"start": {}}"#).contains("\"start\", which is no method"));
}
