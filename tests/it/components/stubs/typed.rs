//! Activities of typed.wasm, as `isolet inspect --stubs rust` writes them.

use serde::{Deserialize, Serialize};

/// A whole number of 64 bits. The worker returns those beyond 2^53 - 1 as a text of their digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Long<T>(pub T);

impl<'de, T> Deserialize<'de> for Long<T>
where
    T: Deserialize<'de> + std::str::FromStr,
    T::Err: std::fmt::Display,
{
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written<T> {
            Number(T),
            Text(String),
        }
        match Written::deserialize(deserializer)? {
            Written::Number(number) => Ok(Self(number)),
            Written::Text(text) => text.parse().map(Self).map_err(serde::de::Error::custom),
        }
    }
}

/// A number. NaN and the infinities are texts in JSON.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Float(pub f64);

impl Serialize for Float {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            value if value.is_nan() => serializer.serialize_str("NaN"),
            f64::INFINITY => serializer.serialize_str("Infinity"),
            f64::NEG_INFINITY => serializer.serialize_str("-Infinity"),
            value => serializer.serialize_f64(value),
        }
    }
}

impl<'de> Deserialize<'de> for Float {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Number(f64),
            Text(String),
        }
        match Written::deserialize(deserializer)? {
            Written::Number(number) => Ok(Self(number)),
            Written::Text(text) => text.parse().map(Self).map_err(serde::de::Error::custom),
        }
    }
}

/// An option that is there, within another one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Inner<T> {
    pub some: T,
}

/// What succeeded, or what failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome<T, E> {
    Ok(T),
    Err(E),
}

