//! The client against a test's server.

use std::cell::RefCell;
use std::io::{self, Read as _};
use std::rc::Rc;

use ::http::{Request, Response as Answer};
use futures_util::{StreamExt as _, future::join_all, stream};

use super::*;
use crate::test::TestContext;
use crate::{ActivityContext, ActivityError, activity};

/// A context whose server answers as told, and what it was asked.
fn answered_by(
    answer: impl Fn(&Request<Bytes>) -> Answer<Bytes> + 'static,
) -> (ActivityContext, Rc<RefCell<Vec<Request<Bytes>>>>) {
    let seen = Rc::new(RefCell::new(Vec::new()));
    let asked = Rc::clone(&seen);
    let test = TestContext::new().with_http(move |request| {
        let answered = answer(&request);
        asked.borrow_mut().push(request);
        Ok(answered)
    });
    (test.context(), seen)
}

#[test]
fn a_request_is_what_was_made() {
    let (context, seen) = answered_by(|_| Answer::new("[1]".into()));
    let request = context.http().post("https://a.example/b?c=d").query([("e f", "ä")]).header("x-a", "1");
    let answer = context.block_on(request.bearer_auth("token").json(&[2]).send()).unwrap();
    assert_eq!(context.block_on(answer.json::<Vec<u8>>()).unwrap(), [1]);
    let seen = seen.borrow();
    let [request] = seen.as_slice() else { unreachable!("{seen:?}") };
    assert_eq!(request.uri(), "https://a.example/b?c=d&e+f=%C3%A4");
    let headers: Vec<_> =
        request.headers().iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
    assert_eq!(
        headers,
        ["x-a: 1", "authorization: Bearer token", "content-type: application/json", "content-length: 3"]
    );
    assert_eq!(request.body(), "[2]");
    assert!(!format!("{request:?}").contains("token"), "a token is no text for logs");
}

#[test]
fn only_a_request_that_may_have_a_body_has_a_length_of_none() {
    let (context, seen) = answered_by(|_| Answer::default());
    let send = |request: RequestBuilder| context.block_on(request.send()).unwrap();
    send(context.http().get("http://a.example"));
    send(context.http().put("http://a.example"));
    send(context.http().post("http://a.example").body(Body::from_reader(io::empty())));
    send(context.http().from_http(Request::put("http://a.example").body("abc").unwrap()));
    let seen = seen.borrow();
    let lengths: Vec<_> = seen.iter().map(|request| request.headers().get("content-length")).collect();
    assert_eq!(lengths, [None, Some(&"0".parse().unwrap()), None, Some(&"3".parse().unwrap())]);
}

#[test]
fn bodies_come_and_go_in_pieces() {
    let (context, seen) = answered_by(|request| Answer::new(request.body().repeat(1000).into()));
    let pieces = stream::iter(["a", "", "bc"].map(Ok::<_, io::Error>));
    let request = context.http().post("http://a.example").body(Body::from_stream(pieces));
    let sizes = context.block_on(async {
        let pieces = request.send().await?.bytes_stream();
        Ok::<_, HttpError>(pieces.map(|piece| piece.unwrap().len()).collect::<Vec<_>>().await)
    });
    assert_eq!(sizes.unwrap(), [3000]);
    assert_eq!(seen.borrow()[0].body(), "abc");
    let mut answer = context.http().post("http://a.example").body("abcd").send_blocking().unwrap();
    let mut first = [0; 6];
    answer.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"abcdab");
    assert_eq!(answer.bytes().unwrap().len(), 3994);
    let long = context.http().post("http://a.example").body(vec![b'.'; 200]);
    let answer = long.send_blocking().unwrap();
    assert_eq!(answer.text().unwrap().len(), 200_000);
}

#[test]
fn what_goes_wrong_says_what_it_is_about() {
    let (context, _) = answered_by(|_| Answer::builder().status(404).body("none".into()).unwrap());
    let told = |request: RequestBuilder| {
        let answer = async { request.send().await?.error_for_status()?.json::<u8>().await };
        context.block_on(answer).unwrap_err().to_string()
    };
    let client = context.http();
    let expected = "GET http://a.example/b: the server answered with status 404 Not Found";
    assert_eq!(told(client.get("http://a.example/b?secret=1")), expected);
    assert_eq!(told(client.get("a.example")), "\"a.example\" is no URL: it begins with http:// or https://");
    assert!(told(client.get("http://a b")).starts_with("\"http://a b\" is no URL: "));
    assert!(told(client.get("http://a").header("x y", "1")).starts_with("a header: "));
    let bad = client.post("http://a").json(&std::collections::BTreeMap::from([((1, 2), 3)]));
    assert_eq!(told(bad), "the body has no JSON form: key must be a string");
    let broken = Body::from_stream(stream::iter([Err::<&str, _>(io::Error::other("dry"))]));
    assert_eq!(told(client.post("http://a").body(broken)), "POST http://a/: the request's body failed: dry");
    let text = client.get("http://a").send_blocking().unwrap().json::<u8>().unwrap_err();
    assert!(matches!(text.kind(), ErrorKind::Decode(_)), "{text}");
}

#[activity]
async fn ask(context: &ActivityContext) -> Result<String, ActivityError> {
    Ok(context.http().get("http://a.example").send().await?.text().await?)
}

#[test]
fn a_refusal_is_final_and_a_cancellation_stays_one() {
    let Err(ActivityError::Application(failure)) = TestContext::new().run::<ask>(&[]) else {
        unreachable!("nothing is granted")
    };
    assert_eq!((failure.type_name(), failure.is_non_retryable()), ("SandboxDenied", true));
    assert!(matches!(TestContext::new().cancelled().run::<ask>(&[]), Err(ActivityError::Cancelled(_))));
}

#[test]
fn many_are_asked_side_by_side() {
    let (context, seen) = answered_by(|request| Answer::new(request.uri().path().to_owned().into()));
    let ask = async |path| context.http().get(format!("http://a.example{path}")).send().await?.text().await;
    let answers = context.block_on(join_all(["/a", "/b"].map(ask)));
    let answers: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
    assert_eq!((answers, seen.borrow().len()), (vec!["/a".to_owned(), "/b".to_owned()], 2));
}
