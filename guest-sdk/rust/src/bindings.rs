//! The generated bindings of the `activity` world: the only place of this crate that knows the WIT files.
//!
//! Public for the component export macro and for tests of the host that must call the contract directly.

#[cfg(not(all(target_family = "wasm", feature = "http")))]
wit_bindgen::generate!({
    path: "wit",
    world: "activity",
    generate_all,
    pub_export_macro: true,
    export_macro_name: "export",
});

// The same, with the pollables of HTTP.
#[cfg(all(target_family = "wasm", feature = "http"))]
wit_bindgen::generate!({
    path: "wit",
    world: "activity",
    with: { "wasi:io/poll@0.2.6": wasip2::io::poll },
    generate_all,
    pub_export_macro: true,
    export_macro_name: "export",
});
