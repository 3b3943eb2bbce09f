//! `[tenants.limits]`: from what was written to what holds, and whether there is memory for it.

use activity::SharedLimits;
use worker::TenantLimits;

use super::{
    isolation::Isolation,
    problems::{Place, Problems},
    quantity::ByteSize,
    raw::{mode::RawMode, tenant_limits::RawTenantLimits},
    section::Declared as _,
    settings::Settings,
};

/// The part of the budget that guarantees take that nobody has written.
const PART_FOR_DEFAULTS: u64 = 2;

/// Checks the limits of one tenant; `key` names it in problems. Returns the series of metrics that it may have, too. What it
/// is guaranteed is left to [`affordable`] unless it is written.
pub(super) fn validate(
    raw: &RawTenantLimits,
    weight: u32,
    key: &str,
    problems: &mut Problems,
) -> (TenantLimits, usize) {
    let key = format!("{key}.limits");
    raw.check(&Place::Table(key.clone()), problems);
    let (memory, guaranteed) = (raw.memory.map(|size| size.0), raw.guaranteed_memory.map_or(0, |size| size.0));
    if let Some(most) = memory.filter(|most| *most < guaranteed) {
        let problem =
            format_args!("it is {}, more than the {} that `memory` allows", ByteSize(guaranteed), ByteSize(most));
        problems.add(&format!("{key}.guaranteed-memory"), problem);
    }
    let limits = TenantLimits {
        weight,
        guaranteed_memory: guaranteed,
        memory,
        attempts: raw.attempts.map(super::quantity::Count::as_usize),
        starts: raw.starts_per_second().0,
        client_calls: raw.client_calls_per_second().0,
        log_bytes: raw.log_bytes_per_second().0,
        is_counted: raw.mode() == RawMode::Count,
    };
    (limits, raw.metric_series().as_usize())
}

/// What the attempts of a tenant may use together where they run. Its cells keep it, so that its components are told.
pub(super) fn shared(raw: &RawTenantLimits) -> SharedLimits {
    SharedLimits {
        requests: raw.http_requests().as_usize(),
        egress: raw.egress_bytes_per_second().0,
        ingress: raw.ingress_bytes_per_second().0,
        disk: raw.disk_bytes_per_second().0,
        is_counted: raw.mode() == RawMode::Count,
    }
}

/// The most processor time of a tenant's cell, which takes a cell.
pub(super) fn cpu_percent(
    raw: &RawTenantLimits,
    isolation: &Isolation,
    key: &str,
    problems: &mut Problems,
) -> Option<u32> {
    let is_here = raw.cpu_percent.is_some() && *isolation == Isolation::None;
    let problem =
        "its guests run in the worker's own process, which has no such limit; give it a cell, or leave this out";
    problems.refuse_if(is_here, &format!("{key}.limits.cpu-percent"), problem);
    raw.cpu_percent.filter(|_| raw.mode() == RawMode::Enforce).map(super::quantity::Count::as_u32)
}

/// Guarantees those for whom nothing `is_written` one attempt each, if that leaves others enough.
pub(super) fn guarantee(settings: &mut Settings, is_written: &[bool]) {
    let least = settings.tenants.iter().map(super::settings::TenantSettings::least_memory);
    let all = least.fold(0, u64::saturating_add);
    if all > settings.engine.memory_budget / PART_FOR_DEFAULTS {
        return;
    }
    for (tenant, _) in settings.tenants.iter_mut().zip(is_written).filter(|(_, is_written)| !**is_written) {
        let least = tenant.least_memory();
        tenant.limits.guaranteed_memory = least.min(tenant.limits.memory.unwrap_or(u64::MAX));
    }
}

/// Every task queue must be able to run an attempt of its largest component when nothing else runs, or it never could.
pub(super) fn affordable(settings: &Settings, place: &Place, problems: &mut Problems) {
    let budget = settings.engine.memory_budget;
    let guaranteed =
        settings.tenants.iter().fold(0_u64, |sum, tenant| sum.saturating_add(tenant.limits.guaranteed_memory));
    for tenant in &settings.tenants {
        let (name, needed) = (activity::shown::name(&tenant.name), tenant.least_memory());
        let others = guaranteed.saturating_sub(tenant.limits.guaranteed_memory);
        let problem = format_args!(
            "it is {}, and one attempt of tenant {name} needs {}, its memory and what the host holds for it, while {} are \
             guaranteed to other tenants; lower limits.memory of its components or what others are guaranteed, or raise the \
             budget",
            ByteSize(budget),
            ByteSize(needed),
            ByteSize(others),
        );
        let has_room = budget.saturating_sub(others) >= needed;
        problems.refuse_if(!has_room, &place.key("memory-budget"), problem);
        if let Some(most) = tenant.limits.memory.filter(|most| has_room && *most < needed) {
            let problem = format_args!(
                "it is {}, and one attempt needs {}: its memory, and what the host holds for it; raise it, or lower \
                 limits.memory of its components",
                ByteSize(most),
                ByteSize(needed)
            );
            problems.add(&format!("tenant {name}.limits.memory"), problem);
        }
        if !has_room {
            return;
        }
    }
    let problem = format_args!(
        "it is {}, and tenants are guaranteed {} of it; lower their limits.guaranteed-memory, or raise the budget",
        ByteSize(budget),
        ByteSize(guaranteed)
    );
    problems.refuse_if(budget < guaranteed, &place.key("memory-budget"), problem);
}
