//! The npm packages that activities use most, each in an activity: `tests/it/typescript/packages`.

use std::{fs, path::Path};

use expect_test::{Expect, expect};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::building::PATIENCE;
use crate::support::{DevServer, Isolet, Worker, http_server::HttpServer, repository};

/// Builds the project in a folder of its own, where `npm ci` installs what its list names.
async fn built(folder: &Path) -> String {
    copy(&repository("tests/it/typescript/packages"), folder);
    let component = folder.join("packages.wasm").display().to_string();
    let build = Isolet::with(["build", &folder.display().to_string(), "-o", &component, "--output", "json"]);
    let run = build.run_within(PATIENCE).await;
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    component
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

async fn check(worker: &Worker, activity: &str, arguments: Value, expected: Expect) {
    let outcome = worker.standalone(activity).args(&arguments).attempts(1).run().await;
    expected.assert_eq(&outcome.to_string());
}

#[tokio::test]
#[ignore = "installs and builds 28 packages: `cargo xtask ci-full` runs it"]
async fn packages_that_activities_use_most_work() {
    let (folder, server) = (TempDir::new().unwrap(), HttpServer::start());
    let origin = server.origin("127.0.0.1");
    let worker = Isolet::worker(DevServer::start().await)
        .component_file(Path::new(&built(folder.path()).await))
        .option("--http", &origin)
        .limit("memory=128MiB")
        .start()
        .await;
    computing(&worker).await;
    asking(&worker, &json!([origin])).await;
    signing(&worker).await;
    worker.stop().await;
}

async fn computing(worker: &Worker) {
    check(
        worker,
        "uses_zod",
        json!([{"id": "x", "lines": []}]),
        expect![[r#"completed: ["id: Invalid UUID","lines: Too small: expected array to have >=1 items"]"#]],
    )
    .await;
    check(
        worker,
        "uses_ajv",
        json!([{"id": "a", "b": 1}]),
        expect![[r#"completed: [" must NOT have additional properties"]"#]],
    )
    .await;
    check(worker, "uses_dates", json!(["2026-11-27"]), expect![[r#"completed: {"date-fns":"Wednesday 2 December 2026","dayjs":"2026-12-27T00:00","luxon":"2026-11-27T11:00:00.000Z","luxon in words":"November 27, 2026","ms":[172800000,"2 minutes"]}"#]]).await;
    check(
        worker,
        "uses_templates",
        json!(["a<"]),
        expect![[r#"completed: {"handlebars":"A&lt; B <b>","mustache":"<a&lt;><&amp;> none"}"#]],
    )
    .await;
    check(worker, "uses_formats", json!([]), expect![[r#"completed: {"cheerio":"2","csv-parse":[{"count":"1","name":"a \"b\""}],"papaparse":[{"x":1,"y":2}],"yaml":[{"a":[1,2],"b":[1,2]},"list:\n  - one\n  - 2\ntext: |-\n  a\n  b\n"]}"#]]).await;
    check(worker, "uses_lodash", json!([]), expect![[r#"completed: [{"3":["one","two"],"5":["three"]},"Ada!",true,"1970-01-01T00:00:00.000Z",{"a":{"b":1,"c":2}},"dejaVuAgain"]"#]]).await;
    check(
        worker,
        "uses_identifiers",
        json!([]),
        expect![[r#"completed: {"nanoid":[21,true,true],"uuid":[true,true,"b2f23b51-2814-5311-b941-5006202c5de8"]}"#]],
    )
    .await;
    check(worker, "uses_concurrency", json!([]), expect![[r#"completed: [[2,4,6,8],2,3,"enough"]"#]]).await;
}

async fn asking(worker: &Worker, origin: &Value) {
    check(
        worker,
        "uses_clients",
        origin.clone(),
        expect![[r#"completed: {"axios":[{"answer":42},["AxiosError",404]],"got":{"answer":42},"ky":{"answer":42}}"#]],
    )
    .await;
    check(worker, "uses_openai", origin.clone(), expect![[r#"completed: ["Hello","Hello"]"#]]).await;
    check(
        worker,
        "uses_anthropic",
        origin.clone(),
        expect![[r#"completed: [[{"text":"Hello","type":"text"}],"Hello"]"#]],
    )
    .await;
    check(worker, "uses_ai", origin.clone(), expect![[r#"completed: ["Hello",2,"Hello"]"#]]).await;
    check(
        worker,
        "uses_stripe",
        origin.clone(),
        expect![[r#"completed: [["StripeInvalidRequestError",404],"evt_1"]"#]],
    )
    .await;
    check(worker, "uses_s3", origin.clone(), expect![[r#"completed: [["reports"],"content"]"#]]).await;
}

async fn signing(worker: &Worker) {
    check(
        worker,
        "uses_jose",
        json!([]),
        expect![[r#"completed: ["Ada","ERR_JWS_SIGNATURE_VERIFICATION_FAILED","Ada",{"ES256":"ES256","EdDSA":"EdDSA","PS256":"PS256","RS256":"RS256"}]"#]],
    )
    .await;
    check(
        worker,
        "uses_jsonwebtoken",
        json!([]),
        expect![[r#"completed: [{"ES256":"Ada","HS256":"Ada","RS256":"Ada"},"TokenExpiredError"]"#]],
    )
    .await;
}
