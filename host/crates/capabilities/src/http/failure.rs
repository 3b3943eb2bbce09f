//! What befell a request on its way, as the guest is told it: by an error code, without a word about the host.

use std::{error::Error as StdError, io, iter::successors};

use rustix::io::Errno;
use rustls::AlertDescription;
use wasmtime_wasi_http::Error;

use super::{
    in_words,
    resolver::{NotPublic, Unknown},
};

/// Why there is no response.
pub(super) fn of_request(error: &reqwest::Error) -> Error {
    tracing::debug!(error = error as &dyn StdError, "a guest's request failed");
    let connecting = error.is_connect();
    let known = causes(error).find_map(|cause| of_cause(cause, connecting));
    known.unwrap_or_else(|| match () {
        () if connecting && error.is_timeout() => Error::ConnectionTimeout,
        () if error.is_dns() => Error::DnsError { rcode: None, info_code: None },
        () if connecting => Error::DestinationUnavailable,
        () if error.is_timeout() => Error::HttpResponseTimeout,
        () if error.is_builder() => Error::HttpRequestUriInvalid,
        () => Error::ConnectionTerminated,
    })
}

/// Why a response has no end.
pub(super) fn of_response(error: &reqwest::Error) -> Error {
    tracing::debug!(error = error as &dyn StdError, "a response to a guest broke off");
    causes(error).find_map(|cause| of_cause(cause, false)).unwrap_or(Error::HttpResponseIncomplete)
}

/// What a cause tells, if it tells anything.
fn of_cause(cause: &(dyn StdError + 'static), connecting: bool) -> Option<Error> {
    if let Some(ours) = cause.downcast_ref::<Error>() {
        return Some(again(ours));
    }
    if cause.is::<NotPublic>() {
        let text = "the name stands for no public address: others must be granted as addresses, or as `localhost`";
        return Some(in_words(text.to_owned()));
    }
    if cause.is::<Unknown>() {
        return Some(Error::DnsError { rcode: None, info_code: None });
    }
    if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
        return Some(of_tls(tls));
    }
    if let Some(http) = cause.downcast_ref::<hyper::Error>() {
        return match () {
            () if http.is_parse_too_large() => Some(Error::HttpResponseHeaderSectionSize(None)),
            () if http.is_parse() => Some(Error::HttpProtocolError),
            () if http.is_incomplete_message() => Some(Error::HttpResponseIncomplete),
            () => None,
        };
    }
    let system = cause.downcast_ref::<io::Error>()?;
    if let Some(Errno::MFILE | Errno::NFILE) = Errno::from_io_error(system) {
        // Neither the guest's fault nor the server's.
        tracing::warn!(error = %system, "a guest's request can't be sent: raise the limit on open files (`ulimit -n`)");
        return Some(in_words("the host can make no connection now".to_owned()));
    }
    match system.kind() {
        io::ErrorKind::ConnectionRefused => Some(Error::ConnectionRefused),
        io::ErrorKind::TimedOut if connecting => Some(Error::ConnectionTimeout),
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => Some(Error::DestinationIpUnroutable),
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted | io::ErrorKind::BrokenPipe => {
            Some(Error::ConnectionTerminated)
        }
        io::ErrorKind::UnexpectedEof if connecting => Some(Error::ConnectionTerminated),
        _ => None,
    }
}

fn of_tls(error: &rustls::Error) -> Error {
    match error {
        rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented => Error::TlsCertificateError,
        rustls::Error::AlertReceived(alert) => {
            Error::TlsAlertReceived { alert_id: Some(alert_id(*alert)), alert_message: Some(format!("{alert:?}")) }
        }
        _ => Error::TlsProtocolError,
    }
}

fn alert_id(alert: AlertDescription) -> u8 {
    alert.into()
}

/// An error of a request's own body, which comes back as a cause.
fn again(error: &Error) -> Error {
    match error {
        Error::InternalError(text) => Error::InternalError(text.clone()),
        _ => Error::HttpProtocolError,
    }
}

/// An error and all that caused it.
fn causes<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    successors(Some(error), |cause| next_cause(*cause))
}

/// What is behind an error. An I/O error hides what it wraps behind itself.
fn next_cause<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a (dyn StdError + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(inner) => Some(inner),
        None => error.source(),
    }
}
