//! What guests ask of Temporal.

use activity::{ClientCall, ClientRequest, ClientResponse, WorkflowReference};

use super::*;

/// The server's part: it knows every workflow's state, takes 5 s for each question, and no workflow ever ends.
pub(super) async fn serve(transcript: &Transcript, request: ClientRequest) -> ClientAnswer {
    let given_up = GivenUp(Some(transcript));
    let answer = match request {
        ClientRequest::WaitWorkflow(_) => {
            transcript.say("server: is to wait");
            std::future::pending().await
        }
        _ => {
            transcript.say("server: is asked");
            tokio::time::sleep(Duration::from_secs(5)).await;
            Ok(ClientResponse::Started("the run".to_owned()))
        }
    };
    given_up.keep();
    answer
}

/// Tells when a call is given up.
struct GivenUp<'a>(Option<&'a Transcript>);

impl GivenUp<'_> {
    fn keep(mut self) {
        self.0 = None;
    }
}

impl Drop for GivenUp<'_> {
    fn drop(&mut self) {
        if let Some(transcript) = self.0 {
            transcript.say("server: a call was given up");
        }
    }
}

fn question() -> ClientRequest {
    ClientRequest::DescribeWorkflow(WorkflowReference::default())
}

fn wait() -> ClientRequest {
    ClientRequest::WaitWorkflow(WorkflowReference::default())
}

/// Makes a call, and says what the guest is told until it is answered, or killed.
async fn ask(
    port: &mut AttemptPort,
    transcript: &Transcript,
    id: u64,
    request: ClientRequest,
) -> Result<(), KillReason> {
    port.events.call(ClientCall { id, request, size: 0, timeout: None });
    loop {
        match port.commands.recv().await.unwrap() {
            Command::Answered { id: answered, answer } => {
                assert_eq!(answered, id);
                transcript.say(match *answer {
                    Ok(ClientResponse::Started(run_id)) => format!("guest: {run_id}"),
                    Ok(other) => format!("guest: {other:?}"),
                    Err(error) => format!("guest: {error}"),
                });
                return Ok(());
            }
            Command::Kill(reason) => return Err(reason),
            other => transcript.say(format_args!("guest: {}", name(&other))),
        }
    }
}

/// Asks, says what it is answered, and completes.
fn asks(_: Task, mut port: AttemptPort, transcript: Transcript) -> BoxFuture<'static, ()> {
    Box::pin(async move {
        for id in 1..=2 {
            ask(&mut port, &transcript, id, question()).await.unwrap();
        }
        port.events.end(returned(Outcome::Completed(None)));
    })
}

/// Waits for ever, tells what ends that, asks again once, and goes on until it is killed.
fn waits(task: Task, mut port: AttemptPort, transcript: Transcript) -> BoxFuture<'static, ()> {
    Box::pin(async move {
        for (id, request) in [(1, wait()), (2, question())] {
            if let Err(reason) = ask(&mut port, &transcript, id, request).await {
                return port.events.end(Ending::new(End::Killed(reason), Usage::default()));
            }
        }
        stubborn(task, port, transcript).await;
    })
}

fn grant() -> Option<Arc<ClientGrant>> {
    Some(Arc::new(ClientGrant::default()))
}

#[tokio::test(start_paused = true)]
async fn a_call_is_answered_while_the_attempt_is_watched() {
    let scene = play_with(asks, RULES, 0, grant());
    scene.lease(|_| {});
    scene.at(20).await;
    scene.handle.begin();
    let (_, text) = scene.end().await;
    let expected = "0s guest: starts\n0s server: is asked\n5s guest: the run\n5s server: is asked\n10s guest: the run\n\
                    10s server: completed \n20s server: closed";
    assert_eq!(text, expected);
}

#[tokio::test(start_paused = true)]
async fn without_a_grant_the_server_is_not_asked() {
    let scene = play(asks, RULES, 0);
    scene.lease(|_| {});
    scene.at(1).await;
    scene.handle.begin();
    let (_, text) = scene.end().await;
    assert!(!text.contains("server: is asked"), "{text}");
    assert_eq!(text.matches("0s guest: the component lacks the grant `client`").count(), 2, "{text}");
}

#[tokio::test(start_paused = true)]
async fn a_call_ends_with_the_deadline_and_none_is_taken_after_it() {
    let scene = play_with(waits, RULES, 0, grant());
    scene.lease(|info| info.deadline = info.started_time.checked_add(Duration::from_secs(7)));
    scene.at(60).await;
    scene.handle.begin();
    let (_, text) = scene.end().await;
    assert!(text.contains("7s server: a call was given up"), "{text}");
    assert_eq!(text.matches("7s guest: the attempt's lease is lost").count(), 2, "both calls: {text}");
    assert!(!text.contains("server: is asked"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn a_lost_lease_ends_a_call() {
    let scene = play_with(waits, RULES, 0, grant());
    scene.lease(|_| {});
    scene.at(3).await;
    scene.cancel(CancellationDetails::NOT_FOUND);
    scene.at(60).await;
    scene.handle.begin();
    let (_, text) = scene.end().await;
    assert!(text.contains("3s server: a call was given up"), "{text}");
    assert!(text.contains("3s guest: the attempt's lease is lost"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn a_cancellation_alone_ends_no_call() {
    let scene = play_with(waits, RULES, 0, grant());
    scene.lease(|_| {});
    scene.at(3).await;
    scene.cancel(REQUESTED);
    scene.at(10).await;
    scene.handle.hasten();
    let (_, text) = scene.end().await;
    // It ends with the attempt.
    assert!(text.contains("3s guest: cancelled by request"), "{text}");
    assert!(text.contains("10s server: a call was given up"), "{text}");
}

/// Makes two calls at once, as no guest can.
fn forks(_: Task, mut port: AttemptPort, transcript: Transcript) -> BoxFuture<'static, ()> {
    Box::pin(async move {
        port.events.call(ClientCall { id: 1, request: wait(), size: 0, timeout: None });
        tokio::time::sleep(Duration::from_secs(1)).await;
        ask(&mut port, &transcript, 2, question()).await.unwrap();
        port.events.end(returned(Outcome::Completed(None)));
    })
}

#[tokio::test(start_paused = true)]
async fn an_attempt_has_one_call_at_a_time() {
    let scene = play_with(forks, RULES, 0, grant());
    scene.lease(|_| {});
    scene.at(5).await;
    scene.handle.begin();
    let (_, text) = scene.end().await;
    assert!(text.contains("1s guest: another call is under way"), "{text}");
    assert!(text.contains("1s server: a call was given up"), "the first one ends with the attempt: {text}");
}
