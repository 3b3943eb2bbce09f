//! Types and values that bytes stand for: any bytes stand for some. For property tests and the fuzz target.

use wasmtime::component::Val;

use crate::{Cases, Fields, Integer, Kind, Names, Type};

/// How deep types go.
const DEEPEST: usize = 5;

/// Names of fields and cases; each is taken once.
const NAMES: [&str; 8] = ["id", "unit-price", "HTTP-url", "a", "b2-c", "some", "ok", "err"];

/// Bytes that are chosen by; zeros when they are used up.
pub(crate) struct Choices<'a>(pub(crate) &'a [u8]);

impl Choices<'_> {
    fn byte(&mut self) -> u8 {
        let (first, rest) = self.0.split_first().unwrap_or((&0, &[]));
        self.0 = rest;
        *first
    }

    fn below(&mut self, count: usize) -> usize {
        usize::from(self.byte()).checked_rem(count).unwrap_or_default()
    }

    fn flag(&mut self) -> bool {
        self.byte() % 2 == 1
    }

    fn number(&mut self) -> u64 {
        let all = u64::from_le_bytes([(); 8].map(|()| self.byte()));
        // Near the ends of ranges as often as anywhere.
        match self.below(4) {
            0 => all,
            1 => u64::MAX - all % 3,
            2 => (1 << 53) - 2 + all % 4,
            _ => all % 300,
        }
    }

    /// A type.
    pub(crate) fn ty(&mut self, depth: usize) -> Type {
        let scalars = 13;
        let kinds = if depth < DEEPEST { scalars + 11 } else { scalars };
        let depth = depth + 1;
        let kind = match self.below(kinds) {
            0 => Kind::Bool,
            1 => Kind::Integer(Integer::U8),
            2 => Kind::Integer(Integer::U16),
            3 => Kind::Integer(Integer::U32),
            4 => Kind::Integer(Integer::U64),
            5 => Kind::Integer(Integer::S8),
            6 => Kind::Integer(Integer::S16),
            7 => Kind::Integer(Integer::S32),
            8 => Kind::Integer(Integer::S64),
            9 => Kind::Float32,
            10 => Kind::Float64,
            11 => Kind::Char,
            12 => Kind::String,
            13 => Kind::List(Box::new(self.ty(depth))),
            14 => {
                let length = 1 + u32::from(self.byte() % 3);
                Kind::FixedList(Box::new(self.ty(depth)), length)
            }
            15 => Kind::Map(Box::new(self.key()), Box::new(self.ty(depth))),
            16 => {
                let names = self.names();
                Kind::Record(Fields::new(names.into_iter().map(|name| (name, self.ty(depth))).collect::<Vec<_>>()))
            }
            17 => Kind::Tuple((0..=self.below(3)).map(|_| self.ty(depth)).collect()),
            18 => {
                let names = self.names();
                let cases = names.into_iter().map(|name| (name, self.maybe(depth))).collect::<Vec<_>>();
                Kind::Variant(Cases::new(cases))
            }
            19 => Kind::Enum(Names::new(self.names())),
            20 => Kind::Flags(Names::new(self.names())),
            21 | 22 => Kind::Option(Box::new(self.ty(depth))),
            _ => Kind::Result(Cases::of_result(self.maybe(depth), self.maybe(depth))),
        };
        Type::new(kind)
    }

    fn maybe(&mut self, depth: usize) -> Option<Type> {
        self.flag().then(|| self.ty(depth))
    }

    fn key(&mut self) -> Type {
        Type::new(match self.below(3) {
            0 => Kind::String,
            1 => Kind::Integer(Integer::S64),
            _ => Kind::Char,
        })
    }

    fn names(&mut self) -> Vec<&'static str> {
        let count = 1 + self.below(4);
        let first = self.below(NAMES.len());
        NAMES.iter().cycle().skip(first).take(count).copied().collect()
    }

    /// A value of a type.
    #[expect(clippy::cast_possible_truncation, clippy::cast_possible_wrap, reason = "any number will do")]
    pub(crate) fn value(&mut self, ty: &Type) -> Val {
        match &ty.kind {
            Kind::Bool => Val::Bool(self.flag()),
            Kind::Integer(integer) => match integer {
                Integer::U8 => Val::U8(self.number() as u8),
                Integer::U16 => Val::U16(self.number() as u16),
                Integer::U32 => Val::U32(self.number() as u32),
                Integer::U64 => Val::U64(self.number()),
                Integer::S8 => Val::S8(self.number() as i8),
                Integer::S16 => Val::S16(self.number() as i16),
                Integer::S32 => Val::S32(self.number() as i32),
                Integer::S64 => Val::S64(self.number() as i64),
            },
            Kind::Float32 => Val::Float32(f32::from_bits(self.number() as u32)),
            Kind::Float64 => Val::Float64(f64::from_bits(self.number())),
            Kind::Char => Val::Char(char::from_u32(self.number() as u32 % 0x11_0000).unwrap_or('"')),
            Kind::String => Val::String(self.text()),
            Kind::List(element) => Val::List((0..self.below(4)).map(|_| self.value(element)).collect()),
            Kind::FixedList(element, length) => {
                Val::FixedLengthList((0..*length).map(|_| self.value(element)).collect())
            }
            Kind::Map(key, value) => {
                Val::Map((0..self.below(3)).map(|_| (self.value(key), self.value(value))).collect())
            }
            Kind::Record(fields) => {
                let fields = fields.names.iter().zip(&fields.types);
                Val::Record(fields.map(|(name, ty)| (name.wit.clone(), self.value(ty))).collect())
            }
            Kind::Tuple(types) => Val::Tuple(types.iter().map(|ty| self.value(ty)).collect()),
            Kind::Variant(cases) => {
                let (name, payload) = self.case(cases);
                Val::Variant(name, payload)
            }
            Kind::Enum(names) => Val::Enum(self.name(names)),
            Kind::Flags(names) => {
                let set = names.iter().filter(|_| self.flag());
                Val::Flags(set.map(|name| name.wit.clone()).collect())
            }
            Kind::Option(inner) => Val::Option(self.flag().then(|| Box::new(self.value(inner)))),
            Kind::Result(cases) => match self.case(cases) {
                (name, payload) if name == "ok" => Val::Result(Ok(payload)),
                (_, payload) => Val::Result(Err(payload)),
            },
        }
    }

    fn text(&mut self) -> String {
        const TEXTS: [&str; 6] = ["", "text", "\"\\\u{0}\n", "größer 👍", "\u{202e}", "1"];
        TEXTS.get(self.below(TEXTS.len())).copied().unwrap_or_default().to_owned()
    }

    fn name(&mut self, names: &Names) -> String {
        names.get(self.below(names.len())).map(|name| name.wit.clone()).unwrap_or_default()
    }

    fn case(&mut self, cases: &Cases) -> (String, Option<Box<Val>>) {
        let position = self.below(cases.names.len());
        let name = cases.names.get(position).map(|name| name.wit.clone()).unwrap_or_default();
        let payload = cases.payloads.get(position).and_then(Option::as_ref);
        (name, payload.map(|ty| Box::new(self.value(ty))))
    }
}
