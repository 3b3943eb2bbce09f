//! What a component's own makers say that it needs: a file beside it, which may ask for less than it is given, never for
//! more.

use std::{
    fmt::Display,
    path::{Path, PathBuf},
    time::Duration,
};

use activity::{Grants, Limits, MetricsGrant, Policy};

use super::{
    parse,
    problems::{Place, Problems},
    quantity::{ByteSize, Count, Span},
    raw::{asked::Asked, component::RawLimits},
    section::Declared as _,
};

/// What the name of a component's manifest ends in, in the place of `wasm`.
const EXTENSION: &str = "isolet.toml";

/// Where the manifest of a component is, if it has one.
pub(crate) fn path(component: &Path) -> PathBuf {
    component.with_extension(EXTENSION)
}

/// Takes from `policy` what the manifest at `path` does not ask for, if there is one.
///
/// # Errors
/// When it can't be read, or asks for more than there is.
pub(crate) fn narrow(policy: &mut Policy, path: &Path) -> anyhow::Result<()> {
    if !path.exists() {
        return Ok(());
    }
    let manifest = parse::manifest(&parse::text(path)?, &path.display().to_string())?;
    let mut problems = Problems::default();
    manifest.limits.check(&Place::Table("limits".to_owned()), &mut problems);
    lower(&mut policy.limits, &manifest.limits, &mut problems);
    if let Some(asked) = &manifest.grants {
        keep(&mut policy.grants, asked, &mut problems);
    }
    if problems.is_empty() { Ok(()) } else { Err(problems.into()) }
}

/// Lowers each limit to what is asked for.
fn lower(limits: &mut Limits, asked: &RawLimits, problems: &mut Problems) {
    let http = &mut limits.http;
    size(&mut limits.memory, asked.memory, "memory", problems);
    count(&mut limits.table_elements, asked.table_elements, "table-elements", problems);
    let most = limits.cpu_time.unwrap_or(Duration::MAX);
    limits.cpu_time = match asked.cpu_time {
        Some(time) if time.0 <= most => Some(time.0),
        Some(time) => {
            problems.add("limits.cpu-time", more(time, Span(most)));
            limits.cpu_time
        }
        None => limits.cpu_time,
    };
    size(&mut limits.host_buffer, asked.host_buffer, "host-buffer", problems);
    count(&mut limits.resources, asked.resources, "resources", problems);
    size(&mut limits.result, asked.result, "result", problems);
    size(&mut limits.values, asked.values, "values", problems);
    size(&mut limits.heartbeat, asked.heartbeat, "heartbeat", problems);
    size(&mut limits.log_line, asked.log_line, "log-line", problems);
    count(&mut limits.log_rate, asked.log_rate, "log-rate", problems);
    size(&mut limits.random, asked.random, "random", problems);
    size(&mut limits.disk, asked.disk, "disk", problems);
    count(&mut http.requests, asked.http_requests, "http-requests", problems);
    size(&mut http.headers, asked.http_headers, "http-headers", problems);
    size(&mut http.request_body, asked.http_request_body, "http-request-body", problems);
    size(&mut http.response_body, asked.http_response_body, "http-response-body", problems);
    time(&mut http.connect_timeout, asked.http_connect_timeout, "http-connect-timeout", problems);
    time(&mut http.response_timeout, asked.http_response_timeout, "http-response-timeout", problems);
    time(&mut http.read_timeout, asked.http_read_timeout, "http-read-timeout", problems);
    let refused = "what only counts is the operator's to say";
    problems.refuse_if(asked.mode.is_some(), "limits.mode", refused);
    let refused = "what is retried is the operator's to say";
    problems.refuse_if(!asked.retryable.is_empty(), "limits.retryable", refused);
}

fn size<T: Copy + TryInto<u64> + TryFrom<u64>>(
    limit: &mut T,
    asked: Option<ByteSize>,
    key: &str,
    problems: &mut Problems,
) {
    number(limit, asked.map(|size| size.0), ByteSize, key, problems);
}

fn count<T: Copy + TryInto<u64> + TryFrom<u64>>(
    limit: &mut T,
    asked: Option<Count>,
    key: &str,
    problems: &mut Problems,
) {
    number(limit, asked.map(|count| count.0), Count, key, problems);
}

fn number<T: Copy + TryInto<u64> + TryFrom<u64>, S: Display>(
    limit: &mut T,
    asked: Option<u64>,
    shown: impl Fn(u64) -> S,
    key: &str,
    problems: &mut Problems,
) {
    let Some(asked) = asked else { return };
    let most = (*limit).try_into().unwrap_or(u64::MAX);
    match T::try_from(asked) {
        Ok(lower) if asked <= most => *limit = lower,
        _ => problems.add(&format!("limits.{key}"), more(shown(asked), shown(most))),
    }
}

fn time(limit: &mut Duration, asked: Option<Span>, key: &str, problems: &mut Problems) {
    match asked {
        Some(asked) if asked.0 <= *limit => *limit = asked.0,
        Some(asked) => problems.add(&format!("limits.{key}"), more(asked, Span(*limit))),
        None => {}
    }
}

