//! Digests and HMAC, for `node:crypto` and `crypto.subtle`.

use hmac::{Hmac, KeyInit as _, Mac as _};
use md5::Md5;
use rquickjs::{Ctx, Exception, Function, Object, Result, Value};
use sha1::Sha1;
use sha2::{Digest as _, Sha224, Sha256, Sha384, Sha512};

use crate::{bytes, text::Text};

pub(super) fn define<'js>(ctx: &Ctx<'js>, host: &Object<'js>) -> Result<()> {
    host.set("digest", Function::new(ctx.clone(), digest)?)?;
    host.set("hmac", Function::new(ctx.clone(), hmac)?)
}

/// The digest of some bytes, by the algorithm's name in small letters without a hyphen.
fn digest<'js>(ctx: Ctx<'js>, algorithm: Text, data: Value<'js>) -> Result<Value<'js>> {
    let data = bytes::copy(&ctx, data)?;
    let digest = match algorithm.0.as_str() {
        "md5" => Md5::digest(data).to_vec(),
        "sha1" => Sha1::digest(data).to_vec(),
        "sha224" => Sha224::digest(data).to_vec(),
        "sha256" => Sha256::digest(data).to_vec(),
        "sha384" => Sha384::digest(data).to_vec(),
        "sha512" => Sha512::digest(data).to_vec(),
        other => return Err(unknown(&ctx, other)),
    };
    bytes::give(&ctx, &digest)
}

fn hmac<'js>(ctx: Ctx<'js>, algorithm: Text, key: Value<'js>, data: Value<'js>) -> Result<Value<'js>> {
    let (key, data) = (bytes::copy(&ctx, key)?, bytes::copy(&ctx, data)?);
    macro_rules! code {
        ($digest:ty) => {
            Hmac::<$digest>::new_from_slice(&key).map(|mac| mac.chain_update(&data).finalize().into_bytes().to_vec())
        };
    }
    let code = match algorithm.0.as_str() {
        "md5" => code!(Md5),
        "sha1" => code!(Sha1),
        "sha224" => code!(Sha224),
        "sha256" => code!(Sha256),
        "sha384" => code!(Sha384),
        "sha512" => code!(Sha512),
        other => return Err(unknown(&ctx, other)),
    };
    bytes::give(&ctx, &code.map_err(|_| Exception::throw_range(&ctx, "the key has no possible length"))?)
}

fn unknown(ctx: &Ctx<'_>, algorithm: &str) -> rquickjs::Error {
    Exception::throw_message(ctx, &format!("Digest method not supported: {algorithm}"))
}
