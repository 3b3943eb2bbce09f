//! Compression, for `node:zlib` and the compression streams.

use std::{
    cell::RefCell,
    io::{self, Read as _, Write as _},
};

use brotli::{CompressorReader, Decompressor, DecompressorWriter};
use flate2::{
    Compression,
    bufread::{DeflateDecoder, DeflateEncoder, GzEncoder, MultiGzDecoder, ZlibDecoder, ZlibEncoder},
};
use rquickjs::{Ctx, Exception, Function, Object, Result, Value};

use crate::{bytes, text::Text};

/// How much brotli works on at once.
const BUFFER: usize = 16384;

pub(super) fn define<'js>(ctx: &Ctx<'js>, host: &Object<'js>) -> Result<()> {
    host.set("compress", Function::new(ctx.clone(), compress)?)?;
    host.set("decompress", Function::new(ctx.clone(), decompress)?)?;
    host.set("brotli", Function::new(ctx.clone(), brotli)?)?;
    host.set("unbrotli", Function::new(ctx.clone(), unbrotli)?)?;
    host.set("brotliDecoder", Function::new(ctx.clone(), brotli_decoder)?)
}

fn compress<'js>(ctx: Ctx<'js>, format: Text, data: Value<'js>, level: u32) -> Result<Value<'js>> {
    let data = bytes::copy(&ctx, data)?;
    let level = Compression::new(level.min(9));
    let mut packed = Vec::new();
    let done = match format.0.as_str() {
        "gzip" => GzEncoder::new(data.as_slice(), level).read_to_end(&mut packed),
        "deflate" => ZlibEncoder::new(data.as_slice(), level).read_to_end(&mut packed),
        _ => DeflateEncoder::new(data.as_slice(), level).read_to_end(&mut packed),
    };
    finished(&ctx, done.map(|_| packed))
}

fn decompress<'js>(ctx: Ctx<'js>, format: Text, data: Value<'js>) -> Result<Value<'js>> {
    let data = bytes::copy(&ctx, data)?;
    let mut unpacked = Vec::new();
    let done = match format.0.as_str() {
        "gzip" => MultiGzDecoder::new(data.as_slice()).read_to_end(&mut unpacked),
        "deflate" => ZlibDecoder::new(data.as_slice()).read_to_end(&mut unpacked),
        _ => DeflateDecoder::new(data.as_slice()).read_to_end(&mut unpacked),
    };
    finished(&ctx, done.map(|_| unpacked))
}

/// Brotli has a quality of 0 to 11, and a window of 10 to 24 bits.
fn brotli<'js>(ctx: Ctx<'js>, data: Value<'js>, quality: u32, window: u32) -> Result<Value<'js>> {
    let data = bytes::copy(&ctx, data)?;
    let mut packed = Vec::new();
    let mut compressor = CompressorReader::new(data.as_slice(), BUFFER, quality.min(11), window.clamp(10, 24));
    let done = compressor.read_to_end(&mut packed);
    finished(&ctx, done.map(|_| packed))
}

fn unbrotli<'js>(ctx: Ctx<'js>, data: Value<'js>) -> Result<Value<'js>> {
    let data = bytes::copy(&ctx, data)?;
    let mut unpacked = Vec::new();
    let done = Decompressor::new(data.as_slice(), BUFFER).read_to_end(&mut unpacked);
    finished(&ctx, done.map(|_| unpacked))
}

/// A function `(bytes, isLast)` that decompresses one piece after another, for answers that go on for long.
fn brotli_decoder<'js>(ctx: Ctx<'js>) -> Result<Function<'js>> {
    let decoder = RefCell::new(DecompressorWriter::new(Vec::new(), BUFFER));
    Function::new(ctx, move |ctx: Ctx<'js>, data: Value<'js>, is_last: bool| {
        give_piece(&ctx, &mut decoder.borrow_mut(), data, is_last)
    })
}

fn give_piece<'js>(
    ctx: &Ctx<'js>,
    decoder: &mut DecompressorWriter<Vec<u8>>,
    data: Value<'js>,
    is_last: bool,
) -> Result<Value<'js>> {
    let data = bytes::copy(ctx, data)?;
    let done = decoder.write_all(&data).and_then(|()| if is_last { decoder.close() } else { Ok(()) });
    let unpacked = std::mem::take(decoder.get_mut());
    finished(ctx, done.map(|()| unpacked))
}

fn finished<'js>(ctx: &Ctx<'js>, done: io::Result<Vec<u8>>) -> Result<Value<'js>> {
    match done {
        Ok(bytes) => bytes::give(ctx, &bytes),
        Err(error) => Err(Exception::throw_message(ctx, &error.to_string())),
    }
}
