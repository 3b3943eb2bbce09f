//! What is decided, what is kept, and what a file may not say.

use std::time::{Duration, SystemTime};

use activity::{About, ComponentId, Failure, Info, Observation, Reported, Usage};
use catalog::Verdict;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{
    release::{SetBy, Source, State, Version},
    *,
};
use crate::config::releases::{Terms, WrittenTerms};

const OLD: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const NEW: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

struct Nobody;

impl Observer for Nobody {
    fn observe(&self, _: About<'_>, _: Observation<'_>) {}
}

fn key() -> ReleaseKey {
    ReleaseKey {
        tenant: "acme".to_owned(),
        namespace: None,
        task_queue: "orders".to_owned(),
        component: "orders.wasm".into(),
    }
}

fn plan(gate: Option<&str>) -> Plan {
    let written =
        WrittenTerms { percent: 10, gate, min_attempts: Some(10), attempts: Some(20), hold: Some(Duration::ZERO) };
    let source = Source::Kept { folder: NEW.to_owned(), name: "new.wasm".to_owned() };
    let version = Version { digest: NEW.to_owned(), written: "new.wasm".to_owned(), source };
    Plan {
        key: key(),
        activity: Some("ship".to_owned()),
        configured: OLD.to_owned(),
        base: None,
        candidate: version,
        terms: Terms::read(&written).unwrap(),
        set_by: SetBy::Command,
        since: SystemTime::UNIX_EPOCH,
    }
}

fn begun(plan: Plan) -> Release {
    let begun = State::begun(plan.since);
    Release::new(plan, begun)
}

/// So many attempts of a version end, of which the first few fail.
fn end(releases: &Arc<Releases>, digest: &str, count: u64, failed: u64) {
    let observer = releases.observer(Arc::new(Nobody));
    let component = ComponentId {
        tenant: "acme".to_owned(),
        task_queue: "orders".to_owned(),
        ..ComponentId::new("orders", digest)
    };
    let usage = Usage { wall: Duration::from_millis(5), ..Usage::default() };
    let failure = Failure::application("Odd", "no");
    for number in 0..count {
        let reported = if number < failed { Reported::Failed(&failure) } else { Reported::Completed };
        let finished = Observation::Finished { reported, killed: None, stopped: None, usage };
        observer.observe(About { info: &Info::default(), component: Some(&component) }, finished);
    }
}

fn counts(release: &Release) -> [u64; 4] {
    let observed = release.state().observed;
    [observed.stable.ended(), observed.stable.failed(), observed.candidate.ended(), observed.candidate.failed()]
}

#[test]
fn a_candidate_that_fails_is_rolled_back_at_once() {
    let state = TempDir::new().unwrap();
    let (releases, mut judged) = Releases::read(Some(state.path()), None).unwrap();
    let release = releases.set(begun(plan(Some("failures<5%")))).unwrap();
    assert_eq!(release.share.percent(), 10);
    end(&releases, OLD, 100, 1);
    end(&releases, NEW, 9, 9);
    assert!(judged.try_recv().is_err() && release.share.percent() == 10, "too few have ended");
    end(&releases, NEW, 1, 0);
    assert_eq!(release.share.percent(), 0);
    let Judged { release: of, phase, reason } = judged.try_recv().unwrap();
    assert_eq!((of.plan.key.clone(), phase), (key(), Phase::RolledBack));
    assert!(reason.starts_with("9 of 10 attempts of the candidate failed (90.00 %), and 1 of 100"), "{reason}");
    end(&releases, NEW, 5, 5);
    assert!(judged.try_recv().is_err(), "it is decided once");
    releases.decide(&release, phase, &reason).unwrap();
    drop(releases);
    let (again, _) = Releases::read(Some(state.path()), None).unwrap();
    let again = again.find(&key()).unwrap();
    assert_eq!((again.phase(), again.share.percent(), again.state().reason), (Phase::RolledBack, 0, Some(reason)));
}

