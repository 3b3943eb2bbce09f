//! The generated bindings of the `activity` world: the only place of this crate that knows the WIT files.
//!
//! Public for the component export macro and for tests of the host that must call the contract directly.
wit_bindgen::generate!({
    path: "../../wit",
    world: "activity",
    generate_all,
    pub_export_macro: true,
    export_macro_name: "export",
});
