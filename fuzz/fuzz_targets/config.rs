//! The configuration: whatever is in the file, it is refused or holds, and what it means is shown without a secret.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| isolet::fuzzing::config(text));
