//! What a guest sets of a request's first line: as long as servers take it, and no longer, because the host holds it for
//! as many requests as the guest has.

use wasmtime::{
    StoreContextMut,
    component::{Linker, Resource},
};
use wasmtime_wasi_http::p2::bindings::http::types::{HostOutgoingRequest as _, Method, OutgoingRequest, Scheme};

use super::{error_code::INTERFACE, view};
use crate::CapabilitiesView;

/// The longest path with its query, in bytes. Servers take 8 KiB, some twice that.
const LONGEST_PATH: usize = 16 << 10;

/// The longest authority: the longest name there is has 253 bytes.
const LONGEST_AUTHORITY: usize = 1 << 10;

/// The longest name of a method or scheme.
const LONGEST_NAME: usize = 256;

/// What a setter returns; the error is that of `wasi:http`, which has no words.
type Set = wasmtime::Result<(Result<(), ()>,)>;

/// Links them in place of wasmtime's, which are linked already and know no bounds.
pub(super) fn add_to_linker<T: CapabilitiesView>(l: &mut Linker<T>) -> wasmtime::Result<()> {
    l.allow_shadowing(true);
    let mut types = l.instance(INTERFACE)?;
    types.func_wrap("[method]outgoing-request.set-method", set_method::<T>)?;
    types.func_wrap("[method]outgoing-request.set-path-with-query", set_path::<T>)?;
    types.func_wrap("[method]outgoing-request.set-scheme", set_scheme::<T>)?;
    types.func_wrap("[method]outgoing-request.set-authority", set_authority::<T>)?;
    l.allow_shadowing(false);
    Ok(())
}

type Request = Resource<OutgoingRequest>;

fn set_method<T: CapabilitiesView>(mut store: StoreContextMut<'_, T>, (request, method): (Request, Method)) -> Set {
    if matches!(&method, Method::Other(name) if LONGEST_NAME < name.len()) {
        return Ok((Err(()),));
    }
    Ok((view(store.data_mut()).set_method(request, method)?,))
}

fn set_path<T: CapabilitiesView>(mut store: StoreContextMut<'_, T>, (request, path): (Request, Option<String>)) -> Set {
    if is_longer(path.as_ref(), LONGEST_PATH) {
        return Ok((Err(()),));
    }
    Ok((view(store.data_mut()).set_path_with_query(request, path)?,))
}

fn set_scheme<T: CapabilitiesView>(
    mut store: StoreContextMut<'_, T>,
    (request, scheme): (Request, Option<Scheme>),
) -> Set {
    if matches!(&scheme, Some(Scheme::Other(name)) if LONGEST_NAME < name.len()) {
        return Ok((Err(()),));
    }
    Ok((view(store.data_mut()).set_scheme(request, scheme)?,))
}

fn set_authority<T: CapabilitiesView>(
    mut store: StoreContextMut<'_, T>,
    (request, authority): (Request, Option<String>),
) -> Set {
    if is_longer(authority.as_ref(), LONGEST_AUTHORITY) {
        return Ok((Err(()),));
    }
    Ok((view(store.data_mut()).set_authority(request, authority)?,))
}

fn is_longer(text: Option<&String>, longest: usize) -> bool {
    text.is_some_and(|text| longest < text.len())
}
