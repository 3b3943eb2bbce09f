//! Host calls, many in a row: for the benchmark of what one costs.

use std::hint::black_box;

use isolet_sdk::{ActivityContext, activity};

/// Asks for the attempt's info, unless `times` is zero. The SDK keeps the answer, so an attempt asks its host once.
#[activity]
pub(crate) fn call_info(context: &ActivityContext, times: u32) -> u32 {
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
