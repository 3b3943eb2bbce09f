//! Values that JSON has as an object of one key: cases that carry something, and an option within an option.

use std::fmt;

use serde::de::{IgnoredAny, MapAccess, Visitor};
use wasmtime::component::Val;

use super::{Reader, visit::Seed};
use crate::{Cases, Kind, Type, cost, path::Step};

/// The case of `ty` that the object names.
pub(super) fn variant<'a, 'de, A: MapAccess<'de>>(
    ty: &'a Type,
    cases: &'a Cases,
    reader: &mut Reader<'a>,
    mut access: A,
) -> Result<Val, A::Error> {
    let Some(key) = access.next_key::<String>()? else {
        return Err(Seed::stop(reader.mismatch(ty, "an object without a key")));
    };
    let (position, name) = reader.case(&cases.names, &key).map_err(Seed::stop)?;
    reader.spend(cost::VALUE + cost::ALLOCATION).map_err(Seed::stop)?;
    let payload = match cases.payloads.get(position) {
        Some(Some(payload)) => {
            let value =
                reader.at(Step::Name(&name.json), |reader| access.next_value_seed(Seed { ty: payload, reader }))?;
            Some(Box::new(value))
        }
        _ => match access.next_value::<Option<IgnoredAny>>()? {
            None => None,
            Some(_) => return Err(Seed::stop(reader.fail(format!("the case \"{}\" carries nothing", name.json)))),
        },
    };
    if access.next_key::<IgnoredAny>()?.is_some() {
        return Err(Seed::stop(reader.mismatch(ty, "an object of several keys")));
    }
    Ok(match (&ty.kind, position) {
        (Kind::Result(_), 0) => Val::Result(Ok(payload)),
        (Kind::Result(_), _) => Val::Result(Err(payload)),
        _ => Val::Variant(name.wit.clone(), payload),
    })
}

/// Takes `{"some": …}`: what is an option itself, and there.
pub(super) struct Some<'r, 'a> {
    pub(super) ty: &'a Type,
    pub(super) inner: &'a Type,
    pub(super) reader: &'r mut Reader<'a>,
}

impl<'de> Visitor<'de> for Some<'_, '_> {
    type Value = Val;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{\"some\": …}")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Val, A::Error> {
        let Self { ty, inner, reader } = self;
        let key = access.next_key::<String>()?;
        if key.as_deref() != Option::Some("some") {
            return Err(Seed::stop(reader.mismatch(ty, "another object")));
        }
        let value = reader.at(Step::Name("some"), |reader| access.next_value_seed(Seed { ty: inner, reader }))?;
        match access.next_key::<IgnoredAny>()? {
            None => Ok(value),
            Option::Some(_) => Err(Seed::stop(reader.mismatch(ty, "an object of several keys"))),
        }
    }
}
