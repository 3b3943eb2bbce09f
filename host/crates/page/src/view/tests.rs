//! Whatever is told by guests, callers or configuration, it stays text.

use std::time::{Duration, SystemTime};

use activity::Usage;
use admin::{Block, Cell, Component, Limited, Queue, Refused, Release, ReleaseVersion, Status, Tenant, Worker};

use super::{attempt::One, attempts::Attempts, links::Links, login::login, overview::Overview};
use crate::{
    history::{Sample, Shares},
    kept::{Attempt, Ended},
    recent::Filter,
    tail::Tail,
};

/// What would be an element, end an attribute, drive a terminal, or turn what is around it.
const HOSTILE: &str = "<script>alert(1)</script>\"'&\u{202e}\u{1b}[31m\u{200b}\r\u{0}x";

fn hostile() -> String {
    HOSTILE.to_owned()
}

fn some() -> Option<String> {
    Some(hostile())
}

fn status() -> Status {
    let component = Component { path: hostile(), digest: some(), slot_bytes: 1 };
    let queue = Queue {
        namespace: some(),
        task_queue: hostile(),
        status: hostile(),
        reason: some(),
        cure: some(),
        activities: vec![hostile()],
        components: vec![component],
        ..Queue::default()
    };
    let tenant = Tenant {
        name: hostile(),
        isolation: hostile(),
        limited: vec![Limited { limit: hostile(), count: 1 }],
        blocked: some(),
        queues: vec![queue],
        ..Tenant::default()
    };
    let version = ReleaseVersion { version: hostile(), digest: hostile(), ..ReleaseVersion::default() };
    let release = Release {
        tenant: hostile(),
        task_queue: hostile(),
        component: hostile(),
        phase: hostile(),
        gate: some(),
        reason: some(),
        stable: version.clone(),
        candidate: version,
        ..Release::default()
    };
    let refused = Refused { tenant: hostile(), component: hostile(), what: hostile(), count: 1 };
    Status {
        worker: Worker { state: hostile(), address: some(), namespace: some(), ..Worker::default() },
        tenants: vec![tenant],
        cells: vec![Cell { name: hostile(), state: hostile(), ..Cell::default() }],
        blocks: vec![Block {
            activity: some(),
            digest: some(),
            tenant: some(),
            reason: hostile(),
            since: hostile(),
            ..Block::default()
        }],
        releases: vec![release],
        refused: vec![refused.clone()],
        would_refuse: vec![refused],
        audit_head: some(),
        ..Status::default()
    }
}

fn attempt() -> Attempt {
    let ended = Ended {
        at: SystemTime::UNIX_EPOCH + Duration::from_secs(1),
        outcome: "failed",
        failure_type: some(),
        message: some(),
        limit: Some("memory"),
        usage: Usage::default(),
    };
    Attempt {
        id: 7,
        begun: SystemTime::UNIX_EPOCH,
        tenant: hostile(),
        namespace: hostile(),
        task_queue: hostile(),
        activity_type: hostile(),
        activity_id: hostile(),
        workflow_id: some(),
        workflow_type: some(),
        run_id: some(),
        attempt: 2,
        component: hostile(),
        digest: hostile(),
        heartbeats: 0,
        lines_dropped: 0,
        ended: Some(ended),
    }
}

/// Nothing of it is an element, and nothing of it is unseen.
fn assert_harmless(page: &str) {
    assert!(page.contains("&lt;script&gt;alert(1)"), "{page}");
    assert!(!page.contains("<script>alert"), "{page}");
    assert!(!page.contains("</script>\"'"), "{page}");
    let unseen = page.chars().find(|letter| *letter != '\n' && activity::shown::is_harmful(*letter));
    assert_eq!(unseen, None, "{page}");
}

#[test]
fn what_the_worker_was_told_stays_text() {
    let shares = Shares::from([(hostile(), 1.0)]);
    let samples = [Sample { processor: shares.clone(), memory: shares }];
    let links = Links::new(Some("https://temporal.example".to_owned()));
    let status = status();
    let overview = Overview { status: Some(&status), samples: &samples, links: &links, tenant: None };
    assert_harmless(&overview.content().into_string());
    let unreached = Worker { address: None, reason: some(), ..status.worker.clone() };
    let status = Status { worker: unreached, ..status };
    let hostile = hostile();
    let overview = Overview { status: Some(&status), samples: &samples, links: &links, tenant: Some(&hostile) };
    assert_harmless(&overview.content().into_string());
}

#[test]
fn what_guests_and_callers_say_stays_text() {
    let (attempt, mut tail) = (attempt(), Tail::default());
    tail.push(HOSTILE);
    let links = Links::new(Some("https://temporal.example".to_owned()));
    let now = SystemTime::UNIX_EPOCH;
    assert_harmless(&One { attempt: &attempt, tail: &tail, links: &links, now }.content().into_string());
    let attempts = [attempt];
    let filter = Filter::default();
    assert_harmless(&Attempts { attempts: &attempts, count: 1, filter: &filter, now }.content().into_string());
}

#[test]
fn what_a_browser_asks_for_stays_text() {
    let filter = Filter { tenant: some(), activity_type: some(), outcome: some() };
    let attempts = Attempts { attempts: &[], count: 0, filter: &filter, now: SystemTime::UNIX_EPOCH };
    for page in [login("nonce", HOSTILE, true), attempts.content()] {
        let page = page.into_string();
        assert!(!page.contains("<script>alert") && !page.contains("value=\"<"), "{page}");
    }
}
