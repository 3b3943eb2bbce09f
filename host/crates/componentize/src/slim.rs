//! Leaving out what nobody reads: debug information, which compilers' libraries bring along and which is most of a
//! small module. The names of functions stay: stacks of traps have them.

use wasm_encoder::{Module, RawSection};
use wasmparser::{Parser, Payload};

/// What names of sections with debug information begin with.
const DEBUG: &str = ".debug_";

/// The module without debug information; as it was, if it can't be read to its end.
pub(crate) fn slimmed(module: &[u8]) -> Vec<u8> {
    let mut slim = Module::new();
    for payload in Parser::new(0).parse_all(module) {
        let Ok(payload) = payload else { return module.to_vec() };
        if matches!(&payload, Payload::CustomSection(section) if section.name().starts_with(DEBUG)) {
            continue;
        }
        if let Some((id, range)) = payload.as_section() {
            let [Ok(start), Ok(end)] = [range.start, range.end].map(usize::try_from) else { return module.to_vec() };
            let Some(data) = module.get(start..end) else { return module.to_vec() };
            slim.section(&RawSection { id, data });
        }
    }
    slim.finish()
}
