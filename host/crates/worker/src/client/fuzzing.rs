//! Judges a request that was sent by the list of what may be in each field, whatever it is that decided.

#![expect(clippy::panic, clippy::unwrap_used, reason = "that is how a fuzz target says what it has found")]

use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use activity::{CLIENT_SERVICE, ClientGrant, Pattern};
use futures_util::FutureExt as _;
use prost_reflect::{
    DescriptorPool, DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, ReflectMessage as _, Value,
};

use super::{
    judged::{Field, REFUSED, judged},
    *,
};

const NAMESPACE: &str = "mine";
const IDENTITY: &str = "the worker";

/// Temporal's API, as this version of it was compiled.
static API: LazyLock<DescriptorPool> =
    LazyLock::new(|| DescriptorPool::decode(include_bytes!(env!("TEMPORAL_DESCRIPTORS")).as_slice()).unwrap());

/// Keeps what is sent.
#[derive(Default)]
struct Sent(Mutex<Vec<Vec<u8>>>);

impl Wire for Sent {
    async fn send<M: Method>(&self, request: M, _: Option<Duration>) -> Result<M::Response, Status> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(request.encode_to_vec());
        Ok(M::Response::default())
    }
}

/// Asks for it under this grant. Returns whether it was sent.
pub(crate) fn request(grant: &ClientGrant, method: &str, request: &[u8]) -> bool {
    let host = Host { namespace: NAMESPACE.to_owned(), identity: IDENTITY.to_owned() };
    let client = Client { wire: Sent::default(), host };
    let request = ClientRequest::Rpc {
        service: CLIENT_SERVICE.to_owned(),
        method: method.to_owned(),
        request: Bytes::copy_from_slice(request),
    };
    let question = Question {
        grant: Arc::new(grant.clone()),
        coding: PayloadCoding::default(),
        request,
        timeout: None,
        trace: None,
    };
    // Nothing in it waits.
    let answer = client.call(question).now_or_never().unwrap();
    let sent = client.wire.0.into_inner().unwrap_or_else(PoisonError::into_inner);
    assert_eq!(sent.len(), usize::from(answer.is_ok()), "what is refused is not sent: {answer:?}");
    let Some(sent) = sent.first() else { return false };
    let message = message(method);
    let sent = DynamicMessage::decode(message, sent.as_slice()).unwrap();
    Judge { grant }.method(method, &sent);
    true
}

/// The request of a method.
fn message(method: &str) -> MessageDescriptor {
    let service = API.get_service_by_name(CLIENT_SERVICE).unwrap();
    service.methods().find(|each| each.name() == method).unwrap().input()
}

/// Says of what was sent that it is granted.
struct Judge<'a> {
    grant: &'a ClientGrant,
}

