//! Packages with native code: built, run, and kept as wheels.

use std::{fs, time::Duration};

use expect_test::expect;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{DevServer, Isolet, call::transcript, repository};

/// Packages in Rust and in C.
const PACKAGES: [&str; 2] = ["tests/guests-python/layout/libs/tallies", "tests/guests-python/layout/libs/scales"];

/// How long building it may take where it is not kept yet, beside other tests.
const PATIENCE: Duration = Duration::from_secs(300);

/// The same of a large one.
const LONG_PATIENCE: Duration = Duration::from_secs(1_200);

/// A project with models, which are validated by native code.
const MODELS: [(&str, &str); 2] = [
    (
        "pyproject.toml",
        r#"
[project]
name = "owners"
version = "0"
dependencies = ["temporalio", "pydantic==2.14.*"]

[tool.isolet]
data-converter = "temporalio.contrib.pydantic:pydantic_data_converter"
"#,
    ),
    (
        "owners.py",
        r#"
from datetime import date
from decimal import Decimal
from typing import Literal, Union

from pydantic import BaseModel, Field, create_model
from temporalio import activity


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int = Field(gt=0)


class Dog(BaseModel):
    kind: Literal["dog"]
    name: str


class Owner(BaseModel):
    pet: Union[Cat, Dog] = Field(discriminator="kind")
    since: date
    fee: Decimal


@activity.defn
def renewed(owner: Owner) -> Owner:
    return owner.model_copy(update={"fee": owner.fee * 2})


@activity.defn
def made_here(value: str) -> dict:
    return create_model("Made", count=(int, ...))(count=value).model_dump()
"#,
    ),
];

