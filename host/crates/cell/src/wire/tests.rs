//! What is sent arrives as it was.

use std::{
    os::unix::net::UnixStream,
    sync::Arc,
    time::{Duration, SystemTime},
};

use activity::{
    ActivityIds, ActivityReference, ActivityStart, ApplicationFailure, AttributeValue, CancellationDetails, ClientCall,
    ClientError, ClientRequest, ClientResponse, Command, ComponentHandle, ComponentId, DirectoryGrant, End, Ending,
    ExecutionResult, ExecutionStatus, Failure, FailureCategory, FailureKind, Grants, HttpUsage, IdConflictPolicy,
    IdReusePolicy, Info, Instrument, InstrumentKind, KillReason, Limits, MeasuredValue, Measurement, MetricsGrant,
    Outcome, Payload, Policy, Priority, RetryPolicy, RpcStatus, SandboxFailure, SandboxFailureKind, TimeoutFailure,
    TimeoutType, Traffic, Usage, WorkflowDescription, WorkflowExecution, WorkflowReference, WorkflowStart,
};
use prost::Message;

use super::{command, *};

/// A message after it has crossed.
fn crossed<T: Message + Default>(message: &T) -> T {
    let (ours, theirs) = UnixStream::pair().unwrap();
    let framed = framed(message).unwrap();
    let sending = std::thread::spawn(move || Writer::new(ours).write(&framed, None).unwrap());
    let arrived = Reader::new(theirs, usize::MAX).next().unwrap().unwrap();
    sending.join().unwrap();
    arrived
}

fn payload(text: &str) -> Payload {
    Payload::json(text.to_owned())
}

fn chain() -> Failure {
    let kinds = [
        FailureKind::Application(ApplicationFailure {
            failure_type: "Type".to_owned(),
            non_retryable: true,
            details: vec![payload("1"), Payload::null()],
            next_retry_delay: Some(Duration::from_nanos(1_500)),
            category: FailureCategory::Benign,
        }),
        FailureKind::Cancelled(vec![payload("2")]),
        FailureKind::Timeout(TimeoutFailure {
            timeout_type: TimeoutType::Heartbeat,
            last_heartbeat_details: vec![payload("3")],
        }),
        FailureKind::Terminated,
        FailureKind::Server { non_retryable: true },
        FailureKind::Activity { activity_type: "a".to_owned(), activity_id: "b".to_owned(), identity: "c".to_owned() },
        FailureKind::ChildWorkflow { workflow: WorkflowExecution::default() },
        FailureKind::Other("what".to_owned()),
    ];
    let mut outer: Option<Failure> = None;
    for (number, kind) in kinds.into_iter().enumerate() {
        let encoded_attributes = Some(payload("4"));
        let cause = outer.map(Box::new);
        let (message, stack_trace) = (format!("failure {number}"), "at".to_owned());
        outer = Some(Failure { message, stack_trace, kind, encoded_attributes, cause });
    }
    outer.unwrap()
}

