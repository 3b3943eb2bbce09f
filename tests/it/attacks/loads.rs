//! Attacks of components that are to be served: on what reads, compiles and starts them.

use std::{fs, path::PathBuf};

use crate::{hostile::Guests, support::component};

/// A component that is to be served.
pub(super) struct Load {
    pub(super) what: &'static str,
    pub(super) file: PathBuf,
    /// What becomes of it: a part of what is told.
    pub(super) told: &'static str,
}

/// All of them.
pub(super) fn loads(guests: &Guests) -> Vec<Load> {
    [of_files(guests), of_starts(guests)].into_iter().flatten().collect()
}

fn load(what: &'static str, file: PathBuf, told: &'static str) -> Load {
    Load { what, file, told }
}

/// Whatever reads and compiles them has to do with these.
fn of_files(guests: &Guests) -> Vec<Load> {
    let whole = fs::read(component("hostile")).unwrap();
    let padded = |name: &str, mib: usize| guests.file(name, &with_custom_section(&whole, mib << 20));
    let nested = format!("{}{}", "block\n".repeat(50_000), "end\n".repeat(50_000));
    vec![
        load("an empty file", guests.file("empty.wasm", b""), "an empty file"),
        load("a text", guests.file("text.wasm", b"fn main() {}"), "it is not a WebAssembly component"),
        load("half of a component", guests.file("half.wasm", &whole[..whole.len() / 2]), "it is not a valid component"),
        load("a component of 100 MiB", padded("large.wasm", 100), "serving"),
        load("a component of 200 MiB", padded("too-large.wasm", 200), "at most 128 MiB are compiled"),
        load(
            "100,000 functions",
            guests.activity("many_functions", &"(func)".repeat(100_000), "i32.const 0"),
            "serving",
        ),
        load(
            "50,000 blocks in each other",
            guests.activity("nested", &format!("(func {nested})"), "i32.const 0"),
            "serving",
        ),
        load("a name that moves the cursor", odd_name(guests), "serving"),
    ]
}

/// Whatever starts them has to do with these.
fn of_starts(guests: &Guests) -> Vec<Load> {
    vec![
        load(
            "a start without end",
            start(guests, "start_without_end", "(loop $ever (br $ever))"),
            "did not end within 5s",
        ),
        load("a start that traps", start(guests, "start_that_traps", "unreachable"), "the guest trapped"),
        load(
            "a start that takes memory until there is none",
            start(
                guests,
                "start_that_grows",
                "(loop $more (br_if $more (i32.ne (i32.const -1) (memory.grow (i32.const 16)))))",
            ),
            "serving",
        ),
        load(
            "a list of activities without end",
            guests.changed(
                "list_without_end",
                "(result i32) (i32.const 256))",
                "(result i32) (loop $ever (br $ever)) unreachable)",
            ),
            "did not end within 5s",
        ),
        load(
            "a list of activities outside of its memory",
            guests.changed("list_outside_memory", "(result i32) (i32.const 256))", "(result i32) (i32.const -8))"),
            "pointer out of bounds of memory",
        ),
        load(
            "a memory of 4 GiB",
            guests.changed("huge_memory", r#"(memory (export "memory") 1)"#, r#"(memory (export "memory") 65536)"#),
            "more memory than its limit",
        ),
        load(
            "a table of a million",
            guests.activity("huge_table", "(table 1000000 funcref)", "i32.const 0"),
            "does not fit into a sandbox",
        ),
    ]
}

/// A component whose activity is called so that it moves a terminal's cursor; its file is not.
fn odd_name(guests: &Guests) -> PathBuf {
    let file = guests.activity("\u{1b}[2J\u{202e}evil", "", "i32.const 0");
    guests.file("odd_name.wasm", &fs::read(file).unwrap())
}

fn start(guests: &Guests, name: &str, body: &str) -> PathBuf {
    guests.activity(name, &format!("(func $start {body}) (start $start)"), "i32.const 0")
}

/// The same component, with so many bytes that mean nothing.
fn with_custom_section(component: &[u8], size: usize) -> Vec<u8> {
    let name = b"\x07padding";
    let mut length = size + name.len();
    let mut section = vec![0];
    while length >= 0x80 {
        section.push(u8::try_from(length & 0x7f).unwrap() | 0x80);
        length >>= 7;
    }
    section.push(u8::try_from(length).unwrap());
    [component, &section, name, &vec![0; size]].concat()
}
