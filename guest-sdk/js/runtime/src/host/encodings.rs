//! The encodings of the web, for `TextDecoder`: how texts look as bytes that are not UTF-8.

use std::cell::RefCell;

use encoding_rs::{Decoder, DecoderResult, Encoding};
use rquickjs::{Ctx, Exception, Function, Object, Result, Value};

use crate::{bytes, text::Text};

/// How much room for text there is at least, each time that some is decoded.
const PIECE: usize = 8192;

pub(super) fn define<'js>(ctx: &Ctx<'js>, host: &Object<'js>) -> Result<()> {
    host.set("encodingName", Function::new(ctx.clone(), name)?)?;
    host.set("decoder", Function::new(ctx.clone(), decoder)?)
}

fn named(label: &Text) -> Option<&'static Encoding> {
    Encoding::for_label_no_replacement(label.0.as_bytes())
}

/// The name of the encoding that a label means.
fn name(label: Text) -> Option<String> {
    named(&label).map(|encoding| encoding.name().to_ascii_lowercase())
}

/// A function `(bytes, isLast, fatal)` that decodes one piece after another. What is no text becomes U+FFFD, or a
/// `TypeError`. After the last piece it begins anew.
fn decoder<'js>(ctx: Ctx<'js>, label: Text, keeps_mark: bool) -> Result<Function<'js>> {
    let encoding =
        named(&label).ok_or_else(|| Exception::throw_range(&ctx, &format!("there is no encoding {}", label.0)))?;
    let begin = move || match keeps_mark {
        true => encoding.new_decoder_without_bom_handling(),
        false => encoding.new_decoder_with_bom_removal(),
    };
    let decoder = RefCell::new(begin());
    Function::new(ctx, move |ctx: Ctx<'js>, data: Value<'js>, is_last: bool, fatal: bool| {
        let data = bytes::copy(&ctx, data)?;
        let decoded = decode(&mut decoder.borrow_mut(), &data, is_last, fatal);
        if is_last || decoded.is_none() {
            decoder.replace(begin());
        }
        decoded.ok_or_else(|| {
            let name = encoding.name().to_ascii_lowercase();
            Exception::throw_type(&ctx, &format!("The encoded data was not valid for encoding {name}"))
        })
    })
}

/// The text; none if it is no text and must be.
fn decode(decoder: &mut Decoder, mut data: &[u8], is_last: bool, fatal: bool) -> Option<String> {
    let mut text = String::new();
    loop {
        text.reserve(data.len().max(PIECE));
        let (result, read) = decoder.decode_to_string_without_replacement(data, &mut text, is_last);
        data = data.get(read..).unwrap_or_default();
        match result {
            DecoderResult::InputEmpty => return Some(text),
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(..) if fatal => return None,
            DecoderResult::Malformed(..) => text.push('\u{fffd}'),
        }
    }
}
