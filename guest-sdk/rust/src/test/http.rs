//! What answers HTTP requests in a test.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{Request, Response, response};

use super::TestContext;
use crate::attempt::Attempt;
use crate::executor;
use crate::http::{Body, ErrorKind, HttpError, Timeouts};

type Answers = Box<dyn FnMut(Request<Bytes>) -> Result<Response<Bytes>, HttpError>>;

/// The test's answers, if it has any.
#[derive(Clone, Default)]
pub(super) struct Stub(Option<Rc<RefCell<Answers>>>);

impl fmt::Debug for Stub {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.0.is_some() { "Stub" } else { "no stub" })
    }
}

impl TestContext {
    /// Answers the requests of [`ActivityContext::http`](crate::ActivityContext::http). Without this, no server is
    /// granted.
    ///
    /// ```
    /// use isolet_sdk::test::TestContext;
    /// use isolet_sdk::{ActivityContext, ActivityError, activity};
    ///
    /// #[activity]
    /// async fn price(context: &ActivityContext, item: String) -> Result<u32, ActivityError> {
    ///     let request = context.http().get("https://api.example.com/prices").query([("item", item)]);
    ///     Ok(request.send().await?.error_for_status()?.json().await?)
    /// }
    ///
    /// let test = TestContext::new().with_http(|request| {
    ///     assert_eq!(request.uri(), "https://api.example.com/prices?item=New+chair");
    ///     Ok(http::Response::new("42"))
    /// });
    /// let context = test.context();
    /// assert_eq!(context.block_on(price(&context, "New chair".to_owned())).unwrap(), 42);
    /// ```
    #[must_use]
    pub fn with_http<A: Into<Bytes>>(
        self,
        mut answers: impl FnMut(Request<Bytes>) -> Result<Response<A>, HttpError> + 'static,
    ) -> Self {
        let answers: Answers = Box::new(move |request| answers(request).map(|answer| answer.map(Into::into)));
        self.state.borrow_mut().http = Stub(Some(Rc::new(RefCell::new(answers))));
        self
    }
}

/// Asks the test.
pub(crate) async fn send(
    attempt: &Rc<Attempt>,
    request: Request<Body>,
    _timeouts: &Timeouts,
    _due: Option<Duration>,
) -> Result<(response::Parts, Incoming), HttpError> {
    attempt.check_cancelled()?;
    let stub = attempt.backend.state.borrow().http.clone();
    let Stub(Some(answers)) = stub else {
        let told = "the test has no HTTP server: see TestContext::with_http";
        return Err(ErrorKind::NotGranted(told.to_owned()).into());
    };
    let (parts, mut body) = request.into_parts();
    let mut whole = BytesMut::new();
    while let Some(piece) = body.piece().await? {
        whole.extend_from_slice(&piece);
    }
    let answer = answers.borrow_mut()(Request::from_parts(parts, whole.freeze()))?;
    let (parts, body) = answer.into_parts();
    Ok((parts, Incoming { body }))
}

/// The body of an answer.
#[derive(Debug)]
pub(crate) struct Incoming {
    body: Bytes,
}

impl Incoming {
    pub(crate) fn poll_chunk(&mut self, _context: &mut Context<'_>) -> Poll<Result<Option<Bytes>, HttpError>> {
        executor::current().attempt.check_cancelled()?;
        let piece = self.body.split_to(self.body.len().min(64 * 1024));
        Poll::Ready(Ok(Some(piece).filter(|piece| !piece.is_empty())))
    }
}
