//! Components without an SDK that mean no good: each ends in a failure of its own kind, and the host goes on.

use std::{fmt::Write as _, sync::Arc, time::Duration};

use activity::{Limits, Policy};
use engine::{Engine, LoadError, Loaded, Source};
use expect_test::{Expect, expect};

use crate::{
    functions::call,
    support::{engine, short_task},
};

/// A component with one function, `run`, of these parameters and this result, whose core function has this body. What is
/// called to allocate and after a return are bodies, too.
#[derive(Clone, Copy)]
struct Guest {
    types: &'static str,
    parameters: &'static str,
    core_parameters: &'static str,
    result: &'static str,
    body: &'static str,
    realloc: Option<&'static str>,
    post_return: &'static str,
    start: &'static str,
}

/// One that takes a text and returns a list of bytes at address 16, as address 8 tells.
const GOOD: Guest = Guest {
    types: "",
    parameters: r#"(param "text" string)"#,
    core_parameters: "(param i32 i32)",
    result: "(list u8)",
    body: "(i32.store (i32.const 8) (i32.const 16)) (i32.store (i32.const 12) (i32.const 3)) i32.const 8",
    realloc: Some("i32.const 1024"),
    post_return: "",
    start: "",
};

impl Guest {
    fn component(self) -> String {
        let Self { types, parameters, core_parameters, result, body, realloc, post_return, start } = self;
        let export = realloc.map_or(String::new(), |body| {
            format!(r#"(func (export "realloc") (param i32 i32 i32 i32) (result i32) {body})"#)
        });
        let alias = if realloc.is_some() { r#"(alias core export $m "realloc" (core func $realloc))"# } else { "" };
        let option = if realloc.is_some() { r#"(realloc $realloc)"# } else { "" };
        format!(
            r#"(component {types}
                (core module $m
                    (memory (export "memory") 64)
                    (data (i32.const 16) "yes")
                    {export}
                    (func $start {start})
                    (func (export "run") {core_parameters} (result i32) {body})
                    (func (export "post") (param i32) {post_return})
                    (start $start))
                (core instance $m (instantiate $m))
                (alias core export $m "memory" (core memory $memory))
                (alias core export $m "post" (core func $post))
                {alias}
                (func $run {parameters} (result {result}) (canon lift (core func $m "run")
                    (memory $memory) {option} (post-return $post)))
                (export "run" (func $run)))"#
        )
    }

    async fn outcome(self, engine: &Engine, limits: Limits) -> String {
        match load(engine, &self.component(), limits) {
            Ok(loaded) => call(engine, &loaded.component, "run", self.arguments()).await,
            Err(error) => format!("refused: {error}"),
        }
    }

    fn arguments(self) -> &'static [&'static str] {
        if self.parameters.is_empty() { &[] } else { &["\"a text\""] }
    }
}

fn load(engine: &Engine, text: &str, limits: Limits) -> Result<Loaded, LoadError> {
    let component = wat::parse_str(text).unwrap();
    engine.load(&Source::new("guest", &component), Arc::new(Policy { limits, ..Policy::default() }))
}

fn limits() -> Limits {
    Limits { cpu_time: Some(Duration::from_millis(50)), ..Limits::default() }
}

const SPIN: &str = "(loop $ever (br $ever)) unreachable";

/// What is written at address 8: where a list is, and how long.
macro_rules! returns {
    ($at:literal, $length:literal) => {
        concat!(
            "(i32.store (i32.const 8) (i32.const ",
            $at,
            ")) (i32.store (i32.const 12) (i32.const ",
            $length,
            ")) i32.const 8"
        )
    };
}

async fn told(guests: impl IntoIterator<Item = (&str, Guest)>, expected: Expect) {
    let engine = engine();
    let mut told = String::new();
    for (name, guest) in guests {
        writeln!(told, "{name}: {}", guest.outcome(&engine, limits()).await).unwrap();
    }
    expected.assert_eq(&told);
    let good = GOOD.outcome(&engine, limits()).await;
    assert_eq!(good, "yes");
}

#[tokio::test]
async fn results_that_lie_are_failures() {
    let returning = |result, body| Guest { result, body, ..GOOD };
    told(
        [
            ("4 GiB of bytes", returning("(list u8)", returns!("0", "-1"))),
            ("4 GiB of lists", returning("(list (list u64))", returns!("0", "-1"))),
            ("bytes at the end of memory", returning("(list u8)", returns!("4194303", "2"))),
            ("a list that is not aligned", returning("(list u32)", returns!("17", "2"))),
            ("a result that is nowhere", returning("(list u8)", "i32.const -4")),
            ("a result that is not aligned", returning("(list u8)", "i32.const 9")),
            ("a text that is none", returning("string", "(i32.store (i32.const 16) (i32.const 255)) (i32.store (i32.const 8) (i32.const 16)) (i32.store (i32.const 12) (i32.const 1)) i32.const 8")),
            ("a character that is none", returning("char", "i32.const 0xd800")),
            ("a case that there is not", Guest { types: r#"(type $e (enum "a" "b")) (export $color "color" (type $e))"#, ..returning("$color", "i32.const 7") }),
            ("a bool of 7", returning("bool", "i32.const 7")),
            ("3 MiB of lists in lists", returning("(list (list u8))", returns!("0", "393216"))),
            ("3 MiB of bytes", returning("(list u8)", returns!("0", "3145728"))),
        ],
        expect![[r#"
            4 GiB of bytes: SandboxTrap: the guest broke the contract: list pointer/length out of bounds of memory
            4 GiB of lists: SandboxTrap: the guest broke the contract: list pointer/length out of bounds of memory
            bytes at the end of memory: SandboxTrap: the guest broke the contract: list pointer/length out of bounds of memory
            a list that is not aligned: SandboxTrap: the guest broke the contract: list pointer is not aligned
            a result that is nowhere: SandboxTrap: the guest broke the contract: pointer out of bounds of memory
            a result that is not aligned: SandboxTrap: the guest broke the contract: return pointer not aligned
            a text that is none: SandboxTrap: the guest broke the contract: invalid utf-8 sequence of 1 bytes from index 0
            a character that is none: SandboxTrap: the guest broke the contract: converted integer out of range for `char`
            a case that there is not: SandboxTrap: the guest broke the contract: discriminant 7 out of range [0..2)
            a bool of 7: true
            3 MiB of lists in lists: SandboxOutputLimit: the guest returned values that take more of the host's memory than its limit of 32 MiB, or passed as much to the host at once: return less, or raise `limits.values` and `limits.result`
            3 MiB of bytes: SandboxOutputLimit: the guest returned values that take more of the host's memory than its limit of 32 MiB, or passed as much to the host at once: return less, or raise `limits.values` and `limits.result`
        "#]],
    )
    .await;
}

#[tokio::test]
async fn functions_that_do_not_do_their_part_are_failures() {
    let realloc = |body| Guest { realloc: Some(body), ..GOOD };
    let post_return = |body| Guest { post_return: body, ..GOOD };
    let start = |body| Guest { start: body, ..GOOD };
    told(
        [
            ("memory beyond the end", realloc("i32.const -16")),
            ("no memory", realloc("i32.const 0")),
            ("memory at the last byte", realloc("i32.const 4194303")),
            ("allocating traps", realloc("unreachable")),
            ("allocating never ends", realloc(SPIN)),
            ("after the return it traps", post_return("unreachable")),
            ("after the return it never ends", post_return("(loop $ever (br $ever))")),
            ("starting traps", start("unreachable")),
            ("starting never ends", start("(loop $ever (br $ever))")),
            ("starting takes memory", start("(drop (memory.grow (i32.const 60000)))")),
        ],
        expect![[r#"
            memory beyond the end: SandboxTrap: the guest broke the contract: realloc return: beyond end of memory
            no memory: yes
            memory at the last byte: SandboxTrap: the guest broke the contract: realloc return: beyond end of memory
            allocating traps: SandboxTrap: the guest trapped: wasm `unreachable` instruction executed
            allocating never ends: SandboxCpuLimit: the guest used more processor time than its limit of 50ms: raise `limits.cpu-time`
            after the return it traps: SandboxTrap: the guest trapped: wasm `unreachable` instruction executed
            after the return it never ends: SandboxCpuLimit: the guest used more processor time than its limit of 50ms: raise `limits.cpu-time`
            starting traps: refused: it does not tell its activities: the guest trapped: wasm `unreachable` instruction executed
            starting never ends: refused: it does not tell its activities: the guest used more processor time than its limit of 50ms: raise `limits.cpu-time`
            starting takes memory: yes
        "#]],
    )
    .await;
    let without = Guest { realloc: None, ..GOOD }.component();
    let error =
        wat::parse_str(&without).map(|component| engine().load(&Source::new("guest", &component), Arc::default()));
    expect!["it is not a valid component: canonical option `realloc` is required (at offset 0xbf)"]
        .assert_eq(&error.unwrap().unwrap_err().to_string());
}

#[tokio::test]
async fn what_never_returns_is_killed_at_its_deadline() {
    let engine = engine();
    for guest in [Guest { body: SPIN, ..GOOD }, Guest { post_return: "(loop $ever (br $ever))", ..GOOD }] {
        let guest = Guest { parameters: "", core_parameters: "", ..guest };
        let loaded = load(&engine, &guest.component(), Limits::default()).unwrap();
        let task = short_task(&loaded.component, 100);
        let ended =
            crate::support::ending(activity::Executor::start(&engine, activity::Task { input: Vec::new(), ..task }));
        assert!(crate::support::killed(&ended.await, activity::KillReason::Deadline));
    }
}

/// A function with one parameter of the type that these declarations end with, called `$it`.
fn taking(types: &str) -> String {
    format!(
        r#"(component {types}
            (core module $m (memory (export "memory") 1)
                (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 0)
                (func (export "run") (param i32 i32)))
            (core instance $m (instantiate $m))
            (alias core export $m "memory" (core memory $memory))
            (alias core export $m "realloc" (core func $realloc))
            (type $list (list $it))
            (func $run (param "it" $list) (canon lift (core func $m "run")
                (memory $memory) (realloc $realloc)))
            (export "run" (func $run)))"#
    )
}

fn members(count: usize, of: &str, suffix: &str) -> String {
    let members: String =
        (0..count).map(|at| format!(" {}\"n{at}\"{suffix}", if suffix.is_empty() { "" } else { "(" })).collect();
    let members = if of == "record" { members.replace("(\"", "(field \"") } else { members.replace("(\"", "(case \"") };
    format!(r#"(type $raw ({of}{members})) (export $it "it" (type $raw))"#)
}

#[test]
fn types_without_end_are_refused() {
    let deep = |levels: usize| {
        let inner: String = (1..levels).map(|at| format!("(type $t{at} (option $t{}))", at - 1)).collect();
        format!("(type $t0 (option u8)) {inner} (type $it (option $t{}))", levels - 1)
    };
    let wide: String = (1..30).map(|at| format!("(type $t{at} (tuple $t{0} $t{0}))", at - 1)).collect();
    let wide = format!("(type $t0 (tuple u8 u8)) {wide} (type $it (tuple $t29 $t29))");
    // Kept in several spellings wherever it is referred to.
    let name = "n".repeat(90_000);
    let fields: String = (0..1_000).map(|at| format!(r#" (field "f{at}" $e)"#)).collect();
    let long = format!(
        r#"(type $r (enum "{name}")) (export $e "e" (type $r)) (type $raw (record{fields})) (export $it "it" (type $raw))"#
    );
    // For each place all names are looked through, as far as that goes.
    let names: String =
        (0..5_000).map(|at| format!(r#"(type $r{at} (enum "n{at}")) (export "e{at}" (type $r{at}))"#)).collect();
    let fields: String = (0..900).map(|at| format!(r#" (field "f{at}" $last)"#)).collect();
    let named = format!(
        r#"{names} (type $r (enum "last")) (export $last "last" (type $r)) (type $raw (record{fields}))
        (export $it "it" (type $raw))"#
    );
    let engine = engine();
    let mut told = String::new();
    for (name, types) in [
        ("a name of 90 KB in 1,000 places", long),
        ("900 places that 5,000 names are looked through for", named),
        ("70 levels", deep(70)),
        ("10,000 levels", deep(10_000)),
        ("a billion parts", wide),
        ("a record of 5,000 fields", members(5_000, "record", " u8)")),
        ("a record of 100,000 fields", members(100_000, "record", " u8)")),
        ("a variant of 65,536 cases", members(65_536, "variant", ")")),
        ("an enum of 30,000 names", members(30_000, "enum", "")),
        ("32 flags", members(32, "flags", "")),
        ("1,000 flags", members(1_000, "flags", "")),
    ] {
        let component = wat::parse_str(taking(&types)).unwrap();
        let loaded = engine.load(&Source::new("guest", &component), Arc::default());
        let loaded = loaded.map_or_else(|error| error.to_string(), |_| "loads".to_owned());
        writeln!(told, "{name}: {}", loaded.chars().take(300).collect::<String>()).unwrap();
    }
    expect![[r#"
        a name of 90 KB in 1,000 places: it exports no activities: none of its functions can be one: run (its parameter `it` has a part too many: the types of a component may have 20000 together, and a name of 64 bytes is one)
        900 places that 5,000 names are looked through for: loads
        70 levels: it exports no activities: none of its functions can be one: run (its parameter `it` has types in more than 60 levels)
        10,000 levels: it is not a valid component: type nesting is too deep (at offset 0xf6)
        a billion parts: it is not a valid component: effective type size exceeds the limit of 1000000 (at offset 0x53)
        a record of 5,000 fields: loads
        a record of 100,000 fields: it is not a valid component: record field size is out of bounds (at offset 0xe)
        a variant of 65,536 cases: it is not a valid component: variant cases size is out of bounds (at offset 0xe)
        an enum of 30,000 names: it is not a valid component: enum cases size is out of bounds (at offset 0xe)
        32 flags: loads
        1,000 flags: it is not a valid component: cannot have more than 32 flags (at offset 0xc)
    "#]].assert_eq(&told);
}

#[test]
fn functions_without_end_are_refused() {
    let component = |count: usize| {
        let exports: String = (0..count).map(|at| format!(r#"(export "f{at}" (func $run))"#)).collect();
        format!(
            r#"(component (core module $m (func (export "run"))) (core instance $m (instantiate $m))
                (func $run (canon lift (core func $m "run"))) {exports})"#
        )
    };
    let engine = engine();
    let loads = |count| {
        let component = wat::parse_str(component(count)).unwrap();
        engine.load(&Source::new("guest", &component), Arc::default())
    };
    assert_eq!(loads(1_000).unwrap().listing.activities.len(), 1_000);
    expect!["it exports 1001 functions, and at most 1000 are served"].assert_eq(&loads(1_001).unwrap_err().to_string());
    expect!["it exports 100000 functions, and at most 1000 are served"]
        .assert_eq(&loads(100_000).unwrap_err().to_string());
    expect!["it exports 100001 functions, and at most 1000 are served"]
        .assert_eq(&loads(100_001).unwrap_err().to_string());
}

/// A list of flags, all of which are set: four bytes of the guest are 1.8 KiB on the host.
fn flags() -> Guest {
    Guest {
        types: r#"(type $raw (flags "a" "b" "c" "d" "e" "f" "g" "h" "i" "j" "k" "l" "m" "n" "o" "p" "q" "r" "s" "t" "u"
            "v" "w" "x" "y" "z" "aa" "bb" "cc" "dd" "ee" "ff")) (export $set "set" (type $raw))"#,
        parameters: "",
        core_parameters: "",
        result: "(list $set)",
        body: "(memory.fill (i32.const 65536) (i32.const 255) (i32.const 4063232)) (i32.store (i32.const 8) \
               (i32.const 65536)) (i32.store (i32.const 12) (i32.const 1015808)) i32.const 8",
        ..GOOD
    }
}

#[tokio::test]
async fn small_values_that_are_large_on_the_host_are_refused_before_they_are_made() {
    let engine = engine();
    let before = peak_memory();
    let outcome = flags().outcome(&engine, Limits::default()).await;
    let made = peak_memory() - before;
    expect!["SandboxOutputLimit: the guest returned values that take more of the host's memory than its limit of 32 MiB, or passed as much to the host at once: return less, or raise `limits.values` and `limits.result`"].assert_eq(&outcome);
    let reserved = load(&engine, &flags().component(), Limits::default()).unwrap().listing.values;
    assert!(made < reserved + (64 << 20), "{made} bytes for a reserve of {reserved}");
}

/// The most memory that this process has ever held.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10
}

#[test]
fn what_a_slot_reserves_for_values_is_near_nothing_else_it_reserves() {
    let engine = engine();
    let reserved = |result, values| {
        let limits = Limits { values, ..Limits::default() };
        let guest = Guest { result, parameters: "", core_parameters: "", ..GOOD };
        load(&engine, &guest.component(), limits).unwrap().listing.values >> 20
    };
    let default = Limits::default().values;
    assert_eq!(reserved("string", default), 0);
    for result in ["(list u8)", "(list string)", "(list (list u8))", "(list (tuple string u64))"] {
        assert!(reserved(result, default) <= 32, "{result}");
        assert!(reserved(result, 1 << 30) >= 96, "{result}");
    }
    // What the limit on results can't need is not reserved.
    assert_eq!(reserved("(list u8)", 1 << 40), 112);
}
