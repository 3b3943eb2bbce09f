//! `client`: Temporal's client on the worker's connection. Nothing is granted yet, so every call says which grant it
//! lacks.

use crate::bindings::isolet::activity::client::{
    ActivityReference, ClientError, Duration, FailureChain, Host, Payload, WorkflowDescription, WorkflowReference,
    WorkflowResult, WorkflowStart,
};

/// The state of `client` for one attempt.
pub(crate) struct ClientCtx;

type Answer<T> = wasmtime::Result<Result<T, ClientError>>;

fn not_granted<T>() -> Answer<T> {
    let text = "the component lacks the grant `client`, which this version of Isolet does not have yet";
    Ok(Err(ClientError::NotGranted(text.to_owned())))
}

impl Host for ClientCtx {
    async fn rpc(&mut self, _: String, _: String, _: Vec<u8>, _: Option<Duration>) -> Answer<Vec<u8>> {
        not_granted()
    }

    async fn start_workflow(&mut self, _: WorkflowStart) -> Answer<String> {
        not_granted()
    }

    async fn signal_workflow(&mut self, _: WorkflowReference, _: String, _: Vec<Payload>) -> Answer<()> {
        not_granted()
    }

    async fn query_workflow(&mut self, _: WorkflowReference, _: String, _: Vec<Payload>) -> Answer<Vec<Payload>> {
        not_granted()
    }

    async fn cancel_workflow(&mut self, _: WorkflowReference, _: String) -> Answer<()> {
        not_granted()
    }

    async fn terminate_workflow(&mut self, _: WorkflowReference, _: String) -> Answer<()> {
        not_granted()
    }

    async fn describe_workflow(&mut self, _: WorkflowReference) -> Answer<WorkflowDescription> {
        not_granted()
    }

    async fn wait_workflow(&mut self, _: WorkflowReference) -> Answer<WorkflowResult> {
        not_granted()
    }

    async fn complete_activity(&mut self, _: ActivityReference, _: Option<Payload>) -> Answer<()> {
        not_granted()
    }

    async fn fail_activity(&mut self, _: ActivityReference, _: FailureChain) -> Answer<()> {
        not_granted()
    }

    async fn cancel_activity(&mut self, _: ActivityReference, _: Vec<Payload>) -> Answer<()> {
        not_granted()
    }

    async fn heartbeat_activity(&mut self, _: ActivityReference, _: Vec<Payload>) -> Answer<bool> {
        not_granted()
    }
}
