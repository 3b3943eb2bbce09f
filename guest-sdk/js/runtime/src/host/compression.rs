//! Compression, for `node:zlib` and the compression streams.

use std::io::Read as _;

use flate2::{
    Compression,
    bufread::{DeflateDecoder, DeflateEncoder, GzEncoder, MultiGzDecoder, ZlibDecoder, ZlibEncoder},
};
use rquickjs::{Ctx, Exception, Function, Object, Result, Value};

use crate::{bytes, text::Text};

pub(super) fn define<'js>(ctx: &Ctx<'js>, host: &Object<'js>) -> Result<()> {
    host.set("compress", Function::new(ctx.clone(), compress)?)?;
    host.set("decompress", Function::new(ctx.clone(), decompress)?)
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

fn finished<'js>(ctx: &Ctx<'js>, done: std::io::Result<Vec<u8>>) -> Result<Value<'js>> {
    match done {
        Ok(bytes) => bytes::give(ctx, &bytes),
        Err(error) => Err(Exception::throw_message(ctx, &error.to_string())),
    }
}
