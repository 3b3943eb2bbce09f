//! `[tenants.limits]` as it is written.

use activity::SharedLimits;
use worker::TenantLimits;

use crate::config::{
    quantity::{ByteSize, Count},
    raw::mode::RawMode,
    section::section,
};

const TIB: u64 = 1 << 40;

section! {
    /// What all attempts of a tenant together may use, on all its task queues. What they want beyond waits, or is dropped, as
    /// [the table](limits-and-failures.md#limits-of-a-tenant) says of each.
    RawTenantLimits {
        /// the most of the memory budget that it may hold
        memory: Option<ByteSize>, unset "what others leave", example "\"4GiB\"", within ByteSize(64 << 10), ByteSize(1_024 * TIB);
        /// how much of the memory budget is kept for it, whatever others want
        guaranteed_memory: Option<ByteSize>,
            unset "one attempt on its largest task queue, while those of all tenants are half of the budget at most",
            example "\"256MiB\"", within ByteSize(0), ByteSize(1_024 * TIB);
        /// the most attempts at once
        attempts: Option<Count>, unset "as many as its task queues may run", example "50", within Count(1), Count(1_000_000);
        /// attempts that may start in a second
        starts_per_second: Option<Count> = Count(TenantLimits::default().starts), within Count(1), Count(1_000_000);
        /// calls of Temporal's [client](client.md) in a second
        client_calls_per_second: Option<Count> = Count(TenantLimits::default().client_calls),
            within Count(1), Count(1_000_000);
        /// what may be logged in a second
        log_bytes_per_second: Option<ByteSize> = ByteSize(TenantLimits::default().log_bytes),
            within ByteSize(1 << 10), ByteSize(1 << 30);
        /// [HTTP requests](http.md) in flight at once, each on a connection of its own
        http_requests: Option<Count> = Count::from_usize(SharedLimits::default().requests),
            within Count(1), Count(1_000_000);
        /// what its HTTP requests may send in a second, TLS and headers included
        egress_bytes_per_second: Option<ByteSize> = ByteSize(SharedLimits::default().egress),
            within ByteSize(1 << 10), ByteSize(4 << 30);
        /// what they may receive in a second
        ingress_bytes_per_second: Option<ByteSize> = ByteSize(SharedLimits::default().ingress),
            within ByteSize(1 << 10), ByteSize(4 << 30);
        /// what may be written to the directories that its components are granted, in a second
        disk_bytes_per_second: Option<ByteSize> = ByteSize(SharedLimits::default().disk),
            within ByteSize(1 << 10), ByteSize(4 << 30);
        /// the most processor time of its [cell](operations.md#control-groups), in percent of one processor: 150 for one and a
        /// half; it takes cgroups
        cpu_percent: Option<Count>, unset "what its weight leaves it", example "150", within Count(1), Count(100_000);
        /// how many series of metrics its guests may have on each task queue, over all its components
        metric_series: Option<Count> = Count(10_000), within Count(0), Count(1_000_000);
        /// `"enforce"`, or `"count"` to let attempts go on and [count](limits-and-failures.md#count-before-enforce) what would
        /// have waited or been dropped
        mode: Option<RawMode> = RawMode::Enforce;
    }
}
