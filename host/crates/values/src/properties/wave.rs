//! Types and values as WAVE's own.

use std::borrow::Cow;

use wasm_wave::{
    value::{Type as WaveType, Value},
    wasm::WasmValue as _,
};
use wasmtime::component::Val;

use crate::{Cases, Integer, Kind, Names, Type};

/// Whether WAVE has it: it has neither maps nor empty results of cases.
pub(super) fn has_type(ty: &Type) -> bool {
    match &ty.kind {
        Kind::Map(..) | Kind::FixedList(..) => false,
        Kind::List(inner) | Kind::Option(inner) => has_type(inner),
        Kind::Record(fields) => fields.types.iter().all(has_type),
        Kind::Tuple(types) => types.iter().all(has_type),
        Kind::Variant(cases) | Kind::Result(cases) => cases.payloads.iter().flatten().all(has_type),
        _ => true,
    }
}

pub(super) fn ty(of: &Type) -> WaveType {
    match &of.kind {
        Kind::Bool => WaveType::BOOL,
        Kind::Integer(Integer::U8) => WaveType::U8,
        Kind::Integer(Integer::U16) => WaveType::U16,
        Kind::Integer(Integer::U32) => WaveType::U32,
        Kind::Integer(Integer::U64) => WaveType::U64,
        Kind::Integer(Integer::S8) => WaveType::S8,
        Kind::Integer(Integer::S16) => WaveType::S16,
        Kind::Integer(Integer::S32) => WaveType::S32,
        Kind::Integer(Integer::S64) => WaveType::S64,
        Kind::Float32 => WaveType::F32,
        Kind::Float64 => WaveType::F64,
        Kind::Char => WaveType::CHAR,
        Kind::String => WaveType::STRING,
        Kind::List(inner) => WaveType::list(ty(inner)),
        Kind::Option(inner) => WaveType::option(ty(inner)),
        Kind::Tuple(types) => WaveType::tuple(types.iter().map(ty).collect::<Vec<_>>()).unwrap(),
        Kind::Record(fields) => {
            let fields = fields.names.iter().zip(&fields.types);
            WaveType::record(fields.map(|(name, of)| (name.wit.clone(), ty(of)))).unwrap()
        }
        Kind::Variant(cases) => {
            let cases = cases.names.iter().zip(&cases.payloads);
            WaveType::variant(cases.map(|(name, payload)| (name.wit.clone(), payload.as_ref().map(ty)))).unwrap()
        }
        Kind::Enum(names) => WaveType::enum_ty(wit(names)).unwrap(),
        Kind::Flags(names) => WaveType::flags(wit(names)).unwrap(),
        Kind::Result(cases) => WaveType::result(payload(cases, 0).map(ty), payload(cases, 1).map(ty)),
        Kind::FixedList(..) | Kind::Map(..) => panic!("WAVE has none"),
    }
}

pub(super) fn value(of: &Val, is: &Type) -> Value {
    let wave = ty(is);
    match (of, &is.kind) {
        (Val::Bool(it), _) => Value::make_bool(*it),
        (Val::U8(it), _) => Value::make_u8(*it),
        (Val::U16(it), _) => Value::make_u16(*it),
        (Val::U32(it), _) => Value::make_u32(*it),
        (Val::U64(it), _) => Value::make_u64(*it),
        (Val::S8(it), _) => Value::make_s8(*it),
        (Val::S16(it), _) => Value::make_s16(*it),
        (Val::S32(it), _) => Value::make_s32(*it),
        (Val::S64(it), _) => Value::make_s64(*it),
        (Val::Float32(it), _) => Value::make_f32(*it),
        (Val::Float64(it), _) => Value::make_f64(*it),
        (Val::Char(it), _) => Value::make_char(*it),
        (Val::String(it), _) => Value::make_string(Cow::Borrowed(it)),
        (Val::List(all), Kind::List(inner)) => Value::make_list(&wave, all.iter().map(|it| value(it, inner))).unwrap(),
        (Val::Tuple(all), Kind::Tuple(types)) => {
            Value::make_tuple(&wave, all.iter().zip(types).map(|(it, is)| value(it, is))).unwrap()
        }
        (Val::Record(all), Kind::Record(fields)) => {
            let fields = all.iter().zip(&fields.types).map(|((name, it), is)| (name.as_str(), value(it, is)));
            Value::make_record(&wave, fields.collect::<Vec<_>>()).unwrap()
        }
        (Val::Variant(name, it), Kind::Variant(cases)) => {
            let is = payload(cases, cases.names.find(name).unwrap());
            Value::make_variant(&wave, name, it.as_ref().map(|it| value(it, is.unwrap()))).unwrap()
        }
        (Val::Enum(name), _) => Value::make_enum(&wave, name).unwrap(),
        (Val::Flags(set), _) => Value::make_flags(&wave, set.iter().map(String::as_str)).unwrap(),
        (Val::Option(it), Kind::Option(inner)) => {
            Value::make_option(&wave, it.as_ref().map(|it| value(it, inner))).unwrap()
        }
        (Val::Result(it), Kind::Result(cases)) => {
            let part = |it: &Option<Box<Val>>, at| it.as_ref().map(|it| value(it, payload(cases, at).unwrap()));
            Value::make_result(&wave, it.as_ref().map(|it| part(it, 0)).map_err(|it| part(it, 1))).unwrap()
        }
        _ => panic!("{of:?} is not of {is:?}"),
    }
}

fn wit(names: &Names) -> Vec<String> {
    names.iter().map(|name| name.wit.clone()).collect()
}

fn payload(cases: &Cases, position: usize) -> Option<&Type> {
    cases.payloads[position].as_ref()
}
