//! The configuration as a whole: its example, its checks, and what it says about itself.

use std::path::Path;

use activity::{Limits, OnCancel, SandboxFailureKind};

use super::{
    effective::effective, environment::VariableSource, example, parse::parse, problems::Written, raw::RawConfig,
    settings::Settings, validate::validate,
};

mod documents;

mod extremes;

mod modules;

fn settings(text: &str) -> Result<Settings, String> {
    validate(raw(text)?, Written::InFile).map_err(|problems| problems.to_string())
}

fn raw(text: &str) -> Result<RawConfig, String> {
    let raw = parse(text, "isolet.toml").map_err(|error| error.to_string())?;
    Ok(raw.placed(Path::new("/etc/isolet")))
}

/// What the text means, as a file.
fn meant(text: &str) -> String {
    effective(&raw(text).unwrap())
}

/// The example with each key in effect that is only shown in it.
fn example_with_every_key() -> String {
    let uncommented = |line: &str| match line.strip_prefix("# ") {
        Some(key) if key.split_once(" = ").is_some_and(|(key, _)| !key.contains(' ')) => key.to_owned(),
        Some(table) if table.starts_with("[[") => table.to_owned(),
        _ => line.to_owned(),
    };
    example().lines().map(uncommented).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_example_holds() {
    let settings = settings(&example()).unwrap();
    let worker = settings.workers().next().unwrap();
    assert_eq!(worker.task_queue, "orders");
    assert_eq!(worker.components[0].path, Path::new("/etc/isolet/orders.wasm"));
    assert_eq!(worker.components[0].policy.limits, Limits::default());
}

#[test]
fn the_example_names_every_key() {
    let text = example_with_every_key();
    for table in [
        "[x]",
        "[connection.x]",
        "[engine.x]",
        "[registry.x]",
        "[[trust]]\n[trust.x]",
        "[metrics.x]",
        "[[tenants]]\n[tenants.x]",
        "[[tenants]]\n[[tenants.trust]]\n[tenants.trust.x]",
        "[[tenants]]\n[[tenants.workers]]\n[tenants.workers.x]",
        "[[tenants]]\n[[tenants.workers]]\n[tenants.workers.codec.x]",
        "[[tenants]]\n[[tenants.workers]]\n[tenants.workers.codec.encryption.x]",
        "[[tenants]]\n[[tenants.workers]]\n[tenants.workers.codec.server.x]",
        "[[tenants]]\n[[tenants.workers]]\n[[tenants.workers.components]]\n[tenants.workers.components.x]",
        "[[tenants]]\n[[tenants.workers]]\n[[tenants.workers.components]]\n[tenants.workers.components.limits.x]",
        "[[tenants]]\n[[tenants.workers]]\n[[tenants.workers.components]]\n[tenants.workers.components.grants.x]",
        "[[tenants]]\n[[tenants.workers]]\n[[tenants.workers.components]]\n[tenants.workers.components.grants.client.x]",
        "[[tenants]]\n[[tenants.workers]]\n[[tenants.workers.components]]\n[tenants.workers.components.stopping.x]",
    ] {
        let error = parse(table, "").unwrap_err().to_string();
        let (_, keys) = error.split_once("the keys here are ").unwrap();
        for key in keys.split(", ") {
            let named = [format!("\n{key} = "), format!(".{key}]"), format!("[{key}]")];
            assert!(named.iter().any(|form| text.contains(form)), "{key} of {table}");
        }
    }
}

/// Machine-dependent keys and those that show something beyond the default.
const SHOWN: &[&str] = &[
    "guest-threads",
    "io-threads",
    "slots",
    "cache",
    "memory-budget",
    "nameservers",
    "http-proxy",
    "plain-http",
    "ca-files",
    "credentials",
    "scope",
    "key",
    "issuer",
    "require",
    "level",
    "min-version",
    "transparency-log",
    "trusted-root",
    // Of a tenant; that of a component has a default.
    "memory",
    "guaranteed-memory",
    "cpu-percent",
    "attempts",
    "cpu-time",
    "retryable",
    "environment",
    "directories",
    "scratch",
    "http",
    "tags",
    "buckets",
    "otlp-headers-file",
    // Of traces; those of metrics have defaults.
    "export",
    "otlp-url",
    "otlp-protocol",
    "otlp-ca-file",
    "otlp-timeout",
    "sampling-ratio",
    "follow-caller",
    "service-name",
    "filter",
    "socket",
    "state",
    "file",
    "isolation",
    "methods",
    "namespaces",
    "workflow-ids",
    "task-queues",
    "activity-ids",
    "order",
    "active",
    "keys",
    "endpoint",
    "authorization-env",
    "secrets",
    "audiences",
    "key-file",
    "other-key-files",
    "export",
    "token-file",
    "temporal-ui",
    "candidate",
    "percent",
    "gate",
];

#[test]
fn every_default_of_the_example_is_the_default() {
    let meant = meant(&example());
    for line in example().lines().filter_map(|line| line.strip_prefix("# ")) {
        let Some((key, _)) = line.split_once(" = ").filter(|(key, _)| !key.contains(' ')) else { continue };
        let connection = ["address", "namespace", "profile", "config-file", "api-key-file", "identity", "deployment"];
        if !connection.contains(&key) && !SHOWN.contains(&key) {
            assert!(meant.contains(&format!("{line}  # default")), "{line}");
        }
    }
}

#[test]
fn effective_settings_tell_no_secret_of_a_guest() {
    let table = "[tenants.workers.components.grants]";
    let text = example().replace(table, &format!("{table}\nenvironment = {{ TOKEN = \"hunter2\" }}"));
    let shown = meant(&text);
    assert!(shown.contains("TOKEN = \"(not shown)\"") && !shown.contains("hunter2"), "{shown}");
}

#[test]
fn effective_settings_read_back_the_same() {
    // But for what is not shown.
    let text = example_with_every_key().replace("/srv/orders", "/tmp").replace("\"production\"", "\"(not shown)\"");
    let again = meant(&text);
    assert_eq!(meant(&again), again);
    assert_eq!(format!("{:?}", settings(&text)), format!("{:?}", settings(&again)));
}

/// What logs and metrics tell tenants apart by, and what the server would refuse.
#[test]
fn names_are_short_and_can_be_seen() {
    let problems = |tenant: &str, namespace: &str, queue: &str| {
        let text = format!(
            "[connection]\nidentity = {0}\n[[tenants]]\nname = {0}\n[[tenants.workers]]\n\
             namespace = {1}\ntask-queue = {2}\n[[tenants.workers.components]]\npath = \"a.wasm\"\n",
            toml::Value::from(tenant),
            toml::Value::from(namespace),
            toml::Value::from(queue),
        );
        settings(&text).err().unwrap_or_default()
    };
    let longest = "x".repeat(1_000);
    assert_eq!(problems(&longest, &longest, "Größen 日本/1"), "");
    let too_long = "x".repeat(1_001);
    let told = problems(&too_long, &too_long, &too_long);
    let problem = "it has 1001 bytes; Temporal takes names of at most 1000";
    let key = format!("tenant {}…", "x".repeat(200));
    let [identity, namespace, task_queue] = ["connection.identity", "namespace", "task-queue"];
    for told_of in [
        format!("{identity}: {problem}"),
        format!("{key}.name: {problem}"),
        format!("{key}, workers[0].{task_queue}: {problem}"),
        format!("{key}, workers[0].{namespace}: {problem}"),
    ] {
        assert!(told.lines().any(|line| line == told_of), "{told_of}\n{told}");
    }
    for harmful in ["\u{7f}", "\u{202e}", "\u{200b}", "\u{85}"] {
        let name = format!("a{harmful}b");
        let told = problems(&name, &name, &name);
        assert_eq!(told.lines().count(), 4, "{told}");
        let code =
            format!("it contains U+{:04X}, which can't be seen in a log", u32::from(harmful.chars().next().unwrap()));
        assert!(told.lines().all(|line| line.contains(&code)) && !told.contains(harmful), "{told}");
    }
}

#[test]
fn every_problem_is_told_with_its_key() {
    let problems = settings(
        r#"
        [engine]
        tick = "2s"
        slots = 0
        [[tenants]]
        name = "acme"
        isolation = "none"
        limits.cpu-percent = 50
        [[tenants.workers]]
        task-queue = "orders"
        max-concurrent = 0
        [[tenants.workers.components]]
        path = "a.wasm"
        limits = { memory = "1KiB", retryable = { SandboxTarp = true } }
        grants.directories = [
            { host = "/does/not/exist", guest = "data" },
            { host = "/x", guest = "/tmp/" },
            { host = "/y", guest = "/data/../tmp" },
            { host = "/z", guest = "data/" },
        ]
        grants.scratch = "1MiB"
        [[tenants]]
        name = "acme"
        "#,
    )
    .unwrap_err();
    let expected = [
        "tenant acme, workers[0].max-concurrent: 0 is too little; it must be from 1 to 100000",
        "tenant acme, workers[0], components[0].limits.memory: 1KiB is too little; it must be from 64KiB to 4GiB",
        "tenant acme, workers[0], components[0].limits.retryable: unknown failure \"SandboxTarp\"; there is SandboxTrap",
        "tenant acme, workers[0], components[0].grants.directories[0].guest: it must begin with /",
        "tenant acme, workers[0], components[0].grants.directories[1].guest: /tmp/ is where `scratch` is; put it elsewhere, \
         or leave one out",
        "tenant acme, workers[0], components[0].grants.directories[2].guest: it must be written without empty parts and \
         those of dots, like /data/orders",
        "tenant acme, workers[0], components[0].grants.directories[3].guest: it must begin with /",
        "tenant acme, workers[0], components[0].grants.directories[3].guest: data/ is where /does/not/exist is; put it \
         elsewhere, or leave one out",
        "tenant acme.limits.cpu-percent: its guests run in the worker's own process, which has no such limit; give it a \
         cell, or leave this out",
        "tenant acme.workers: there is none",
        "engine.tick: 2s is too much; it must be from 1ms to 1s",
        "engine.slots: 0 is too little; it must be from 1 to 100000",
        "tenants[0]: 2 tenants are called \"acme\"; give each a name of its own",
        "tenants[1]: 2 tenants are called \"acme\"; give each a name of its own",
    ];
    assert_eq!(problems.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn one_task_queue_has_one_worker() {
    let worker = |namespace: &str| {
        format!(
            "[[tenants.workers]]\n{namespace}\ntask-queue = \"q\"\n[[tenants.workers.components]]\npath = \"a.wasm\"\n"
        )
    };
    let both = |first: &str, second: &str| {
        settings(&format!(
            "[connection]\nnamespace = \"n\"\n[[tenants]]\nname = \"a\"\n{}{}",
            worker(first),
            worker(second)
        ))
    };
    assert!(both("", "namespace = \"m\"").is_ok());
    let problem = both("", "namespace = \"n\"").unwrap_err();
    assert_eq!(
        problem,
        "tenant a, workers[1].task-queue: \"q\" is served already, by tenant \"a\"; put the components of both under one \
         worker"
    );
    let tenant = |name: &str| format!("[[tenants]]\nname = {name:?}\n{}", worker(""));
    let problem = settings(&format!("{}{}", tenant("a"), tenant("b"))).unwrap_err();
    assert_eq!(
        problem,
        "tenant b, workers[0].task-queue: \"q\" is served already, by tenant \"a\"; a task queue is one tenant's: name \
         another one, or another namespace"
    );
}

#[test]
fn no_tenant_is_called_as_another_looks() {
    for name in ["acme ", "\u{a0}acme"] {
        let problem = settings(&format!("[[tenants]]\nname = \"{name}\"\n")).unwrap_err();
        assert!(problem.starts_with(&format!("tenant {name}.name: it begins or ends with a space")), "{problem}");
    }
}

#[test]
fn no_more_is_guaranteed_than_there_is() {
    let tenant = |name: &str| {
        format!(
            "[[tenants]]\nname = {name:?}\nlimits.guaranteed-memory = \"1GiB\"\n[[tenants.workers]]\ntask-queue = {name:?}\n\
             components = [{{ path = \"a.wasm\" }}]\n"
        )
    };
    let both = |budget: &str| settings(&format!("engine.memory-budget = {budget:?}\n{}{}", tenant("a"), tenant("b")));
    assert!(both("2GiB").is_ok());
    assert_eq!(
        both("2047MiB").unwrap_err(),
        "engine.memory-budget: it is 2047MiB, and tenants are guaranteed 2GiB of it; lower their limits.guaranteed-memory, \
         or raise the budget"
    );
}

#[test]
fn every_task_queue_has_room_in_the_budget() {
    let worker = |queue: &str, memory: &str| {
        format!(
            "[[tenants.workers]]\ntask-queue = \"{queue}\"\ncomponents = [{{ path = \"a.wasm\" }}, \
             {{ path = \"b.wasm\", limits.memory = \"{memory}\" }}]\n"
        )
    };
    let both = |budget: &str| {
        let engine = format!("engine.memory-budget = \"{budget}\"\n[[tenants]]\nname = \"a\"\n");
        settings(&format!("{engine}{}{}", worker("q", "32MiB"), worker("r", "100MiB"))).map(|_| ())
    };
    assert_eq!(both("131MiB"), Ok(()), "they share one attempt's memory while they are idle");
    assert_eq!(
        both("130MiB").unwrap_err(),
        "engine.memory-budget: it is 130MiB, and one attempt of tenant a needs 131MiB, its memory and what the host holds for \
         it, while 0B are guaranteed to other tenants; lower limits.memory of its components or what others are guaranteed, \
         or raise the budget"
    );
}

#[test]
fn the_limits_of_tenants_must_hold_together() {
    let tenants = |a: &str, b: &str| {
        let tenant = |name: &str, limits: &str| {
            format!(
                "[[tenants]]\nname = \"{name}\"\nlimits = {{ {limits} }}\n[[tenants.workers]]\ntask-queue = \"{name}\"\n\
                 [[tenants.workers.components]]\npath = \"a.wasm\"\n"
            )
        };
        let text = format!("engine.memory-budget = \"380MiB\"\n{}{}", tenant("a", a), tenant("b", b));
        let guaranteed =
            |settings: Settings| settings.tenants.iter().map(|each| each.limits.guaranteed_memory >> 20).collect();
        settings(&text).map(guaranteed).map(|each: Vec<u64>| (each[0], each[1]))
    };
    assert_eq!(tenants("", ""), Ok((95, 95)), "one attempt each, which is half of the budget");
    assert_eq!(tenants("guaranteed-memory = \"0\"", ""), Ok((0, 95)));
    assert_eq!(tenants("guaranteed-memory = \"200MiB\"", "memory = \"95MiB\""), Ok((200, 95)));
    let refused = [
        ("memory = \"94MiB\"", "tenant a.limits.memory: it is 94MiB, and one attempt needs 95MiB"),
        (
            "memory = \"95MiB\", guaranteed-memory = \"96MiB\"",
            "tenant a.limits.guaranteed-memory: it is 96MiB, more than",
        ),
        (
            "guaranteed-memory = \"300MiB\"",
            "engine.memory-budget: it is 380MiB, and one attempt of tenant b needs 95MiB",
        ),
        ("attempts = 0", "tenant a.limits.attempts: 0 is too little"),
    ];
    for (limits, told) in refused {
        let text = tenants(limits, "").unwrap_err();
        assert!(text.starts_with(told), "{text}");
    }
}

#[test]
fn there_are_sandboxes_for_all_attempts() {
    let slots = |slots: &str| {
        let text = format!(
            "{slots}\nengine.memory-budget = \"1TiB\"\n[[tenants]]\nname = \"a\"\nisolation = \"none\"\n\
             [[tenants.workers]]\ntask-queue = \"q\"\nmax-concurrent = 300\n\
             [[tenants.workers.components]]\npath = \"a.wasm\"\n"
        );
        settings(&text).map(|settings| settings.engine.slots)
    };
    assert_eq!(slots(""), Ok(300));
    assert_eq!(slots("engine.slots = 400"), Ok(400));
    assert!(slots("engine.slots = 299").unwrap_err().starts_with("engine.slots: 299 are too few for the 300 attempts"));
}

#[test]
fn a_weight_is_any_tenant_s() {
    let weight = |keys: &str| {
        let text = format!(
            "[[tenants]]\nname = \"a\"\n{keys}\n[[tenants.workers]]\ntask-queue = \"q\"\n\
             [[tenants.workers.components]]\npath = \"a.wasm\"\n"
        );
        settings(&text).map(|settings| settings.tenants[0].weight)
    };
    assert_eq!(weight(""), Ok(100));
    assert_eq!(weight("weight = 400"), Ok(400));
    assert_eq!(weight("isolation = \"none\"\nweight = 400"), Ok(400), "it is one of the memory budget, too");
    assert!(weight("isolation = \"tenant\"\nweight = 0").unwrap_err().starts_with("tenant a.weight: 0 is too little"));
}

#[test]
fn each_process_needs_its_own_sandboxes() {
    let tenant = |name: &str, isolation: &str| {
        format!(
            "[[tenants]]\nname = \"{name}\"\nisolation = \"{isolation}\"\n[[tenants.workers]]\n\
             task-queue = \"{name}\"\nmax-concurrent = 200\n[[tenants.workers.components]]\npath = \"a.wasm\"\n"
        )
    };
    let slots = |isolations: &[&str], slots: &str| {
        let tenants = isolations.iter().zip(["a", "b", "c"]).map(|(isolation, name)| tenant(name, isolation));
        let tenants: String = tenants.collect();
        settings(&format!("{slots}\nengine.memory-budget = \"1TiB\"\n{tenants}")).map(|settings| settings.engine.slots)
    };
    assert_eq!(slots(&["none", "none", "none"], ""), Ok(600));
    assert_eq!(slots(&["none", "tenant", "tenant"], ""), Ok(256));
    assert_eq!(slots(&["tenant", "tenant", "tenant"], "engine.slots = 200"), Ok(200));
    assert!(slots(&["tenant", "shared:x", "shared:x"], "engine.slots = 200").is_err());
}

#[test]
fn threads_follow_the_machine_or_the_key() {
    let threads = |engine: &str| {
        let text = format!("[engine]\n{engine}\n{}", example().split_once("[[tenants]]").map_or("", |(_, rest)| rest));
        let text = text.replacen("name = ", "[[tenants]]\nname = ", 1);
        settings(&text).map(|settings| settings.engine.io_threads)
    };
    let processors = std::thread::available_parallelism().unwrap().get();
    assert_eq!(threads(""), Ok((processors / 2).clamp(2, 16)));
    assert_eq!(threads("io-threads = 7"), Ok(7));
    assert_eq!(threads("io-threads = 0").unwrap_err(), "engine.io-threads: 0 is too little; it must be from 1 to 64");
}

#[test]
fn what_is_written_is_what_holds() {
    let settings = settings(
        r#"
        [[tenants]]
        name = "a"
        [[tenants.workers]]
        task-queue = "q"
        [[tenants.workers.components]]
        path = "/a.wasm"
        limits = { memory = "1GiB", cpu-time = "30s", retryable = { SandboxMemoryLimit = true } }
        grants = { environment = { STAGE = "test" }, directories = [{ host = "/tmp", guest = "/data" }] }
        stopping = { on-cancel = "kill" }
        "#,
    )
    .unwrap();
    let component = &settings.workers().next().unwrap().components[0];
    assert_eq!(component.path, Path::new("/a.wasm"));
    assert_eq!(component.policy.limits.memory, 1 << 30);
    assert_eq!(component.policy.limits.retryable.get(&SandboxFailureKind::MemoryLimit), Some(&true));
    assert_eq!(component.environment.get("STAGE"), Some(&VariableSource::Value("test".to_owned())));
    assert!(!component.policy.grants.directories[0].writable);
    assert_eq!(component.policy.stopping.on_cancel, OnCancel::Kill);
}
