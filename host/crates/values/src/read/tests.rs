//! What is read, and what is said of what is not.

use wasmtime::component::Val;

use super::*;
use crate::{Cases, Fields, Integer, Kind, Names};

fn u32s() -> Type {
    Type::new(Kind::Integer(Integer::U32))
}

fn integer(integer: Integer) -> Type {
    Type::new(Kind::Integer(integer))
}

fn order() -> Type {
    let item = Type::new(Kind::Record(Fields::new([
        ("sku", Type::new(Kind::String)),
        ("unit-price", Type::new(Kind::Float64)),
        ("count", integer(Integer::U64)),
        ("note", Type::new(Kind::String).optional()),
    ])));
    Type { name: Some("order".to_owned()), kind: Kind::Record(Fields::new([("items", item.list())])) }
}

fn shape() -> Type {
    Type {
        name: Some("shape".to_owned()),
        kind: Kind::Variant(Cases::new([("point", None), ("round-one", Some(u32s()))])),
    }
}

fn read(ty: &Type, json: &str) -> Result<Val, String> {
    Reader::new(json.len()).json("order", ty, json.as_bytes()).map_err(|error| error.to_string())
}

fn refuses(ty: &Type, json: &str, error: &str) {
    assert_eq!(read(ty, json).unwrap_err(), error, "{json}");
}