#[test]
fn a_candidate_that_holds_takes_over_once_that_is_kept() {
    let state = TempDir::new().unwrap();
    let (releases, mut judged) = Releases::read(Some(state.path()), None).unwrap();
    let release = releases.set(begun(plan(Some("failures<5%,p99<2x")))).unwrap();
    end(&releases, NEW, 30, 0);
    assert!(judged.try_recv().is_err(), "nothing is known of the stable version");
    assert!(matches!(release.verdict(), Some(Verdict::Open(_))));
    end(&releases, OLD, 10, 0);
    releases.look();
    let Judged { phase, reason, .. } = judged.try_recv().unwrap();
    assert_eq!((phase, release.share.percent()), (Phase::Promoted, 10));
    releases.decide(&release, phase, &reason).unwrap();
    assert_eq!(release.share.percent(), 100);
    end(&releases, NEW, 100, 100);
    assert_eq!(counts(&release), [10, 0, 30, 0], "what comes later is another story");
}

#[test]
fn it_goes_on_after_a_restart() {
    let state = TempDir::new().unwrap();
    let (releases, _judged) = Releases::read(Some(&state.path().join("new")), None).unwrap();
    let release = releases.set(begun(plan(Some("failures<5%")))).unwrap();
    end(&releases, OLD, 7, 2);
    end(&releases, NEW, 3, 1);
    assert!(releases.is_newer());
    releases.write_down();
    drop(releases);
    let (again, _) = Releases::read(Some(&state.path().join("new")), None).unwrap();
    let again = again.find(&key()).unwrap();
    assert_eq!((again.phase(), again.share.percent()), (Phase::Rolling, 10));
    assert_eq!((counts(&again), again.plan.clone()), ([7, 2, 3, 1], release.plan.clone()));
}

#[test]
fn what_the_configuration_says_is_one_release_until_it_says_another() {
    let state = TempDir::new().unwrap();
    let (releases, _judged) = Releases::read(Some(state.path()), None).unwrap();
    releases.set(begun(plan(None))).unwrap();
    let configured = Plan { set_by: SetBy::Configuration, ..plan(None) };
    assert!(releases.configured(&configured).is_none(), "a command has set it");
    let first = releases.set(begun(configured.clone())).unwrap();
    assert!(Arc::ptr_eq(&first, &releases.configured(&configured).unwrap()));
    let more = Plan { terms: Terms { percent: 20, ..configured.terms.clone() }, ..configured.clone() };
    assert!(releases.configured(&more).is_none());
    let second = releases.set(begun(more)).unwrap();
    assert_eq!((second.share.percent(), first.share.percent()), (20, 0));
    releases.decide(&second, Phase::RolledBack, "no").unwrap();
    let still = releases.configured(&configured).unwrap();
    assert_eq!(still.phase(), Phase::RolledBack, "another share does not bring it back");
    let candidate = Version { digest: OLD.replace('a', "c"), ..configured.candidate.clone() };
    assert!(releases.configured(&Plan { candidate, ..configured }).is_none());
}

#[test]
fn what_can_not_be_kept_does_not_begin_and_is_rolled_back_all_the_same() {
    let (nowhere, _judged) = Releases::read(None, None).unwrap();
    assert!(nowhere.set(begun(plan(None))).unwrap_err().cure.unwrap().contains("admin.state"));
    assert!(nowhere.find(&key()).is_none());
    let state = TempDir::new().unwrap();
    let (releases, _judged) = Releases::read(Some(state.path()), None).unwrap();
    let release = releases.set(begun(plan(None))).unwrap();
    std::fs::remove_dir_all(state.path()).unwrap();
    std::fs::write(state.path(), "in the way").unwrap();
    releases.decide(&release, Phase::Promoted, "by an operator").unwrap_err();
    assert_eq!((release.phase(), release.share.percent()), (Phase::Rolling, 10));
    releases.decide(&release, Phase::RolledBack, "by an operator").unwrap_err();
    assert_eq!((release.phase(), release.share.percent()), (Phase::RolledBack, 0));
    releases.keep_decided().unwrap_err();
    releases.write_down();
    assert!(releases.is_newer(), "it is tried until it is written");
    std::fs::remove_file(state.path()).unwrap();
    releases.write_down();
    assert!(!releases.is_newer());
    drop(releases);
    let (again, _) = Releases::read(Some(state.path()), None).unwrap();
    assert_eq!(again.find(&key()).unwrap().phase(), Phase::RolledBack);
}

