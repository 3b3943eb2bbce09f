//! The direction of dependencies: `host → all; worker, catalog, codec, logging, metrics, registry, trust, identity →
//! activity; records, traces → activity, logging; admin, identity → web; page → activity, admin, logging, web; engine →
//! capabilities, values → activity; capabilities → egress → activity, confinement; engine → confinement, merge; cell →
//! engine, egress, confinement, cgroup; testing, isolet-activities → engine`.

use std::collections::BTreeSet;

use cargo_metadata::{Metadata, MetadataCommand, Package};

use super::{assert_none, root};

/// The host's own crates, each with those that it may know.
const HOST: [(&str, &[&str]); 27] = [
    ("activity", &[]),
    ("admin", &["web"]),
    ("capabilities", &["activity", "egress"]),
    ("catalog", &["activity"]),
    ("cell", &["activity", "cgroup", "confinement", "egress", "engine"]),
    ("cgroup", &[]),
    ("codec", &["activity"]),
    ("componentize", &[]),
    ("confinement", &[]),
    ("egress", &["activity", "confinement"]),
    ("engine", &["activity", "capabilities", "confinement", "merge", "values"]),
    ("identity", &["activity", "web"]),
    ("logging", &["activity"]),
    ("merge", &[]),
    ("metrics", &["activity"]),
    ("page", &["activity", "admin", "logging", "web"]),
    ("records", &["activity", "logging"]),
    ("registry", &["activity"]),
    ("snapshot", &[]),
    ("traces", &["activity", "logging"]),
    ("trust", &["activity"]),
    ("values", &["activity"]),
    ("web", &[]),
    ("worker", &["activity"]),
    ("testing", &["activity", "capabilities", "engine"]),
    ("isolet-activities", &["activity", "engine"]),
    (
        "isolet",
        &[
            "activity",
            "admin",
            "capabilities",
            "catalog",
            "cell",
            "cgroup",
            "codec",
            "componentize",
            "egress",
            "engine",
            "identity",
            "logging",
            "merge",
            "metrics",
            "page",
            "records",
            "registry",
            "snapshot",
            "testing",
            "traces",
            "trust",
            "values",
            "web",
            "worker",
        ],
    ),
];

/// Crates that nobody may depend on.
const LEAVES: [&str; 4] = ["isolet", "isolet-tests", "isolet-benches", "xtask"];

/// Crates of others that only some of ours may know.
const FENCED: [(&str, &[&str]); 10] = [
    ("oci-spec", &["registry"]),
    ("sigstore-verify", &["trust"]),
    ("wasmtime", &["capabilities", "engine", "snapshot", "values", "isolet-benches"]),
    ("wasmtime-wasi", &["capabilities", "engine", "snapshot", "isolet-benches"]),
    ("temporalio-sdk", &["isolet-activities", "isolet-tests"]),
    ("temporalio-sdk-core", &["worker", "isolet-benches"]),
    ("temporalio-client", &["worker", "isolet-tests", "isolet-benches"]),
    ("temporalio-common", &["isolet-activities", "worker", "isolet-tests", "isolet-benches"]),
    ("temporalio-protos", &["worker"]),
    ("tonic", &["isolet-tests", "isolet-benches"]),
];

#[test]
fn the_host_s_crates_depend_in_one_direction() {
    let metadata = metadata();
    let mut complaints = Vec::new();
    for (name, allowed) in HOST {
        let package = package(&metadata, name);
        for dependency in own_dependencies(&metadata, package) {
            let test_support = directory(&metadata, &dependency).starts_with("tests/support/");
            if !allowed.contains(&dependency.as_str()) && !test_support {
                complaints.push(format!("{name} must not depend on {dependency}"));
            }
        }
    }
    assert_none("dependencies in the wrong direction", &complaints);
}

#[test]
fn test_support_is_no_part_of_the_product() {
    let metadata = metadata();
    let mut complaints = Vec::new();
    for package in metadata.workspace_packages() {
        let in_product = !directory(&metadata, &package.name).starts_with("tests");
        for dependency in &package.dependencies {
            let is_support = dependency.path.as_ref().is_some_and(|path| path.starts_with(root().join("tests")));
            if in_product && is_support && dependency.kind != cargo_metadata::DependencyKind::Development {
                complaints.push(format!("{} depends on {} outside of its tests", package.name, dependency.name));
            }
        }
    }
    assert_none("test support in the product", &complaints);
}

#[test]
fn guests_know_only_the_sdk() {
    let metadata = metadata();
    let mut complaints = Vec::new();
    for package in metadata.workspace_packages() {
        let place = directory(&metadata, &package.name);
        if place.starts_with("guest-examples/") || place.starts_with("tests/guests/") {
            let strangers = own_dependencies(&metadata, package).into_iter().filter(|name| name != "isolet-sdk");
            complaints.extend(strangers.map(|name| format!("{} must not depend on {name}", package.name)));
        }
    }
    assert_none("guests that know more than a user's would", &complaints);
}

#[test]
fn nothing_depends_on_the_leaves() {
    let metadata = metadata();
    let mut complaints = Vec::new();
    for package in metadata.workspace_packages() {
        for dependency in own_dependencies(&metadata, package) {
            if LEAVES.contains(&dependency.as_str()) {
                complaints.push(format!("{} depends on {dependency}", package.name));
            }
        }
    }
    assert_none("nothing may depend on these", &complaints);
}

#[test]
fn fenced_crates_stay_behind_their_fence() {
    let metadata = metadata();
    let mut complaints = Vec::new();
    for package in metadata.workspace_packages() {
        for dependency in &package.dependencies {
            let fence = FENCED.iter().find(|(name, _)| *name == dependency.name);
            if fence.is_some_and(|(_, allowed)| !allowed.contains(&package.name.as_str())) {
                complaints.push(format!("{} must not know {}", package.name, dependency.name));
            }
        }
    }
    assert_none("crates that only some may know", &complaints);
}

fn metadata() -> Metadata {
    MetadataCommand::new().current_dir(root()).no_deps().exec().unwrap()
}

fn package<'a>(metadata: &'a Metadata, name: &str) -> &'a Package {
    let packages = metadata.workspace_packages();
    packages.into_iter().find(|package| package.name == name).unwrap_or_else(|| panic!("there is no package {name}"))
}

/// The package's dependencies inside the workspace.
fn own_dependencies(metadata: &Metadata, package: &Package) -> BTreeSet<String> {
    let ours: BTreeSet<&str> = metadata.workspace_packages().iter().map(|package| package.name.as_str()).collect();
    package
        .dependencies
        .iter()
        .map(|dependency| dependency.name.clone())
        .filter(|name| ours.contains(name.as_str()))
        .collect()
}

/// Where the package is, from the root.
fn directory(metadata: &Metadata, name: &str) -> String {
    let manifest = &package(metadata, name).manifest_path;
    manifest.strip_prefix(root()).unwrap().parent().unwrap().to_string()
}
