//! More of a failure, for who looks for its reason.

use crate::support::{Isolet, component};

#[tokio::test]
async fn a_failure_is_shown_with_local_variables() {
    let component = component("layout-python").display().to_string();
    let run = async |more: &[&str]| {
        let arguments = ["run", &component, "refused", "\"nobody\""].into_iter().chain(more.iter().copied());
        Isolet::with(arguments).run().await.stderr
    };
    let plain = run(&[]).await;
    assert!(plain.contains("'nobody said nobody' (type KeyError)") && !plain.contains("word = 'nobody'"), "{plain}");
    let debugged = run(&["--debug"]).await;
    assert!(debugged.contains("orders/tallying.py") && debugged.contains("word = 'nobody'"), "{debugged}");
}
