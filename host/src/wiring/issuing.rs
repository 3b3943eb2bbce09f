//! Identity tokens: the worker's keys, and the documents about them, which it serves.

use std::{os::unix::fs::DirBuilderExt as _, sync::Arc};

use anyhow::Context as _;
use identity::{Issuer, Key};
use tokio::{net::TcpListener, task::JoinHandle};

use crate::{
    config::identity::{IdentitySettings, KeyFile},
    exit::{Exit, OrExit as _, Problem, failed_to},
};

/// What issues tokens, and what serves the documents about its keys, if it is to.
#[derive(Debug, Default)]
pub(crate) struct Issuing {
    pub(crate) issuer: Option<Arc<Issuer>>,
    pub(crate) serving: Option<JoinHandle<()>>,
}

impl Issuing {
    /// Reads the keys, makes the worker's own if it is to have one, and serves the documents. Called on a runtime.
    ///
    /// # Errors
    /// When a key can't be used, or the address not be had.
    pub(crate) async fn start(settings: Option<&IdentitySettings>) -> Result<Self, Problem> {
        let Some(settings) = settings else { return Ok(Self::default()) };
        let key = match &settings.key {
            KeyFile::At(path) => Key::read(path),
            KeyFile::Own(path) => {
                if let Some(folder) = path.parent() {
                    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
                    made.with_context(|| format!("failed to make {}", folder.display())).or_exit(Exit::Usage)?;
                }
                Key::read_or_make(path)
            }
        };
        let key = key.map_err(refused)?;
        let others =
            settings.others.iter().map(|path| Key::read(path)).collect::<Result<Vec<_>, _>>().map_err(refused)?;
        let issuer = Arc::new(Issuer::new(&settings.issuer, key, others));
        let serving = match &settings.address {
            None => None,
            Some(address) => {
                let listener = TcpListener::bind(address).await;
                let listener = listener.map_err(|error| {
                    let is_taken = error.kind() == std::io::ErrorKind::AddrInUse;
                    let exit = if is_taken { Exit::PortInUse } else { Exit::Usage };
                    let told = format!("failed to serve the keys of identity tokens at {address}");
                    Problem::new(exit, anyhow::Error::new(error).context(told))
                })?;
                let address = listener.local_addr().map(|address| address.to_string()).unwrap_or_default();
                tracing::info!("the keys of identity tokens are at http://{address}/.well-known/jwks.json");
                Some(tokio::spawn(identity::serve(listener, Arc::clone(&issuer))))
            }
        };
        Ok(Self { issuer: Some(issuer), serving })
    }
}

fn refused(error: identity::Error) -> Problem {
    Problem::new(Exit::Usage, failed_to(error)).cure("see \"Keys\" in docs/identity.md")
}