/// A project that computes with numpy.
const ARRAYS: [(&str, &str); 2] = [
    ("requirements.txt", "numpy==2.5.*\n"),
    (
        "arrays.py",
        r#"
import copy

import numpy as np
from temporalio import activity


@activity.defn
def inverse(matrix: list[list[float]]) -> list[list[float]]:
    return np.linalg.inv(np.array(matrix)).tolist()


@activity.defn
def divided(numbers: list[int]) -> list[int]:
    with np.errstate(divide="raise"):
        return (np.array(numbers) // 0).tolist()


@activity.defn
def drawn(seed: int) -> list[int]:
    return np.random.default_rng(seed).permutation(5).tolist()


@activity.defn
def spectrum(signal: list[float]) -> list[float]:
    return np.abs(np.fft.rfft(signal)).round(6).tolist()


@activity.defn
def copied() -> list:
    array = np.zeros(2, dtype=np.int64)
    array.dtype = np.float64
    return [float(copy.copy(array[0])), str(array.dtype), str(np.arange(2).dtype)]
"#,
    ),
];

/// A project with a schema's validator, JSON and tokens in Rust; the ranks of the tokens are its own.
const OTHERS: [(&str, &str); 2] = [
    ("requirements.txt", "temporalio\njsonschema==4.26.0\norjson==3.13.0\ntiktoken==0.14.0\n"),
    (
        "others.py",
        r##"
import datetime
import uuid

import jsonschema
import orjson
import tiktoken
from temporalio import activity

SCHEMA = {
    "type": "object",
    "properties": {"count": {"type": "integer", "minimum": 1}, "mail": {"$ref": "#/$defs/mail"}},
    "required": ["count"],
    "$defs": {"mail": {"type": "string", "pattern": "^.+@.+$"}},
}
RANKS = {bytes([each]): each for each in range(256)} | {b"an": 256, b"ana": 257}
TOKENS = tiktoken.Encoding(
    "tiny", pat_str=r"\p{L}+|\s+|[^\s\p{L}]+", mergeable_ranks=RANKS, special_tokens={"<end>": 258}
)


@activity.defn
def validates(value: dict) -> list:
    found = jsonschema.Draft202012Validator(SCHEMA).iter_errors(value)
    return sorted(f"{each.json_path}: {each.message}" for each in found)


@activity.defn
def writes(value: dict) -> list:
    value |= {"at": datetime.datetime(2026, 1, 31), "id": uuid.UUID(int=7)}
    text = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    try:
        orjson.loads("{")
    except orjson.JSONDecodeError as error:
        return [text.decode(), orjson.loads(text), str(error)]
    return []


@activity.defn
def counts(text: str) -> list:
    tokens = TOKENS.encode(text, allowed_special="all")
    return [tokens, TOKENS.decode(tokens)]
"##,
    ),
];

#[tokio::test]
async fn a_package_in_rust_runs() {
    let worker = Isolet::worker(DevServer::start().await).component("layout-python").start().await;
    let calls = [
        ("tally", json!([["a", "b", "a"]])),
        ("refused", json!(["nobody"])),
        ("panicking", json!([])),
        ("tally", json!([["c"]])),
    ];
    let outcome =
        async |activity: &str, arguments: &Value| worker.standalone(activity).args(arguments).run().await.to_string();
    expect![[r#"
        > tally [["a","b","a"]]
        completed: {"a":2,"b":1,"build":1}
        > refused ["nobody"]
        failed: KeyError: 'nobody said nobody'
        not tried again: MaximumAttemptsReached
        > panicking []
        failed: SandboxTrap: the guest panicked: thread '<unnamed>' (1) panicked at src/lib.rs:36:5:
        of no use
        not tried again: MaximumAttemptsReached
        > tally [["c"]]
        completed: {"build":1,"c":1}
    "#]]
    .assert_eq(&transcript(&calls, outcome).await);
    worker.stop().await;
}

#[tokio::test]
async fn a_package_in_c_runs() {
    let worker = Isolet::worker(DevServer::start().await).component("layout-python").start().await;
    let calls = [
        ("weigh", json!([[3, 1.5, 2]])),
        ("weigh", json!([[]])),
        ("upper", json!([9_223_372_036_854_775_813_u64])),
        ("tipping", json!([])),
        ("weigh", json!([[1]])),
    ];
    let outcome =
        async |activity: &str, arguments: &Value| worker.standalone(activity).args(arguments).run().await.to_string();
    expect![[r#"
        > weigh [[3,1.5,2]]
        completed: [1.5,2.0,3.0]
        > weigh [[]]
        failed: ValueError: nothing is on the scales
        not tried again: MaximumAttemptsReached
        > upper [9223372036854775813]
        completed: 4611686018427387909
        > tipping []
        failed: SandboxTrap: the guest trapped: wasm `unreachable` instruction executed
        not tried again: MaximumAttemptsReached
        > weigh [[1]]
        completed: [1.0]
    "#]]
    .assert_eq(&transcript(&calls, outcome).await);
    worker.stop().await;
}

#[tokio::test]
async fn a_wheel_of_each() {
    let folder = TempDir::new().unwrap();
    let wheels = folder.path().join("wheels");
    for package in PACKAGES {
        let build =
            Isolet::with(["wheel", &repository(package).display().to_string(), "-o", &wheels.display().to_string()]);
        let run = build.run_within(PATIENCE).await;
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        let name = package.rsplit('/').next().unwrap();
        let wheel = wheels.join(format!("{name}-1.0-cp314-cp314-wasi_0_0_0_wasm32.whl"));
        assert_eq!(run.stdout.trim(), wheel.display().to_string());
        assert!(fs::read(wheel).unwrap().starts_with(b"PK"));
    }
}

#[tokio::test]
#[ignore = "builds pydantic-core, which takes minutes: `cargo xtask ci-full` runs it"]
async fn models_of_pydantic_and_their_converter() {
    let calls = [
        ("renewed", r#"{"pet":{"kind":"cat","lives":9},"since":"2026-01-31","fee":"1.50"}"#),
        ("renewed", r#"{"pet":{"kind":"cat","lives":0},"since":"2026-01-31","fee":"1.50"}"#),
        ("renewed", r#"{"pet":{"kind":"fish"},"since":"tomorrow","fee":"1.50"}"#),
        ("made_here", r#""7""#),
        ("made_here", r#""seven""#),
    ];
    let said = said(&MODELS, &calls).await;
    expect![[r#"
        renewed {"pet":{"kind":"cat","lives":9},"since":"2026-01-31","fee":"1.50"}
          {"fee":"3.00","pet":{"kind":"cat","lives":9},"since":"2026-01-31"} null
        renewed {"pet":{"kind":"cat","lives":0},"since":"2026-01-31","fee":"1.50"}
          null {"cause":{"details":[],"kind":"application","message":"1 validation error for Owner\npet.cat.lives\n  Input should be greater than 0 [type=greater_than, input_value=0, input_type=int]\n    For further information visit https://errors.pydantic.dev/2.14/v/greater_than","non_retryable":false,"type":"ValidationError"},"details":[],"kind":"application","message":"Failed decoding arguments","non_retryable":false,"type":""}
        renewed {"pet":{"kind":"fish"},"since":"tomorrow","fee":"1.50"}
          null {"cause":{"details":[],"kind":"application","message":"2 validation errors for Owner\npet\n  Input tag 'fish' found using 'kind' does not match any of the expected tags: 'cat', 'dog' [type=union_tag_invalid, input_value={'kind': 'fish'}, input_type=dict]\n    For further information visit https://errors.pydantic.dev/2.14/v/union_tag_invalid\nsince\n  Input should be a valid date or datetime, input is too short [type=date_from_datetime_parsing, input_value='tomorrow', input_type=str]\n    For further information visit https://errors.pydantic.dev/2.14/v/date_from_datetime_parsing","non_retryable":false,"type":"ValidationError"},"details":[],"kind":"application","message":"Failed decoding arguments","non_retryable":false,"type":""}
        made_here "7"
          {"count":7} null
        made_here "seven"
          null {"details":[],"kind":"application","message":"1 validation error for Made\ncount\n  Input should be a valid integer, unable to parse string as an integer [type=int_parsing, input_value='seven', input_type=str]\n    For further information visit https://errors.pydantic.dev/2.14/v/int_parsing","non_retryable":false,"stack_trace":"  File \"owners.py\", line 33, in made_here\n    return create_model(\"Made\", count=(int, ...))(count=value).model_dump()\n           ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~^^^^^^^^^^^^^\n\n  File \"pydantic/main.py\", line 280, in __init__\n    validated_self = self.__pydantic_validator__.validate_python(data, self_instance=self)\n","type":"ValidationError"}
    "#]].assert_eq(&said);
}

#[tokio::test]
#[ignore = "builds numpy, which takes minutes: `cargo xtask ci-full` runs it"]
async fn arrays_of_numpy() {
    let (_folder, component) = built(&ARRAYS).await;
    let calls = [
        ("inverse", "[[1,2],[3,4]]"),
        ("inverse", "[[1,2],[2,4]]"),
        ("divided", "[1,2]"),
        ("drawn", "7"),
        ("spectrum", "[1,0,-1,0]"),
        ("copied", ""),
    ];
    let mut said = String::new();
    for (activity, argument) in calls {
        let mut arguments = vec!["run", "--output", "json", &component, activity];
        arguments.extend((!argument.is_empty()).then_some(argument));
        let run = Isolet::with(arguments).run_within(PATIENCE).await;
        let document: Value = serde_json::from_str(&run.stdout).unwrap();
        let failure = &document["failure"];
        let outcome = [&document["result"], &failure["type"], &failure["message"]].map(Value::to_string).join(" ");
        let call = format!("{activity} {argument}");
        said += &format!("{}\n  {outcome}\n", call.trim_end());
    }
    expect![[r#"
        inverse [[1,2],[3,4]]
          [[-2.0,1.0],[1.4999999999999998,-0.49999999999999994]] null null
        inverse [[1,2],[2,4]]
          null "LinAlgError" "Singular matrix"
        divided [1,2]
          null "FloatingPointError" "divide by zero encountered in floor_divide"
        drawn 7
          [2,0,4,1,3] null null
        spectrum [1,0,-1,0]
          [0.0,2.0,0.0] null null
        copied
          [0.0,"float64","int32"] null null
    "#]]
    .assert_eq(&said);
}

#[tokio::test]
#[ignore = "builds rpds-py, orjson and tiktoken, which takes minutes: `cargo xtask ci-full` runs it"]
async fn schemas_json_and_tokens() {
    let calls = [
        ("validates", r#"{"count":1,"mail":"ada@example.com"}"#),
        ("validates", r#"{"count":0,"mail":"ada"}"#),
        ("writes", r#"{"text":"ä","numbers":[1.5,null,18446744073709551615]}"#),
        ("counts", r#""banana ä<end>""#),
    ];
    let said = said(&OTHERS, &calls).await;
    expect![[r#"
        validates {"count":1,"mail":"ada@example.com"}
          [] null
        validates {"count":0,"mail":"ada"}
          ["$.count: 0 is less than the minimum of 1","$.mail: 'ada' does not match '^.+@.+$'"] null
        writes {"text":"ä","numbers":[1.5,null,18446744073709551615]}
          ["{\"at\":\"2026-01-31T00:00:00\",\"id\":\"00000000-0000-0000-0000-000000000007\",\"numbers\":[1.5,null,18446744073709551615],\"text\":\"ä\"}",{"at":"2026-01-31T00:00:00","id":"00000000-0000-0000-0000-000000000007","numbers":[1.5,null,18446744073709551615],"text":"ä"},"unexpected end of data: line 1 column 2 (char 1)"] null
        counts "banana ä<end>"
          [[98,256,257,32,195,164,258],"banana ä<end>"] null
    "#]].assert_eq(&said);
}

/// Builds a project, and tells what its activities come to.
async fn said(files: &[(&str, &str)], calls: &[(&str, &str)]) -> String {
    let (_folder, component) = built(files).await;
    let mut said = String::new();
    for (activity, argument) in calls {
        let run = Isolet::with(["run", "--output", "json", &component, activity, argument]).run_within(PATIENCE).await;
        let document: Value = serde_json::from_str(&run.stdout).unwrap();
        let outcome = [&document["result"], &document["failure"]].map(Value::to_string).join(" ");
        said += &format!("{activity} {argument}\n  {outcome}\n");
        assert!(!run.stderr.contains("Pydantic"), "no warning of the converter: {}", run.stderr);
    }
    said
}

/// The component of a project, in a folder of its own.
async fn built(files: &[(&str, &str)]) -> (TempDir, String) {
    let folder = TempDir::new().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let component = folder.path().join("made.wasm").display().to_string();
    let build = Isolet::with(["build", &folder.path().display().to_string(), "-o", &component]);
    let built = build.run_within(LONG_PATIENCE).await;
    assert_eq!(built.code, Some(0), "{}", built.stderr);
    (folder, component)
}

#[tokio::test]
async fn what_is_no_package() {
    let refused = async |package: &str| Isolet::with(["wheel", package]).run_within(PATIENCE).await.refusal();
    expect![[r#"
        exit code 2
        error: 'orders>=1' is no package with a version
          cure: ask for PACKAGE, PACKAGE==VERSION or a folder
    "#]]
    .assert_eq(&refused("orders>=1").await);
    expect![[r#"
        exit code 2
        error: there is no ./gone
    "#]]
    .assert_eq(&refused("./gone").await);
}
