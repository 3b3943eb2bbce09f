//! What holds for every type and every value.

use proptest::prelude::*;
use wasmtime::component::Val;

use crate::{Function, Integer, Kind, Type, fuzzing, generate::Choices, read::Reader, write};

mod wave;

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_value_comes_back_as_it_was(shape: Vec<u8>, choices: Vec<u8>) {
        fuzzing::value(&shape, &choices);
    }

    /// WAVE is how the component model itself writes values as texts.
    #[test]
    fn a_value_is_what_wave_says(shape: Vec<u8>, choices: Vec<u8>) {
        let ty = Choices(&shape).ty(0);
        let value = Choices(&choices).value(&ty);
        prop_assume!(wave::has_type(&ty));
        let json = write::json(&value, &ty, usize::MAX).unwrap();
        let read = Reader::new(json.len()).json("it", &ty, &json).unwrap();
        let said = wasm_wave::to_string(&wave::value(&value, &ty)).unwrap();
        let from_wave: wasm_wave::value::Value = wasm_wave::from_str(&wave::ty(&ty), &said).unwrap();
        // As texts, because not every NaN equals itself.
        prop_assert_eq!(wasm_wave::to_string(&from_wave).unwrap(), said.clone());
        prop_assert_eq!(wasm_wave::to_string(&wave::value(&read, &ty)).unwrap(), said);
    }

    #[test]
    fn any_json_is_taken_or_refused_with_a_path(shape: Vec<u8>, json in json()) {
        fuzzing::arguments(&shape, activity::Payload::json(json.to_string()));
    }

    #[test]
    fn any_bytes_are_taken_or_refused_with_a_path(shape: Vec<u8>, bytes: Vec<u8>, encoding in 0..4_usize) {
        let encoding = ["json/plain", "binary/plain", "binary/null", "x/y"][encoding];
        fuzzing::arguments(&shape, activity::Payload::encoded(encoding, bytes.into()));
    }

    #[test]
    fn a_sample_is_a_value(shape: Vec<u8>) {
        let ty = Choices(&shape).ty(0);
        let json = ty.sample().to_string();
        Reader::new(json.len()).json("it", &ty, json.as_bytes()).unwrap();
        prop_assert!(ty.schema_document().is_object());
    }
}

/// JSON that is near what types take.
fn json() -> impl Strategy<Value = serde_json::Value> {
    use serde_json::{Value, json};
    let names =
        prop::sample::select(vec!["id", "unit_price", "unitPrice", "http_url", "a", "b2-c", "some", "ok", "err"]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(|it| json!(it)),
        any::<i64>().prop_map(|it| json!(it)),
        any::<f64>().prop_map(|it| json!(it)),
        (0..300_i64).prop_map(|it| json!(it)),
        names.clone().prop_map(|it| json!(it)),
        any::<String>().prop_map(|it| json!(it)),
        Just(json!("NaN")),
    ];
    leaf.prop_recursive(5, 40, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::vec((names.clone(), inner), 0..4).prop_map(|fields| Value::Object(
                fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
            )),
        ]
    })
}

#[test]
fn what_is_small_does_not_become_large() {
    let number = |count: usize| {
        Type::new(Kind::Record(crate::Fields::new(
            (0..count).map(|at| (format!("field-{at}"), Type::new(Kind::Integer(Integer::U8)).optional())),
        )))
    };
    let takes = |ty: Type, json: String| {
        let parameters = vec![("it".to_owned(), ty)];
        let function = Function { interface: None, name: "run".to_owned(), parameters, result: None };
        function.arguments(&[activity::Payload::json(json)]).map(|_| ()).map_err(|error| error.to_string())
    };
    // A record of a thousand fields for three bytes each.
    let many = format!("[{}{{}}]", "{},".repeat(500_000));
    let error = takes(number(1_000).list(), many.clone()).unwrap_err();
    assert!(error.starts_with("it[") && error.contains("far more than their size"), "{error}");
    // A record of a few, and numbers, bytes and empty lists as small as they can be.
    assert_eq!(takes(number(1_000).list(), format!("[{}{{}}]", "{},".repeat(50))), Ok(()));
    let lists = Type::new(Kind::Integer(Integer::U32)).list().list();
    assert_eq!(takes(lists, format!("[{}[]]", "[],".repeat(600_000))), Ok(()));
    let numbers = Type::new(Kind::Integer(Integer::U32)).list();
    assert_eq!(takes(numbers, format!("[{}1]", "1,".repeat(1_000_000))), Ok(()));
    let deep = takes(Type::new(Kind::String).list().list(), "[".repeat(2_000_000)).unwrap_err();
    assert!(deep.starts_with("it[0][0]: expected string"), "{deep}");
}

#[test]
fn a_value_that_is_too_large_is_not_written() {
    let ty = Type::new(Kind::String).list();
    let value = Val::List(vec![Val::String("x".repeat(100)); 100]);
    assert_eq!(write::json(&value, &ty, 1_000), Err(crate::ValueError::TooLarge(1_000)));
    assert_eq!(write::json(&value, &ty, 10_301).unwrap().len(), 10_301);
}
