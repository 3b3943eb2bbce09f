//! Attempts whose payloads a slow codec codes: what happens in which order, and what when it fails.

use activity::{CodecError, CodecFuture, PayloadCodec};

use super::*;

/// Takes so many seconds for each list, and turns data around. Does not encode `bad`, nor decode what says so backwards.
#[derive(Debug)]
struct Slow(u64);

impl Slow {
    fn turn(&self, payloads: Vec<Payload>) -> CodecFuture<'_> {
        Box::pin(async move {
            tokio::time::sleep(Duration::from_secs(self.0)).await;
            if payloads.iter().any(|payload| payload.data == b"bad".as_slice()) {
                return Err(CodecError::Server { reason: "it is asleep".to_owned() });
            }
            let turn = |payload: Payload| Payload { data: payload.data.iter().rev().copied().collect(), ..payload };
            Ok(payloads.into_iter().map(turn).collect())
        })
    }
}

impl PayloadCodec for Slow {
    fn encode(&self, payloads: Vec<Payload>) -> CodecFuture<'_> {
        self.turn(payloads)
    }

    fn decode(&self, payloads: Vec<Payload>) -> CodecFuture<'_> {
        self.turn(payloads)
    }
}

/// A worker with this guest whose codec takes so many seconds.
fn play_slowly(guest: Guest, seconds: u64) -> Scene {
    play_coded(guest, RULES, 0, None, PayloadCoding::new(Some(Arc::new(Slow(seconds))), false))
}

async fn transcript(scene: Scene, until: u64) -> String {
    scene.at(until).await;
    scene.handle.begin();
    scene.end().await.1
}

/// Tells its input and the previous details, and returns the input.
fn tells(mut task: Task, port: AttemptPort, transcript: Transcript) -> BoxFuture<'static, ()> {
    Box::pin(async move {
        let details = show(&task.info.heartbeat_details);
        transcript.say(format_args!("guest: given {} after {details}", show(&task.input)));
        port.events.end(returned(Outcome::Completed(task.input.pop())));
    })
}

#[tokio::test(start_paused = true)]
async fn a_guest_sees_what_is_decoded_and_the_server_what_is_encoded() {
    let scene = play_slowly(tells, 1);
    scene.lease_with(vec![Payload::json("12")], |info| info.heartbeat_details = vec![Payload::json("34")]);
    assert_eq!(
        transcript(scene, 5).await,
        "2s guest: starts\n2s guest: given 21 after 43\n3s server: completed 12\n5s server: closed"
    );
}

#[tokio::test(start_paused = true)]
async fn the_time_to_decode_counts_towards_the_deadline() {
    let scene = play_slowly(stubborn, 4);
    scene.lease(|info| {
        info.heartbeat_details = Vec::new();
        info.deadline = Some(info.started_time + Duration::from_secs(20));
    });
    let text = transcript(scene, 30).await;
    assert!(
        text.starts_with("4s guest: starts, killed after 21s\n20s guest: cancelled by timeout\n25s guest: Kill"),
        "{text}"
    );
}

