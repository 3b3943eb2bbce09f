//! The report of the shipped table, whole and resumed.

use isolet_sdk::test::TestContext;

use super::*;

const WEATHER: &[u8] = include_bytes!("../data/weather.csv");

fn options(measure: &str) -> Options {
    Options { group_by: "location".to_owned(), measure: measure.to_owned(), chunk_rows: 250, pause_per_chunk_ms: 20 }
}

fn report(test: &TestContext, table: &[u8], measure: &str) -> Result<Report, ActivityError> {
    csv_report(&test.context(), Bytes(table.to_vec()), options(measure))
}

fn failure(result: Result<Report, ActivityError>) -> ApplicationFailure {
    match result {
        Err(ActivityError::Application(failure)) => *failure,
        other => unreachable!("{other:?}"),
    }
}

#[test]
fn the_weather_of_two_cities() {
    let test = TestContext::new();
    let report = report(&test, WEATHER, "temp_max").unwrap();
    assert_eq!((report.rows, report.skipped_rows, report.resumed_after_row), (2922, 0, 0));
    let rounded: Vec<_> = report
        .groups
        .iter()
        .map(|group| (group.group.as_str(), group.count, group.min, (group.mean * 100.0).round() / 100.0, group.max))
        .collect();
    assert_eq!(rounded, [("New York", 1461, -7.7, 17.1, 37.8), ("Seattle", 1461, -1.6, 16.44, 35.6)]);
    assert_eq!(test.raw_heartbeats().len(), 11);
    assert_eq!(test.waited(), Duration::from_millis(11 * 20));
}

#[test]
fn a_later_attempt_goes_on_where_the_earlier_one_was() {
    let first = TestContext::new().cancelled_after_heartbeats(7);
    assert!(matches!(report(&first, WEATHER, "wind"), Err(ActivityError::Cancelled(_))));
    let last: Progress = first.heartbeats().unwrap().pop().unwrap();
    assert_eq!(last.rows, 1750);

    let second = TestContext::new().with_heartbeat_details(&[&last]);
    let resumed = report(&second, WEATHER, "wind").unwrap();
    assert_eq!((resumed.attempt, resumed.resumed_after_row), (2, 1750));
    assert_eq!(second.raw_heartbeats().len(), 4);
    assert_eq!(second.logs().len(), 1);
    assert_eq!(resumed.groups, report(&TestContext::new(), WEATHER, "wind").unwrap().groups);
}

#[test]
fn rows_without_a_number_are_counted() {
    let report = report(&TestContext::new(), b"location,wind\nA,1\nA,\nB,calm\n", "wind").unwrap();
    assert_eq!((report.rows, report.skipped_rows, report.groups.len()), (3, 2, 1));
}

#[test]
fn a_column_that_is_not_there_is_not_retried() {
    let failure = failure(report(&TestContext::new(), b"location,wind\n", "rain"));
    assert_eq!(failure.message(), "no column rain; there are location, wind");
    assert!(failure.is_non_retryable() && failure.type_name() == "UnknownColumn" && failure.details().len() == 1);
}

#[test]
fn what_is_no_csv_is_not_retried() {
    let failure = failure(report(&TestContext::new(), b"location,wind\nA,1,2\n", "wind"));
    assert!(failure.is_non_retryable() && failure.type_name() == "BadTable");
}

#[test]
fn the_worker_s_arguments_fit() {
    let arguments = std::collections::BTreeMap::from([("group_by", "weather"), ("measure", "wind")]);
    let result = TestContext::new().run::<csv_report>(&[&Bytes(WEATHER.to_vec()), &arguments]);
    let json = String::from_utf8(result.unwrap().data).unwrap();
    assert!(
        json.starts_with(r#"{"rows":2922,"skipped_rows":0,"attempt":1,"resumed_after_row":0,"groups":["#),
        "{json}"
    );
}
