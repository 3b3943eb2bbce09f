//! Small components that are initialised, and what can't be.

use std::fs;

use super::*;

/// `init` counts, which `count` tells; with `$more` done before.
fn component(more: &str) -> Vec<u8> {
    let text = format!(
        r#"(component
            (core module $module
                (memory (export "memory") 1)
                (global $count (mut i32) (i32.const 1))
                (func $deep call $deep)
                (func (export "init") {more} (global.set $count (i32.add (global.get $count) (i32.const 41))))
                (func (export "count") (result i32) global.get $count))
            (core instance $instance (instantiate $module))
            (func (export "init") (canon lift (core func $instance "init")))
            (func (export "count") (result u32) (canon lift (core func $instance "count"))))"#
    );
    wat::parse_str(text).unwrap()
}

async fn take(component: &[u8], codes: &Path) -> Result<Snapshot, Error> {
    super::take(&Initialisation {
        component,
        function: "init",
        input: b"",
        folders: &[],
        patience: Duration::from_millis(200),
        is_long: true,
        codes,
    })
    .await
}

async fn count(component: &[u8]) -> u32 {
    let engine = engine(false).unwrap();
    let mut store = Store::new(&engine, ());
    store.set_epoch_deadline(1);
    let component = wasmtime::component::Component::new(&engine, component).unwrap();
    let linker = wasmtime::component::Linker::new(&engine);
    let instance = linker.instantiate_async(&mut store, &component).await.unwrap();
    let count = instance.get_typed_func::<(), (u32,)>(&mut store, "count").unwrap();
    count.call_async(&mut store, ()).await.unwrap().0
}

#[tokio::test]
async fn a_component_begins_where_its_initialisation_ended_and_may_be_initialised_again() {
    let folder = tempfile::tempdir().unwrap();
    let before = component("");
    let once = take(&before, folder.path()).await.unwrap().component;
    assert_eq!((count(&before).await, count(&once).await), (1, 42));
    assert_eq!(count(&take(&once, folder.path()).await.unwrap().component).await, 83);
}

#[tokio::test]
async fn machine_code_is_kept_and_made_again_where_it_was_changed() {
    let folder = tempfile::tempdir().unwrap();
    let component = component("");
    let kept = || fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    take(&component, folder.path()).await.unwrap();
    let [code] = &kept()[..] else { panic!("{:?}", kept()) };
    let whole = fs::read(code).unwrap();
    for broken in [&whole[..20], &whole[..whole.len() - 1], b""] {
        fs::write(code, broken).unwrap();
        let made = take(&component, folder.path()).await.unwrap();
        assert_eq!(count(&made.component).await, 42);
        assert_eq!(fs::read(code).unwrap().len(), whole.len());
    }
}

#[tokio::test]
async fn one_that_does_not_end_is_interrupted_and_one_that_fails_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let endless = take(&component("(loop br 0)"), folder.path()).await.unwrap_err();
    assert_eq!(endless.to_string(), "it did not end within 0 seconds");
    let trap = take(&component("unreachable"), folder.path()).await;
    assert_eq!(trap.unwrap_err().to_string(), "its code ends in a wasm trap: wasm `unreachable` instruction executed");
    let deep = take(&component("(call $deep)"), folder.path()).await.unwrap_err().to_string();
    assert_eq!(deep, "its code calls itself deeper than the stack allows");
    let unfit = take(b"no component", folder.path()).await;
    assert!(matches!(unfit, Err(Error::Unfit(_))), "{unfit:?}");
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_told() {
    let codes = tempfile::tempdir().unwrap();
    let folder = Folder { name: "0".to_owned(), path: codes.path().join("none"), is_writable: false };
    let component = component("");
    let initialisation = Initialisation {
        component: &component,
        function: "init",
        input: b"",
        folders: &[folder],
        patience: Duration::from_secs(60),
        is_long: false,
        codes: codes.path(),
    };
    let error = super::take(&initialisation).await.unwrap_err().to_string();
    assert!(error.contains("none can't be given to it"), "{error}");
}
