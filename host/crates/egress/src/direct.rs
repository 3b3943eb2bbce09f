//! Connections made by this process.

mod names;

mod proxy;

mod race;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use activity::{HttpHost, Origin, Reach};
use async_trait::async_trait;
use tokio::{net::TcpStream, time::timeout};

pub(crate) use self::names::{System, Versions, files_about_names, versions_of_files};
pub use self::{names::Names, proxy::Proxy};
use crate::{Connect, ConnectError, Destination};

/// Connects for one component, or for one cell.
///
/// A name is looked up once, and the connection goes to an address that was checked: the name can't stand for another one
/// by then. Addresses that are not public are connected to only if the grant names them, as an address or as `localhost`, or
/// if it lets the name lead to private ones. Where there is a proxy, it looks names of public servers up, and nobody here
/// knows where they lead.
#[derive(Clone, Debug)]
pub struct Direct {
    grant: Arc<[Origin]>,
    names: Arc<Names>,
    proxy: Option<Arc<Proxy>>,
}

impl Direct {
    /// To these servers, whose names `names` looks up; to public ones by way of `proxy`, if there is one.
    pub fn new(grant: &[Origin], names: Names, proxy: Option<Arc<Proxy>>) -> Self {
        Self { grant: grant.into(), names: Arc::new(names), proxy }
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
        let connecting = async {
            match self.proxy.as_ref().filter(|_| Proxy::is_for(&to, reach)) {
                Some(proxy) => proxy.connect(&self.names, &to).await,
                None => race::connect(self.addresses(to, reach).await?).await,
            }
        };
        let stream = timeout(within, connecting).await.map_err(|_| ConnectError::TimedOut)??;
        stream.set_nodelay(true).map_err(|error| ConnectError::of_system(&error))?;
        Ok(stream)
    }
}
