//! Texts of JavaScript, which may hold halves of characters.

use rquickjs::{Ctx, Error, FromJs, Function, Result, String as JsString, Value, function::This};

/// A text as UTF-8. Halves of characters, which UTF-8 can't carry, are U+FFFD, as `TextEncoder` has them.
pub(crate) struct Text(pub(crate) String);

impl<'js> FromJs<'js> for Text {
    fn from_js(_: &Ctx<'js>, value: Value<'js>) -> Result<Self> {
        let kind = value.type_name();
        let Some(text) = value.into_string() else {
            return Err(Error::new_from_js(kind, "string"));
        };
        match text.to_string() {
            Ok(text) => Ok(Self(text)),
            Err(_) => well_formed(text).map(Self),
        }
    }
}

fn well_formed(text: JsString<'_>) -> Result<String> {
    let convert: Function<'_> = text
        .as_value()
        .ctx()
        .globals()
        .get::<_, rquickjs::Object<'_>>("String")?
        .get::<_, rquickjs::Object<'_>>("prototype")?
        .get("toWellFormed")?;
    convert.call::<_, JsString<'_>>((This(text),))?.to_string()
}
