//! Variables as they are written, and that nothing tells what is in them.

use super::*;
use crate::config::raw::component::RawGrants;

fn read(toml: &str) -> Result<BTreeMap<String, RawVariable>, String> {
    let grants: Result<RawGrants, toml::de::Error> = toml::from_str(&format!("environment = {toml}"));
    grants.map(|grants| grants.environment).map_err(|error| error.message().to_owned())
}

fn check(toml: &str) -> (BTreeMap<String, VariableSource>, String) {
    let mut problems = Problems::default();
    (validate(read(toml).unwrap(), "e", &mut problems), problems.to_string())
}

#[test]
fn a_value_is_written_or_somewhere_else() {
    let (sources, problems) = check(
        "{ A = \"hunter2\", B = { file = \"b\" }, C = { env = \"HOSTS_C\" }, D = { command = [\"pass\", \"d\"] } }",
    );
    assert_eq!(problems, "");
    let expected = [
        ("A", VariableSource::Value("hunter2".to_owned())),
        ("B", VariableSource::File("b".into())),
        ("C", VariableSource::Environment("HOSTS_C".to_owned())),
        ("D", VariableSource::Command(vec!["pass".to_owned(), "d".to_owned()])),
    ];
    assert_eq!(sources, expected.map(|(name, source)| (name.to_owned(), source)).into());
    assert_eq!(
        format!("{sources:?}"),
        r#"{"A": Value(…), "B": File("b"), "C": Environment("HOSTS_C"), "D": Command(["pass", "d"])}"#
    );
}

#[test]
fn what_is_neither_is_refused_without_its_value() {
    const FORM: &str = "it must name one of a `file`, an environment variable, `env`, and a `command`";
    let cases = [
        ("{ A = {} }", format!("e.A: {FORM}")),
        ("{ A = { file = \"\" } }", format!("e.A: {FORM}")),
        ("{ A = { file = \"a\", env = \"A\" } }", format!("e.A: {FORM}")),
        ("{ A = { command = [] } }", format!("e.A: {FORM}")),
        ("{ A = { command = [\"a\"], env = \"A\" } }", format!("e.A: {FORM}")),
        ("{ A = \"hunter2\\u0000\" }", "e.A: its value has a NUL character, which no variable has".to_owned()),
        ("{ \"A=B\" = \"hunter2\" }", "e: \"A=B\" is no variable's name".to_owned()),
    ];
    for (toml, problem) in cases {
        assert_eq!(check(toml).1, problem, "{toml}");
    }
    for toml in ["{ A = 424242 }", "{ A = 4242.42 }", "{ A = true }", "{ A = 99999999999999999999424242 }"] {
        let error = read(toml).unwrap_err();
        assert!(error.contains("a text in quotes"), "{toml}: {error}");
        assert!(!error.contains("4242") && !error.contains("true"), "{error}");
    }
    assert!(read("{ A = [\"hunter2\"] }").is_err_and(|error| !error.contains("hunter2")));
    assert!(read("{ A = { fil = \"a\" } }").is_err_and(|error| error.contains("unknown field `fil`")));
}

#[test]
fn flags_name_a_value_the_own_variable_or_a_file() {
    let VariableFlag(name, variable) = "A=b=c".parse().unwrap();
    assert_eq!((name.as_str(), variable), ("A", RawVariable::Value("b=c".to_owned())));
    let VariableFlag(name, variable) = "A".parse().unwrap();
    let own = RawVariableSource { env: Some("A".to_owned()), ..RawVariableSource::default() };
    assert_eq!((name.as_str(), variable), ("A", RawVariable::From(own)));
    let VariableFlag(name, variable) = file_flag("A=/run/a").unwrap();
    let file = RawVariableSource { file: Some("/run/a".into()), ..RawVariableSource::default() };
    assert_eq!((name.as_str(), variable), ("A", RawVariable::From(file)));
    assert!(file_flag("A").is_err());
}
