//! The activities of the conformance suite once more, with an `async fn` for each that waits or heartbeats. Those that do
//! neither are the same.

#[path = "../../conformance/src/attempt.rs"]
mod attempt;
mod cancellation;
#[path = "../../conformance/src/client.rs"]
mod client;
#[path = "../../conformance/src/failures.rs"]
mod failures;
mod heartbeats;
#[path = "../../conformance/src/metrics.rs"]
mod metrics;
#[path = "../../conformance/src/values.rs"]
mod values;
mod waits;
#[path = "../../conformance/src/work.rs"]
#[expect(dead_code, reason = "one of its activities sleeps: that is in `waits`")]
mod work;

isolet_sdk::export!(
    values::add,
    values::echo,
    values::greet,
    values::nothing,
    values::recode,
    values::reverse_bytes,
    values::unencodable_result,
    values::with_default,
    failures::fail,
    failures::fail_application,
    failures::fail_benign,
    failures::fail_empty,
    failures::fail_until_attempt,
    failures::fail_with_bad_detail,
    failures::fail_with_cause,
    failures::panic,
    heartbeats::heartbeat_details,
    heartbeats::heartbeat_then_fail,
    heartbeats::heartbeat_then_hang,
    heartbeats::heartbeat_unencodable,
    heartbeats::heartbeat_unencodable_caught,
    heartbeats::heartbeat_unencodable_returned,
    heartbeats::sleep_with_heartbeats,
    cancellation::fail_cancelled,
    cancellation::shield_forever,
    cancellation::wait_cancel_caught,
    cancellation::wait_cancel_first_attempt,
    cancellation::wait_cancel_ignored,
    cancellation::wait_cancel_polling,
    cancellation::wait_cancel_shielded,
    cancellation::wait_cancel_silent,
    cancellation::wait_cancel_swallowed,
    cancellation::wait_cancel_then_fail,
    cancellation::wait_cancel_twice,
    cancellation::wait_cancel_uncaught,
    waits::park,
    waits::sleep_ms,
    waits::stay_until_shutdown,
    waits::stay_until_shutdown_async,
    waits::wait_cancel_async,
    waits::wait_with_timeouts,
    metrics::measure,
    metrics::measure_series,
    metrics::unmakeable_instruments,
    client::client_after_deadline,
    client::client_complete_by_id,
    client::client_complete_by_token,
    client::client_describe,
    client::client_drive_workflow,
    client::client_execute_activity,
    client::client_execute_workflow,
    client::client_pass_on_failure,
    client::client_rpc,
    client::client_stop_activity,
    client::client_stop_workflow,
    client::client_tell_token,
    client::client_wait_forever,
    attempt::complete_async,
    attempt::idempotency_key,
    attempt::info,
    attempt::log_lines,
    work::allocate,
    work::clock,
    work::cpu_ms,
    work::environment,
    work::random,
    work::read_file,
    work::spin,
);