#[test]
fn tasks() {
    let times = |seconds: i64| {
        let distance = Duration::new(seconds.unsigned_abs(), 7);
        if seconds < 0 { SystemTime::UNIX_EPOCH - distance } else { SystemTime::UNIX_EPOCH + distance }
    };
    let info = Info {
        activity_id: "id".to_owned(),
        activity_run_id: Some("run".to_owned()),
        activity_type: "type".to_owned(),
        attempt: 3,
        namespace: "namespace".to_owned(),
        task_queue: "queue".to_owned(),
        task_token: b"token"[..].into(),
        workflow: Some(WorkflowExecution { workflow_id: "w".to_owned(), ..WorkflowExecution::default() }),
        is_local: true,
        scheduled_time: times(-1),
        current_attempt_scheduled_time: times(0),
        started_time: times(1 << 40),
        schedule_to_close_timeout: Some(Duration::MAX),
        start_to_close_timeout: Some(Duration::ZERO),
        heartbeat_timeout: None,
        deadline: Some(times(5)),
        heartbeat_details: vec![payload("1")],
        retry_policy: Some(RetryPolicy {
            initial_interval: Some(Duration::from_secs(1)),
            backoff_coefficient: 1.5,
            maximum_interval: None,
            maximum_attempts: 4,
            non_retryable_error_types: vec!["a".to_owned()],
        }),
        priority: Priority { priority_key: Some(1), fairness_key: Some("k".to_owned()), fairness_weight: Some(0.5) },
        headers: vec![("h".to_owned(), payload("2"))],
        trace: Some(Arc::new(activity::Trace {
            trace_id: u128::MAX - 7,
            span_id: u64::MAX,
            parent: Some(1),
            is_sampled: true,
            state: "a=1".to_owned(),
            baggage: String::new(),
            began: SystemTime::UNIX_EPOCH,
        })),
    };
    let task = activity::Task {
        component: ComponentHandle::to_nothing(ComponentId::default()),
        info: Arc::new(info),
        input: vec![payload("1"), Payload::null()],
        kill_after: Some(Duration::from_millis(1)),
        worker_shutdown: true,
        identity: [("vault".to_owned(), activity::Secret::new("a.b.c".to_owned()))].into(),
    };
    let arrived = crossed(&super::Task::new(task.clone(), 7));
    assert_eq!(arrived.load, 7);
    assert_eq!(arrived.receive(task.component.clone()), Ok(task));
}

#[test]
fn events() {
    let measurement = |value| Measurement {
        instrument: Arc::new(Instrument {
            kind: InstrumentKind::HistogramFloat,
            name: "rows".to_owned(),
            description: "d".to_owned(),
            unit: "u".to_owned(),
        }),
        value,
        attributes: vec![
            ("a".to_owned(), AttributeValue::Text("t".to_owned())),
            ("b".to_owned(), AttributeValue::Integer(-1)),
            ("c".to_owned(), AttributeValue::Float(0.5)),
            ("d".to_owned(), AttributeValue::Boolean(true)),
        ],
    };
    let measured =
        [MeasuredValue::Integer(1), MeasuredValue::Float(f64::MAX), MeasuredValue::Duration(Duration::from_secs(1))];
    let usage = Usage {
        wall: Duration::from_secs(1),
        cpu: Duration::from_secs(2),
        sandbox_start: Duration::from_secs(3),
        peak_memory: 4,
        peak_scratch: 5,
        kill_delay: Some(Duration::from_secs(5)),
        http: HttpUsage { answered: 1, failed: 2, refused: 3, abandoned: 4 },
        traffic: Traffic { host_calls: 6, bytes_in: 7, bytes_out: 8 },
        excesses: activity::Excesses([1, 2, 3, 4, 5, 6, 7, 8, 9]),
    };
    let ends = [
        End::Returned(Outcome::Completed(Some(payload("1")))),
        End::Returned(Outcome::Completed(None)),
        End::Returned(Outcome::Failed(chain())),
        End::Returned(Outcome::Cancelled(vec![payload("1")])),
        End::Returned(Outcome::WillCompleteAsync),
        End::Killed(KillReason::WorkerShutdown),
    ];
    let stopped = SandboxFailureKind::ALL.map(|kind| End::Stopped(SandboxFailure::new(kind, "why")));
    let events = [
        activity::Event::Written("line".into()),
        activity::Event::LogLinesDropped(u64::MAX),
        activity::Event::Measured(measured.map(measurement).to_vec()),
        activity::Event::Heartbeat(vec![payload("1")]),
        activity::Event::Heartbeat(Vec::new()),
        activity::Event::HeartbeatFailed(chain()),
    ];
    let requests = traced_requests();
    let ending = |end| activity::Event::Ended(Box::new(Ending { end, usage, requests: requests.clone() }));
    let endings = ends.into_iter().chain(stopped).map(ending);
    for event in events.into_iter().chain(endings) {
        assert_eq!(crossed(&Event::new(event.clone()).unwrap()).receive(), Ok(event));
    }
}

