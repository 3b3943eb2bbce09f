//! Bytes of JavaScript.
#![expect(unsafe_code, reason = "QuickJS can't know that nothing writes to the bytes meanwhile")]

use rquickjs::{Ctx, Result, TypedArray, Value};

/// A copy of the bytes of an `Uint8Array`.
///
/// # Errors
/// When it is something else, or its memory is gone: a `TypeError`.
pub(crate) fn copy<'js>(ctx: &Ctx<'js>, value: Value<'js>) -> Result<Vec<u8>> {
    let array = TypedArray::<u8>::from_value(value)?;
    // SAFETY: they are copied before any script can run, and there is one thread.
    let copied = unsafe { array.as_bytes() }.map(<[u8]>::to_vec);
    copied.ok_or_else(|| rquickjs::Exception::throw_type(ctx, "the array's memory was given away"))
}

/// An `Uint8Array` of its own.
///
/// # Errors
/// When there is no memory.
pub(crate) fn give<'js>(ctx: &Ctx<'js>, bytes: &[u8]) -> Result<Value<'js>> {
    Ok(TypedArray::<u8>::new_copy(ctx.clone(), bytes)?.into_value())
}
