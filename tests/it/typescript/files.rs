//! Files of activities, in directories that are granted and in memory: `tests/guests-typescript/platform/files.ts`.

use std::fs;

use expect_test::{Expect, expect};
use rustix::fs::{CWD, FileType, Mode, mknodat, symlinkat};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{DevServer, Isolet, isolet::component};

/// What an activity returns, a line for each part.
async fn check(arguments: &[&str], expected: Expect) {
    let component = component("platform-typescript").display().to_string();
    let run = Isolet::with(["run", &component].iter().chain(arguments)).run().await;
    let told: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}", run.stderr));
    let lines = told.as_object().unwrap().iter().map(|(name, value)| format!("{name}: {value}\n"));
    expected.assert_eq(&lines.collect::<String>());
}

/// What this attempt does with files comes to what it should.
async fn works(attempt: &[&str]) {
    let expected = expect![[r#"
        left: false
        length: 19
        lines: ["FIRST","second","third"]
        listed: ["orders","orders/lines","orders/old","orders/old/copy"]
        posted: "second"
    "#]];
    check(attempt, expected).await;
}

#[tokio::test]
async fn activities_work_with_files() {
    let folder = TempDir::new().unwrap();
    let granted = format!("{}:/data:rw", folder.path().display());
    works(&["work", "\"/data\"", "--dir", &granted]).await;
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "what was removed is gone");
    // The folder for temporary files is there without a grant, or with a scratch directory in its place.
    for scratch in [&["inMemory"][..], &["inMemory", "--scratch", "4MiB"]] {
        works(scratch).await;
    }
}

/// A cell may ask less of the system than the program itself.
#[tokio::test]
async fn activities_work_with_files_in_a_cell() {
    let folder = TempDir::new().unwrap();
    let granted = format!("{}:/data:rw", folder.path().display());
    let worker = Isolet::worker(DevServer::start().await).component("platform-typescript");
    let worker = worker.option("--isolation", "tenant").option("--dir", &granted).start().await;
    let outcome = worker.standalone("work").arg("/data").attempts(1).run().await;
    expect![[r#"completed: {"left":false,"length":19,"lines":["FIRST","second","third"],"listed":["orders","orders/lines","orders/old","orders/old/copy"],"posted":"second"}"#]].assert_eq(&outcome.to_string());
    worker.stop().await;
}

#[tokio::test]
async fn what_is_not_granted_is_told_in_nodes_words() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("order"), "7").unwrap();
    fs::File::create(folder.path().join("large")).unwrap().set_len(1 << 30).unwrap();
    symlinkat("../../../../../../etc/hostname", CWD, folder.path().join("outside")).unwrap();
    // What blocks whoever opens it is not opened.
    mknodat(CWD, folder.path().join("fifo"), FileType::Fifo, Mode::RWXU, 0).unwrap();
    let granted = format!("{}:/data", folder.path().display());
    check(&["refused", "\"/data\"", "--dir", &granted], expect![[r#"
        above: "ENOENT: no such file or directory, open '/etc/hostname'"
        build: "ENOENT: no such file or directory, open '/data/order': there are no files while the component is built, only in activities"
        endless: "ENOENT: no such file or directory, open '/dev/zero'"
        fifo: "EPERM: operation not permitted, open '/data/fifo'"
        folder: "EISDIR: illegal operation on a directory, read"
        large: "out of memory"
        link: "EPERM: operation not permitted, open '/data/outside'"
        made: "EROFS: read-only file system, open '/data/made'"
        many: "EMFILE: too many open files, open '/data/order'"
        missing: "ENOENT: no such file or directory, open '/data/none'"
        mode: "ENOSYS: function not implemented, chmod '/data/order'"
        moved: "EXDEV: cross-device link not permitted, rename '/data/order' -> '/tmp/order'"
        root: "EACCES: permission denied, open '/made'"
    "#]]).await;
    check(&["refused", "\"/data\""], expect![[r#"
        above: "ENOENT: no such file or directory, open '/etc/hostname'"
        build: "ENOENT: no such file or directory, open '/data/order': there are no files while the component is built, only in activities"
        endless: "ENOENT: no such file or directory, open '/dev/zero'"
        fifo: "ENOENT: no such file or directory, open '/data/fifo'"
        folder: "ENOENT: no such file or directory, open '/data'"
        large: "ENOENT: no such file or directory, open '/data/large'"
        link: "ENOENT: no such file or directory, open '/data/outside'"
        made: "ENOENT: no such file or directory, open '/data/made'"
        many: "ENOENT: no such file or directory, open '/data/order'"
        missing: "ENOENT: no such file or directory, open '/data/none'"
        mode: "ENOENT: no such file or directory, chmod '/data/order'"
        moved: "ENOENT: no such file or directory, rename '/data/order' -> '/tmp/order'"
        root: "EACCES: permission denied, open '/made'"
    "#]]).await;
}