/// What succeeded, or what failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BareOutcome {
    Ok,
    Err,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Item {
    pub sku: String,
    pub unit_price: Float,
    pub count: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Payment {
    #[serde(rename = "cash")]
    Cash,
    #[serde(rename = "card")]
    Card(String),
    #[serde(rename = "on_account")]
    OnAccount(Long<u64>),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Order {
    pub id: Long<u64>,
    pub items: Vec<Item>,
    pub payment: Payment,
    #[serde(default)]
    pub note: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    pub order: Long<u64>,
    pub total: Float,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StockProblem {
    pub message: String,
    pub non_retryable: bool,
    pub left: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum OrderError {
    #[serde(rename = "empty")]
    Empty,
    #[serde(rename = "not_paid")]
    NotPaid(String),
    #[serde(rename = "out_of_stock")]
    OutOfStock(StockProblem),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Color {
    #[serde(rename = "red")]
    Red,
    #[serde(rename = "dark_blue")]
    DarkBlue,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum AccessFlag {
    #[serde(rename = "read")]
    Read,
    #[serde(rename = "write_all")]
    WriteAll,
    #[serde(rename = "run")]
    Run,
}

/// Those that are set.
pub type Access = Vec<AccessFlag>;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Shape {
    #[serde(rename = "point")]
    Point,
    #[serde(rename = "circle")]
    Circle(Float),
    #[serde(rename = "box_of")]
    BoxOf((Float,Float,)),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Everything {
    pub yes: bool,
    pub tiny: i8,
    pub byte: u8,
    pub short: i16,
    pub unsigned_short: u16,
    pub int: i32,
    pub unsigned_int: u32,
    pub long: Long<i64>,
    pub unsigned_long: Long<u64>,
    pub single: Float,
    pub double: Float,
    pub letter: char,
    pub text: String,
    pub bytes: String,
    pub texts: Vec<String>,
    pub pair: (u8,String,),
    pub color: Color,
    pub access: Access,
    pub shape: Shape,
    #[serde(default)]
    pub maybe: Option<u32>,
    #[serde(default)]
    pub maybe_maybe: Option<Inner<Option<u32>>>,
    pub outcome: Outcome<u32, String>,
    pub bare: BareOutcome,
    pub shapes: Vec<Option<Shape>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Wide {
    #[serde(default)]
    pub a: Option<String>,
    #[serde(default)]
    pub b: Option<String>,
    #[serde(default)]
    pub c: Option<String>,
    #[serde(default)]
    pub d: Option<String>,
    #[serde(default)]
    pub e: Option<String>,
    #[serde(default)]
    pub f: Option<String>,
    #[serde(default)]
    pub g: Option<String>,
    #[serde(default)]
    pub h: Option<String>,
    #[serde(default)]
    pub i: Option<String>,
    #[serde(default)]
    pub j: Option<String>,
    #[serde(default)]
    pub k: Option<String>,
    #[serde(default)]
    pub l: Option<String>,
}

/// ping: func(name: string) -> string
#[derive(Clone, Copy, Debug)]
pub struct PingActivity;

impl PingActivity {
    /// Its activity type.
    pub const TYPE: &'static str = "ping";
}

/// What it takes.
pub type PingArguments = (String,);

/// What it returns.
pub type PingResult = String;

/// acme:shop/orders@1.2.0#ship: func(order: order) -> result<receipt, order-error>
#[derive(Clone, Copy, Debug)]
pub struct ShipActivity;

impl ShipActivity {
    /// Its activity type.
    pub const TYPE: &'static str = "ship";
}

/// What it takes.
pub type ShipArguments = (Order,);

/// What it returns.
pub type ShipResult = Receipt;

/// acme:shop/orders@1.2.0#refuse-with-text: func(why: string) -> result<_, string>
#[derive(Clone, Copy, Debug)]
pub struct RefuseWithTextActivity;

impl RefuseWithTextActivity {
    /// Its activity type.
    pub const TYPE: &'static str = "refuse-with-text";
}

/// What it takes.
pub type RefuseWithTextArguments = (String,);

/// What it returns.
pub type RefuseWithTextResult = ();

/// acme:shop/orders@1.2.0#refuse-with-record: func(why: string) -> result<u32, stock-problem>
#[derive(Clone, Copy, Debug)]
pub struct RefuseWithRecordActivity;

impl RefuseWithRecordActivity {
    /// Its activity type.
    pub const TYPE: &'static str = "refuse-with-record";
}

/// What it takes.
pub type RefuseWithRecordArguments = (String,);

/// What it returns.
pub type RefuseWithRecordResult = u32;

/// acme:shop/orders@1.2.0#refuse: func() -> result
#[derive(Clone, Copy, Debug)]
pub struct RefuseActivity;

impl RefuseActivity {
    /// Its activity type.
    pub const TYPE: &'static str = "refuse";
}

/// What it takes.
pub type RefuseArguments = ();

/// What it returns.
pub type RefuseResult = ();

/// acme:shop/every-type@1.2.0#echo: func(it: everything) -> everything
#[derive(Clone, Copy, Debug)]
pub struct EchoActivity;

impl EchoActivity {
    /// Its activity type.
    pub const TYPE: &'static str = "echo";
}

/// What it takes.
pub type EchoArguments = (Everything,);

/// What it returns.
pub type EchoResult = Everything;

/// acme:shop/every-type@1.2.0#echo-bytes: func(it: list<u8>) -> list<u8>
#[derive(Clone, Copy, Debug)]
pub struct EchoBytesActivity;

impl EchoBytesActivity {
    /// Its activity type.
    pub const TYPE: &'static str = "echo-bytes";
}

/// What it takes.
pub type EchoBytesArguments = (Vec<u8>,);

/// What it returns.
pub type EchoBytesResult = Vec<u8>;

/// acme:shop/every-type@1.2.0#echo-maybe: func(it: option<option<s64>>) -> option<option<s64>>
#[derive(Clone, Copy, Debug)]
pub struct EchoMaybeActivity;

impl EchoMaybeActivity {
    /// Its activity type.
    pub const TYPE: &'static str = "echo-maybe";
}

/// What it takes.
pub type EchoMaybeArguments = (Option<Inner<Option<Long<i64>>>>,);

/// What it returns.
pub type EchoMaybeResult = Option<Inner<Option<Long<i64>>>>;

/// acme:shop/every-type@1.2.0#concatenate: func(first: string, second: string, third: option<string>) -> string
#[derive(Clone, Copy, Debug)]
pub struct ConcatenateActivity;

impl ConcatenateActivity {
    /// Its activity type.
    pub const TYPE: &'static str = "concatenate";
}

/// What it takes.
pub type ConcatenateArguments = (String,String,Option<String>,);

/// What it returns.
pub type ConcatenateResult = String;

/// acme:shop/every-type@1.2.0#nothing: func()
#[derive(Clone, Copy, Debug)]
pub struct NothingActivity;

impl NothingActivity {
    /// Its activity type.
    pub const TYPE: &'static str = "nothing";
}

/// What it takes.
pub type NothingArguments = ();

/// What it returns.
pub type NothingResult = ();

/// acme:shop/hostile@1.2.0#many-bytes: func(count: u32) -> list<u8>
#[derive(Clone, Copy, Debug)]
pub struct ManyBytesActivity;

impl ManyBytesActivity {
    /// Its activity type.
    pub const TYPE: &'static str = "many-bytes";
}

/// What it takes.
pub type ManyBytesArguments = (u32,);

/// What it returns.
pub type ManyBytesResult = Vec<u8>;

/// acme:shop/hostile@1.2.0#many-numbers: func(count: u32) -> list<u64>
#[derive(Clone, Copy, Debug)]
pub struct ManyNumbersActivity;

impl ManyNumbersActivity {
    /// Its activity type.
    pub const TYPE: &'static str = "many-numbers";
}

/// What it takes.
pub type ManyNumbersArguments = (u32,);

/// What it returns.
pub type ManyNumbersResult = Vec<Long<u64>>;

/// acme:shop/hostile@1.2.0#count-wide: func(all: list<wide>) -> u64
#[derive(Clone, Copy, Debug)]
pub struct CountWideActivity;

impl CountWideActivity {
    /// Its activity type.
    pub const TYPE: &'static str = "count-wide";
}

/// What it takes.
pub type CountWideArguments = (Vec<Wide>,);

/// What it returns.
pub type CountWideResult = Long<u64>;

/// acme:shop/hostile@1.2.0#count-texts: func(all: list<list<string>>) -> u64
#[derive(Clone, Copy, Debug)]
pub struct CountTextsActivity;

impl CountTextsActivity {
    /// Its activity type.
    pub const TYPE: &'static str = "count-texts";
}

/// What it takes.
pub type CountTextsArguments = (Vec<Vec<String>>,);

/// What it returns.
pub type CountTextsResult = Long<u64>;

/// acme:shop/hostile@1.2.0#spin: func()
#[derive(Clone, Copy, Debug)]
pub struct SpinActivity;

impl SpinActivity {
    /// Its activity type.
    pub const TYPE: &'static str = "spin";
}

/// What it takes.
pub type SpinArguments = ();

/// What it returns.
pub type SpinResult = ();

/// acme:shop/hostile@1.2.0#trap: func()
#[derive(Clone, Copy, Debug)]
pub struct TrapActivity;

impl TrapActivity {
    /// Its activity type.
    pub const TYPE: &'static str = "trap";
}

/// What it takes.
pub type TrapArguments = ();

/// What it returns.
pub type TrapResult = ();

/// acme:shop/hostile@1.2.0#exhaust: func()
#[derive(Clone, Copy, Debug)]
pub struct ExhaustActivity;

impl ExhaustActivity {
    /// Its activity type.
    pub const TYPE: &'static str = "exhaust";
}

/// What it takes.
pub type ExhaustArguments = ();

/// What it returns.
pub type ExhaustResult = ();