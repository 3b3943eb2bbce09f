//! A way to a server for clients that prove who they are.

use std::sync::Arc;

use rustls::{RootCertStore, ServerConfig, crypto::ring, pki_types::PrivateKeyDer, server::WebPkiClientVerifier};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
};
use tokio_rustls::TlsAcceptor;

use super::{process::GUARD, tls::Authority};

/// Passes connections on to a server, of clients with a certificate of the authority that is trusted at the moment. Works as
/// long as the test's runtime.
pub(crate) struct MutualTls {
    address: String,
    config: Arc<watch::Sender<Arc<ServerConfig>>>,
    /// What became of clients since others are trusted.
    clients: Arc<watch::Sender<Clients>>,
}

#[derive(Debug, Default)]
struct Clients {
    let_in: usize,
    refused: usize,
}

impl MutualTls {
    /// A way to the server at this address, with a certificate for `localhost`.
    pub(crate) async fn start(server: String, own: &Authority, clients: &Authority) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("localhost:{}", listener.local_addr().unwrap().port());
        let config = Arc::new(watch::Sender::new(demanding(own, clients)));
        let way = Self { address, config, clients: Arc::default() };
        let (config, clients) = (Arc::clone(&way.config), Arc::clone(&way.clients));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let acceptor = TlsAcceptor::from(Arc::clone(&config.borrow()));
                let (server, clients) = (server.clone(), Arc::clone(&clients));
                tokio::spawn(async move {
                    let Ok(mut client) = acceptor.accept(client).await else {
                        clients.send_modify(|clients| clients.refused += 1);
                        return;
                    };
                    let Ok(mut server) = TcpStream::connect(server).await else { return };
                    clients.send_modify(|clients| clients.let_in += 1);
                    // Either side may hang up.
                    let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
                });
            }
        });
        way
    }

    /// Trusts only this authority's clients from now on. Those that were let in before stay.
    pub(crate) fn demand(&self, own: &Authority, clients: &Authority) {
        self.config.send_replace(demanding(own, clients));
        self.clients.send_replace(Clients::default());
    }

    /// Where it listens, as `host:port`.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Waits until a client was let in since others are trusted.
    pub(crate) async fn let_one_in(&self) {
        self.until(|clients| 0 < clients.let_in).await;
    }

    /// Waits until one was refused since then.
    pub(crate) async fn refused_one(&self) {
        self.until(|clients| 0 < clients.refused).await;
    }

    async fn until(&self, so: impl FnMut(&Clients) -> bool) {
        let mut clients = self.clients.subscribe();
        let waited = tokio::time::timeout(GUARD, clients.wait_for(so)).await;
        assert!(waited.is_ok(), "{:?} in {GUARD:?}", *self.clients.borrow());
    }
}

fn demanding(own: &Authority, clients: &Authority) -> Arc<ServerConfig> {
    let provider = Arc::new(ring::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(clients.der()).unwrap();
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build().unwrap();
    let (certificate, key) = own.issued("localhost");
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_client_cert_verifier(verifier);
    let mut config = config
        .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
        .unwrap();
    // What gRPC is spoken over.
    config.alpn_protocols = vec![b"h2".to_vec()];
    Arc::new(config)
}
