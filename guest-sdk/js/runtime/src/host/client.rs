//! Raw calls of Temporal's client.

use rquickjs::{Ctx, Function, Object, Result, Value};

use crate::{
    bytes,
    contract::isolet::activity::client::{self, ClientError},
    text::Text,
    values,
};

pub(super) fn define<'js>(ctx: &Ctx<'js>, host: &Object<'js>) -> Result<()> {
    host.set("rpc", Function::new(ctx.clone(), rpc)?)
}

/// The answer's bytes, or `{ kind, code, message, details }`.
fn rpc<'js>(
    ctx: Ctx<'js>,
    service: Text,
    method: Text,
    request: Value<'js>,
    timeout: Option<f64>,
) -> Result<Value<'js>> {
    let request = bytes::copy(&ctx, request)?;
    let error = match client::rpc(&service.0, &method.0, &request, timeout.map(values::duration)) {
        Ok(answer) => return bytes::give(&ctx, &answer),
        Err(error) => error,
    };
    let object = Object::new(ctx.clone())?;
    match error {
        ClientError::NotGranted(message) => {
            object.set("kind", "not-granted")?;
            object.set("message", message)?;
        }
        ClientError::Invalid(message) => {
            object.set("kind", "invalid")?;
            object.set("message", message)?;
        }
        ClientError::LeaseLost => object.set("kind", "lease-lost")?,
        ClientError::Status(status) => {
            object.set("kind", "status")?;
            object.set("code", status.code)?;
            object.set("message", status.message)?;
            object.set("details", bytes::give(&ctx, &status.details)?)?;
        }
    }
    Ok(object.into_value())
}
