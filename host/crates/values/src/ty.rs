//! WIT's types, as far as they have values: no handle, no stream, nothing that lives.

use crate::Names;

/// A type, and what it is called where that is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Type {
    /// The name that its interface gives it: that of a record, variant, enum or set of flags.
    pub name: Option<String>,
    /// What it is.
    pub kind: Kind,
}

/// What a type is.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// `bool`
    Bool,
    /// `u8` to `s64`
    Integer(Integer),
    /// `f32`
    Float32,
    /// `f64`
    Float64,
    /// `char`
    Char,
    /// `string`
    String,
    /// `list<T>`
    List(Box<Type>),
    /// `list<T, N>`
    FixedList(Box<Type>, u32),
    /// `map<K, V>`
    Map(Box<Type>, Box<Type>),
    /// `record`
    Record(Fields),
    /// `tuple<…>`
    Tuple(Vec<Type>),
    /// `variant`
    Variant(Cases),
    /// `enum`
    Enum(Names),
    /// `flags`
    Flags(Names),
    /// `option<T>`
    Option(Box<Type>),
    /// `result<T, E>`: as a variant of the cases `ok` and `err`.
    Result(Cases),
}

/// The integer types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Integer {
    /// `u8`
    U8,
    /// `u16`
    U16,
    /// `u32`
    U32,
    /// `u64`
    U64,
    /// `s8`
    S8,
    /// `s16`
    S16,
    /// `s32`
    S32,
    /// `s64`
    S64,
}

/// The fields of a record.
#[derive(Clone, Debug, PartialEq)]
pub struct Fields {
    /// What they are called.
    pub names: Names,
    /// Their types, as many.
    pub types: Vec<Type>,
}

/// The cases of a variant.
#[derive(Clone, Debug, PartialEq)]
pub struct Cases {
    /// What they are called.
    pub names: Names,
    /// What each carries, as many.
    pub payloads: Vec<Option<Type>>,
}

impl Type {
    /// A type without a name.
    pub fn new(kind: Kind) -> Self {
        Self { name: None, kind }
    }

    /// `option<…>` of this.
    pub fn optional(self) -> Self {
        Self::new(Kind::Option(Box::new(self)))
    }

    /// `list<…>` of this.
    pub fn list(self) -> Self {
        Self::new(Kind::List(Box::new(self)))
    }

    /// Whether it is bytes, which have an encoding of their own.
    pub fn is_bytes(&self) -> bool {
        let element = match &self.kind {
            Kind::List(element) | Kind::FixedList(element, _) => element,
            _ => return false,
        };
        matches!(element.kind, Kind::Integer(Integer::U8))
    }

    /// Whether a value of it may have any number of others in it.
    pub fn has_lists(&self) -> bool {
        match &self.kind {
            Kind::List(_) | Kind::FixedList(..) | Kind::Map(..) => true,
            Kind::Record(fields) => fields.types.iter().any(Self::has_lists),
            Kind::Tuple(types) => types.iter().any(Self::has_lists),
            Kind::Variant(cases) | Kind::Result(cases) => cases.payloads.iter().flatten().any(Self::has_lists),
            Kind::Option(inner) => inner.has_lists(),
            _ => false,
        }
    }

    /// Whether `null` is one of its values.
    pub fn is_optional(&self) -> bool {
        matches!(self.kind, Kind::Option(_))
    }
}

impl Fields {
    /// These.
    pub fn new(fields: impl IntoIterator<Item = (impl Into<String>, Type)>) -> Self {
        let (names, types): (Vec<String>, Vec<Type>) = fields.into_iter().map(|(name, ty)| (name.into(), ty)).unzip();
        Self { names: Names::new(names), types }
    }
}

impl Cases {
    /// These.
    pub fn new(cases: impl IntoIterator<Item = (impl Into<String>, Option<Type>)>) -> Self {
        let (names, payloads): (Vec<String>, Vec<Option<Type>>) =
            cases.into_iter().map(|(name, ty)| (name.into(), ty)).unzip();
        Self { names: Names::new(names), payloads }
    }

    /// Those of a result.
    pub fn of_result(ok: Option<Type>, err: Option<Type>) -> Self {
        Self::new([("ok", ok), ("err", err)])
    }
}

impl Integer {
    /// The smallest and the largest.
    pub fn range(self) -> (i128, i128) {
        match self {
            Self::U8 => (0, u8::MAX.into()),
            Self::U16 => (0, u16::MAX.into()),
            Self::U32 => (0, u32::MAX.into()),
            Self::U64 => (0, u64::MAX.into()),
            Self::S8 => (i8::MIN.into(), i8::MAX.into()),
            Self::S16 => (i16::MIN.into(), i16::MAX.into()),
            Self::S32 => (i32::MIN.into(), i32::MAX.into()),
            Self::S64 => (i64::MIN.into(), i64::MAX.into()),
        }
    }

    /// Whether a double can't hold each of its values, so that JSON has some of them as texts.
    pub fn is_wide(self) -> bool {
        matches!(self, Self::U64 | Self::S64)
    }
}
