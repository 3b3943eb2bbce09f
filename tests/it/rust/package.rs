//! The crates of the SDK as they would be published.

use std::process::Command;

use crate::support::repository;

/// The files of a package, by cargo's account.
fn packaged(package: &str) -> Vec<String> {
    let listed = Command::new("cargo")
        .args(["package", "--list", "--allow-dirty", "--package", package])
        .current_dir(repository("."))
        .output()
        .unwrap();
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    String::from_utf8(listed.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn the_package_holds_the_contract_as_it_is() {
    let packaged = packaged("isolet-sdk");
    let missing = |file: &&str| !packaged.iter().any(|packaged| packaged == *file);
    let needed = ["README.md", "src/lib.rs", "src/http/wasi.rs", "wit/world.wit", "wit/deps/http/types.wit"];
    assert!(!needed.iter().any(missing), "{packaged:?}");
    // It is the contract's own folder, not a copy.
    assert_eq!(repository("guest-sdk/rust/wit"), repository("wit"));
}

#[test]
fn the_macros_are_a_package() {
    let packaged = packaged("isolet-sdk-macros");
    assert!(packaged.iter().any(|file| file == "src/lib.rs"), "{packaged:?}");
}
