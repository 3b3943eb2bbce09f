//! `http-error-code`: why a response's body broke off.
//!
//! wasmtime's own looks for a type that its bodies' errors do not have, so that guests would never get a code.

use wasmtime::{
    StoreContextMut,
    component::{Linker, Resource},
};
use wasmtime_wasi::p2::IoError;
use wasmtime_wasi_http::{Error, p2::bindings::http::types::ErrorCode};

use crate::CapabilitiesView;

/// As wasmtime links it.
pub(super) const INTERFACE: &str = "wasi:http/types@0.2.12";

/// Links it in place of wasmtime's, which is linked already.
pub(super) fn add_to_linker<T: CapabilitiesView>(l: &mut Linker<T>) -> wasmtime::Result<()> {
    l.allow_shadowing(true);
    let told = |mut store: StoreContextMut<'_, T>, (error,): (Resource<IoError>,)| {
        let error = store.data_mut().called().table.get(&error)?;
        Ok((error.downcast_ref().and_then(code),))
    };
    l.instance(INTERFACE)?.func_wrap("http-error-code", told)?;
    l.allow_shadowing(false);
    Ok(())
}

/// The code for an error of a body of ours.
fn code(error: &Error) -> Option<ErrorCode> {
    Some(match error {
        Error::InternalError(text) => ErrorCode::InternalError(text.clone()),
        Error::ConnectionReadTimeout => ErrorCode::ConnectionReadTimeout,
        Error::ConnectionTerminated => ErrorCode::ConnectionTerminated,
        Error::HttpProtocolError => ErrorCode::HttpProtocolError,
        Error::HttpResponseIncomplete => ErrorCode::HttpResponseIncomplete,
        Error::TlsProtocolError => ErrorCode::TlsProtocolError,
        _ => return None,
    })
}
