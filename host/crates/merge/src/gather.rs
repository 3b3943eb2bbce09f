//! Few data segments out of many.
//!
//! A component that begins where its initialisation has ended has thousands of data segments, one for whatever lies between
//! zeros in its memory. For each of them an engine compiles a call, in a function that is there in case the memory can't be
//! mapped: half of all work on the component. Here segments become one that have little between them.

use wasm_encoder::{Component, ConstExpr, DataSection, Module, RawSection};
use wasmparser::{DataKind, DataSectionReader, ImportSectionReader, Operator, Parser, Payload, TypeRef};

/// A module with fewer segments stays as it is.
const MANY: u32 = 256;

/// Zeros between two segments that become one, in bytes.
const MOST_ZEROS: u64 = 4_096;

/// Zeros that a module may always grow by, in bytes; it may by as many as it has of data.
const ALWAYS: u64 = 1 << 20;

/// A data segment.
#[derive(Debug, PartialEq, Eq)]
struct Segment {
    memory: u32,
    offset: u32,
    data: Vec<u8>,
}

/// The component with few segments in its core modules; nothing if there are not many, or if something else than an
/// instance's own memory could tell the difference.
#[must_use]
pub fn gathered(component: &[u8]) -> Option<Vec<u8>> {
    let mut written = Component::new();
    let mut is_changed = false;
    for (payload, id, contents) in sections(component)? {
        let module = match payload {
            Payload::ModuleSection { .. } => gathered_module(contents),
            _ => None,
        };
        is_changed |= module.is_some();
        written.section(&RawSection { id, data: module.as_deref().unwrap_or(contents) });
    }
    is_changed.then(|| written.finish())
}

fn gathered_module(module: &[u8]) -> Option<Vec<u8>> {
    let mut written = Module::new();
    let mut is_changed = false;
    for (payload, id, contents) in sections(module)? {
        match payload {
            // Its functions may name segments, or others may have the memory that they go to.
            Payload::DataCountSection { .. } => return None,
            Payload::ImportSection(ref imports) if has_memory(imports.clone())? => return None,
            Payload::DataSection(segments) => {
                let mut gathered = DataSection::new();
                for Segment { memory, offset, data } in gathered_segments(segments)? {
                    gathered.active(memory, &ConstExpr::i32_const(offset.cast_signed()), data);
                }
                written.section(&gathered);
                is_changed = true;
            }
            _ => drop(written.section(&RawSection { id, data: contents })),
        }
    }
    is_changed.then(|| written.finish())
}

/// The sections of a component or module, without those of what is in it.
fn sections(binary: &[u8]) -> Option<Vec<(Payload<'_>, u8, &[u8])>> {
    let mut sections = Vec::new();
    let mut end = 0;
    for payload in Parser::new(0).parse_all(binary) {
        let payload = payload.ok()?;
        let Some((id, range)) = payload.as_section() else { continue };
        if end <= range.start {
            end = range.end;
            let contents = binary.get(usize::try_from(range.start).ok()?..usize::try_from(range.end).ok()?)?;
            sections.push((payload, id, contents));
        }
    }
    Some(sections)
}

fn has_memory(imports: ImportSectionReader<'_>) -> Option<bool> {
    let mut has_memory = false;
    for import in imports.into_imports() {
        has_memory |= matches!(import.ok()?.ty, TypeRef::Memory(_));
    }
    Some(has_memory)
}

/// Fewer segments that leave the same in memories that are zero; nothing if that is not known.
fn gathered_segments(segments: DataSectionReader<'_>) -> Option<Vec<Segment>> {
    if segments.count() < MANY {
        return None;
    }
    let mut gathered: Vec<Segment> = Vec::new();
    let (mut held, mut filled) = (0_u64, 0_u64);
    for segment in segments {
        let segment = segment.ok()?;
        // Without a count of segments no function can name one.
        let DataKind::Active { memory_index, offset_expr } = segment.kind else { continue };
        let mut offset_expr = offset_expr.get_operators_reader();
        let (Operator::I32Const { value }, Operator::End) = (offset_expr.read().ok()?, offset_expr.read().ok()?) else {
            return None;
        };
        let (memory, offset, data) = (memory_index, value.cast_unsigned(), segment.data);
        held = held.saturating_add(data.len() as u64);
        let last = gathered.last_mut().filter(|last| last.memory == memory);
        let Some(last) = last else {
            // Each memory once, so that nothing is written twice.
            if gathered.iter().any(|other| other.memory == memory) {
                return None;
            }
            gathered.push(Segment { memory, offset, data: data.to_vec() });
            continue;
        };
        let zeros = u64::from(offset).checked_sub(u64::from(last.offset).checked_add(last.data.len() as u64)?)?;
        if zeros <= MOST_ZEROS {
            filled = filled.saturating_add(zeros);
            last.data.resize(last.data.len().checked_add(usize::try_from(zeros).ok()?)?, 0);
            last.data.extend_from_slice(data);
        } else {
            gathered.push(Segment { memory, offset, data: data.to_vec() });
        }
        // A component of many small ones must not become a large one.
        if held.saturating_add(ALWAYS) < filled {
            return None;
        }
    }
    Some(gathered)
}

