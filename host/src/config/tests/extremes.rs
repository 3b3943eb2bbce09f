//! Every key with values that nobody means: each is refused with the key's name, or makes a configuration that holds.

use std::time::{Duration, Instant};

use clap::{CommandFactory as _, Parser};

use super::{example_with_every_key, meant, settings};
use crate::config::{
    flags::{ConnectionFlags, EngineFlags, PolicyFlags, ServingFlags},
    load::{self, Queue},
    settings::Settings,
};

/// What is written for every key in turn.
const VALUES: [&str; 24] = [
    "0",
    "1",
    "-1",
    "1e30",
    "-1e30",
    "nan",
    "inf",
    "9223372036854775807",
    "18446744073709551615",
    "99999999999999999999999999",
    "true",
    "[]",
    "{}",
    "[[[]]]",
    "\"\"",
    "\"0s\"",
    "\"0B\"",
    "\"-1\"",
    "\"1e30\"",
    "\"500000000000years\"",
    "\"18446744073709551615\"",
    "\"99999999TiB\"",
    "\"localhost:99999\"",
    "\"nonsense\"",
];

/// The example with one line for each key, and of each key that is only shown.
fn example() -> Vec<String> {
    let text = example_with_every_key().replace("/srv/orders", "/tmp");
    text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
}

/// Whether everything that the settings say can be done.
fn assert_holds(settings: &Settings, written: &str) {
    let mut times = vec![settings.engine.tick, settings.metrics.otlp_interval, settings.traces.otlp_interval];
    for worker in settings.workers() {
        times.extend([worker.shutdown_grace, worker.cancel_check, worker.codec.timeout]);
        for policy in worker.components.iter().map(|component| &component.policy) {
            let (stopping, http) = (policy.stopping, policy.limits.http);
            times.extend([stopping.cancel_grace, stopping.kill_grace]);
            times.extend([http.connect_timeout, http.response_timeout, http.read_timeout]);
            times.extend(policy.limits.cpu_time);
        }
    }
    let sum = times.iter().fold(Duration::ZERO, |sum, time| sum.saturating_add(*time));
    assert!(Instant::now().checked_add(sum).is_some(), "{written}: {times:?}");
}

#[test]
fn a_value_that_nobody_means_is_refused_with_its_key_or_holds() {
    let lines = example();
    let (mut refused, mut held) = (0, 0);
    for (place, line) in lines.iter().enumerate() {
        let Some((key, _)) = line.split_once(" = ") else { continue };
        for value in VALUES {
            let mut lines = lines.clone();
            let written = format!("{key} = {value}");
            lines[place].clone_from(&written);
            match settings(&lines.join("\n")) {
                Ok(settings) => {
                    held += 1;
                    assert_holds(&settings, &written);
                    let again = super::settings(&meant(&lines.join("\n")));
                    assert!(again.is_ok(), "{written}: {again:?}");
                }
                Err(problem) => {
                    refused += 1;
                    // The name of a tenant is what its problems are told with.
                    let named = problem.contains(key) || key == "name" && problem.contains("tenants");
                    assert!(named, "{written}: {problem}");
                }
            }
        }
    }
    assert!(1_000 < refused && 100 < held, "{refused} refused, {held} held");
}

/// The flags of a command that serves.
#[derive(Parser)]
pub(super) struct Flags {
    #[command(flatten)]
    connection: ConnectionFlags,
    #[command(flatten)]
    engine: EngineFlags,
    #[command(flatten)]
    serving: ServingFlags,
    #[command(flatten)]
    policy: PolicyFlags,
}

fn flags(arguments: &[String]) -> Result<Settings, String> {
    let program = ["isolet".to_owned()];
    let flags = Flags::try_parse_from(program.iter().chain(arguments)).map_err(|error| error.to_string())?;
    let queue = Queue { name: "q".to_owned(), components: vec![flags.policy.component("a.wasm".into())] };
    let settings = load::one_queue(&flags.connection, &flags.engine, &flags.serving, queue);
    settings.map_err(|problem| format!("{:#}", problem.error))
}

#[test]
fn a_flag_that_nobody_means_is_refused_with_its_name_or_holds() {
    let command = Flags::command();
    let names = command.get_arguments().filter_map(|argument| argument.get_long()).map(|name| format!("--{name}"));
    let limits = example().into_iter().skip_while(|line| !line.contains("components.limits]")).skip(1);
    let limits = limits.take_while(|line| !line.starts_with('[')).filter_map(|line| {
        let (key, _) = line.split_once(" = ")?;
        Some(format!("--limit={key}"))
    });
    let mut checked = 0;
    for flag in names.chain(limits) {
        for value in VALUES.map(|value| value.trim_matches('"')) {
            checked += 1;
            let argument = format!("{flag}={value}");
            match flags(std::slice::from_ref(&argument)) {
                Ok(settings) => assert_holds(&settings, &argument),
                Err(problem) => {
                    let name = flag.trim_start_matches("--limit=").trim_start_matches("--");
                    assert!(problem.contains(name), "{argument}: {problem}");
                }
            }
        }
    }
    assert!(800 < checked, "{checked}");
}
