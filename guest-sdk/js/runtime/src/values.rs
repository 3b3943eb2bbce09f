//! Payloads and failures between the contract and JavaScript.

use rquickjs::{Array, Ctx, Object, Result, Value};

use crate::{
    bytes,
    contract::{
        exports::isolet::activity::handler::Outcome,
        isolet::activity::types::{
            ActivityFailure, ApplicationFailure, ChildWorkflowFailure, Duration, Failure, FailureCategory, FailureKind,
            Payload, TimeoutFailure, TimeoutType,
        },
    },
    text::Text,
};

/// A payload as `{ metadata: { key: Uint8Array }, data: Uint8Array }`, as Temporal's packages have it.
pub(crate) fn give_payload<'js>(ctx: &Ctx<'js>, payload: &Payload) -> Result<Object<'js>> {
    let metadata = Object::new(ctx.clone())?;
    for (key, value) in &payload.metadata {
        metadata.set(key.as_str(), bytes::give(ctx, value)?)?;
    }
    let object = Object::new(ctx.clone())?;
    object.set("metadata", metadata)?;
    object.set("data", bytes::give(ctx, &payload.data)?)?;
    Ok(object)
}

/// Payloads in an array.
pub(crate) fn give_payloads<'js>(ctx: &Ctx<'js>, payloads: &[Payload]) -> Result<Array<'js>> {
    let array = Array::new(ctx.clone())?;
    for (place, payload) in payloads.iter().enumerate() {
        array.set(place, give_payload(ctx, payload)?)?;
    }
    Ok(array)
}

/// The payload that an object of Temporal's packages is.
pub(crate) fn take_payload(object: &Object<'_>) -> Result<Payload> {
    let ctx = object.ctx();
    let mut metadata = Vec::new();
    if let Some(entries) = object.get::<_, Option<Object<'_>>>("metadata")? {
        for entry in entries.props::<String, Value<'_>>() {
            let (key, value) = entry?;
            metadata.push((key, bytes::copy(ctx, value)?));
        }
    }
    let data = object.get::<_, Option<Value<'_>>>("data")?.map(|data| bytes::copy(ctx, data)).transpose()?;
    Ok(Payload { metadata, data: data.unwrap_or_default() })
}

/// The payloads of an array.
pub(crate) fn take_payloads(array: &Array<'_>) -> Result<Vec<Payload>> {
    array.iter::<Object<'_>>().map(|each| take_payload(&each?)).collect()
}

/// What an attempt came to: `{ kind, payload, payloads, failures }`.
pub(crate) fn outcome(object: &Object<'_>) -> Result<Outcome> {
    Ok(match object.get::<_, Text>("kind")?.0.as_str() {
        "completed" => {
            let payload: Option<Object<'_>> = object.get("payload")?;
            Outcome::Completed(payload.map(|payload| take_payload(&payload)).transpose()?)
        }
        "cancelled" => Outcome::Cancelled(take_payloads(&object.get("payloads")?)?),
        "will-complete-async" => Outcome::WillCompleteAsync,
        _ => Outcome::Failed(failures(&object.get("failures")?)?),
    })
}

/// A failure and its causes.
pub(crate) fn failures(array: &Array<'_>) -> Result<Vec<Failure>> {
    array.iter::<Object<'_>>().map(|each| failure(&each?)).collect()
}

fn failure(object: &Object<'_>) -> Result<Failure> {
    let encoded: Option<Object<'_>> = object.get("encodedAttributes")?;
    Ok(Failure {
        message: text(object, "message")?,
        stack_trace: text(object, "stackTrace")?,
        kind: kind(&text(object, "kind")?, &object.get("fields")?)?,
        encoded_attributes: encoded.map(|payload| take_payload(&payload)).transpose()?,
    })
}

fn kind(name: &str, fields: &Object<'_>) -> Result<FailureKind> {
    Ok(match name {
        "application" => FailureKind::Application(ApplicationFailure {
            type_: text(fields, "type")?,
            non_retryable: fields.get("nonRetryable")?,
            details: take_payloads(&fields.get("details")?)?,
            next_retry_delay: fields.get::<_, Option<f64>>("nextRetryDelay")?.map(duration),
            category: match fields.get("benign")? {
                true => FailureCategory::Benign,
                false => FailureCategory::Unspecified,
            },
        }),
        "cancelled" => FailureKind::Cancelled(take_payloads(&fields.get("details")?)?),
        "timeout" => FailureKind::Timeout(TimeoutFailure {
            timeout_type: match fields.get("timeoutType")? {
                1 => TimeoutType::StartToClose,
                2 => TimeoutType::ScheduleToStart,
                3 => TimeoutType::ScheduleToClose,
                4 => TimeoutType::Heartbeat,
                _ => TimeoutType::Unspecified,
            },
            last_heartbeat_details: take_payloads(&fields.get("details")?)?,
        }),
        "terminated" => FailureKind::Terminated,
        "server" => FailureKind::Server(fields.get("nonRetryable")?),
        "activity" => FailureKind::Activity(ActivityFailure {
            activity_type: text(fields, "activityType")?,
            activity_id: text(fields, "activityId")?,
            identity: text(fields, "identity")?,
        }),
        "child-workflow" => FailureKind::ChildWorkflow(ChildWorkflowFailure {
            namespace: text(fields, "namespace")?,
            workflow_type: text(fields, "workflowType")?,
            workflow_id: text(fields, "workflowId")?,
            run_id: text(fields, "runId")?,
        }),
        other => FailureKind::Other(other.to_owned()),
    })
}

fn text(object: &Object<'_>, key: &str) -> Result<String> {
    Ok(object.get::<_, Option<Text>>(key)?.map(|text| text.0).unwrap_or_default())
}

/// A length of time from milliseconds; what is negative or no number is none.
pub(crate) fn duration(milliseconds: f64) -> Duration {
    let duration = std::time::Duration::try_from_secs_f64(milliseconds / 1e3).unwrap_or_default();
    Duration { seconds: duration.as_secs(), nanoseconds: duration.subsec_nanos() }
}
