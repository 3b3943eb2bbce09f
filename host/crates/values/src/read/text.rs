//! Values that JSON has as texts: texts, characters, bytes, and cases that carry nothing.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use wasmtime::component::Val;

use super::{Failed, Reader};
use crate::{Cases, Kind, Name, Names, Type, cost, error::alternatives};

impl Reader<'_> {
    /// The value of `ty` that JSON has as this text.
    pub(super) fn text(&mut self, ty: &Type, text: &str) -> Result<Val, Failed> {
        match &ty.kind {
            Kind::String => {
                self.spend(cost::text(text))?;
                Ok(Val::String(text.to_owned()))
            }
            Kind::Char => {
                let mut characters = text.chars();
                match (characters.next(), characters.next()) {
                    (Some(character), None) => Ok(Val::Char(character)),
                    _ => Err(self.mismatch(ty, &format!("a text of {} characters", text.chars().count()))),
                }
            }
            Kind::Enum(names) => Ok(Val::Enum(self.case(names, text)?.1.wit.clone())),
            Kind::Variant(cases) => {
                let name = self.bare(cases, text)?;
                Ok(Val::Variant(name.wit.clone(), None))
            }
            Kind::Result(cases) => match self.bare(cases, text)?.wit.as_str() {
                "ok" => Ok(Val::Result(Ok(None))),
                _ => Ok(Val::Result(Err(None))),
            },
            Kind::List(_) | Kind::FixedList(..) if ty.is_bytes() => match STANDARD.decode(text) {
                Ok(bytes) => self.bytes(ty, &bytes),
                Err(_) => Err(self.mismatch(ty, "another text")),
            },
            _ => Err(self.mismatch(ty, "a text")),
        }
    }

    /// The value of `ty` that these bytes are.
    pub(super) fn bytes(&mut self, ty: &Type, bytes: &[u8]) -> Result<Val, Failed> {
        if !ty.is_bytes() {
            return Err(self.mismatch(ty, "bytes"));
        }
        self.spend(bytes.len().saturating_mul(cost::VALUE))?;
        let values = || bytes.iter().map(|byte| Val::U8(*byte)).collect();
        match ty.kind {
            Kind::FixedList(_, length) if usize::try_from(length) != Ok(bytes.len()) => {
                Err(self.mismatch(ty, &format!("{} bytes", bytes.len())))
            }
            Kind::FixedList(..) => Ok(Val::FixedLengthList(values())),
            _ => Ok(Val::List(values())),
        }
    }

    /// Where a case is and what it is called, of which JSON has this spelling.
    pub(super) fn case<'n>(&mut self, names: &'n Names, spelling: &str) -> Result<(usize, &'n Name), Failed> {
        let found = names.find(spelling).and_then(|position| Some((position, names.get(position)?)));
        match found {
            Some((position, name)) => {
                self.spend(cost::text(&name.wit))?;
                Ok((position, name))
            }
            None => {
                let known: Vec<&str> = names.iter().map(|name| name.json.as_str()).collect();
                let shown = activity::shown::name(spelling);
                let known = alternatives(known.into_iter());
                Err(self.fail(format!("expected one of {known}, got \"{shown}\"")))
            }
        }
    }

    /// A case that carries nothing.
    fn bare<'n>(&mut self, cases: &'n Cases, spelling: &str) -> Result<&'n Name, Failed> {
        let (position, name) = self.case(&cases.names, spelling)?;
        match cases.payloads.get(position) {
            Some(Some(payload)) => {
                let expected = payload.expected();
                let json = &name.json;
                Err(self
                    .fail(format!("the case \"{json}\" carries {expected}: expected {{\"{json}\": …}}, got a text")))
            }
            _ => Ok(name),
        }
    }
}
