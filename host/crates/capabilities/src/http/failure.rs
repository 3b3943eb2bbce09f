//! What befell a request on its way, as the guest is told it: by an error code, without a word about the host.

use std::{error::Error as StdError, io, iter::successors};

use egress::ConnectError;
use rustls::AlertDescription;
use wasmtime_wasi_http::Error;

use super::in_words;

/// Why there is no connection.
pub(super) fn of_connecting(error: ConnectError) -> Error {
    tracing::debug!(%error, "a guest's request failed");
    match error {
        ConnectError::NotGranted => in_words("the component's grant `http` does not cover the server".to_owned()),
        ConnectError::NotPublic => in_words(
            "the name stands for no public address: others must be granted as addresses, as `localhost`, or with \
             `private = true`"
                .to_owned(),
        ),
        ConnectError::Unknown => Error::DnsError { rcode: None, info_code: None },
        ConnectError::Refused => Error::ConnectionRefused,
        ConnectError::TimedOut => Error::ConnectionTimeout,
        ConnectError::Unroutable => Error::DestinationIpUnroutable,
        ConnectError::Unavailable => Error::DestinationUnavailable,
        ConnectError::ProxyRefused => {
            in_words("the operator's proxy does not let requests to the server through".to_owned())
        }
        ConnectError::ProxyUnreachable => in_words("the operator's proxy can't be reached".to_owned()),
        ConnectError::Busy => in_words("the host can make no connection now".to_owned()),
    }
}

/// Why TLS does not come about.
pub(super) fn of_tls(error: &io::Error) -> Error {
    tracing::debug!(error = error as &dyn StdError, "a guest's request failed");
    causes(error).find_map(of_cause).unwrap_or_else(|| match error.kind() {
        io::ErrorKind::UnexpectedEof => Error::ConnectionTerminated,
        _ => Error::DestinationUnavailable,
    })
}

/// Why there is no response.
pub(super) fn of_request(error: &hyper::Error) -> Error {
    tracing::debug!(error = error as &dyn StdError, "a guest's request failed");
    causes(error).find_map(of_cause).unwrap_or(Error::ConnectionTerminated)
}

/// Why a response has no end.
pub(super) fn of_response(error: &hyper::Error) -> Error {
    tracing::debug!(error = error as &dyn StdError, "a response to a guest broke off");
    causes(error).find_map(of_cause).unwrap_or(Error::HttpResponseIncomplete)
}

/// What a cause tells, if it tells anything.
fn of_cause(cause: &(dyn StdError + 'static)) -> Option<Error> {
    if let Some(ours) = cause.downcast_ref::<Error>() {
        return Some(again(ours));
    }
    if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
        return Some(of_tls_itself(tls));
    }
    if let Some(http) = cause.downcast_ref::<hyper::Error>() {
        return match () {
            () if http.is_parse_too_large() => Some(Error::HttpResponseHeaderSectionSize(None)),
            () if http.is_parse() => Some(Error::HttpProtocolError),
            () if http.is_incomplete_message() => Some(Error::HttpResponseIncomplete),
            () => None,
        };
    }
    match cause.downcast_ref::<io::Error>()?.kind() {
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => Some(Error::DestinationIpUnroutable),
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted | io::ErrorKind::BrokenPipe => {
            Some(Error::ConnectionTerminated)
        }
        _ => None,
    }
}

fn of_tls_itself(error: &rustls::Error) -> Error {
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
