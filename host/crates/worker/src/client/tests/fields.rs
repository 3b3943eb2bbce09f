//! Every field of every request that a guest may send is judged, and what is said of it is so.

use std::collections::BTreeSet;

use prost_reflect::{DescriptorPool, DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, ReflectMessage, Value};

use super::*;
use crate::client::judged::{self, Field, judged};

/// Temporal's API, as this version of it was compiled.
fn api() -> DescriptorPool {
    DescriptorPool::decode(include_bytes!(env!("TEMPORAL_DESCRIPTORS")).as_slice()).unwrap()
}

/// The request of each method that can be granted.
fn requests(api: &DescriptorPool) -> Vec<(&'static str, MessageDescriptor)> {
    let service = api.get_service_by_name(CLIENT_SERVICE).unwrap();
    let request = |name: &&'static str| {
        let method = service.methods().find(|method| method.name() == *name);
        (*name, method.unwrap_or_else(|| panic!("{name} is no method")).input())
    };
    CLIENT_METHODS.iter().map(request).collect()
}

/// The message in a field that is checked: its own fields need to be judged, too.
fn parts(message: &MessageDescriptor) -> Vec<MessageDescriptor> {
    let has_parts = |field: &FieldDescriptor| judged(message.name(), field.name()) == Some(Field::Checked);
    let part = |field: FieldDescriptor| match field.kind() {
        Kind::Message(part) if !field.is_map() => Some(part),
        _ => None,
    };
    message.fields().filter(has_parts).filter_map(part).collect()
}

#[test]
fn every_field_is_judged() {
    let api = api();
    let mut waiting: Vec<_> = requests(&api).into_iter().map(|(_, message)| message).collect();
    let (mut seen, mut missing) = (BTreeSet::new(), Vec::new());
    while let Some(message) = waiting.pop() {
        // What is refused whatever it holds has nothing to judge in it.
        if !seen.insert(message.name().to_owned()) || judged::REFUSED.contains(&message.name()) {
            continue;
        }
        for field in message.fields() {
            if judged(message.name(), field.name()).is_none() {
                missing.push(format!("{}.{}", message.name(), field.name()));
            }
        }
        let names: BTreeSet<_> = message.fields().map(|field| field.name().to_owned()).collect();
        let gone = judged::names(message.name()).filter(|name| !names.contains(*name));
        missing.extend(gone.map(|name| format!("{}.{name}, which is gone", message.name())));
        waiting.extend(parts(&message));
    }
    assert!(
        missing.is_empty(),
        "say in judged.rs what these fields can do, and check them if it is harm: {missing:#?}"
    );
}

/// A request of `message` that a grant of `order-*`, `ship-*` and `orders` covers.
fn good(message: &MessageDescriptor) -> DynamicMessage {
    let mut request = DynamicMessage::new(message.clone());
    let names: Vec<_> = message.fields().map(|field| field.name().to_owned()).collect();
    for name in names {
        let value = match (message.name(), name.as_str()) {
            (_, "workflow_id") => Value::String("order-1".to_owned()),
            (_, "activity_id") | ("PauseActivityRequest" | "UnpauseActivityRequest" | "ResetActivityRequest", "id") => {
                Value::String("ship-1".to_owned())
            }
            ("TaskQueue", "name") => Value::String("orders".to_owned()),
            (_, "task_token") => Value::Bytes(Bytes::from_static(b"token")),
            (_, "workflow_execution" | "execution" | "task_queue" | "update_ref" | "request" | "meta") => {
                let part = part(message, &name);
                Value::Message(good(&part))
            }
            ("ExecuteMultiOperationRequest", "operations") => {
                let operation = part(message, "operations");
                let [start, update] = ["start_workflow", "update_workflow"].map(|name| {
                    let mut one = DynamicMessage::new(operation.clone());
                    one.set_field_by_name(name, Value::Message(good(&part(&operation, name))));
                    Value::Message(one)
                });
                Value::List(vec![start, update])
            }
            _ => continue,
        };
        request.set_field_by_name(&name, value);
    }
    request
}

fn part(message: &MessageDescriptor, field: &str) -> MessageDescriptor {
    match message.get_field_by_name(field).unwrap().kind() {
        Kind::Message(part) => part,
        other => panic!("{field} is no message: {other:?}"),
    }
}

/// What no grant covers, for a field of this kind.
fn forged(field: &FieldDescriptor) -> Value {
    let value = match field.kind() {
        Kind::String => Value::String("forged".to_owned()),
        Kind::Bytes => Value::Bytes(Bytes::from_static(b"forged")),
        Kind::Bool => Value::Bool(true),
        Kind::Enum(_) => Value::EnumNumber(99),
        Kind::Message(part) => Value::Message(DynamicMessage::new(part)),
        other => panic!("{}: no forged {other:?}", field.full_name()),
    };
    if field.is_list() { Value::List(vec![value]) } else { value }
}

