//! Helm's chart: rendered by Helm, compared with Kubernetes' own schemas, and its configurations checked by Isolet.

use std::{fs, process::Command};

use serde_json::Value;
use tempfile::TempDir;

use super::{ended, ended_with};
use crate::support::{
    isolet::program,
    repository,
    tool::{python_package, tool},
};

/// The oldest Kubernetes that the chart is for, and the newest that there are schemas of.
const KUBERNETES: [&str; 2] = ["1.29", "1.37"];

/// Where `cargo xtask setup` installs those.
const SCHEMAS: &str = "kubernetes-validate-1.37.0";

/// Objects as JSON, which Python can make of YAML.
const TO_JSON: &str =
    "import json, sys, yaml; print(json.dumps([one for one in yaml.safe_load_all(sys.stdin) if one]))";

/// Values files of the tests: none, and those of `ci/`.
fn values_files() -> Vec<Vec<String>> {
    let folder = repository("deploy/chart/isolet/ci");
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path().display().to_string());
    let mut values: Vec<_> = files.map(|file| vec!["--values".to_owned(), file]).collect();
    values.sort();
    values.push(Vec::new());
    assert_eq!(values.len(), 4);
    values
}

fn helm(arguments: &[&str], values: &[String]) -> Command {
    let mut command = Command::new(tool("helm"));
    // Of the machine's own settings nothing counts.
    for (name, folder) in [("HELM_CONFIG_HOME", "config"), ("HELM_CACHE_HOME", "cache"), ("HELM_DATA_HOME", "data")] {
        command.env(name, std::env::temp_dir().join("isolet-tests-helm").join(folder));
    }
    command.args(arguments).arg(repository("deploy/chart/isolet")).args(values);
    command
}

/// What the chart makes of these values.
fn rendered(values: &[String]) -> String {
    let (is_right, text) = ended(&mut helm(&["template", "shop"], values));
    assert!(is_right, "{values:?}: {text}");
    text
}

fn python(arguments: &[&str]) -> Command {
    let mut python = Command::new("python3");
    python.args(arguments).env("PYTHONPATH", python_package(SCHEMAS)).env("PYTHONDONTWRITEBYTECODE", "1");
    python
}

/// Its objects.
fn objects(values: &[String]) -> Vec<Value> {
    let (is_right, text) = ended_with(&mut python(&["-c", TO_JSON]), &rendered(values));
    assert!(is_right, "{text}");
    serde_json::from_str(&text).unwrap()
}

/// The object of a kind.
fn object<'a>(objects: &'a [Value], kind: &str) -> Option<&'a Value> {
    objects.iter().find(|object| object["kind"] == kind)
}

/// The pod of the worker.
fn pod(objects: &[Value]) -> &Value {
    let workload = object(objects, "Deployment").or_else(|| object(objects, "StatefulSet")).unwrap();
    &workload["spec"]["template"]["spec"]
}

/// Values that are set on the command line.
fn set(values: &[&str]) -> Vec<String> {
    values.iter().flat_map(|value| ["--set-string".to_owned(), (*value).to_owned()]).collect()
}

#[test]
fn helm_and_kubernetes_take_what_the_chart_makes() {
    for values in values_files() {
        let (is_right, text) = ended(&mut helm(&["lint", "--strict"], &values));
        assert!(is_right, "{values:?}: {text}");
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("rendered.yaml");
        fs::write(&file, rendered(&values)).unwrap();
        for version in KUBERNETES {
            let file = file.display().to_string();
            let mut check = python(&["-m", "kubernetes_validate", "--strict", "--quiet", "-k", version, &file]);
            let (is_right, text) = ended(&mut check);
            assert!(is_right, "{values:?} for {version}: {text}");
            // The Prometheus operator's own kinds are not Kubernetes'.
            let unknown = text.lines().filter(|line| !line.contains("monitoring.coreos.com/v1"));
            assert_eq!(unknown.collect::<Vec<_>>(), <[&str; 0]>::default(), "{values:?} for {version}");
        }
    }
}

#[test]
fn workers_may_do_nothing_that_they_need_not() {
    for values in values_files() {
        let objects = objects(&values);
        let pod = pod(&objects);
        let container = &pod["containers"][0];
        let wanted = [
            (&pod["securityContext"]["runAsNonRoot"], Value::from(true)),
            (&pod["securityContext"]["seccompProfile"]["type"], Value::from("RuntimeDefault")),
            (&pod["automountServiceAccountToken"], Value::from(false)),
            (&container["securityContext"]["allowPrivilegeEscalation"], Value::from(false)),
            (&container["securityContext"]["readOnlyRootFilesystem"], Value::from(true)),
            (&container["securityContext"]["capabilities"]["drop"], Value::from(vec!["ALL"])),
        ];
        for (found, wanted) in wanted {
            assert_eq!(found, &wanted, "{values:?}: {pod:#}");
        }
        assert!(container["resources"]["limits"]["memory"].is_string(), "{values:?}: {pod:#}");
        let policy = object(&objects, "NetworkPolicy").unwrap();
        assert_eq!(policy["spec"]["policyTypes"], Value::from(vec!["Ingress", "Egress"]));
        let names = |list: &Value| -> Vec<String> {
            list.as_array().unwrap().iter().map(|one| one["name"].to_string()).collect()
        };
        let claims = object(&objects, "StatefulSet").map_or(Value::Array(Vec::new()), |set| {
            let claims = set["spec"]["volumeClaimTemplates"].as_array().unwrap();
            claims.iter().map(|claim| claim["metadata"].clone()).collect()
        });
        let volumes = [names(&pod["volumes"]), names(&claims)].concat();
        for mount in names(&container["volumeMounts"]) {
            assert!(volumes.contains(&mount), "{values:?}: nothing is mounted as {mount}");
        }
    }
}

