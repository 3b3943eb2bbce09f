//! What answers the client's calls in a test.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use super::{Backend, TestContext};
use crate::client::{ClientCall, ClientError, ClientReply};

type Answers = Box<dyn FnMut(ClientCall) -> Result<ClientReply, ClientError>>;

/// The test's answers, if it has any.
#[derive(Clone, Default)]
pub(super) struct Stub(Option<Rc<RefCell<Answers>>>);

impl fmt::Debug for Stub {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.0.is_some() { "Stub" } else { "no stub" })
    }
}

impl TestContext {
    /// Answers the calls of [`ActivityContext::client`](crate::ActivityContext::client). Without this, none is granted.
    ///
    /// ```
    /// use isolet_sdk::client::{ClientCall, ClientReply};
    /// use isolet_sdk::test::TestContext;
    /// use isolet_sdk::{ActivityContext, ActivityError, RawValue, activity};
    ///
    /// #[activity]
    /// fn total(context: &ActivityContext, order: String) -> Result<u32, ActivityError> {
    ///     Ok(context.client().workflow(order).query("total", &[])?)
    /// }
    ///
    /// let test = TestContext::new().with_client(|call| match call {
    ///     ClientCall::QueryWorkflow { workflow, .. } if workflow.workflow_id == "order-1" => {
    ///         Ok(ClientReply::Values(vec![RawValue::encode(&42)?]))
    ///     }
    ///     other => panic!("not expected: {other:?}"),
    /// });
    /// assert_eq!(total(&test.context(), "order-1".to_owned()).unwrap(), 42);
    /// ```
    #[must_use]
    pub fn with_client(self, answers: impl FnMut(ClientCall) -> Result<ClientReply, ClientError> + 'static) -> Self {
        self.state.borrow_mut().client = Stub(Some(Rc::new(RefCell::new(Box::new(answers)))));
        self
    }
}

impl Backend {
    pub(crate) fn call(&self, call: ClientCall, _timeout: Option<Duration>) -> Result<ClientReply, ClientError> {
        let stub = self.state.borrow().client.clone();
        match stub.0 {
            Some(answers) => answers.borrow_mut()(call),
            None => Err(ClientError::NotGranted("the test has no client: see TestContext::with_client".to_owned())),
        }
    }
}
