//! What is released, as people read it.

use std::{fmt::Write as _, time::Duration};

use activity::shown::{name, on_one_line};
use admin::{Release, ReleaseVersion};

/// How many digits of a digest are shown.
const DIGITS: usize = 16;

/// A release in a few lines.
pub(crate) fn text(release: &Release) -> String {
    let mut text = format!("{}\n", heading(release));
    let mut line = |words: String| {
        // Writing to a string never fails.
        let _ = writeln!(text, "  {words}");
    };
    for (what, version) in [("stable", &release.stable), ("candidate", &release.candidate)] {
        line(format!("{what:<9} {}", self::version(version)));
    }
    if let Some(gate) = &release.gate {
        let hold = humantime::format_duration(Duration::from_millis(release.hold_ms));
        line(format!(
            "gate      {gate}, judged from {} attempts on, held for {} attempts and {hold}",
            release.min_attempts, release.attempts
        ));
    }
    if let Some(reason) = &release.reason {
        line(format!("because   {}", on_one_line(reason)));
    }
    text
}

/// A release in a line.
pub(crate) fn heading(release: &Release) -> String {
    let Release { tenant, namespace, task_queue, component, phase, percent, changed, .. } = release;
    let phase = match phase.as_str() {
        "rolling" => format!("rolling, {percent} %"),
        phase => phase.to_owned(),
    };
    let namespace = namespace.as_ref().map(|namespace| format!(" of namespace {}", name(namespace)));
    let since = if changed.is_empty() { String::new() } else { format!(", since {changed}") };
    format!(
        "{} of tenant {}, task queue {}{}: {phase}{since}",
        on_one_line(component),
        name(tenant),
        name(task_queue),
        namespace.unwrap_or_default()
    )
}

fn version(version: &ReleaseVersion) -> String {
    let ReleaseVersion { version, digest, ended, failed, p99_ms } = version;
    let digest = digest.get(..DIGITS).unwrap_or(digest);
    let p99 = p99_ms.map(|millis| format!(", p99 {millis:.1} ms")).unwrap_or_default();
    format!("{} {digest}: {ended} attempts ended, {failed} failed{p99}", on_one_line(version))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_is_told() {
        let version = |version: &str, digit: &str, failed| ReleaseVersion {
            version: version.to_owned(),
            digest: digit.repeat(64),
            ended: 100,
            failed,
            p99_ms: (failed == 0).then_some(12.34),
        };
        let release = Release {
            tenant: "acme".to_owned(),
            task_queue: "orders".to_owned(),
            component: "orders.wasm".to_owned(),
            phase: "rolling".to_owned(),
            percent: 10,
            gate: Some("failures<1%".to_owned()),
            min_attempts: 100,
            attempts: 1_000,
            hold_ms: 600_000,
            changed: "2026-01-01T00:00:00Z".to_owned(),
            reason: Some("open\n".to_owned()),
            stable: version("orders.wasm", "a", 0),
            candidate: version("orders-2.wasm", "b", 7),
            ..Release::default()
        };
        let expected = "\
            orders.wasm of tenant acme, task queue orders: rolling, 10 %, since 2026-01-01T00:00:00Z\n\
            \x20 stable    orders.wasm aaaaaaaaaaaaaaaa: 100 attempts ended, 0 failed, p99 12.3 ms\n\
            \x20 candidate orders-2.wasm bbbbbbbbbbbbbbbb: 100 attempts ended, 7 failed\n\
            \x20 gate      failures<1%, judged from 100 attempts on, held for 1000 attempts and 10m\n\
            \x20 because   open\\n\n";
        assert_eq!(text(&release), expected);
    }
}
