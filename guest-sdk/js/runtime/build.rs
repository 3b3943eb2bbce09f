//! How the runtime is linked.

fn main() {
    // The stack of the engine: recursion goes as deep as elsewhere. What is never used takes no memory.
    println!("cargo::rustc-link-arg-cdylib=-zstack-size=4194304");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=quickjs/before.h");
}
