//! Arguments of components without an SDK: whatever they are, and whatever the types, they are refused with a path, or
//! taken and written as they were; and every value of every type comes back.

#![no_main]

use activity::Payload;
use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
struct Case<'a> {
    /// What the type is made of.
    shape: &'a [u8],
    /// What a value of it is made of.
    choices: &'a [u8],
    encoding: Encoding,
    data: &'a [u8],
}

#[derive(Arbitrary, Debug)]
enum Encoding {
    Json,
    Binary,
    Null,
}

fuzz_target!(|case: Case<'_>| {
    values::fuzzing::value(case.shape, case.choices);
    let encoding = match case.encoding {
        Encoding::Json => "json/plain",
        Encoding::Binary => "binary/plain",
        Encoding::Null => "binary/null",
    };
    values::fuzzing::arguments(case.shape, Payload::encoded(encoding, case.data.to_vec().into()));
});
