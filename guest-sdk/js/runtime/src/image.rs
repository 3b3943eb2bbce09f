//! The image that attempts begin with: what is in memory once a project's code is loaded.
#![expect(unsafe_code, reason = "what is done to the engine's memory is done in C, with the engine's own definitions")]

use std::ptr::NonNull;

use rquickjs::{Ctx, qjs::JSContext};

unsafe extern "C" {
    fn isolet_settle(ctx: NonNull<JSContext>);
}

/// Makes what is there such that an attempt writes to little of it: garbage goes, the rest stays for good, and what is
/// allocated from now on lies together. See `quickjs/after.h`.
pub(crate) fn settle(ctx: &Ctx<'_>) {
    // SAFETY: the context is alive, nothing runs in it, and C changes only what it says there.
    unsafe { isolet_settle(ctx.as_raw()) }
}
