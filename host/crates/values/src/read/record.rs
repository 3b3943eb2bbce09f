//! Values that JSON has as an object, or a list of names or pairs.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use wasmtime::component::Val;

use super::{Reader, visit::Seed};
use crate::{Fields, Names, Type, cost, error::alternatives, path::Step};

/// A record. A field of an optional type may be left out.
pub(super) fn record<'a, 'de, A: MapAccess<'de>>(
    fields: &'a Fields,
    reader: &mut Reader<'a>,
    mut access: A,
) -> Result<Val, A::Error> {
    let names: usize = fields.names.iter().map(|name| cost::text(&name.wit)).sum();
    let size = fields.types.len() * (cost::FIELD + cost::VALUE) + names + cost::ALLOCATION;
    reader.spend(size).map_err(Seed::stop)?;
    let mut values: Vec<Option<Val>> = fields.types.iter().map(|_| None).collect();
    while let Some(key) = access.next_key::<String>()? {
        let found = fields
            .names
            .find(&key)
            .and_then(|at| Some((fields.names.get(at)?, fields.types.get(at)?, values.get_mut(at)?)));
        let Some((name, ty, place)) = found else {
            let known: Vec<&str> = fields.names.iter().map(|name| name.json.as_str()).collect();
            let (key, known) = (activity::shown::name(&key), alternatives(known.into_iter()));
            return Err(Seed::stop(reader.fail(format!("there is no field \"{key}\": the fields are {known}"))));
        };
        if place.is_some() {
            return Err(Seed::stop(reader.fail(format!("the field \"{}\" is given twice", name.json))));
        }
        let value = reader.at(Step::Name(&name.json), |reader| access.next_value_seed(Seed { ty, reader }))?;
        *place = Some(value);
    }
    let mut record = Vec::with_capacity(values.len());
    for ((name, ty), value) in fields.names.iter().zip(&fields.types).zip(values) {
        let value = match value {
            Some(value) => value,
            None if ty.is_optional() => Val::Option(None),
            None => {
                let expected = ty.expected();
                return Err(Seed::stop(reader.fail(format!("the field \"{}\" is missing: {expected}", name.json))));
            }
        };
        record.push((name.wit.clone(), value));
    }
    Ok(Val::Record(record))
}

/// Flags, by the names of those that are set.
pub(super) fn flags<'a, 'de, A: SeqAccess<'de>>(
    names: &'a Names,
    reader: &mut Reader<'a>,
    mut access: A,
) -> Result<Val, A::Error> {
    let mut set = vec![false; names.len()];
    let mut index = 0;
    let found = |reader: &mut Reader<'a>, name: String| reader.case(names, &name).map(|(position, _)| position);
    while let Some(position) = reader.at(Step::Index(index), |reader| {
        reader.expect("the name of a flag");
        let name = access.next_element::<String>()?;
        name.map(|name| found(reader, name).map_err(Seed::stop)).transpose()
    })? {
        if let Some(flag) = set.get_mut(position) {
            *flag = true;
        }
        index += 1;
    }
    let set = names.iter().zip(set).filter(|(_, is_set)| *is_set);
    Ok(Val::Flags(set.map(|(name, _)| name.wit.clone()).collect()))
}

/// A map whose keys are texts. Of a key that is given twice the last value counts, for the component.
pub(super) fn map<'a, 'de, A: MapAccess<'de>>(
    value: &'a Type,
    reader: &mut Reader<'a>,
    mut access: A,
) -> Result<Val, A::Error> {
    let mut entries = Vec::new();
    while let Some(key) = access.next_key::<String>()? {
        reader.spend(4 * cost::VALUE + cost::text(&key)).map_err(Seed::stop)?;
        let step = Step::Key(key.clone());
        let value = reader.at(step, |reader| access.next_value_seed(Seed { ty: value, reader }))?;
        entries.push((Val::String(key), value));
    }
    Ok(Val::Map(entries))
}

/// A map whose keys are no texts: a list of pairs.
pub(super) fn pairs<'a, 'de, A: SeqAccess<'de>>(
    key: &'a Type,
    value: &'a Type,
    reader: &mut Reader<'a>,
    mut access: A,
) -> Result<Val, A::Error> {
    let mut entries = Vec::new();
    while let Some(entry) =
        reader.at(Step::Index(entries.len()), |reader| access.next_element_seed(Pair { key, value, reader }))?
    {
        reader.spend(4 * cost::VALUE).map_err(Seed::stop)?;
        entries.push(entry);
    }
    Ok(Val::Map(entries))
}

/// One entry.
struct Pair<'r, 'a> {
    key: &'a Type,
    value: &'a Type,
    reader: &'r mut Reader<'a>,
}

impl<'de> DeserializeSeed<'de> for Pair<'_, '_> {
    type Value = (Val, Val);

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        self.reader.expect("a list of a key and its value");
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Pair<'_, '_> {
    type Value = (Val, Val);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of a key and its value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let Self { key, value, reader } = self;
        let first = reader.at(Step::Index(0), |reader| access.next_element_seed(Seed { ty: key, reader }))?;
        let second = reader.at(Step::Index(1), |reader| access.next_element_seed(Seed { ty: value, reader }))?;
        let more = access.next_element::<IgnoredAny>()?;
        match (first, second, more) {
            (Some(key), Some(value), None) => Ok((key, value)),
            _ => Err(Seed::stop(reader.fail("expected a list of a key and its value"))),
        }
    }
}
