//! Connections made by this process.

mod names;

mod race;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use activity::{HttpHost, Origin, Reach};
use async_trait::async_trait;
use tokio::{net::TcpStream, time::timeout};

pub use self::names::Names;
pub(crate) use self::names::{System, Versions, files_about_names, versions_of_files};
use crate::{Connect, ConnectError, Destination};

/// Connects for one component, or for one cell.
///
/// A name is looked up once, and the connection goes to an address that was checked: the name can't stand for another one
/// by then. Addresses that are not public are connected to only if the grant names them, as an address or as `localhost`, or
/// if it lets the name lead to private ones.
#[derive(Clone, Debug)]
pub struct Direct {
    grant: Arc<[Origin]>,
    names: Arc<Names>,
}

impl Direct {
    /// To these servers, whose names `names` looks up.
    pub fn new(grant: &[Origin], names: Names) -> Self {
        Self { grant: grant.into(), names: Arc::new(names) }
    }

    async fn addresses(&self, to: Destination, reach: Reach) -> Result<Vec<SocketAddr>, ConnectError> {
        let ips = match to.host {
            HttpHost::Address(address) => vec![address],
            HttpHost::Name(name) => self.names.find(&name, reach).await?,
        };
        Ok(ips.into_iter().map(|ip| SocketAddr::new(ip, to.port)).collect())
    }
}

#[async_trait]
impl Connect for Direct {
    async fn connect(&self, to: Destination, within: Duration) -> Result<TcpStream, ConnectError> {
        let reach = to.reach(&self.grant).ok_or(ConnectError::NotGranted)?;
        let connecting = async { race::connect(self.addresses(to, reach).await?).await };
        let stream = timeout(within, connecting).await.map_err(|_| ConnectError::TimedOut)??;
        stream.set_nodelay(true).map_err(|error| ConnectError::of_system(&error))?;
        Ok(stream)
    }
}
