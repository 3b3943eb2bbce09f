//! How much more a value takes of the host's memory than what wasmtime counts of it while it makes it.
//!
//! Wasmtime counts a value for each element, field and payload, and the bytes of texts and names; that is bounded by what
//! it is told. It does not count what allocations cost, nor that each name of a field, case or flag is one. A guest
//! chooses what it returns, within a type: so the bound is for the worst that its type has.

use crate::{
    Kind, Names, Type,
    cost::{ALLOCATION, FIELD, NAME, VALUE},
};

/// Weights are told in quarters.
const QUARTERS: i64 = 4;

/// The largest weight, in quarters, that is looked for: a list of flags of 20,000 names has less.
const MOST: i64 = 1 << 19;

/// A vector that grows begins with so many elements, or twice what it had.
const FIRST: usize = 4;

/// How many bytes of the host's memory values of a type may take for each byte that wasmtime counts, in quarters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weight(usize);

impl Weight {
    /// What values may take, in bytes, if wasmtime counts `counted` while it makes them.
    pub fn memory_for(self, counted: usize) -> usize {
        counted.saturating_mul(self.0) / 4
    }

    /// What wasmtime may count of values, so that they take no more than `memory`.
    pub fn counted_within(self, memory: usize) -> usize {
        memory.saturating_mul(4) / self.0.max(1)
    }
}

impl Type {
    /// The least weight that is enough for whatever is in lists of this type, if it has any. What is not in a list is there
    /// once, and is bounded by the size of types.
    pub fn weight(&self) -> Option<Weight> {
        if !self.has_lists() {
            return None;
        }
        let (mut too_little, mut enough) = (QUARTERS - 1, MOST);
        while 1 < enough - too_little {
            let middle = (too_little + enough) / 2;
            let mut scale = Scale { weight: middle, holds: true };
            scale.excess(self, false);
            match scale.holds {
                true => enough = middle,
                false => too_little = middle,
            }
        }
        usize::try_from(enough).ok().map(Weight)
    }
}

/// Tries one weight.
struct Scale {
    weight: i64,
    /// Whether no element of any list takes more than it pays for.
    holds: bool,
}

impl Scale {
    /// What a value takes beyond what it pays for, in quarters, at most; its own place is another's. `repeated` tells
    /// whether it is in a list.
    fn excess(&mut self, ty: &Type, repeated: bool) -> i64 {
        match &ty.kind {
            Kind::Bool | Kind::Integer(_) | Kind::Float32 | Kind::Float64 | Kind::Char => 0,
            Kind::String => self.of(ALLOCATION, 0),
            Kind::List(element) => {
                let inner = self.excess(element, true);
                self.list(VALUE, inner, repeated)
            }
            Kind::Map(key, value) => {
                let inner = self.excess(key, true).saturating_add(self.excess(value, true));
                self.list(2 * VALUE, inner, repeated)
            }
            Kind::FixedList(element, count) => {
                let count = usize::try_from(*count).unwrap_or(usize::MAX);
                let inner = self.excess(element, repeated).saturating_mul(i64::try_from(count).unwrap_or(i64::MAX));
                self.of(grown(count, VALUE), count.saturating_mul(VALUE)).saturating_add(inner)
            }
            Kind::Tuple(types) => {
                let inner = self.sum(types, repeated);
                self.of(grown(types.len(), VALUE), types.len() * VALUE).saturating_add(inner)
            }
            Kind::Record(fields) => {
                let count = fields.types.len();
                let inner = self.sum(&fields.types, repeated);
                let names = self.all_names(&fields.names);
                self.of(grown(count, FIELD), count * VALUE).saturating_add(names).saturating_add(inner)
            }
            Kind::Enum(names) => self.longest_name(names),
            // None of them need be set.
            Kind::Flags(names) => {
                let set = self.of(grown(names.len(), NAME), 0).saturating_add(self.all_names(names));
                set.max(0)
            }
            Kind::Option(inner) => self.payload(inner, repeated).max(0),
            Kind::Variant(cases) | Kind::Result(cases) => {
                let payloads = cases.payloads.iter().flatten();
                let inner = payloads.map(|payload| self.payload(payload, repeated)).max().unwrap_or_default();
                self.longest_name(&cases.names).saturating_add(inner.max(0))
            }
        }
    }

