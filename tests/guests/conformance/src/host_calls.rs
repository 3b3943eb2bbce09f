//! Host calls, many in a row: for the benchmark of what one costs.

use std::hint::black_box;

use isolet_sdk::bindings::isolet::activity::info;
use isolet_sdk::{ActivityContext, activity};

/// Asks the host each time: the SDK would keep the answer.
#[activity]
pub(crate) fn call_info(times: u32) -> u32 {
    for _ in 0..times {
        black_box(info::get());
    }
    times
}

/// Asks the SDK, which asks the host the first time.
#[activity]
pub(crate) fn call_info_of_sdk(context: &ActivityContext, times: u32) -> u32 {
    for _ in 0..times {
        black_box(context.info());
    }
    times
}

#[activity]
pub(crate) fn call_is_cancelled(context: &ActivityContext, times: u32) -> u32 {
    for _ in 0..times {
        black_box(context.is_cancelled());
    }
    times
}

#[activity]
pub(crate) fn call_heartbeat(context: &ActivityContext, times: u32) -> u32 {
    for time in 0..times {
        context.heartbeat(time);
    }
    times
}