fn more(asked: impl Display, most: impl Display) -> String {
    format!("{asked} is more than {most}, which is what it may have")
}

/// Keeps the grants that are asked for.
fn keep(grants: &mut Grants, asked: &[Asked], problems: &mut Problems) {
    let granted = std::mem::take(grants);
    let has = |grant: Asked, is_granted: bool| asked.contains(&grant).then_some(is_granted);
    let wanted = [
        ("environment", has(Asked::Environment, !granted.environment.is_empty())),
        ("directories", has(Asked::Directories, !granted.directories.is_empty())),
        ("scratch", has(Asked::Scratch, granted.scratch.is_some())),
        ("metrics", has(Asked::Metrics, granted.metrics == MetricsGrant::Granted)),
        ("http", has(Asked::Http, !granted.http.is_empty())),
        ("secrets", has(Asked::Secrets, !granted.secrets.is_empty())),
        ("identity", has(Asked::Identity, granted.identity.is_some())),
        ("client", has(Asked::Client, granted.client.is_some())),
    ];
    for (name, _) in wanted.iter().filter(|(_, is_granted)| *is_granted == Some(false)) {
        problems.add("grants", format_args!("it asks for \"{name}\", which is not granted"));
    }
    let Grants { environment, directories, scratch, client, http, secrets, identity, .. } = granted;
    *grants = Grants {
        environment: if asked.contains(&Asked::Environment) { environment } else { Default::default() },
        directories: if asked.contains(&Asked::Directories) { directories } else { Vec::new() },
        scratch: scratch.filter(|_| asked.contains(&Asked::Scratch)),
        identity: identity.filter(|_| asked.contains(&Asked::Identity)),
        client: client.filter(|_| asked.contains(&Asked::Client)),
        http: if asked.contains(&Asked::Http) { http } else { Vec::new() },
        secrets: if asked.contains(&Asked::Secrets) { secrets } else { Default::default() },
        metrics: if asked.contains(&Asked::Metrics) { MetricsGrant::Granted } else { MetricsGrant::Refused },
    };
}

#[cfg(test)]
mod tests {
    use std::fs;

    use activity::DirectoryGrant;

    use super::*;

    fn given() -> Policy {
        let directory = DirectoryGrant { host: "/tmp".into(), guest: "/data".to_owned(), writable: false };
        let grants = Grants {
            environment: [("STAGE".to_owned(), "test".to_owned())].into(),
            directories: vec![directory],
            ..Grants::default()
        };
        Policy { grants, ..Policy::default() }
    }

    fn narrowed(manifest: &str) -> Result<Policy, String> {
        let folder = tempfile::tempdir().unwrap();
        let file = path(&folder.path().join("orders.wasm"));
        assert!(file.ends_with("orders.isolet.toml"));
        fs::write(&file, manifest).unwrap();
        let mut policy = given();
        let told = narrow(&mut policy, &file).map_err(|error| error.to_string());
        told.map(|()| policy).map_err(|error| error.replace(&file.display().to_string(), "FILE"))
    }

    #[test]
    fn less_is_given() {
        let policy = narrowed(
            "grants = [\"environment\"]\n[limits]\nmemory = \"1MiB\"\ncpu-time = \"3s\"\nlog-rate = 3\n\
             http-read-timeout = \"1s\"\n",
        )
        .unwrap();
        let Limits { memory, cpu_time, log_rate, http, .. } = policy.limits;
        assert_eq!((memory, cpu_time, log_rate), (1 << 20, Some(Duration::from_secs(3)), 3));
        assert_eq!(http.read_timeout, Duration::from_secs(1));
        assert_eq!((policy.grants.environment.len(), policy.grants.directories.len()), (1, 0));
        assert_eq!(policy.grants.metrics, MetricsGrant::Refused);
        assert_eq!(narrowed("").unwrap(), given());
    }

    #[test]
    fn more_is_refused_with_each_key() {
        let told = narrowed(
            "grants = [\"http\", \"environment\"]\n[limits]\nmemory = \"1GiB\"\nlog-rate = 5000\nhttp-read-timeout = \"1h\"\n\
             retryable = { SandboxTrap = true }\n",
        )
        .unwrap_err();
        let expected = [
            "limits.memory: 1GiB is more than 64MiB, which is what it may have",
            "limits.log-rate: 5000 is more than 1000, which is what it may have",
            "limits.http-read-timeout: 1h is more than 1m, which is what it may have",
            "limits.retryable: what is retried is the operator's to say",
            "grants: it asks for \"http\", which is not granted",
        ];
        assert_eq!(told.lines().collect::<Vec<_>>(), expected);
        assert_eq!(narrowed("limit = 1").unwrap_err(), "FILE:1: unknown key \"limit\"; did you mean \"limits\"?");
        assert!(narrowed("grants = [\"htp\"]").unwrap_err().contains("did you mean \"http\"?"));
        assert!(narrowed("limits.memory = \"1B\"").unwrap_err().contains("1B is too little"));
    }
}