#[cfg(test)]
mod tests {
    use wasmparser::Validator;

    use super::*;

    /// The segments of the only module in a component.
    fn segments(component: &[u8]) -> Vec<Segment> {
        let mut found = Vec::new();
        for payload in Parser::new(0).parse_all(component) {
            let Payload::DataSection(segments) = payload.unwrap() else { continue };
            for segment in segments {
                let segment = segment.unwrap();
                let DataKind::Active { memory_index: memory, offset_expr } = segment.kind else { continue };
                let Operator::I32Const { value } = offset_expr.get_operators_reader().read().unwrap() else {
                    panic!("no constant")
                };
                found.push(Segment { memory, offset: value.cast_unsigned(), data: segment.data.to_vec() });
            }
        }
        found
    }

    fn component(module: &str) -> Vec<u8> {
        let text = format!("(component (core module $m {module}) (core instance (instantiate $m)))");
        wat::parse_str(text).unwrap()
    }

    /// Segments of two bytes, so far from one another.
    fn many(distance: usize, memory: usize) -> String {
        let segment = |at: usize| format!("(data (memory {memory}) (i32.const {}) \"ab\")", at * distance);
        (0..300).map(segment).collect()
    }

    #[test]
    fn many_segments_become_few_with_the_same_in_memory() {
        let memories = "(memory 1) (memory 100) (data \"which nobody takes\")";
        let before = component(&format!("{memories} {} {}", many(10, 0), many(10_000, 1)));
        let after = gathered(&before).unwrap();
        Validator::new().validate_all(&after).unwrap();
        let after = segments(&after);
        assert_eq!(after.len(), 1 + 300);
        let [first, rest @ ..] = &after[..] else { panic!() };
        assert_eq!((first.memory, first.offset, first.data.len()), (0, 0, 299 * 10 + 2));
        assert!(
            first.data.chunks(10).all(|chunk| chunk.starts_with(b"ab") && chunk[2..].iter().all(|byte| *byte == 0))
        );
        assert_eq!(rest, &segments(&before)[300..]);
        assert_eq!(rest.len(), 300);
    }

    #[test]
    fn what_could_tell_the_difference_stays_as_it_is() {
        let memory = "(memory 100)";
        let stays = [
            // Not many.
            format!("{memory} (data (i32.const 0) \"ab\") (data (i32.const 4) \"cd\")"),
            // Somebody else's memory, which may hold something already.
            format!("(import \"a\" \"b\" (memory 1)) {}", many(10, 0)),
            // Written over, or in another order.
            format!("{memory} {} (data (i32.const 1) \"c\")", many(10, 0)),
            format!("{memory} (memory 1) {} {} (data (i32.const 9999) \"c\")", many(10, 0), many(10, 1)),
            // Named by a function.
            format!("{memory} (func (data.drop 0)) {} (data \"passive\")", many(10, 0)),
            // Where nobody knows.
            format!("(import \"a\" \"b\" (global $g i32)) {memory} {} (data (global.get $g) \"c\")", many(10, 0)),
            // Almost nothing but zeros.
            format!("{memory} {}", many(4_000, 0)),
        ];
        for module in stays {
            let text = format!("(component (core module {module}))");
            assert_eq!(gathered(&wat::parse_str(text).unwrap()), None, "{module}");
        }
        assert_eq!(gathered(b"\0asm\x0d\0\x01\0\x01\x7f"), None);
    }
}
