//! Pairs of keys: RSA, and the elliptic curves P-256, P-384, P-521, Ed25519 and X25519, for `node:crypto` and
//! `crypto.subtle`. The bundle holds a key as its standard encoding: PKCS #8 if it is private, else a
//! SubjectPublicKeyInfo.

mod public;
mod secret;
mod usage;

use std::{cell::RefCell, rc::Rc};

use rquickjs::{Ctx, Exception, Function, Object, Result, Value};

use self::{public::Public, secret::Secret, usage::Scheme};
use crate::{bytes, text::Text};

/// Why something can't be done with a key, for people.
type Unfit = &'static str;

/// What a key is made of, by names in JSON Web Keys.
type Parts = Vec<(&'static str, Vec<u8>)>;

const PARTS: [&str; 10] = ["n", "e", "d", "p", "q", "dp", "dq", "qi", "x", "y"];

fn part<'parts>(parts: &'parts Parts, name: &str) -> std::result::Result<&'parts [u8], Unfit> {
    let found = parts.iter().find(|(each, _)| *each == name);
    found.map(|(_, bytes)| bytes.as_slice()).ok_or("the key lacks a part")
}

pub(super) fn define<'js>(ctx: &Ctx<'js>, host: &Object<'js>) -> Result<()> {
    host.set("readKey", Function::new(ctx.clone(), read)?)?;
    host.set("readPoint", Function::new(ctx.clone(), read_point)?)?;
    host.set("writeKey", Function::new(ctx.clone(), write)?)?;
    host.set("makeKey", Function::new(ctx.clone(), make)?)?;
    host.set("keyParts", Function::new(ctx.clone(), parts)?)?;
    host.set("generateKey", Function::new(ctx.clone(), generate)?)?;
    host.set("publicKey", Function::new(ctx.clone(), public_of)?)?;
    host.set("agree", Function::new(ctx.clone(), agree)?)?;
    host.set("signByKey", Function::new(ctx.clone(), sign)?)?;
    host.set("verifyByKey", Function::new(ctx.clone(), verify)?)?;
    host.set("encryptByKey", Function::new(ctx.clone(), encrypt)?)?;
    host.set("decryptByKey", Function::new(ctx.clone(), decrypt)?)
}

/// A key in one of the usual forms, as `{ kind, isPrivate, der }`.
fn read<'js>(ctx: Ctx<'js>, form: Text, data: Value<'js>) -> Result<Object<'js>> {
    let data = bytes::copy(&ctx, data)?;
    let secret = |read| give_secret(&ctx, &thrown(&ctx, read)?);
    let public = |read| give_public(&ctx, &thrown(&ctx, read)?);
    match form.0.as_str() {
        "pkcs8" => secret(Secret::from_pkcs8(&data)),
        "pkcs1-private" => secret(Secret::from_pkcs1(&data)),
        "sec1" => secret(Secret::from_sec1(&data)),
        "spki" => public(Public::from_spki(&data)),
        "certificate" => public(Public::from_certificate(&data)),
        "pkcs1-public" => public(Public::from_pkcs1(&data)),
        _ => Err(Exception::throw_message(&ctx, "keys have no such form")),
    }
}

/// The public key that a point of a curve is.
fn read_point<'js>(ctx: Ctx<'js>, curve: Text, data: Value<'js>) -> Result<Object<'js>> {
    let data = bytes::copy(&ctx, data)?;
    give_public(&ctx, &thrown(&ctx, Public::on_curve(&curve.0, &data))?)
}

/// A key in another form than the one that the bundle holds: `pkcs1`, `sec1`, or the point of a public key.
fn write<'js>(ctx: Ctx<'js>, form: Text, der: Value<'js>, is_private: bool) -> Result<Value<'js>> {
    let written = match (form.0.as_str(), is_private) {
        (_, true) => secret(&ctx, der)?.to_traditional(),
        ("pkcs1", false) => public(&ctx, der)?.to_pkcs1(),
        (_, false) => public(&ctx, der)?.point(),
    };
    bytes::give(&ctx, &thrown(&ctx, written)?)
}

/// A key of its parts; private if it has that.
fn make<'js>(ctx: Ctx<'js>, kind: Text, given: Object<'js>) -> Result<Object<'js>> {
    let mut parts = Parts::new();
    for name in PARTS {
        if let Some(value) = given.get::<_, Option<Value<'js>>>(name)? {
            parts.push((name, bytes::copy(&ctx, value)?));
        }
    }
    if part(&parts, "d").is_err() {
        return give_public(&ctx, &thrown(&ctx, Public::from_parts(&kind.0, &parts))?);
    }
    give_secret(&ctx, &thrown(&ctx, Secret::from_parts(&kind.0, &parts))?)
}

fn parts<'js>(ctx: Ctx<'js>, der: Value<'js>, is_private: bool) -> Result<Object<'js>> {
    let parts = if is_private { secret(&ctx, der)?.parts() } else { public(&ctx, der)?.parts() };
    let object = Object::new(ctx.clone())?;
    for (name, bytes) in thrown(&ctx, parts)? {
        object.set(name, bytes::give(&ctx, &bytes)?)?;
    }
    Ok(object)
}

