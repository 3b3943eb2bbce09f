//! The contract's WIT as Rust. The only `bindgen!` of the host.
#![expect(missing_docs, reason = "generated; the WIT documents each item")]

wasmtime::component::bindgen!({
    path: "../../../wit",
    world: "activity",
    imports: {
        // What may block waits on a runtime, so that only its own guest waits.
        "isolet:activity/cancellation.wait": async | trappable,
        "isolet:activity/client": async | trappable,
        "isolet:activity/metrics.[method]counter.add": async | trappable,
        "isolet:activity/metrics.[method]gauge-float.set": async | trappable,
        "isolet:activity/metrics.[method]gauge.set": async | trappable,
        "isolet:activity/metrics.[method]histogram-duration.record": async | trappable,
        "isolet:activity/metrics.[method]histogram-float.record": async | trappable,
        "isolet:activity/metrics.[method]histogram.record": async | trappable,
        default: trappable,
    },
    exports: { default: async },
    with: { "wasi:io": wasmtime_wasi::p2::bindings::io },
});