/// With the graces of these tables, a worker is given so many seconds.
#[test]
fn a_worker_has_the_time_that_its_graces_want() {
    let cases = [
        ("", "", 30),
        ("shutdown-grace = \"1m 30s\"", "", 110),
        ("kill-grace = \"500ms\"\n[x]\nkill-grace='7s'", "", 32),
        ("shutdown-grace = \"1s\"", "shutdown-grace = \"2min\"", 140),
        ("stopping = { kill-grace = \"1h\", cancel-grace = \"9h\" }", "shutdown-grace = \"1day\"", 90_015),
        ("shutdown-grace = \"1500ms\"", "", 30),
        ("shutdown-grace = \"10500 milliseconds\"", "", 31),
        ("\"shutdown-grace\" = \"1m\"", "'kill-grace'\t=\t'30s'", 105),
        ("stopping.\"kill-grace\" = \"1m\"", "shutdown-grace = \"\"\"2m\"\"\"", 195),
        ("stopping = { 'kill-grace' = '''1m''' } # \"5m\"", "", 85),
        ("[web]\naddress = \"[::]:9464\"", "", 30),
    ];
    for (config, tenant, seconds) in cases {
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("values.json");
        let values = serde_json::json!({ "config": config, "tenants": { "acme": format!("weight = 1\n{tenant}") } });
        fs::write(&file, values.to_string()).unwrap();
        let objects = objects(&["--values".to_owned(), file.display().to_string()]);
        assert_eq!(pod(&objects)["terminationGracePeriodSeconds"], seconds, "{config} {tenant}");
    }
}

#[test]
fn a_worker_listens_where_its_pod_is_reached() {
    for (values, address) in [(&[][..], "0.0.0.0:9464"), (&["web.host=[::]"], "[::]:9464")] {
        let objects = objects(&set(values));
        let environment = pod(&objects)["containers"][0]["env"].as_array().unwrap();
        let web = environment.iter().find(|variable| variable["name"] == "ISOLET_WEB_ADDRESS").unwrap();
        assert_eq!(web["value"], address);
    }
}

#[test]
fn values_that_can_t_be_right_are_refused_with_what_and_why() {
    let cases: [(&[&str], &str); 10] = [
        (&["replica=1"], "additional properties 'replica' not allowed"),
        (&["image.digest=sha256:12"], "at '/image/digest'"),
        (&["web.port=http"], "at '/web/port'"),
        (&["temporal.address=https://example.com/"], "at '/temporal/address'"),
        (&["existingConfig.secret=made"], "set terminationGracePeriodSeconds"),
        (&["existingConfig.secret=made", "existingConfig.configMap=other"], "at '/existingConfig'"),
        (&["config=shutdown-grace = \"2 fortnights\""], "which this chart does not know"),
        (&["config=shutdown-grace = \"2\\\\u0020h\""], "has an escape, which this chart does not read"),
        (&["config=\"kill\\\\u002dgrace\" = \"2h\""], "has an escape, which this chart does not read"),
        (&["web.host=localhost"], "at '/web/host'"),
    ];
    for (values, why) in cases {
        let (is_right, text) = ended(&mut helm(&["template", "shop"], &set(values)));
        assert!(!is_right && text.contains(why), "{values:?}: {text}");
    }
}

#[test]
fn configurations_of_the_chart_s_own_examples_are_right() {
    let mut configurations = 0;
    for values in values_files() {
        let objects = objects(&values);
        let Some(map) = object(&objects, "ConfigMap") else { continue };
        let folder = TempDir::new().unwrap();
        fs::create_dir(folder.path().join("tenants.d")).unwrap();
        let volume = pod(&objects)["volumes"].as_array().unwrap().iter().find(|volume| volume["name"] == "config");
        for item in volume.unwrap()["configMap"]["items"].as_array().unwrap() {
            let text = map["data"][item["key"].as_str().unwrap()].as_str().unwrap();
            fs::write(folder.path().join(item["path"].as_str().unwrap()), text).unwrap();
        }
        let mut check = Command::new(program());
        let (is_right, text) = ended(check.args(["config", "check"]).current_dir(folder.path()));
        assert!(is_right, "{values:?}: {text}");
        configurations += 1;
    }
    assert_eq!(configurations, 3);
}

#[test]
fn what_autoscaling_goes_by_is_measured() {
    let values = repository("deploy/chart/isolet/ci/production-values.yaml").display().to_string();
    let objects = objects(&["--values".to_owned(), values]);
    let rules = object(&objects, "PrometheusRule").unwrap()["spec"]["groups"][0]["rules"].as_array().unwrap();
    let scaler = object(&objects, "HorizontalPodAutoscaler").unwrap()["spec"]["metrics"].as_array().unwrap();
    let names = |list: &[Value], pointer: &str| -> Vec<String> {
        list.iter().map(|one| one.pointer(pointer).unwrap().as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(rules, "/record"), names(scaler, "/pods/metric/name"));
    let documented = fs::read_to_string(repository("docs/metrics.md")).unwrap();
    for rule in names(rules, "/expr") {
        let words = rule.split(|character: char| !character.is_ascii_lowercase() && character != '_');
        for metric in words.filter(|word| word.starts_with("temporal_") || word.starts_with("isolet_")) {
            assert!(documented.contains(&format!("`{metric}`")), "docs/metrics.md does not explain {metric}");
        }
    }
}
