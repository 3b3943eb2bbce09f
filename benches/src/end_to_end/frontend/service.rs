//! The calls of an activity worker, answered by name.

use std::{
    convert::Infallible,
    future::Future,
    sync::Arc,
    task::{Context, Poll},
};

use futures_util::{FutureExt as _, future::BoxFuture};
use temporalio_common::protos::temporal::api::{
    enums::v1::NamespaceState,
    namespace::v1::{NamespaceInfo, namespace_info},
    workflowservice::v1::{
        DescribeNamespaceRequest, DescribeNamespaceResponse, GetSystemInfoRequest, GetSystemInfoResponse,
        PollActivityTaskQueueRequest, RecordActivityTaskHeartbeatRequest, RecordActivityTaskHeartbeatResponse,
        RecordWorkerHeartbeatRequest, RecordWorkerHeartbeatResponse, RespondActivityTaskCanceledRequest,
        RespondActivityTaskCanceledResponse, RespondActivityTaskCompletedRequest, RespondActivityTaskCompletedResponse,
        RespondActivityTaskFailedRequest, RespondActivityTaskFailedResponse, ShutdownWorkerRequest,
        ShutdownWorkerResponse, get_system_info_response::Capabilities,
    },
};
use tonic::{
    Request, Response, Status,
    body::Body,
    codec::CompressionEncoding,
    codegen::{Service as Tower, http},
    server::Grpc,
};
use tonic_prost::ProstCodec;

use super::replay::Replay;

/// Answers calls to `temporal.api.workflowservice.v1.WorkflowService`.
#[derive(Clone, Debug)]
pub(super) struct Service {
    replay: Arc<Replay>,
}

type Call = http::Request<Body>;
type Answer = BoxFuture<'static, Result<http::Response<Body>, Infallible>>;

impl Service {
    /// Hands out the tasks of `replay`.
    pub(super) fn new(replay: Arc<Replay>) -> Self {
        Self { replay }
    }
}

impl Tower<Call> for Service {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Answer;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, call: Call) -> Answer {
        let replay = Arc::clone(&self.replay);
        let method = call.uri().path().rsplit('/').next().unwrap_or_default().to_owned();
        match method.as_str() {
            "GetSystemInfo" => unary(call, |_: GetSystemInfoRequest| async { Ok(system_info()) }),
            "DescribeNamespace" => {
                unary(call, async move |_: DescribeNamespaceRequest| Ok(describe_namespace(replay.namespace())))
            }
            "PollActivityTaskQueue" => unary(call, async move |request: PollActivityTaskQueueRequest| {
                Ok(replay.poll(&request.task_queue.unwrap_or_default().name).await)
            }),
            "RespondActivityTaskCompleted" => unary(call, async move |request: RespondActivityTaskCompletedRequest| {
                replay.take_back(&request.task_token, Ok(request.result));
                Ok(RespondActivityTaskCompletedResponse::default())
            }),
            "RespondActivityTaskFailed" => unary(call, async move |request: RespondActivityTaskFailedRequest| {
                let message = request.failure.unwrap_or_default().message;
                replay.take_back(&request.task_token, Err(format!("a task failed: {message}")));
                Ok(RespondActivityTaskFailedResponse::default())
            }),
            "RespondActivityTaskCanceled" => unary(call, async move |request: RespondActivityTaskCanceledRequest| {
                replay.take_back(&request.task_token, Err("a task was cancelled".to_owned()));
                Ok(RespondActivityTaskCanceledResponse::default())
            }),
            "RecordActivityTaskHeartbeat" => unary(call, |_: RecordActivityTaskHeartbeatRequest| async {
                Ok(RecordActivityTaskHeartbeatResponse::default())
            }),
            "RecordWorkerHeartbeat" => {
                unary(call, |_: RecordWorkerHeartbeatRequest| async { Ok(RecordWorkerHeartbeatResponse::default()) })
            }
            "ShutdownWorker" => unary(call, |_: ShutdownWorkerRequest| async { Ok(ShutdownWorkerResponse::default()) }),
            _ => async move { Ok(Status::unimplemented(format!("{method} is not replayed")).into_http()) }.boxed(),
        }
    }
}

/// Decodes one request, answers it and encodes the response. Workers compress their requests.
fn unary<Q, R, F>(call: Call, answer: impl FnOnce(Q) -> F + Send + 'static) -> Answer
where
    Q: Default + Send + prost::Message + 'static,
    R: Default + Send + Sync + prost::Message + 'static,
    F: Future<Output = Result<R, Status>> + Send + 'static,
{
    let answer = Once { answer: Some(answer) };
    async move {
        let mut grpc = Grpc::new(ProstCodec::<R, Q>::default()).accept_compressed(CompressionEncoding::Gzip);
        Ok(grpc.unary(answer, call).await)
    }
    .boxed()
}

/// A function that answers one request, in the shape that tonic takes.
struct Once<A> {
    answer: Option<A>,
}

impl<A, Q, R, F> Tower<Request<Q>> for Once<A>
where
    A: FnOnce(Q) -> F,
    Q: Send + 'static,
    R: 'static,
    F: Future<Output = Result<R, Status>> + Send + 'static,
{
    type Response = Response<R>;
    type Error = Status;
    type Future = BoxFuture<'static, Result<Response<R>, Status>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Status>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Q>) -> Self::Future {
        let Some(answer) = self.answer.take() else {
            return async { Err(Status::internal("a unary call was made twice")) }.boxed();
        };
        let response = answer(request.into_inner());
        async move { response.await.map(Response::new) }.boxed()
    }
}

fn system_info() -> GetSystemInfoResponse {
    let capabilities = Capabilities {
        internal_error_differentiation: true,
        activity_failure_include_heartbeat: true,
        encoded_failure_attributes: true,
        ..Capabilities::default()
    };
    GetSystemInfoResponse { server_version: "0.0.0-replay".to_owned(), capabilities: Some(capabilities) }
}

fn describe_namespace(name: &str) -> DescribeNamespaceResponse {
    let info = NamespaceInfo {
        name: name.to_owned(),
        state: NamespaceState::Registered.into(),
        capabilities: Some(namespace_info::Capabilities {
            standalone_activities: true,
            ..namespace_info::Capabilities::default()
        }),
        ..NamespaceInfo::default()
    };
    DescribeNamespaceResponse { namespace_info: Some(info), ..DescribeNamespaceResponse::default() }
}
