//! Wasmtime's configuration. Every engine of the host, and the process that compiles, is configured here: compiled code
//! only fits an engine with the same settings.

use std::{fs, num::NonZeroUsize};

use activity::INSTANCE_DATA;
use wasmtime::{Config, Enabled, InstanceAllocationStrategy, PoolingAllocationConfig, WasmBacktraceDetails};

use crate::{EngineSettings, error::EngineError};

/// What a host call may use of a guest's stack beyond what the guest itself may.
const HOST_STACK: usize = 1 << 20;

/// What a slot keeps resident when its sandbox is gone, so that the next one need not fault it in again. Costs at most
/// this much memory for each slot that was ever in use.
const KEPT_MEMORY: usize = 4 << 20;
const KEPT_TABLES: usize = 256 << 10;
const KEPT_STACK: usize = 64 << 10;

/// Frames of a trap's backtrace: enough to see where a recursion came from.
pub(crate) const BACKTRACE_FRAMES: NonZeroUsize = NonZeroUsize::MIN.saturating_add(31);

/// Core instances, tables and memories of a sandbox: a Python component has 38 core instances, a QuickJS component 13
/// with 3 memories and 3 tables.
pub(crate) const INSTANCES_PER_SLOT: u32 = 64;
pub(crate) const TABLES_PER_SLOT: u32 = 8;

/// Mappings that the process needs for everything but sandboxes.
const OTHER_MAPPINGS: u64 = 4_000;

/// Memories of 4 GiB and their guards that fit into the 47 bits of a process's address space, with room to spare.
const MOST_MEMORIES: u32 = 28_000;

/// The limit on mappings of a system that does not tell: Linux's default.
const USUAL_MAPPINGS: u64 = 65_530;

/// The configuration of an engine that runs guests.
pub fn wasmtime_config(settings: &EngineSettings, slots: u32) -> Config {
    let mut config = compile_config(settings.wasm_stack);
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(slots)
        .total_stacks(slots)
        .total_core_instances(slots.saturating_mul(INSTANCES_PER_SLOT))
        .total_memories(slots.saturating_mul(settings.memories_per_slot))
        .total_tables(slots.saturating_mul(TABLES_PER_SLOT))
        .max_core_instances_per_component(INSTANCES_PER_SLOT)
        .max_component_instance_size(INSTANCE_DATA)
        .max_core_instance_size(INSTANCE_DATA)
        .max_memories_per_component(settings.memories_per_slot)
        .max_tables_per_component(TABLES_PER_SLOT)
        .max_tables_per_module(TABLES_PER_SLOT)
        .max_memory_size(usize::try_from(settings.max_memory).unwrap_or(usize::MAX))
        .table_elements(usize::try_from(settings.max_table_elements).unwrap_or(usize::MAX))
        .linear_memory_keep_resident(KEPT_MEMORY)
        .table_keep_resident(KEPT_TABLES)
        .async_stack_keep_resident(KEPT_STACK)
        // Resets only the pages that a guest has touched. Without it keeping pages costs more than it saves.
        .pagemap_scan(Enabled::Auto);
    // A slot that was once used for a deep recursion does not keep all of that.
    config.async_stack_zeroing(true);
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    config
}

/// The part of the configuration that compiled code depends on.
pub(crate) fn compile_config(wasm_stack: usize) -> Config {
    let mut config = Config::new();
    config
        .epoch_interruption(true)
        .concurrency_support(false)
        .max_wasm_stack(wasm_stack)
        .async_stack_size(wasm_stack.saturating_add(HOST_STACK))
        .wasm_backtrace_max_frames(Some(BACKTRACE_FRAMES))
        // Reading a guest's debug information costs 20 ms a trap.
        .wasm_backtrace_details(WasmBacktraceDetails::Disable)
        // Held to a lower standard by wasmtime's security policy, or needed by no guest toolchain.
        .wasm_threads(false)
        .wasm_relaxed_simd(false)
        .wasm_memory64(false)
        .wasm_gc(false)
        .wasm_function_references(false)
        .wasm_exceptions(false)
        .gc_support(false);
    config
}

/// How many slots the system has room for, at most those of the settings.
///
/// # Errors
/// When it has not even room for one.
pub(crate) fn slots_that_fit(settings: &EngineSettings) -> Result<u32, EngineError> {
    let mappings = fs::read_to_string("/proc/sys/vm/max_map_count").ok().and_then(|text| text.trim().parse().ok());
    slots_within(settings, mappings.unwrap_or(USUAL_MAPPINGS))
}

fn slots_within(settings: &EngineSettings, mappings: u64) -> Result<u32, EngineError> {
    let wanted = settings.pool_slots.max(1);
    // A stack has two mappings, an instance one or two, and each memory up to three: measured, 6 with one memory.
    let per_slot = 3 + 3 * u64::from(settings.memories_per_slot);
    let mapped = mappings.saturating_sub(OTHER_MAPPINGS) / per_slot;
    let addressed = MOST_MEMORIES / settings.memories_per_slot.max(1);
    let slots = wanted.min(addressed).min(u32::try_from(mapped).unwrap_or(u32::MAX));
    if slots == 0 {
        return Err(EngineError::Mappings { available: mappings });
    }
    if slots < wanted {
        tracing::warn!(
            wanted,
            slots,
            max_map_count = mappings,
            "fewer sandboxes at once than configured: raise vm.max_map_count, or lower the memories of a sandbox"
        );
    }
    Ok(slots)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_fit_into_mappings_and_address_space() {
        let slots = |pool_slots, memories_per_slot, mappings| {
            let settings = EngineSettings { pool_slots, memories_per_slot, ..EngineSettings::default() };
            slots_within(&settings, mappings).ok()
        };
        assert_eq!(slots(100, 4, USUAL_MAPPINGS), Some(100));
        assert_eq!(slots(5_000, 4, USUAL_MAPPINGS), Some(4_102));
        assert_eq!(slots(10_000, 1, USUAL_MAPPINGS), Some(10_000));
        assert_eq!(slots(10_000, 4, 1_000_000), Some(7_000));
        assert_eq!(slots(1, 4, 4_000), None);
    }
}
