//! One activity for each behaviour that every guest SDK must have. Tests of the host run them on a real server; SDKs of
//! other languages export the same activities.
//!
//! # Layout
//! `values`: arguments and results. `failures`: ways to fail. `heartbeats`: progress over attempts. `cancellation`:
//! being told to stop. `host_calls`: for a benchmark. `waits`: waiting for events. `attempt`: what an attempt knows and tells. `metrics`: its own
//! metrics. `work`: using time, memory and WASI. `tests/it/conformance/README.md` specifies each of them.

mod attempt;
mod cancellation;
mod client;
mod failures;
mod heartbeats;
mod host_calls;
mod metrics;
mod values;
mod waits;
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
    waits::stay_until_shutdown,
    waits::stay_until_shutdown_async,
    waits::wait_cancel_async,
    waits::wait_with_timeouts,
    host_calls::call_heartbeat,
    host_calls::call_info,
    host_calls::call_info_of_sdk,
    host_calls::call_is_cancelled,
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
    work::sleep_ms,
    work::spin,
);