fn traced_requests() -> activity::TracedRequests {
    let request = |outcome| activity::TracedRequest {
        number: 7,
        method: "PUT".to_owned(),
        scheme: activity::HttpScheme::Https,
        server: "[::1]".to_owned(),
        port: 8443,
        path: "/a".to_owned(),
        began: SystemTime::UNIX_EPOCH,
        took: Duration::from_millis(3),
        outcome,
    };
    let failed = activity::RequestOutcome::Failed("DnsError".to_owned());
    let outcomes = [activity::RequestOutcome::Answered(204), failed, activity::RequestOutcome::Abandoned];
    activity::TracedRequests { requests: outcomes.map(request).to_vec(), left_out: 2 }
}

#[test]
fn a_cell_tells_of_so_many_requests_only() {
    let one = traced_requests().requests.remove(0);
    let long = activity::TracedRequest { path: "x".repeat(100_000), ..one };
    let requests = activity::TracedRequests { requests: vec![long; 1_000], left_out: 0 };
    let ending = Ending { requests, ..Ending::new(End::Killed(KillReason::Deadline), Usage::default()) };
    let arrived = crossed(&Event::new(activity::Event::Ended(Box::new(ending))).unwrap()).receive().unwrap();
    let activity::Event::Ended(ending) = arrived else { panic!("{arrived:?}") };
    assert_eq!(ending.requests.requests.len(), activity::MOST_PARTS);
    assert!(ending.requests.requests.iter().all(|request| request.path.len() < 300));
}

#[test]
fn a_failure_may_have_any_number_of_causes() {
    let mut failure = chain();
    for _ in 0..10_000 {
        failure = Failure { cause: Some(Box::new(failure)), ..Failure::application("T", "m") };
    }
    let sent = activity::Event::HeartbeatFailed(failure);
    let arrived = crossed(&Event::new(sent).unwrap()).receive().unwrap();
    let activity::Event::HeartbeatFailed(failure) = arrived else { panic!("{arrived:?}") };
    let mut depth = 0;
    let mut next = Some(Box::new(failure));
    while let Some(mut failure) = next {
        next = failure.cause.take();
        depth += 1;
    }
    assert_eq!(depth, 10_008);
}

#[test]
fn commands() {
    let description = WorkflowDescription {
        run_id: "r".to_owned(),
        workflow_type: "t".to_owned(),
        task_queue: "q".to_owned(),
        status: ExecutionStatus::Paused,
        history_length: 7,
        start_time: Some(SystemTime::UNIX_EPOCH),
        close_time: None,
    };
    let activity_description = activity::ActivityDescription {
        attempt: 3,
        heartbeat_details: vec![payload("1")],
        ..activity::ActivityDescription::default()
    };
    let status = RpcStatus { code: 5, message: "m".to_owned(), details: b"d"[..].into() };
    let answers = [
        Ok(ClientResponse::Rpc(b"bytes"[..].into())),
        Ok(ClientResponse::Done),
        Ok(ClientResponse::Started("run".to_owned())),
        Ok(ClientResponse::Values(vec![payload("1")])),
        Ok(ClientResponse::WorkflowDescription(description)),
        Ok(ClientResponse::ActivityDescription(activity_description)),
        Ok(ClientResponse::Ended(ExecutionResult::Completed(Vec::new()))),
        Ok(ClientResponse::Ended(ExecutionResult::Failed(Box::new(chain())))),
        Ok(ClientResponse::Heartbeat(CancellationDetails::all())),
        Err(ClientError::NotGranted("n".to_owned())),
        Err(ClientError::Invalid("i".to_owned())),
        Err(ClientError::LeaseLost),
        Err(ClientError::Status(status)),
    ];
    let answered = answers.map(|answer| Command::Answered { id: 9, answer: Box::new(answer) });
    let kills = [KillReason::Deadline, KillReason::Cancelled, KillReason::LeaseLost, KillReason::WorkerShutdown];
    let others = [Command::Cancel(CancellationDetails::PAUSED), Command::WorkerShutdown];
    for command in others.into_iter().chain(kills.map(Command::Kill)).chain(answered) {
        assert_eq!(Command::receive(crossed(&command.clone().send())), Ok(command));
    }
    let nonsense = command::Command { command: Some(command::body::Command::Kill(4)) };
    assert_eq!(Command::receive(nonsense), Err(Broken("reason")));
}

