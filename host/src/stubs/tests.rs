//! Names that would be taken already; the stubs as a whole are tested with what compiles them.

use values::{Fields, Function, Integer, Kind, Type};

use super::{Language, model::Stubs, stubs, words};

fn record(name: &str, field: &str) -> Type {
    let fields = Fields::new([(field, Type::new(Kind::Integer(Integer::U8)))]);
    Type { name: Some(name.to_owned()), kind: Kind::Record(fields) }
}

fn function(interface: &str, name: &str, ty: Type) -> Function {
    Function {
        interface: Some(interface.to_owned()),
        name: name.to_owned(),
        parameters: vec![("type".to_owned(), ty.clone())],
        result: Some(ty),
    }
}

#[test]
fn no_two_things_have_one_name() {
    let functions =
        [function("a:b/c", "order", record("order", "class")), function("a:b/d", "order", record("order", "id"))];
    let model = Stubs::of("shop.wasm", &functions);
    let activities: Vec<_> = model.activities.iter().map(|each| (each.name.as_str(), each.words.as_str())).collect();
    assert_eq!(activities, [("a:b/c#order", "order"), ("a:b/d#order", "order2")]);
    let types: Vec<_> = model.types().map(|named| named.name.as_str()).collect();
    assert_eq!(types, ["order", "order2"]);
    let go = stubs("shop.wasm", &functions, Language::Go);
    assert!(go.contains("func ExecuteOrder(ctx workflow.Context, type_ Order) (Order, error)"), "{go}");
    let python = stubs("shop.wasm", &functions, Language::Python);
    assert!(python.contains("Order = TypedDict(\"Order\", {\"class\": int})"), "{python}");
    assert!(python.contains("async def order2(type_: Order2, **options: Any) -> Order2:"), "{python}");
    let string = [function("a:b/c", "f", record("string", "id"))];
    assert!(stubs("shop.wasm", &string, Language::Rust).contains("pub struct String2 {"));
}

#[test]
fn words() {
    assert_eq!(words::pascal("HTTP-server-2"), "HttpServer2");
    assert_eq!(words::camel("unit-price", &[]), "unitPrice");
    assert_eq!(words::camel("new", &["new"]), "new_");
    assert_eq!(words::snake("Unit-price", &[]), "unit_price");
    assert_eq!(words::quoted("a\"b\\c\u{202e}"), "\"a\\\"b\\\\c?\"");
}