#[test]
fn versions_that_nobody_needs_are_removed() {
    let state = TempDir::new().unwrap();
    let (releases, _judged) = Releases::read(Some(state.path()), None).unwrap();
    let make = |digest: &str| {
        let folder = releases.prepare(digest).unwrap();
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("new.wasm"), "new").unwrap();
        folder
    };
    let former = make(OLD);
    let new = make(NEW);
    let release = releases.set(begun(plan(None))).unwrap();
    assert!(!former.exists() && new.exists());
    drop(releases);
    let (releases, _judged) = Releases::read(Some(state.path()), None).unwrap();
    assert!(new.exists());
    let release = releases.find(&release.plan.key).unwrap();
    releases.forget(&release);
    assert!(!new.exists() && releases.each().is_empty());
}

#[test]
fn a_file_that_was_cut_or_edited_is_refused_with_what_is_wrong() {
    let state = TempDir::new().unwrap();
    let (releases, _judged) = Releases::read(Some(state.path()), None).unwrap();
    releases.set(begun(plan(Some("p99<2x")))).unwrap();
    drop(releases);
    let path = state.path().join("releases.json");
    let text = std::fs::read_to_string(&path).unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();
    let refusal = |text: &str| {
        std::fs::write(&path, text).unwrap();
        let problem = Releases::read(Some(state.path()), None).unwrap_err();
        assert!(problem.cure.is_some_and(|cure| cure.starts_with("restore the file")));
        format!("{:#}", problem.error)
    };
    let cut = refusal(&text[..text.len() / 2]);
    assert!(cut.starts_with("failed to read what is released, in ") && cut.contains("EOF while parsing"), "{cut}");
    let edits = [
        ("/version", json!(2), "its version is 2"),
        ("/releases/0/percent", json!(100), "releases[0]: percent: 100 is no share"),
        ("/releases/0/percent", json!(-1), "invalid value"),
        ("/releases/0/gate", json!("often"), "releases[0]: gate: \"often\" is no condition"),
        ("/releases/0/phase", json!("gone"), "unknown variant `gone`"),
        ("/releases/0/configured", json!("abc"), "releases[0]: configured: \"abc\" is no digest"),
        ("/releases/0/candidate/digest", json!(NEW.to_uppercase()), "releases[0]: candidate: digest: "),
        ("/releases/0/candidate/kept_as", json!("../new.wasm"), "kept_as: \"../new.wasm\" is no name of a file"),
        ("/releases/0/candidate/kept_in", json!(".."), "kept_in: \"..\" is no name of a file"),
        ("/releases/0/since", json!("yesterday"), "releases[0]: since: \"yesterday\" is no time"),
        ("/releases/0/hold_ms", json!(u64::MAX), "releases[0]: hold: "),
    ];
    for (place, value, expected) in edits {
        let mut document = document.clone();
        let (parent, key) = place.rsplit_once('/').unwrap();
        document.pointer_mut(parent).unwrap()[key] = value;
        let refused = refusal(&document.to_string());
        assert!(refused.contains(expected), "{place}: {refused}");
    }
    let mut twice = document.clone();
    let release = twice["releases"][0].clone();
    twice["releases"].as_array_mut().unwrap().push(release);
    assert!(refusal(&twice.to_string()).contains("releases[1]: its component has two of them"));
    let mut more = document;
    more["releases"][0]["owner"] = json!("me");
    assert!(refusal(&more.to_string()).contains("unknown field `owner`"));
}

#[test]
fn a_folder_has_one_worker() {
    let state = TempDir::new().unwrap();
    let [(first, _judged), (second, _judged2)] = [0, 1].map(|_| Releases::read(Some(state.path()), None).unwrap());
    let kept = first.prepare(NEW).unwrap();
    std::fs::create_dir_all(&kept).unwrap();
    first.set(begun(plan(None))).unwrap();
    second.prepare(OLD).unwrap_err();
    second.give_up_preparing();
    assert!(kept.exists());
    let refused = second.set(begun(plan(None))).unwrap_err();
    assert!(refused.message.starts_with("another worker keeps its releases in "), "{refused:?}");
    let (third, _judged) = Releases::read(Some(state.path()), None).unwrap();
    assert!(third.each().is_empty() && third.others == [key()]);
    third.refuse_others(&[]).unwrap();
    // What it has written is not another's, also when it has ended.
    drop(first);
    assert!(second.set(begun(plan(None))).is_err() && third.set(begun(plan(None))).is_err());
    drop((second, third));
    let (fourth, _judged) = Releases::read(Some(state.path()), None).unwrap();
    assert_eq!(fourth.find(&key()).unwrap().phase(), Phase::Rolling);
}
