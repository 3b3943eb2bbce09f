//! Using time, memory and WASI.

use std::hash::{BuildHasher, RandomState};
use std::hint::black_box;
use std::time::{Duration, Instant, SystemTime, SystemTimeError, UNIX_EPOCH};

use isolet_sdk::{ActivityContext, ActivityError, activity};

/// Sleeps; a cancellation ends it.
#[activity]
pub(crate) fn sleep_ms(context: &ActivityContext, ms: u64) -> Result<u64, ActivityError> {
    context.sleep(Duration::from_millis(ms))?;
    Ok(ms)
}

/// Computes for this long.
#[activity]
pub(crate) fn cpu_ms(ms: u64) -> u64 {
    let end = Instant::now() + Duration::from_millis(ms);
    let mut sum = 0_u64;
    while Instant::now() < end {
        for number in 0..100_000_u64 {
            sum = black_box(sum.wrapping_add(number));
        }
    }
    ms
}

/// Computes for ever.
#[activity]
pub(crate) fn spin() {
    loop {
        black_box(0);
    }
}

/// Takes this much memory, writes to all of it and returns its size in bytes.
#[activity]
pub(crate) fn allocate(mib: usize) -> usize {
    black_box(vec![1_u8; mib << 20]).len()
}

/// The time of day, in milliseconds since the epoch.
#[activity]
pub(crate) fn clock() -> Result<u128, SystemTimeError> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())
}

/// A number that differs from attempt to attempt.
#[activity]
pub(crate) fn random() -> String {
    format!("{:016x}", RandomState::new().hash_one(0))
}

/// The content of a file: an error unless a folder was granted.
#[activity]
pub(crate) fn read_file(path: String) -> Result<String, std::io::Error> {
    std::fs::read_to_string(path)
}

/// The names of the environment's variables: none unless granted.
#[activity]
pub(crate) fn environment() -> Vec<String> {
    std::env::vars().map(|(name, _)| name).collect()
}
