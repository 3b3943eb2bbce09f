//! Projects in TypeScript and JavaScript, and what is told of those that can't become components.

use std::{fs, path::Path, time::Duration};

use expect_test::{Expect, expect};
use serde_json::Value;
use tempfile::TempDir;

use crate::{
    python::building::BUILDING,
    support::{Isolet, isolet::Run},
};

/// How long a build may take beside other tests, on a slow machine.
pub(super) const PATIENCE: Duration = Duration::from_secs(300);

/// Builds the project that these files are, or the one of them that is named.
async fn build(files: &[(&str, &str)], named: &str) -> Run {
    run(files, named, &["build", "-o", "made.wasm"]).await
}

/// The same with a command of its own, in the project's folder.
async fn run(files: &[(&str, &str)], named: &str, command: &[&str]) -> Run {
    let folder = TempDir::new().unwrap();
    for (name, text) in files {
        let file = folder.path().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    let project = shown(&folder.path().join(named));
    let build = Isolet::with([command, &[&project, "--output", "json"]].concat()).within(folder.path());
    let building = BUILDING.lock().await;
    let mut run = build.run_within(PATIENCE).await;
    drop(building);
    run.stderr = run.stderr.replace(&shown(folder.path()), "FOLDER");
    run
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// The activities that are found.
async fn check(files: &[(&str, &str)], named: &str, expected: Expect) {
    let run = build(files, named).await;
    let built: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}", run.stderr));
    expected.assert_eq(&format!("{} in {}", built["activities"], built["modules"]));
}

/// What is told.
async fn refused(files: &[(&str, &str)], expected: Expect) {
    expected.assert_eq(&build(files, "").await.refusal());
}

const PACKAGE: (&str, &str) = ("package.json", "{}");

#[tokio::test]
#[ignore = "builds several components: `cargo xtask ci-full` runs it"]
async fn files_and_folders() {
    let pack = "export async function pack(order: number) { return order; }";
    check(&[("orders.ts", pack)], "orders.ts", expect![[r#"[{"interruptible":true,"name":"pack"}] in ["orders.ts"]"#]])
        .await;
    let common = "exports.pack = async (order) => order; exports.send = require('./send').send;";
    let send = "module.exports = { send: async () => 1, LIMIT: 7 };";
    let settings = r#"{ "isolet": { "activities": "lib/shipping" } }"#;
    check(
        &[("package.json", settings), ("lib/shipping.js", common), ("lib/send.js", send)],
        "",
        expect![[
            r#"[{"interruptible":true,"name":"pack"},{"interruptible":true,"name":"send"}] in ["lib/shipping.js"]"#
        ]],
    )
    .await;
    let made = "export const activities = ((prefix: string) => ({ async greet(name: string) { return prefix + name; } }))('Hi ');
        export default async function other() {}
        export class Desk {}
        export const LIMIT = 7;";
    check(
        &[PACKAGE, ("src/activities.ts", made)],
        "",
        expect![[
            r#"[{"interruptible":true,"name":"greet"},{"dynamic":true,"interruptible":true}] in ["src/activities.ts"]"#
        ]],
    )
    .await;
}

#[tokio::test]
#[ignore = "builds several components: `cargo xtask ci-full` runs it"]
async fn projects_without_activities() {
    refused(
        &[PACKAGE],
        expect![[r#"
            exit code 2
            error: there are no activities in FOLDER: it has no activities.ts, src/activities.ts, nor such a .js
              cure: name the module that exports them in package.json: "isolet": { "activities": "src/some-file.ts" }
        "#]],
    )
    .await;
    refused(
        &[PACKAGE, ("activities.ts", "export const LIMIT = 7;")],
        expect![[r#"
            exit code 2
            error: activities.ts: there are no activities: what is exported is no function: LIMIT
              cure: export functions: docs/javascript.md says which are activities
        "#]],
    )
    .await;
    let twice = "export const one = { async pack() {} }; export const two = { async pack() {} };";
    refused(
        &[PACKAGE, ("activities.ts", twice)],
        expect![[r#"
            exit code 2
            error: activities.ts: two activities have the name 'pack': 'pack' of the export 'one' and 'pack' of the export 'two'
              cure: export functions: docs/javascript.md says which are activities
        "#]],
    )
    .await;
}

#[tokio::test]
async fn code_that_cannot_be_bundled() {
    refused(
        &[PACKAGE, ("activities.ts", "export async function pack() {\n  return (;\n}\n")],
        expect![[r#"
        exit code 2
        error: the project can't be bundled
            ✘ [ERROR] Unexpected ";"

                activities.ts:2:10:
                  2 │   return (;
                    ╵           ^
    "#]],
    )
    .await;
    let (first, second) =
        ("export * from './orders';", "import { parcels } from 'parcels';\nexport const pack = async () => parcels;");
    refused(
        &[PACKAGE, ("activities.ts", first), ("orders.ts", second)],
        expect![[r#"
            exit code 2
            error: there is no 'parcels': activities.ts → orders.ts → parcels (orders.ts:1:25)
              cure: install it: npm install parcels
        "#]],
    )
    .await;
    let server = "import { createServer } from 'node:net';\nexport const pack = async () => createServer();";
    refused(&[PACKAGE, ("activities.ts", first), ("orders.ts", server)], expect![[r#"
        exit code 2
        error: Node's module 'net' is not there in the sandbox: activities.ts → orders.ts → node:net (orders.ts:1:30)
          cure: there are assert, assert/strict, async_hooks, buffer, console, constants, crypto, diagnostics_channel, events, fs, fs/promises, http, https, os, path, path/posix, perf_hooks, process, querystring, readline, readline/promises, stream, stream/consumers, stream/promises, stream/web, string_decoder, sys, timers, timers/promises, tty, url, util, util/types, zlib; docs/javascript.md says what works and what does not
    "#]]).await;
    let native = [
        PACKAGE,
        ("activities.ts", "import { shrink } from 'shrinker';\nexport const pack = async () => shrink();"),
        ("node_modules/shrinker/package.json", r#"{ "name": "shrinker", "version": "1.0.0", "main": "index.js" }"#),
        ("node_modules/shrinker/index.js", "exports.shrink = require('./shrinker.node').shrink;"),
        ("node_modules/shrinker/shrinker.node", "\u{7f}ELF"),
    ];
    refused(&native, expect![[r#"
        exit code 2
        error: the package shrinker has native code for this machine, which no sandbox runs: activities.ts → node_modules/shrinker/index.js → node_modules/shrinker/shrinker.node
          cure: use a package in plain JavaScript instead
    "#]]).await;
}

#[tokio::test]
async fn what_a_computed_name_asks_for_is_warned_of() {
    let package = (
        "node_modules/loader/index.js",
        "exports.load = (name) => { try { return require(name); } catch { return null; } };",
    );
    let asks = "import { load } from 'loader';
export const pack = (name: string) => require(name) ?? load(name);
export const send = async (name: string) => import(name);
declare const require: (name: string) => unknown;";
    let run = run(&[PACKAGE, ("activities.ts", asks), package], "", &["build", "--check"]).await;
    let checked: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}", run.stderr));
    let warnings: Vec<_> = checked["warnings"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    expect![[r#"
        ▲ [WARNING] What a `require` of a computed name asks for is not in the component: name it, or import it [unsupported-require-call]

            activities.ts:2:38:
              2 │ export const pack = (name: string) => require(name) ?? load(name);
                ╵                                       ~~~~~~~
        ▲ [WARNING] What an `import` of a computed name asks for is not in the component: name it [unsupported-dynamic-import]

            activities.ts:3:44:
              3 │ export const send = async (name: string) => import(name);
                ╵                                             ~~~~~~"#]].assert_eq(&warnings.join("\n"));
}

#[tokio::test]
async fn code_that_fails_when_it_is_loaded() {
    let throws = "const region = JSON.parse('{}').region.name;\nexport const pack = async () => region;";
    refused(
        &[PACKAGE, ("activities.ts", throws)],
        expect![[r#"
        exit code 2
        error: the project's code fails when it is loaded
            TypeError: cannot read property 'name' of undefined
                at <anonymous> (activities.ts:1:21)
          cure: what needs the network, files or an attempt belongs into activities, and not beside them
    "#]],
    )
    .await;
    let waits = "export const pack = async () => 1;\nawait new Promise(() => {});";
    refused(
        &[PACKAGE, ("activities.ts", waits)],
        expect![[r#"
            exit code 2
            error: the project can't be bundled
                ✘ [ERROR] Modules can't `await` at their top level here: what takes time belongs into activities

                    activities.ts:2:0:
                      2 │ await new Promise(() => {});
                        ╵ ~~~~~
        "#]],
    )
    .await;
    let asks = "const page = await fetch('http://localhost/');\nexport const pack = async () => page;";
    refused(
        &[PACKAGE, ("activities.ts", asks)],
        expect![[r#"
            exit code 2
            error: the project can't be bundled
                ✘ [ERROR] Modules can't `await` at their top level here: what takes time belongs into activities

                    activities.ts:1:13:
                      1 │ const page = await fetch('http://localhost/');
                        ╵              ~~~~~
        "#]],
    )
    .await;
}