/// Every request in which one field of this judgement is forged, with the path of that field.
fn forgeries(request: &DynamicMessage, wanted: Field) -> Vec<(String, DynamicMessage)> {
    let message = request.descriptor();
    let mut found = Vec::new();
    for field in message.fields() {
        let judgement = judged(message.name(), field.name());
        if judgement == Some(wanted) && !is_filled(request, &field) {
            let mut one = request.clone();
            one.set_field(&field, forged(&field));
            found.push((field.full_name().to_owned(), one));
        }
        // Requests within a request are admitted as they would be alone.
        if judgement == Some(Field::Checked)
            && is_filled(request, &field)
            && message.name() != "ExecuteMultiOperationRequest"
        {
            let Value::Message(part) = request.get_field(&field).into_owned() else { continue };
            for (path, part) in forgeries(&part, wanted) {
                let mut one = request.clone();
                one.set_field(&field, Value::Message(part));
                found.push((path, one));
            }
        }
    }
    found
}

/// Whether the field holds a message that was filled in.
fn is_filled(request: &DynamicMessage, field: &FieldDescriptor) -> bool {
    request.has_field(field) && matches!(field.kind(), Kind::Message(_))
}

/// What is covered of one method's requests.
fn covering(method: &str) -> ClientGrant {
    // Listing and counting need more than some ids.
    let is_of_all = method.starts_with("List") || method.starts_with("Count");
    let ids = |some| patterns(&[if is_of_all { "*" } else { some }]);
    let parts: &[&str] = match method {
        "ExecuteMultiOperation" => &["StartWorkflowExecution", "UpdateWorkflowExecution"],
        _ => &[],
    };
    ClientGrant {
        methods: [&[method], parts].concat().iter().copied().map(Pattern::new).collect(),
        workflow_ids: ids("order-*"),
        activity_ids: ids("ship-*"),
        task_tokens: true,
        ..grant()
    }
}

#[tokio::test]
async fn what_is_checked_can_be_refused() {
    for (method, message) in requests(&api()) {
        let (grant, good) = (covering(method), good(&message));
        raw(&grant, method, good.encode_to_vec()).await.map(drop).unwrap_or_else(|text| panic!("{method}: {text}"));
        for (path, request) in forgeries(&good, Field::Checked) {
            // No list holds a token back, only the grant as a whole.
            let grant = ClientGrant { task_tokens: !path.ends_with("task_token"), ..grant.clone() };
            assert!(raw(&grant, method, request.encode_to_vec()).await.is_err(), "{path} is not checked");
        }
    }
}

#[tokio::test]
async fn what_is_overwritten_never_leaves() {
    for (method, message) in requests(&api()) {
        let good = good(&message);
        for (path, request) in forgeries(&good, Field::Overwritten) {
            let sent = raw(&covering(method), method, request.encode_to_vec()).await.unwrap();
            let sent = sent.wire.asked.lock().unwrap().remove(0).1;
            let sent = DynamicMessage::decode(message.clone(), sent.as_slice()).unwrap();
            assert!(!holds(&sent, &request, &path), "{path} is not overwritten");
        }
    }
}

/// Whether the field of this path has the same value in both.
fn holds(sent: &DynamicMessage, forged: &DynamicMessage, path: &str) -> bool {
    sent.descriptor().fields().filter(|field| sent.has_field(field)).any(|field| {
        let (sent, forged) = (sent.get_field(&field), forged.get_field(&field));
        match (sent.as_ref(), forged.as_ref()) {
            (sent, forged) if field.full_name() == path => sent == forged,
            (Value::Message(sent), Value::Message(forged)) => holds(sent, forged, path),
            _ => false,
        }
    })
}

/// Where the fuzz target of requests begins: a good request of each method, behind the method's number.
#[test]
fn seeds_are_good_requests() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../fuzz/seeds/client_requests");
    for (number, (method, message)) in requests(&api()).into_iter().enumerate() {
        let request = good(&message).encode_to_vec();
        let seed = [vec![u8::try_from(number).unwrap()], request.clone()].concat();
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(folder.join(method), &seed).unwrap();
        }
        let kept = std::fs::read(folder.join(method)).unwrap_or_default();
        assert!(kept == seed, "the seed of {method} is another: UPDATE_EXPECT=1 writes it anew");
        assert!(crate::fuzzing::client_request(&covering(method), method, &request), "{method} is covered");
        assert!(!crate::fuzzing::client_request(&ClientGrant::default(), method, &request), "{method} is not");
    }
}