fn generate(ctx: Ctx<'_>, kind: Text, bits: usize, exponent: u32) -> Result<Object<'_>> {
    give_secret(&ctx, &thrown(&ctx, Secret::generate(&kind.0, bits, exponent))?)
}

fn public_of<'js>(ctx: Ctx<'js>, der: Value<'js>) -> Result<Object<'js>> {
    give_public(&ctx, &secret(&ctx, der)?.public())
}

fn agree<'js>(ctx: Ctx<'js>, private: Value<'js>, other: Value<'js>) -> Result<Value<'js>> {
    let shared = secret(&ctx, private)?.agree(&public(&ctx, other)?);
    bytes::give(&ctx, &thrown(&ctx, shared)?)
}

fn sign<'js>(ctx: Ctx<'js>, der: Value<'js>, scheme: Scheme, data: Value<'js>) -> Result<Value<'js>> {
    let (key, data) = (secret(&ctx, der)?, bytes::copy(&ctx, data)?);
    bytes::give(&ctx, &thrown(&ctx, usage::sign(&key, &scheme, &data))?)
}

fn verify<'js>(
    ctx: Ctx<'js>,
    der: Value<'js>,
    scheme: Scheme,
    data: Value<'js>,
    signature: Value<'js>,
) -> Result<bool> {
    let key = public(&ctx, der)?;
    let (data, signature) = (bytes::copy(&ctx, data)?, bytes::copy(&ctx, signature)?);
    thrown(&ctx, usage::verify(&key, &scheme, &data, &signature))
}

/// Without a digest it is padded by PKCS #1 v1.5, with one by OAEP.
fn encrypt<'js>(
    ctx: Ctx<'js>,
    der: Value<'js>,
    hash: Option<Text>,
    label: Value<'js>,
    data: Value<'js>,
) -> Result<Value<'js>> {
    let (key, label, data) = (public(&ctx, der)?, bytes::copy(&ctx, label)?, bytes::copy(&ctx, data)?);
    let oaep = hash.as_ref().map(|hash| (hash.0.as_str(), label.as_slice()));
    bytes::give(&ctx, &thrown(&ctx, usage::encrypt(&key, oaep, &data))?)
}

fn decrypt<'js>(ctx: Ctx<'js>, der: Value<'js>, hash: Text, label: Value<'js>, data: Value<'js>) -> Result<Value<'js>> {
    let (key, label, data) = (secret(&ctx, der)?, bytes::copy(&ctx, label)?, bytes::copy(&ctx, data)?);
    bytes::give(&ctx, &thrown(&ctx, usage::decrypt(&key, &hash.0, &label, &data))?)
}

fn give_secret<'js>(ctx: &Ctx<'js>, key: &Secret) -> Result<Object<'js>> {
    let der = thrown(ctx, key.to_pkcs8())?;
    remember(&der, key);
    give(ctx, key.public().kind(), true, &der)
}

fn give_public<'js>(ctx: &Ctx<'js>, key: &Public) -> Result<Object<'js>> {
    give(ctx, key.kind(), false, &thrown(ctx, key.to_spki())?)
}

fn give<'js>(ctx: &Ctx<'js>, kind: &str, is_private: bool, der: &[u8]) -> Result<Object<'js>> {
    let object = Object::new(ctx.clone())?;
    object.set("kind", kind)?;
    object.set("isPrivate", is_private)?;
    object.set("der", bytes::give(ctx, der)?)?;
    Ok(object)
}

/// How many private keys of RSA are kept as they were read.
const KEPT: usize = 8;

thread_local! {
    /// Reading one is many times the work of using it.
    static READ: RefCell<Vec<(Vec<u8>, Rc<rsa::PrivateKey>)>> = const { RefCell::new(Vec::new()) };
}

fn remember(der: &[u8], key: &Secret) {
    let Secret::Rsa(key) = key else { return };
    READ.with_borrow_mut(|read| {
        if read.iter().any(|(known, _)| known == der) {
            return;
        }
        if read.len() == KEPT {
            read.remove(0);
        }
        read.push((der.to_vec(), Rc::clone(key)));
    });
}

fn secret<'js>(ctx: &Ctx<'js>, der: Value<'js>) -> Result<Secret> {
    let der = bytes::copy(ctx, der)?;
    let known = READ.with_borrow(|read| read.iter().find(|(known, _)| *known == der).map(|(_, key)| Rc::clone(key)));
    if let Some(key) = known {
        return Ok(Secret::Rsa(key));
    }
    let key = thrown(ctx, Secret::from_pkcs8(&der))?;
    remember(&der, &key);
    Ok(key)
}

fn public<'js>(ctx: &Ctx<'js>, der: Value<'js>) -> Result<Public> {
    let der = bytes::copy(ctx, der)?;
    thrown(ctx, Public::from_spki(&der))
}

fn thrown<T>(ctx: &Ctx<'_>, done: std::result::Result<T, Unfit>) -> Result<T> {
    done.map_err(|why| Exception::throw_message(ctx, why))
}