fn requests() -> Vec<ClientRequest> {
    let workflow = || WorkflowReference {
        namespace: Some("n".to_owned()),
        workflow_id: "w".to_owned(),
        run_id: Some("r".to_owned()),
    };
    let ids = || ActivityIds {
        namespace: None,
        workflow_id: "w".to_owned(),
        run_id: "r".to_owned(),
        activity_id: "a".to_owned(),
    };
    let (text, input) = (|| "text".to_owned(), || vec![payload("1")]);
    let token = || ActivityReference::TaskToken(b"token"[..].into());
    vec![
        ClientRequest::Rpc { service: "s".to_owned(), method: "m".to_owned(), request: b"r"[..].into() },
        ClientRequest::StartWorkflow(Box::new(WorkflowStart {
            workflow_id: "w".to_owned(),
            input: input(),
            execution_timeout: Some(Duration::from_secs(1)),
            task_timeout: Some(Duration::from_secs(3)),
            id_reuse: Some(IdReusePolicy::RejectDuplicate),
            id_conflict: Some(IdConflictPolicy::TerminateExisting),
            memo: vec![("m".to_owned(), payload("2"))],
            search_attributes: vec![("s".to_owned(), payload("3"))],
            priority: Some(Priority::default()),
            ..WorkflowStart::default()
        })),
        ClientRequest::SignalWorkflow { workflow: workflow(), signal: text(), input: input() },
        ClientRequest::QueryWorkflow { workflow: workflow(), query: text(), input: input() },
        ClientRequest::UpdateWorkflow {
            workflow: workflow(),
            update: text(),
            update_id: Some("u".to_owned()),
            input: input(),
        },
        ClientRequest::CancelWorkflow { workflow: workflow(), reason: text() },
        ClientRequest::TerminateWorkflow { workflow: workflow(), reason: text() },
        ClientRequest::DescribeWorkflow(workflow()),
        ClientRequest::WaitWorkflow(WorkflowReference::default()),
        ClientRequest::StartActivity(Box::new(ActivityStart {
            activity_id: "a".to_owned(),
            heartbeat_timeout: Some(Duration::from_secs(4)),
            start_delay: Some(Duration::from_secs(5)),
            ..ActivityStart::default()
        })),
        ClientRequest::WaitActivity(ids()),
        ClientRequest::DescribeActivity(ids()),
        ClientRequest::CancelActivity { activity: ids(), reason: text() },
        ClientRequest::TerminateActivity { activity: ids(), reason: text() },
        ClientRequest::CompleteActivity { activity: token(), output: Some(payload("1")) },
        ClientRequest::CompleteActivity { activity: token(), output: None },
        ClientRequest::FailActivity { activity: ActivityReference::Ids(ids()), failure: chain() },
        ClientRequest::ReportActivityCancelled { activity: token(), details: input() },
        ClientRequest::HeartbeatActivity { activity: token(), details: Vec::new() },
    ]
}

#[test]
fn calls() {
    for (id, request) in (0..).zip(requests()) {
        let call = ClientCall { id, request, size: 12, timeout: Some(Duration::from_secs(2)) };
        let event = activity::Event::Called(Box::new(call));
        assert_eq!(crossed(&Event::new(event.clone()).unwrap()).receive(), Ok(event));
    }
}

