//! What an attempt has cost, as metadata of its result.

use activity::{ComponentId, Info, Payload, Usage};
use serde_json::json;

/// The key of the metadata.
const KEY: &str = "isolet-receipt";

/// Larger results go without, in bytes: the server takes 2 MiB, and what it takes must not depend on this.
const LARGEST_RESULT: usize = 1 << 20;

/// Adds it. Whatever the guest put there under this name is gone: it is the host's word.
pub(crate) fn add(result: &mut Payload, component: &ComponentId, info: &Info, usage: Usage) {
    result.metadata.retain(|(key, _)| key != KEY);
    if LARGEST_RESULT < result.size() {
        return;
    }
    let milliseconds = |duration: std::time::Duration| 1_000.0 * duration.as_secs_f64();
    let receipt = json!({
        "tenant": component.tenant,
        "digest": component.digest,
        "attempt": info.attempt,
        "wall_ms": milliseconds(usage.wall),
        "cpu_ms": milliseconds(usage.cpu),
        "peak_memory_bytes": usage.peak_memory,
        "host_calls": usage.traffic.host_calls,
        "bytes_in": usage.traffic.bytes_in,
        "bytes_out": usage.traffic.bytes_out,
    });
    result.metadata.push((KEY.to_owned(), receipt.to_string().into()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_tells_what_it_has_cost() {
        let mut result = Payload::json("1");
        result.metadata.push((KEY.to_owned(), "forged".into()));
        let component = ComponentId { tenant: "acme".to_owned(), ..ComponentId::new("orders", "0123") };
        add(&mut result, &component, &Info { attempt: 2, ..Info::default() }, Usage::default());
        assert_eq!(result.metadata.len(), 2);
        let receipt: serde_json::Value = serde_json::from_slice(result.metadata(KEY).unwrap()).unwrap();
        assert_eq!((&receipt["tenant"], &receipt["attempt"]), (&json!("acme"), &json!(2)));
        let mut large = Payload::json(vec![b'1'; LARGEST_RESULT]);
        add(&mut large, &component, &Info::default(), Usage::default());
        assert!(large.metadata(KEY).is_none());
    }
}
