//! Makes components of `isolet:activity` from core modules in text form, so that a test can write a guest no compiler
//! would produce. Knows the contract's WIT and nothing of the host.
//!
//! The core module exports `memory`, `cabi_realloc` and the two functions named by [`LIST_ACTIVITIES`] and [`EXECUTE`],
//! and may import the contract's functions, such as `isolet:activity/cancellation@0.1.0` `is-cancelled`.

use std::path::Path;

use anyhow::{Context as _, Result};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// The core export behind `handler.list-activities`: `() -> i32`, a pointer to the list's pointer and length.
pub const LIST_ACTIVITIES: &str = "isolet:activity/handler@0.1.0#list-activities";

/// The core export behind `handler.execute`: `(type pointer, type length, input pointer, input length) -> i32`, a
/// pointer to the outcome.
pub const EXECUTE: &str = "isolet:activity/handler@0.1.0#execute";

/// A component whose only core module is `core_wat`.
pub fn encode(core_wat: &str) -> Result<Vec<u8>> {
    encode_for("package test:guest; world guest { include isolet:activity/activity@0.1.0; }", core_wat)
}

/// The same for another world: `guest` of the package that `wit` is, which may use the contract's.
pub fn encode_for(wit: &str, core_wat: &str) -> Result<Vec<u8>> {
    let contract = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../wit");
    let mut resolve = Resolve::default();
    resolve.push_dir(&contract).context("the contract's WIT doesn't parse")?;
    let package = resolve.push_str("guest.wit", wit).context("the guest's WIT doesn't parse")?;
    let world = resolve.select_world(&[package], Some("guest"))?;
    let mut module = wat::parse_str(core_wat).context("the core module doesn't parse")?;
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)?;
    ComponentEncoder::default()
        .validate(true)
        .module(&module)
        .context("the core module doesn't fit the world")?
        .encode()
        .context("the component can't be encoded")
}

/// A component with one activity, `run`, whose `execute` is `body`: WAT instructions that leave an outcome's address
/// on the stack. The locals are `$type`, `$type_len`, `$input` and `$input_len`; `i32.const 0` is the address of a
/// completed outcome without a value. `items` are further items of the module: imports, functions, tables, globals.
/// The memory has one page and may grow; addresses from 1024 on are the allocator's.
pub fn activity(items: &str, body: &str) -> Result<Vec<u8>> {
    encode(&activity_module(items, body))
}

/// The core module of [`activity`], to be changed by hand.
pub fn activity_module(items: &str, body: &str) -> String {
    format!(
        r#"(module
  {items}
  (memory (export "memory") 1)
  ;; 256: the list's pointer and length; 272: one definition, named "run" and interruptible; 300: the name.
  (data (i32.const 256) "\10\01\00\00\01\00\00\00")
  (data (i32.const 272) "\00\00\00\00\2c\01\00\00\03\00\00\00\01\00\00\00")
  (data (i32.const 300) "run")
  (global $heap (mut i32) (i32.const 1024))
  (func (export "cabi_realloc") (param $old i32) (param $old_len i32) (param $align i32) (param $len i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $heap) (i32.const 15)) (i32.const -16)))
    (global.set $heap (i32.add (local.get $at) (local.get $len)))
    (block $fits
      (br_if $fits (i32.le_u (global.get $heap) (i32.mul (memory.size) (i32.const 65536))))
      (br_if $fits (i32.ne (i32.const -1) (memory.grow
        (i32.add (i32.const 1) (i32.div_u (local.get $len) (i32.const 65536))))))
      unreachable)
    (local.get $at))
  (func (export "{LIST_ACTIVITIES}") (result i32) (i32.const 256))
  (func (export "{EXECUTE}") (param $type i32) (param $type_len i32) (param $input i32) (param $input_len i32)
    (result i32)
    {body}))
"#
    )
}

#[cfg(test)]
mod tests {
    #[test]
    fn encodes_an_activity() {
        let component = super::activity("", "i32.const 0").expect("the template is a component");
        assert!(component.starts_with(b"\0asm"));
    }
}