#[test]
fn policies_without_what_stays_with_the_worker() {
    let directory = DirectoryGrant { host: "/srv".into(), guest: "/data".to_owned(), writable: true };
    let host = activity::OriginHost::Below("example.com".to_owned());
    let servers = activity::Origin::new(activity::HttpScheme::Https, host, 443);
    let http = activity::HttpGrant {
        servers: activity::Origin { reach: activity::Reach::Private, ..servers.clone() },
        path: activity::PathPrefix::new("/v1/a%20b").unwrap(),
        methods: vec!["GET".to_owned()],
        idempotency_header: Some("idempotency-key".to_owned()),
        trace_context: true,
        is_counted: true,
    };
    let value = activity::Secret::new("hunter2".to_owned());
    let secret = activity::HeldSecret { value, servers: vec![servers.clone()] };
    let policy = Policy {
        limits: Limits {
            memory: 1,
            cpu_time: Some(Duration::from_secs(1)),
            log_rate: 7,
            is_counted: true,
            http: activity::HttpLimits { requests: 3, ..activity::HttpLimits::default() },
            retryable: [(SandboxFailureKind::Lost, false)].into(),
            ..Limits::default()
        },
        grants: Grants {
            environment: [("A".to_owned(), "b".to_owned())].into(),
            directories: vec![directory],
            scratch: Some(7),
            client: Some(Arc::default()),
            http: vec![http, servers.into()],
            secrets: [("key".to_owned(), secret)].into(),
            identity: Some(activity::IdentityGrant {
                audiences: vec!["vault".to_owned()],
                ttl: Duration::from_secs(7),
            }),
            metrics: MetricsGrant::Refused,
        },
        tenant: activity::SharedLimits { requests: 1, egress: 2, ingress: 3, disk: 4, is_counted: true },
        ..Policy::default()
    };
    assert_eq!(crossed(&super::Policy::new(&policy)).receive(), Ok(policy));
}

#[test]
fn listings() {
    let activities =
        vec![(activity::ActivityName::Named("a".to_owned()), true), (activity::ActivityName::Dynamic, false)];
    let listing = engine::Listing { activities, image: 9, values: 8 };
    assert_eq!(engine::Listing::receive(crossed(&listing.clone().send())), Ok(listing));
}

#[test]
fn what_is_too_long_or_no_message_is_told_apart_from_the_end() {
    let read = |bytes: &[u8]| {
        let (ours, theirs) = UnixStream::pair().unwrap();
        std::io::Write::write_all(&mut &ours, bytes).unwrap();
        drop(ours);
        Reader::<FromCell>::new(theirs, 16).next().map(|message| message.is_some()).map_err(|error| error.to_string())
    };
    assert_eq!(read(b""), Ok(false));
    assert_eq!(read(b"\0\0\0\0"), Ok(true));
    assert_eq!(read(b"\x11\0\0\0"), Err("a message of 17 bytes, and 16 are the most".to_owned()));
    assert!(read(b"\xff\xff\xff\xff").is_err());
    assert!(read(b"\x04\0\0\0\0\0").is_err(), "it ends too early");
    assert!(read(b"\x04\0\0\0\xff\xff\xff\xff").is_err(), "it is no message");
}

#[test]
fn long_messages_and_short_ones_follow_each_other() {
    let (ours, theirs) = UnixStream::pair().unwrap();
    let texts: Vec<String> = [0, 3, 300_000, 1, 70_000, 65_536, 2].map(|length| "x".repeat(length)).to_vec();
    let sent = texts.clone();
    let sending = std::thread::spawn(move || {
        let mut writer = Writer::new(ours);
        for format in sent {
            writer.write(&framed(&Lines { format }).unwrap(), None).unwrap();
        }
    });
    let mut reader = Reader::<Lines>::new(theirs, usize::MAX);
    for text in texts {
        assert_eq!(reader.next().unwrap().unwrap().format, text);
    }
    assert!(reader.next().unwrap().is_none());
    sending.join().unwrap();
}

#[test]
fn a_descriptor_comes_with_its_message() {
    let (ours, theirs) = UnixStream::pair().unwrap();
    let mut writer = Writer::new(ours);
    let message = |attempt| framed(&FromCell { say: Some(from_cell::Say::Memory(attempt)) }).unwrap();
    let file = tempfile::tempfile().unwrap();
    std::io::Write::write_all(&mut &file, b"text").unwrap();
    writer.write(&message(1), None).unwrap();
    writer.write(&message(2), Some(&file.into())).unwrap();
    let mut reader = Reader::<FromCell>::new(theirs, 16);
    reader.next().unwrap().unwrap();
    reader.next().unwrap().unwrap();
    let file = std::fs::File::from(reader.descriptor().unwrap());
    assert_eq!(file.metadata().unwrap().len(), 4);
    assert!(reader.descriptor().is_none());
}
