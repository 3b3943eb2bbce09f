//! TLS as servers of the tests speak it.

use std::{
    io::{self, Read, Write},
    net::TcpStream,
    sync::Arc,
};

use rcgen::{BasicConstraints, Certificate, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer},
};

/// Somebody who issues certificates, and is trusted by whoever has its file.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: Certificate,
    pem: String,
}

impl Authority {
    /// One that nobody knows yet.
    pub(crate) fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut parameters = CertificateParams::new(Vec::new()).unwrap();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = parameters.self_signed(&key).unwrap();
        Self { issuer: Issuer::new(parameters, key), pem: certificate.pem(), certificate }
    }

    /// Its certificate, as files have it.
    pub(crate) fn pem(&self) -> &str {
        &self.pem
    }

    /// The same, as programs have it.
    pub(crate) fn der(&self) -> CertificateDer<'static> {
        self.certificate.der().clone()
    }

    /// A certificate and its key for this host, as files have them.
    pub(crate) fn certificate(&self, host: &str) -> (String, String) {
        let (certificate, key) = self.issued(host);
        (certificate.pem(), key.serialize_pem())
    }

    /// The same, as programs have them.
    pub(crate) fn issued(&self, host: &str) -> (Certificate, KeyPair) {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new([host.to_owned()]).unwrap().signed_by(&key, &self.issuer).unwrap();
        (certificate, key)
    }

    /// How a server speaks TLS that has its certificate for this host.
    pub(crate) fn server(&self, host: &str) -> ServerConfig {
        let (certificate, key) = self.issued(host);
        let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
        config.with_single_cert(vec![certificate.der().clone()], key).unwrap()
    }
}

/// A connection, whatever it is made of.
pub(crate) trait Stream: Read + Write {}

impl<T: Read + Write> Stream for T {}

/// What a client sends and is sent over a connection that was accepted.
pub(crate) fn accepted(tls: Option<&Arc<ServerConfig>>, stream: TcpStream) -> io::Result<Box<dyn Stream>> {
    let Some(config) = tls else { return Ok(Box::new(stream)) };
    let connection = ServerConnection::new(Arc::clone(config)).map_err(io::Error::other)?;
    Ok(Box::new(StreamOwned::new(connection, stream)))
}