#[tokio::test(start_paused = true)]
async fn what_can_not_be_decoded_is_not_run() {
    let scene = play_slowly(tells, 1);
    scene.lease_with(vec![Payload::json("bad")], |_| {});
    assert_eq!(
        transcript(scene, 5).await,
        "1s server: failed  (Failed decoding arguments <- PayloadCodecError: failed to use the codec server: it is \
         asleep)\n1s observer: Failed decoding arguments\n5s server: closed"
    );
    let scene = play_slowly(tells, 1);
    scene.lease(|info| info.heartbeat_details = vec![Payload::json("bad")]);
    let text = transcript(scene, 5).await;
    assert!(text.starts_with("2s server: failed  (Failed decoding heartbeat details <- PayloadCodecError"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_is_over_before_it_is_decoded_is_not_run() {
    let scene = play_slowly(tells, 100);
    scene.lease(|_| {});
    scene.at(1).await;
    scene.cancel(REQUESTED);
    assert_eq!(transcript(scene, 5).await, "1s server: cancelled\n5s server: closed");

    let scene = play_slowly(tells, 100);
    scene.lease(|info| info.deadline = Some(info.started_time + Duration::from_secs(2)));
    assert_eq!(transcript(scene, 5).await, "2s server: nothing\n5s server: closed");

    let scene = play_slowly(tells, 100);
    scene.lease(|_| {});
    let text = transcript(scene, 5).await;
    assert!(text.starts_with("5s server: failed WorkerShutdown"), "{text}");
}

/// Records five heartbeats, one every 0.7 s, and fails.
fn beats(_: Task, port: AttemptPort, _: Transcript) -> BoxFuture<'static, ()> {
    Box::pin(async move {
        for count in 1..=5 {
            port.events.heartbeat(vec![Payload::json(format!("0{count}"))]);
            tokio::time::sleep(Duration::from_millis(700)).await;
        }
        port.events.end(returned(Outcome::Failed(Failure::application("Mine", "m"))));
    })
}

#[tokio::test(start_paused = true)]
async fn heartbeats_keep_their_order_and_the_last_comes_before_the_failure() {
    let scene = play_slowly(beats, 2);
    scene.lease(|info| info.heartbeat_details = Vec::new());
    // Decoded at 2 s; each takes 2 s, and those that a newer one overtakes are left out.
    assert_eq!(
        transcript(scene, 20).await,
        "2s guest: starts\n4s server: heartbeat 10\n6s server: heartbeat 30\n8s server: heartbeat 50\n\
         8s server: failed Mine\n8s observer: m\n20s server: closed"
    );
}

/// Records a heartbeat that does not encode, and obeys.
fn unencodable(_: Task, mut port: AttemptPort, transcript: Transcript) -> BoxFuture<'static, ()> {
    Box::pin(async move {
        port.events.heartbeat(vec![Payload::json("bad")]);
        if let Some(Command::Cancel(details)) = port.commands.recv().await {
            let none = details == CancellationDetails::default();
            transcript.say(format_args!("guest: cancelled, without a reason: {none}"));
        }
        port.events.end(returned(Outcome::Cancelled(Vec::new())));
    })
}

#[tokio::test(start_paused = true)]
async fn a_heartbeat_that_can_not_be_encoded_cancels_the_attempt() {
    let scene = play_slowly(unencodable, 1);
    scene.lease(|info| info.heartbeat_details = Vec::new());
    let text = transcript(scene, 5).await;
    assert!(
        text.starts_with(
            "1s guest: starts\n2s guest: cancelled, without a reason: true\n2s server: failed PayloadCodecError"
        ),
        "{text}"
    );
}

/// Returns what does not encode.
fn returns_bad(_: Task, port: AttemptPort, _: Transcript) -> BoxFuture<'static, ()> {
    Box::pin(async move { port.events.end(returned(Outcome::Completed(Some(Payload::json("bad"))))) })
}

#[tokio::test(start_paused = true)]
async fn a_result_that_can_not_be_encoded_fails_the_attempt() {
    let scene = play_slowly(returns_bad, 1);
    scene.lease(|info| info.heartbeat_details = Vec::new());
    assert_eq!(
        transcript(scene, 5).await,
        "1s guest: starts\n2s server: failed PayloadCodecError\n2s observer: Failed encoding the result: failed to use \
         the codec server: it is asleep\n5s server: closed"
    );
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_the_server_gives_up_is_not_encoded_to_the_end() {
    let scene = play_slowly(echo, 100);
    scene.lease_with(Vec::new(), |info| info.heartbeat_details = Vec::new());
    scene.at(1).await;
    scene.cancel(CancellationDetails::NOT_FOUND);
    assert_eq!(transcript(scene, 5).await, "0s guest: starts\n1s server: nothing\n5s server: closed");
}

#[tokio::test(start_paused = true)]
async fn an_attempt_ends_with_the_codec_that_it_began_with() {
    let scene = play_slowly(tells, 4);
    let lease = || scene.lease_with(vec![Payload::json("12")], |info| info.heartbeat_details = Vec::new());
    lease();
    scene.at(2).await;
    scene.coding.replace(PayloadCoding::default());
    scene.at(10).await;
    lease();
    assert_eq!(
        transcript(scene, 11).await,
        "4s guest: starts\n4s guest: given 21 after \n8s server: completed 12\n10s guest: starts\n10s guest: given 12 \
         after \n10s server: completed 12\n11s server: closed"
    );
}
