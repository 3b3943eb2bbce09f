//! Clocks, randomness, output, the environment, and texts as bytes.

use rquickjs::{Ctx, Exception, Function, Object, Result, String as JsString, Value};
use wasip2::{
    cli::{environment, stderr::get_stderr, stdin::get_stdin, stdout::get_stdout},
    clocks::monotonic_clock,
    io::streams::OutputStream,
    random::random,
};

use crate::{bytes, event_loop, text::Text};

pub(super) fn define<'js>(ctx: &Ctx<'js>, host: &Object<'js>) -> Result<()> {
    host.set("listen", Function::new(ctx.clone(), |ctx: Ctx<'js>, to: Function<'js>| event_loop::listen(&ctx, to))?)?;
    host.set("setTimer", Function::new(ctx.clone(), event_loop::set_timer)?)?;
    host.set("clearTimer", Function::new(ctx.clone(), event_loop::clear_timer)?)?;
    host.set("collectGarbage", Function::new(ctx.clone(), |ctx: Ctx<'js>| ctx.run_gc())?)?;
    host.set("zoneOffset", Function::new(ctx.clone(), zone_offset)?)?;
    host.set("now", Function::new(ctx.clone(), now)?)?;
    host.set("randomBytes", Function::new(ctx.clone(), random_bytes)?)?;
    host.set("randomNumber", Function::new(ctx.clone(), random_number)?)?;
    host.set("environment", Function::new(ctx.clone(), give_environment)?)?;
    host.set("print", Function::new(ctx.clone(), |text: Text| write(&get_stdout(), text.0.as_bytes()))?)?;
    host.set("printError", Function::new(ctx.clone(), |text: Text| write(&get_stderr(), text.0.as_bytes()))?)?;
    host.set("encode", Function::new(ctx.clone(), |ctx: Ctx<'js>, text: Text| bytes::give(&ctx, text.0.as_bytes()))?)?;
    host.set("decode", Function::new(ctx.clone(), decode)?)
}

/// All of standard input. The stream is given back, because no handle may live on in what is kept.
pub(crate) fn read_code() -> String {
    let input = get_stdin();
    let mut code = Vec::new();
    while let Ok(piece) = input.blocking_read(1 << 20) {
        code.extend(piece);
    }
    String::from_utf8(code).unwrap_or_else(|_| give_up("the bundle is not UTF-8"))
}

/// Says why on standard error, and ends the instance.
pub(crate) fn give_up(why: &str) -> ! {
    write(&get_stderr(), format!("{}\n", why.trim_end()).as_bytes());
    std::process::abort()
}

fn write(stream: &OutputStream, bytes: &[u8]) {
    // The most that one call takes.
    for piece in bytes.chunks(4096) {
        if stream.blocking_write_and_flush(piece).is_err() {
            return;
        }
    }
}

/// How many milliseconds a time zone is ahead of UTC at a time; nothing if there is no such zone.
fn zone_offset(zone: Text, time: f64) -> Option<f64> {
    let zone = jiff::tz::TimeZone::get(&zone.0).ok()?;
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds are whole")]
    let time = jiff::Timestamp::from_millisecond(time as i64).ok()?;
    Some(f64::from(zone.to_offset(time).seconds()) * 1e3)
}

/// Milliseconds of a clock that never goes back.
#[expect(clippy::cast_precision_loss, reason = "JavaScript has no other numbers for it")]
fn now() -> f64 {
    monotonic_clock::now() as f64 / 1e6
}

fn random_bytes(ctx: Ctx<'_>, length: u32) -> Result<Value<'_>> {
    bytes::give(&ctx, &random::get_random_bytes(length.into()))
}

/// A number of 53 random bits, from 0 up to but not including 1.
#[expect(clippy::cast_precision_loss, reason = "53 bits are exact")]
fn random_number() -> f64 {
    (random::get_random_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

fn give_environment(ctx: Ctx<'_>) -> Result<Object<'_>> {
    let object = Object::new(ctx)?;
    for (name, value) in environment::get_environment() {
        object.set(name, value)?;
    }
    Ok(object)
}

/// A text from UTF-8; what is not becomes U+FFFD, or a `TypeError` if it is `fatal`.
fn decode<'js>(ctx: Ctx<'js>, data: Value<'js>, fatal: bool) -> Result<JsString<'js>> {
    let data = bytes::copy(&ctx, data)?;
    match std::str::from_utf8(&data) {
        Ok(text) => JsString::from_str(ctx, text),
        Err(_) if fatal => Err(Exception::throw_type(&ctx, "The encoded data was not valid for encoding utf-8")),
        Err(_) => JsString::from_str(ctx.clone(), &String::from_utf8_lossy(&data)),
    }
}
