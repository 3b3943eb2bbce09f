//! What the code of activities does beside Temporal's API: `tests/guests-typescript/platform`.

use expect_test::{Expect, expect};
use serde_json::{Value, json};

use crate::support::{DevServer, Isolet, Worker, http_server::HttpServer};

async fn worker() -> Worker {
    Isolet::worker(DevServer::start().await).component("platform-typescript").start().await
}

async fn check(worker: &Worker, activity: &str, arguments: Value, expected: Expect) {
    let outcome = worker.standalone(activity).args(&arguments).start_to_close("55s").attempts(1).run().await;
    expected.assert_eq(&outcome.to_string());
}

#[tokio::test]
async fn code_does_what_it_does_on_node() {
    let worker = worker().await;
    check(&worker, "contexts", json!([]), expect!["completed: [[30,30,30],[20,20,20],[10,10,10]]"]).await;
    check(
        &worker,
        "order",
        json!([]),
        expect![[r#"completed: ["now","microtask","tick","first timer","second timer"]"#]],
    )
    .await;
    check(&worker, "recursion", json!([5_000]), expect![[r#"completed: "5000""#]]).await;
    check(
        &worker,
        "recursion",
        json!([1_000_000]),
        expect![[r#"completed: "RangeError: Maximum call stack size exceeded""#]],
    )
    .await;
    check(&worker, "digests", json!(["isolet"]), expect![[r#"completed: {"hmac":"gno6QM+WA/UNJmTUwt+UVDFhbSA=","same":true,"sha256":"b8fe6964c733da7d3dab657074eeecc70769c852be76d264161c0089c3e8aa5d","zipped":"isolet"}"#]]).await;
    check(
        &worker,
        "zones",
        json!([1_785_542_400_000_u64]),
        expect![[r#"completed: ["8/1/26, 12:00 AM","8/1/26, 2:00 AM","8/1/26, 5:30 AM"]"#]],
    )
    .await;
    check(
        &worker,
        "brotli",
        json!(["GxAA+I2Ubt5EVYaWbCBvAU8cYBw=", "order ".repeat(500)]),
        expect![[r#"completed: ["hello hello hello","hello hello hello",true,true,"Error: Decompression failed"]"#]],
    )
    .await;
    check(
        &worker,
        "instruments",
        json!([]),
        expect![[r#"completed: "an attempt may have 256 instruments, and it has them all""#]],
    )
    .await;
    worker.stop().await;
}

#[tokio::test]
async fn what_nests_too_deep_is_a_range_error() {
    let worker = worker().await;
    check(&worker, "deep", json!([]), expect!["completed: []"]).await;
    let expected = expect![[r#"
        failed: RangeError: Maximum call stack size exceeded
        not tried again: MaximumAttemptsReached"#]];
    check(&worker, "deepResult", json!([]), expected).await;
    worker.stop().await;
}

#[tokio::test]
async fn nothing_is_as_it_was_when_it_was_built() {
    let worker = worker().await;
    for _ in 0..2 {
        check(&worker, "fresh", json!([]), expect!["completed: [true,true,true,null]"]).await;
        check(&worker, "count", json!([]), expect!["completed: 1"]).await;
    }
    worker.stop().await;
}

#[tokio::test]
async fn failures_have_the_projects_frames_and_whole_characters() {
    let worker = worker().await;
    check(
        &worker,
        "failing",
        json!([7]),
        expect![[r#"
            failed: OrderError: no order 7
            caused by not a number (None)
            not tried again: MaximumAttemptsReached"#]],
    )
    .await;
    check(
        &worker,
        "halves",
        json!([]),
        expect![[r#"
        failed: Half�: half �
          details: ["\ud83d"]
        not tried again: MaximumAttemptsReached"#]],
    )
    .await;
    worker.stop().await;
}

#[tokio::test]
async fn errors_that_nobody_catches_are_told() {
    let worker = worker().await;
    let told = async |text: &str| {
        worker.event(text, |event| event["message"].as_str().is_some_and(|message| message.contains(text))).await
    };
    for (place, order) in [("timer", 1), ("microtask", 2), ("tick", 3)] {
        check(
            &worker,
            "uncaught",
            json!([place, order]),
            expect![[r#"
            failed: SandboxTrap: the guest trapped: wasm `unreachable` instruction executed
            not tried again: MaximumAttemptsReached"#]],
        )
        .await;
        let line = format!("OrderError: no order {order}");
        assert_eq!(told(&line).await["message"], line);
    }
    check(&worker, "unhandled", json!([]), expect![[r#"completed: "not told""#]]).await;
    let rejection = told("nobody handles it").await;
    assert!(rejection["fields"]["error"].as_str().unwrap().starts_with("OrderError: no order 8"), "{rejection}");
    worker.stop().await;
}

#[tokio::test]
async fn requests_are_sent_to_granted_servers() {
    let server = HttpServer::start();
    let origin = server.origin("127.0.0.1");
    let worker = Isolet::worker(DevServer::start().await)
        .component("platform-typescript")
        .option("--http", &origin)
        .cancel_check("300ms")
        .heartbeats_often()
        .start()
        .await;
    let ask = async |method: &str, path: &str, body: Value, expected: Expect| {
        let outcome =
            worker.standalone("ask").args(&json!([method, format!("{origin}{path}"), body])).attempts(1).run().await;
        let port = origin.rsplit(':').next().unwrap();
        expected.assert_eq(&outcome.to_string().replace(port, "PORT"));
    };
    ask("GET", "/hello", json!(null), expect![[r#"completed: {"redirected":false,"status":200,"text":"hello"}"#]])
        .await;
    ask("GET", "/redirect", json!(null), expect![[r#"completed: {"redirected":true,"status":200,"text":"hello"}"#]])
        .await;
    ask("POST", "/echo", json!("a body"), expect![[r#"completed: {"redirected":false,"status":200,"text":"POST /echo | x-test: yes, accept: */*, accept-encoding: gzip, deflate, content-length: 6, content-type: text/plain;charset=UTF-8, user-agent: isolet, host: 127.0.0.1:PORT | 6"}"#]]).await;
    ask(
        "GET",
        "/cut",
        json!(null),
        expect![[r#"completed: {"cause":"incomplete HTTP response","error":"TypeError: terminated"}"#]],
    )
    .await;
    ask(
        "GET",
        "/garbage",
        json!(null),
        expect![[r#"completed: {"cause":"HttpProtocolError","error":"TypeError: fetch failed"}"#]],
    )
    .await;
    let other = worker.standalone("ask").args(&json!(["GET", "http://127.0.0.2/"])).attempts(1).run().await;
    expect![[r#"completed: {"cause":"the component's grant `http` does not cover http://127.0.0.2: add \"http://127.0.0.2\" to it","error":"TypeError: fetch failed"}"#]].assert_eq(&other.to_string());
    let data = worker.standalone("ask").args(&json!(["GET", "data:;base64,aGVsbG8"])).attempts(1).run().await;
    expect![[r#"completed: {"redirected":false,"status":200,"text":"hello"}"#]].assert_eq(&data.to_string());
    // It is cut short where it waits for more.
    let call = worker.standalone("download").args(&json!([format!("{origin}/drip")])).heartbeat("5s").start().await;
    worker.started(call.id()).await;
    server.connections(1).await;
    call.cancel().await;
    expect!["cancelled: Activity canceled []"].assert_eq(&call.outcome().await.to_string());
    server.connections(0).await;
    worker.stop().await;
}

/// A public key of the type `rsa-pss`, by OpenSSL.
const PSS_KEY: &str = "\
-----BEGIN PUBLIC KEY-----\n\
MIIBIDALBgkqhkiG9w0BAQoDggEPADCCAQoCggEBAL5ryKbvYp7fJtEzX49jDW5K\n\
XBSWXYR5c1YWzO0V/Z19CjuhMF5XY65Eg4vB1PWxyhI+0HQvSl/riNY28FRznG8f\n\
zjzz/8H77vMGG9r7GFwfwKiJL+jVzKFIZ8hMo1ZG/JxxSL8APiVw5jhkfiItqQQi\n\
L+2WqeyyxBHuTfYfCKagJ0GvleSuOAqlm4k/KgMB4GMpDuQxJVV+fUc355pOZfkY\n\
YKh73j7g7Nfg71TTK7vxevvnbFZ655+PIBGd0zFUaGQupvk5w3vewX9ZYmdg5wUV\n\
3JUAUnpuybimeFGr8s/DJLRJGWIm7wRTRXY0LzIAlMJEvrx5NDhrWJSgjZj+FLMC\n\
AwEAAQ==\n\
-----END PUBLIC KEY-----";

/// What the build left stays for good, without its references being counted. It changes like everything else, attempts
/// begin with it as it was, and what circles around it is collected.
#[tokio::test]
async fn what_was_built_can_be_changed() {
    let worker = worker().await;
    for _ in 0..2 {
        check(&worker, "changes_what_was_built", json!([]), expect![[r#"completed: {"counter":[1,2],"large":"1606938044258990275541962092341162602522202993782792835301377","list":[{"three":3},1,"two",{"three":3},"builtbuiltbuilt"],"names":["table","shape"],"notes":[{"of":"table"},{"of":"list"}],"passed":"passed with a key","shape":["shape",8,["name","more"]],"table":[["b","c","key99"],"seen",true,false],"text":["builtbuiltbuilt",15015]}"#]]).await;
    }
    check(&worker, "makes_circles", json!([500_000]), expect![[r#"completed: ["xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx499999",true,"table"]"#]]).await;
    check(&worker, "enters_contexts", json!([]), expect![[r#"completed: [null,"entered","other"]"#]]).await;
    worker.stop().await;
}

#[tokio::test]
async fn what_is_asked_for_too_much_is_refused() {
    // Little, so that it is soon full.
    let worker = Isolet::worker(DevServer::start().await).component("platform-typescript").limit("memory=24MiB");
    let worker = worker.start().await;
    check(&worker, "refusals", json!([PSS_KEY]), expect![[r#"completed: ["Error","none: false","RangeError ERR_OUT_OF_RANGE","Error ERR_OSSL_UNSUPPORTED","Error ERR_OSSL_INVALID_DIGEST","TypeError","DataError","TypeError ERR_INVALID_FILE_URL_HOST","TypeError ERR_INVALID_FILE_URL_PATH"]"#]]).await;
    check(&worker, "fills", json!([]), expect![[r#"completed: "Error ENOSPC""#]]).await;
    check(
        &worker,
        "throws_what_throws",
        json!([]),
        expect![[r#"
        failed: Error: not to be looked at
        not tried again: MaximumAttemptsReached"#]],
    )
    .await;
    check(&worker, "reads_standard_input", json!([]), expect!["completed: 0"]).await;
    worker.stop().await;
}