#[test]
fn a_field_is_spelt_in_three_ways() {
    let one = read(&order(), r#"{"items": [{"sku": "a", "unit_price": 1, "count": 1}]}"#).unwrap();
    for spelling in ["unit-price", "unitPrice"] {
        let json = format!(r#"{{"items": [{{"sku": "a", "{spelling}": 1.0, "count": "1", "note": null}}]}}"#);
        assert_eq!(read(&order(), &json).unwrap(), one);
    }
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let item = |fields: &str| format!(r#"{{"items": [{{"sku": "a", "unit_price": 1, "count": 1}}, {{{fields}}}]}}"#);
    let ty = order();
    refuses(
        &ty,
        &item(r#""sku": "a", "unit_price": "cheap", "count": 1"#),
        "order.items[1].unit_price: expected f64 (a number, \"NaN\", \"Infinity\" or \"-Infinity\"), got another text",
    );
    refuses(
        &ty,
        &item(r#""sku": "a""#),
        "order.items[1]: the field \"unit_price\" is missing: f64 (a number, \"NaN\", \"Infinity\" or \"-Infinity\")",
    );
    refuses(
        &ty,
        &item(r#""price": 1"#),
        "order.items[1]: there is no field \"price\": the fields are sku, unit_price, count, note",
    );
    refuses(
        &ty,
        &item(r#""unit_price": 1, "unitPrice": 1"#),
        "order.items[1]: the field \"unit_price\" is given twice",
    );
    assert_eq!(read(&ty, r#"{"items": null}"#).unwrap(), read(&ty, r#"{"items": []}"#).unwrap());
    refuses(
        &ty,
        r#"{"items": 1}"#,
        "order.items: expected list<record { sku: string, unit-price: f64, count: u64, note: option<string> }> (a list), got a number",
    );
    refuses(&ty, "7", "order: expected order (an object), got a number");
    refuses(&ty, r#"{"items": [}"#, "order.items[0]: it is not JSON: expected value at line 1 column 12");
    refuses(&ty, r#"{"items": []} {}"#, "order: it is not JSON: trailing characters at line 1 column 15");
    assert!(Reader::new(0).json("order", &ty, b"\"\xff\"").is_err());
}

#[test]
fn whole_numbers_lose_nothing() {
    for (ty, json, value) in [
        (Integer::U64, "18446744073709551615", Val::U64(u64::MAX)),
        (Integer::U64, "\"18446744073709551615\"", Val::U64(u64::MAX)),
        (Integer::S64, "-9223372036854775808", Val::S64(i64::MIN)),
        (Integer::S64, "\"-9223372036854775808\"", Val::S64(i64::MIN)),
        (Integer::U8, "255", Val::U8(255)),
        (Integer::U8, "2.5e1", Val::U8(25)),
        (Integer::S8, "-128.0", Val::S8(-128)),
        (Integer::U32, "-0", Val::U32(0)),
        (Integer::S64, "9007199254740992.0", Val::S64(1 << 53)),
    ] {
        assert_eq!(read(&integer(ty), json).unwrap(), value, "{json}");
    }
    for (ty, json) in [
        (Integer::U8, "256"),
        (Integer::U8, "-1"),
        (Integer::U8, "1.5"),
        (Integer::U8, "\"1\""),
        (Integer::U64, "18446744073709551616"),
        (Integer::U64, "1e19"),
        (Integer::S64, "9007199254740993.0e1"),
        (Integer::U64, "\"0x1\""),
        (Integer::U64, "\"+1\""),
        (Integer::U64, "\"\""),
        (Integer::U64, "1e400"),
        (Integer::U64, "null"),
        (Integer::U64, "[1]"),
    ] {
        assert!(read(&integer(ty), json).unwrap_err().starts_with("order: expected "), "{json}");
    }
    assert!(read(&integer(Integer::U8), &"9".repeat(1_000_000)).unwrap_err().ends_with("got a number beyond it"));
}

#[test]
fn floats_are_the_nearest_and_have_their_specials() {
    let (single, double) = (Type::new(Kind::Float32), Type::new(Kind::Float64));
    assert_eq!(read(&double, "0.1").unwrap(), Val::Float64(0.1));
    // JSON's own parser is off by one in the last place.
    assert_eq!(read(&double, "122.416294033786585").unwrap(), Val::Float64(122.416_294_033_786_59));
    assert_eq!(read(&single, "0.1").unwrap(), Val::Float32(0.1));
    assert_eq!(read(&double, "\"NaN\"").unwrap(), Val::Float64(f64::NAN));
    assert_eq!(read(&single, "\"-Infinity\"").unwrap(), Val::Float32(f32::NEG_INFINITY));
    for (ty, json) in [(&single, "1e39"), (&double, "1e400"), (&double, "\"nan\""), (&double, "true")] {
        assert!(read(ty, json).is_err(), "{json}");
    }
}

#[test]
fn cases_are_names_or_objects_of_one_key() {
    let round = || Val::Variant("round-one".to_owned(), Some(Box::new(Val::U32(7))));
    for json in [r#"{"round_one": 7}"#, r#"{"roundOne": 7}"#, r#"{"round-one": 7}"#] {
        assert_eq!(read(&shape(), json).unwrap(), round());
    }
    for json in ["\"point\"", r#"{"point": null}"#] {
        assert_eq!(read(&shape(), json).unwrap(), Val::Variant("point".to_owned(), None));
    }
    refuses(&shape(), "\"line\"", "order: expected one of point, round_one, got \"line\"");
    refuses(
        &shape(),
        "\"round_one\"",
        "order: the case \"round_one\" carries u32 (a whole number from 0 to 4294967295): expected {\"round_one\": …}, \
         got a text",
    );
    refuses(&shape(), r#"{"point": 1}"#, "order: the case \"point\" carries nothing");
    let expected = "order: expected shape (one of \"point\", {\"round_one\": …}), got ";
    refuses(&shape(), "{}", &format!("{expected}an object without a key"));
    refuses(&shape(), r#"{"point": null, "round_one": 1}"#, &format!("{expected}an object of several keys"));
    refuses(
        &shape(),
        r#"{"round_one": -1}"#,
        "order.round_one: expected u32 (a whole number from 0 to 4294967295), got a number beyond it",
    );
    let result = Type::new(Kind::Result(Cases::of_result(Some(u32s()), None)));
    assert_eq!(read(&result, r#"{"ok": 1}"#).unwrap(), Val::Result(Ok(Some(Box::new(Val::U32(1))))));
    assert_eq!(read(&result, "\"err\"").unwrap(), Val::Result(Err(None)));
}

#[test]
fn an_option_in_an_option_is_told_apart() {
    let ty = u32s().optional().optional();
    let some = |value| Val::Option(Some(Box::new(value)));
    assert_eq!(read(&ty, "null").unwrap(), Val::Option(None));
    assert_eq!(read(&ty, r#"{"some": null}"#).unwrap(), some(Val::Option(None)));
    assert_eq!(read(&ty, r#"{"some": 1}"#).unwrap(), some(some(Val::U32(1))));
    let expected = "order: expected null or {\"some\": …}, because an option is within an option";
    refuses(&ty, "1", expected);
    assert!(read(&ty, r#"{"other": 1}"#).is_err() && read(&ty, r#"{"some": 1, "more": 1}"#).is_err());
}

#[test]
fn lists_maps_and_flags() {
    let bytes = integer(Integer::U8).list();
    let abc = Val::List(b"abc".iter().map(|byte| Val::U8(*byte)).collect());
    assert_eq!(read(&bytes, "\"YWJj\"").unwrap(), abc);
    assert_eq!(read(&bytes, "[97, 98, 99]").unwrap(), abc);
    refuses(&bytes, "\"a\"", "order: expected list<u8> (a base64 text), got another text");
    let two = Type::new(Kind::FixedList(Box::new(u32s()), 2));
    assert_eq!(read(&two, "[1,2]").unwrap(), Val::FixedLengthList(vec![Val::U32(1), Val::U32(2)]));
    refuses(&two, "[1]", "order: expected list<u32, 2> (a list of 2 elements), got 1 elements");
    refuses(&two, "[1,2,3]", "order[2]: there must be 2 elements and no more");
    let pair = Type::new(Kind::Tuple(vec![u32s(), Type::new(Kind::Char)]));
    assert_eq!(read(&pair, r#"[1, "é"]"#).unwrap(), Val::Tuple(vec![Val::U32(1), Val::Char('é')]));
    refuses(&pair, r#"[1, "ab"]"#, "order[1]: expected char (a text of one character), got a text of 2 characters");
    refuses(&pair, "[1]", "order: expected tuple<u32, char> (a list of 2 elements), got 1 elements");
    refuses(&pair, r#"[1, "a", 2]"#, "order[2]: there must be 2 elements and no more");
    let access = Type::new(Kind::Flags(Names::new(["read", "write-all"])));
    assert_eq!(read(&access, r#"["writeAll", "read"]"#).unwrap(), Val::Flags(vec!["read".into(), "write-all".into()]));
    refuses(&access, r#"["run"]"#, "order[0]: expected one of read, write_all, got \"run\"");
    refuses(&access, "[1]", "order[0]: expected the name of a flag");
    let map = |key| Type::new(Kind::Map(Box::new(Type::new(key)), Box::new(u32s())));
    let entry = |key| Val::Map(vec![(key, Val::U32(1))]);
    assert_eq!(read(&map(Kind::String), r#"{"a": 1}"#).unwrap(), entry(Val::String("a".to_owned())));
    refuses(
        &map(Kind::String),
        r#"{"a": -1}"#,
        "order[\"a\"]: expected u32 (a whole number from 0 to 4294967295), got a number beyond it",
    );
    assert_eq!(read(&map(Kind::Char), r#"[["a", 1]]"#).unwrap(), entry(Val::Char('a')));
    refuses(&map(Kind::Char), r#"[["a"]]"#, "order[0]: expected a list of a key and its value");
    refuses(&map(Kind::Char), "[1]", "order[0]: expected a list of a key and its value");
}
