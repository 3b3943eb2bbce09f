//! One activity for each behaviour that every guest SDK must have. Tests of the host run them on a real server; SDKs of
//! other languages export the same activities.
//!
//! # Layout
//! `values`: arguments and results. `failures`: ways to fail. `heartbeats`: progress over attempts. `cancellation`:
//! being told to stop. `attempt`: what an attempt knows and tells. `work`: using time, memory and WASI.

mod attempt;
mod cancellation;
mod failures;
mod heartbeats;
mod values;
mod work;

isolet_sdk::export!(
    values::add,
    values::echo,
    values::greet,
    values::nothing,
    values::reverse_bytes,
    failures::fail,
    failures::fail_application,
    failures::fail_benign,
    failures::fail_until_attempt,
    failures::fail_with_cause,
    failures::panic,
    heartbeats::heartbeat_then_fail,
    heartbeats::heartbeat_then_hang,
    heartbeats::heartbeat_unencodable,
    heartbeats::sleep_with_heartbeats,
    cancellation::park,
    cancellation::stay_until_shutdown,
    cancellation::wait_cancel_caught,
    cancellation::wait_cancel_ignored,
    cancellation::wait_cancel_silent,
    cancellation::wait_cancel_uncaught,
    attempt::complete_async,
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