impl Judge<'_> {
    fn method(&self, method: &str, request: &DynamicMessage) {
        assert!(covers(&self.grant.methods, method), "{method} is not granted");
        if method.starts_with("List") || method.starts_with("Count") {
            let ids = if method.contains("Workflow") { &self.grant.workflow_ids } else { &self.grant.activity_ids };
            assert!(ids.iter().any(Pattern::is_everything), "{method} tells of all");
        }
        self.message(request);
    }

    fn message(&self, message: &DynamicMessage) {
        let descriptor = message.descriptor();
        for field in descriptor.fields() {
            match judged(descriptor.name(), field.name()) {
                Some(Field::Checked) => self.checked(message, &field),
                Some(Field::Overwritten) => overwritten(message, &field),
                Some(Field::Harmless) => {}
                None => panic!("{} is not judged", field.full_name()),
            }
        }
    }

    fn checked(&self, message: &DynamicMessage, field: &FieldDescriptor) {
        let path = field.full_name();
        let value = message.get_field(field);
        match (field.kind(), value.as_ref()) {
            (Kind::Message(part), _) if REFUSED.contains(&part.name()) => {
                assert!(!message.has_field(field), "{path} is refused");
            }
            (Kind::Message(_), Value::List(parts)) => {
                parts.iter().filter_map(Value::as_message).for_each(|part| self.part(part));
            }
            (Kind::Message(_), Value::Message(part)) if message.has_field(field) => self.part(part),
            // One of several, or none.
            (Kind::Message(_), _) => {
                let may_lack = ["request", "start_workflow", "update_workflow"].contains(&field.name());
                assert!(may_lack, "{path} is missing");
            }
            (Kind::String, Value::String(text)) => self.text(message, field, text),
            (Kind::Bytes, Value::Bytes(token)) => assert!(self.grant.task_tokens && !token.is_empty(), "{path}"),
            (Kind::Bool, Value::Bool(all)) if message.has_field(field) => {
                assert!(self.grant.activity_ids.iter().any(Pattern::is_everything), "{path}: {all}");
            }
            (Kind::Bool, _) => {}
            (Kind::Enum(_), Value::EnumNumber(policy)) => self.policy(message, field, *policy),
            (kind, _) => panic!("{path} is judged, and nobody knows how: {kind:?}"),
        }
    }

    /// A message in the one that is sent; a request there is one that could be sent alone.
    fn part(&self, part: &DynamicMessage) {
        match part.descriptor().name() {
            "StartWorkflowExecutionRequest" => self.method("StartWorkflowExecution", part),
            "UpdateWorkflowExecutionRequest" => self.method("UpdateWorkflowExecution", part),
            _ => self.message(part),
        }
    }

    fn text(&self, message: &DynamicMessage, field: &FieldDescriptor, text: &str) {
        let (grant, path) = (self.grant, field.full_name());
        let has =
            |name: &str| message.descriptor().get_field_by_name(name).is_some_and(|field| message.has_field(&field));
        let granted = match field.name() {
            "namespace" if grant.namespaces.is_empty() => text == NAMESPACE,
            "namespace" => covers(&grant.namespaces, text),
            // A standalone activity has none.
            "workflow_id" if text.is_empty() => {
                message.descriptor().name() != "WorkflowExecution" && has("activity_id")
            }
            "workflow_id" => covers(&grant.workflow_ids, text),
            "id" if has("type") || has("unpause_all") || has("match_all") => true,
            "activity_id" | "id" => !text.is_empty() && covers(&grant.activity_ids, text),
            "type" => !has("type") || grant.activity_ids.iter().any(Pattern::is_everything),
            "name" => !text.is_empty() && covers(&grant.task_queues, text),
            "normal_name" => text.is_empty() || covers(&grant.task_queues, text),
            _ => panic!("{path} is judged, and nobody knows how"),
        };
        assert!(granted, "{path}: {text:?} is not granted by {grant:?}");
    }

    /// What becomes of one of the same id that runs.
    fn policy(&self, message: &DynamicMessage, field: &FieldDescriptor, policy: i32) {
        // 0 is no word, and 1 to 3 are those that let it run; of policies on a conflict there are two of those.
        let stays =
            if field.name().contains("conflict") { (0..=2).contains(&policy) } else { (0..=3).contains(&policy) };
        let terminate = match message.descriptor().name() {
            "StartActivityExecutionRequest" => "TerminateActivityExecution",
            _ => "TerminateWorkflowExecution",
        };
        assert!(stays || covers(&self.grant.methods, terminate), "{}: {policy}", field.full_name());
    }
}

fn overwritten(message: &DynamicMessage, field: &FieldDescriptor) {
    let value = message.get_field(field);
    match (field.name(), value.as_ref()) {
        ("identity", Value::String(identity)) => assert_eq!(identity, IDENTITY, "{}", field.full_name()),
        _ => assert!(!message.has_field(field), "{} is not the guest's to say", field.full_name()),
    }
}

fn covers(patterns: &[Pattern], name: &str) -> bool {
    patterns.iter().any(|pattern| pattern.covers(name))
}
