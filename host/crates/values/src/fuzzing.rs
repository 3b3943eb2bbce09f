//! What the fuzz target calls. Built for it and for tests alone.
//!
//! Panics when something that must hold does not.

#![expect(clippy::panic, reason = "that is how a fuzz target says what it has found")]

use activity::{Outcome, Payload};

use crate::{Function, generate::Choices};

/// More than a result has that was made of less than a tenth.
const ENOUGH: usize = 1 << 24;

/// Arguments, whatever they are, for a function of whatever type: refused, or taken; and what is taken comes back as it
/// was. What is refused says where.
pub fn arguments(shape: &[u8], payload: Payload) {
    let ty = Choices(shape).ty(0);
    let function = Function {
        interface: None,
        name: "run".to_owned(),
        parameters: vec![("it".to_owned(), ty.clone())],
        result: Some(ty),
    };
    let taken = match function.arguments(&[payload]) {
        Ok(taken) => taken,
        Err(error) => {
            let text = error.to_string();
            assert!(text.starts_with("it") || text.starts_with("run"), "no path: {text}");
            return;
        }
    };
    let Ok((Outcome::Completed(Some(again)), _)) = function.outcome(taken.first(), ENOUGH) else {
        // An error of a result.
        return;
    };
    // A result's own value is written without what says that it is one.
    if matches!(function.parameters.first(), Some((_, ty)) if matches!(ty.kind, crate::Kind::Result(_))) {
        return;
    }
    match function.arguments(&[again]) {
        Ok(again) => assert_eq!(again, taken),
        Err(error) => panic!("what was written is not read: {error}"),
    }
}

/// A value of whatever type, and its JSON: it is read as it was.
pub fn value(shape: &[u8], choices: &[u8]) {
    let ty = Choices(shape).ty(0);
    let value = Choices(choices).value(&ty);
    let Ok(json) = crate::write::json(&value, &ty, ENOUGH) else { panic!("{value:?} is of {ty:?}") };
    let read = crate::read::Reader::new(json.len()).json("it", &ty, &json);
    match read {
        Ok(read) => assert_eq!(read, value, "{}", String::from_utf8_lossy(&json)),
        Err(error) => panic!("{error} in {}", String::from_utf8_lossy(&json)),
    }
}
