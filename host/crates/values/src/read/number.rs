//! Numbers, from what is written: no digit is lost.

use wasmtime::component::Val;

use crate::{Integer, Kind, Type};

/// Whole numbers up to this have a double of their own, so that one that was written with a point or an exponent means
/// them and no neighbour.
const SAFE: f64 = 9_007_199_254_740_992.0;

/// The number of `ty` that `written` is: any JSON.
///
/// # Errors
/// When it is none; with what is expected.
pub(super) fn read(ty: &Type, written: &str) -> Result<Val, String> {
    let expected = |got: &str| format!("expected {}, got {got}", ty.expected());
    let text = match written.as_bytes().first() {
        Some(b'"') => Some(serde_json::from_str::<String>(written).map_err(|_| expected("a text"))?),
        Some(b'-' | b'0'..=b'9') => None,
        _ => return Err(expected(found(written))),
    };
    let number = match (&ty.kind, text) {
        (Kind::Integer(integer), None) => whole(written).map(|number| value(*integer, number)),
        (Kind::Integer(integer), Some(text)) if integer.is_wide() => {
            digits(&text).map(|number| value(*integer, number))
        }
        (Kind::Float32, None) => written.parse().ok().map(|number: f32| finite(number).map(Val::Float32)),
        (Kind::Float64, None) => written.parse().ok().map(|number: f64| finite(number).map(Val::Float64)),
        #[expect(clippy::cast_possible_truncation, reason = "these have no digits to lose")]
        (Kind::Float32, Some(text)) => special(&text).map(|number| Some(Val::Float32(number as f32))),
        (Kind::Float64, Some(text)) => special(&text).map(|number| Some(Val::Float64(number))),
        (_, Some(_)) => return Err(expected("a text")),
        (_, None) => return Err(expected("a number")),
    };
    match number {
        Some(Some(value)) => Ok(value),
        Some(None) => Err(expected("a number beyond it")),
        None if written.starts_with('"') => Err(expected("another text")),
        None => Err(expected("another number")),
    }
}

/// What a value is that is no number.
fn found(written: &str) -> &'static str {
    match written.as_bytes().first() {
        Some(b'[') => "a list",
        Some(b'{') => "an object",
        Some(b't') => "true",
        Some(b'f') => "false",
        _ => "null",
    }
}

/// A whole number, however JSON writes it: `5`, `5.0`, `5e3`.
fn whole(written: &str) -> Option<i128> {
    if !written.contains(['.', 'e', 'E']) {
        // More digits than these are beyond every type.
        return Some(written.parse().unwrap_or(i128::MAX));
    }
    let number: f64 = written.parse().ok()?;
    if number.fract() != 0.0 {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "it is whole, and within what is cast exactly")]
    let whole = if number.abs() <= SAFE { number as i128 } else { i128::MAX };
    Some(whole)
}

/// A whole number that is written as a text: digits, and nothing that another language would read otherwise.
fn digits(text: &str) -> Option<i128> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let is_plain = !unsigned.is_empty() && unsigned.bytes().all(|digit| digit.is_ascii_digit());
    is_plain.then(|| text.parse().unwrap_or(i128::MAX))
}

/// The doubles that JSON has no numbers for.
fn special(text: &str) -> Option<f64> {
    match text {
        "NaN" => Some(f64::NAN),
        "Infinity" => Some(f64::INFINITY),
        "-Infinity" => Some(f64::NEG_INFINITY),
        _ => None,
    }
}

/// What is too large for a float is no infinity.
fn finite<F: Copy + Into<f64>>(number: F) -> Option<F> {
    number.into().is_finite().then_some(number)
}

fn value(integer: Integer, number: i128) -> Option<Val> {
    Some(match integer {
        Integer::U8 => Val::U8(number.try_into().ok()?),
        Integer::U16 => Val::U16(number.try_into().ok()?),
        Integer::U32 => Val::U32(number.try_into().ok()?),
        Integer::U64 => Val::U64(number.try_into().ok()?),
        Integer::S8 => Val::S8(number.try_into().ok()?),
        Integer::S16 => Val::S16(number.try_into().ok()?),
        Integer::S32 => Val::S32(number.try_into().ok()?),
        Integer::S64 => Val::S64(number.try_into().ok()?),
    })
}