    /// A list: the first elements of each take room whether they are there or not, and those of small lists up to twice
    /// of what they need. One large list is not touched where nothing is.
    fn list(&mut self, place: usize, inner: i64, repeated: bool) -> i64 {
        let taken = if repeated { 2 * place } else { place };
        if 0 < self.of(taken, place).saturating_add(inner) {
            self.holds = false;
        }
        self.of(FIRST * place + ALLOCATION, 0)
    }

    /// What a case, an option or a result carries, in a box of its own.
    fn payload(&mut self, ty: &Type, repeated: bool) -> i64 {
        self.of(VALUE + ALLOCATION, VALUE).saturating_add(self.excess(ty, repeated))
    }

    fn sum(&mut self, types: &[Type], repeated: bool) -> i64 {
        types.iter().fold(0, |sum: i64, ty| sum.saturating_add(self.excess(ty, repeated)))
    }

    fn all_names(&self, names: &Names) -> i64 {
        names.iter().fold(0, |sum: i64, name| sum.saturating_add(self.name(name.wit.len())))
    }

    fn longest_name(&self, names: &Names) -> i64 {
        names.iter().map(|name| self.name(name.wit.len())).max().unwrap_or_default().max(0)
    }

    fn name(&self, length: usize) -> i64 {
        self.of(length + ALLOCATION, length)
    }

    /// What takes so much, and is counted as so much.
    fn of(&self, taken: usize, counted: usize) -> i64 {
        let quarters = |bytes: usize, by: i64| i64::try_from(bytes).unwrap_or(i64::MAX).saturating_mul(by);
        quarters(taken, QUARTERS).saturating_sub(quarters(counted, self.weight))
    }
}

/// What a vector takes that has grown to hold so many.
fn grown(count: usize, place: usize) -> usize {
    let room = count.max(FIRST).checked_next_power_of_two().unwrap_or(usize::MAX);
    room.saturating_mul(place).saturating_add(ALLOCATION)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Cases, Fields, Integer};

    fn weight(ty: Type) -> f64 {
        let quarters = u32::try_from(ty.weight().unwrap().0).unwrap();
        f64::from(quarters) / 4.0
    }

    fn byte() -> Type {
        Type::new(Kind::Integer(Integer::U8))
    }

    fn text() -> Type {
        Type::new(Kind::String)
    }

    #[test]
    fn one_list_of_numbers_takes_what_is_counted() {
        assert_eq!(weight(byte().list()), 1.0);
        assert_eq!(text().weight(), None);
        assert_eq!(weight(text().list()), 1.75);
        let order = Fields::new([("id", byte()), ("photo", byte().list())]);
        assert_eq!(weight(Type::new(Kind::Record(order))), 1.0);
    }

    #[test]
    fn many_small_things_take_far_more() {
        assert_eq!(weight(byte().list().list()), 5.75);
        let order = Fields::new([("id", byte()), ("name", text())]);
        assert_eq!(weight(Type::new(Kind::Record(order)).list()), 3.25);
        let one = Fields::new([("a", Type::new(Kind::Bool))]);
        assert_eq!(weight(Type::new(Kind::Record(one)).list()), 4.25);
        let names: Vec<_> = ('a'..='z').map(String::from).collect();
        let flags = Type::new(Kind::Flags(Names::new(names.iter().map(String::as_str))));
        assert_eq!(weight(flags.list()), 23.25);
        let cases = Cases::new([("a", Some(byte())), ("b", None)]);
        assert_eq!(weight(Type::new(Kind::Variant(cases)).list()), 1.75);
    }

    #[test]
    fn what_is_counted_within_a_bound_takes_no_more() {
        let texts = text().list().weight().unwrap();
        assert!(texts.memory_for(texts.counted_within(32 << 20)) <= 32 << 20);
        assert_eq!(byte().list().weight().unwrap().counted_within(32 << 20), 32 << 20);
    }
}
