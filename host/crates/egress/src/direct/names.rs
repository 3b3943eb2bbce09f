//! Looking up names for one component, for connections to public addresses alone.
//!
//! A lookup takes no thread, ends when it is dropped, and shares nothing with those of other components: a server of
//! names that does not answer keeps nobody waiting but those who ask for its names.

mod system;

use std::{
    error::Error as StdError,
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
};

use activity::{LOCALHOST, Reach};
use hickory_resolver::{
    Hosts, TokioResolver,
    config::{LookupIpStrategy, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts},
    net::{NetError, runtime::TokioRuntimeProvider},
    proto::{
        op::Query,
        rr::{Name, RecordType},
    },
    system_conf,
};
use tokio::sync::Semaphore;

pub(crate) use self::system::{System, Versions, open as files_about_names, versions as versions_of_files};
use self::system::{Texts, Version};
use crate::ConnectError;

/// Lookups of one component at once: each takes a few sockets.
const LOOKUPS: usize = 16;

/// Addresses of one name that a connection is tried to.
const ADDRESSES: usize = 16;

/// Looks up names for one component, or for one cell.
///
/// Upholds the following invariants:
/// - a name is looked up as it stands: no search domain is appended to it;
/// - `localhost`, and what is below it, is this machine without asking anyone;
/// - no answer is kept, so nothing tells a guest what others have looked up.
pub struct Names {
    /// Whom to ask; those of the system if there are none.
    servers: Vec<SocketAddr>,
    system: System,
    /// As many permits as lookups may be under way.
    room: Semaphore,
    setup: Mutex<Option<Arc<Setup>>>,
}

/// How names are looked up, until what the system says of that changes.
struct Setup {
    version: Version,
    hosts: Hosts,
    resolver: TokioResolver,
}

impl Names {
    /// Asks `servers`, or those of the system if there are none.
    pub fn new(servers: Vec<SocketAddr>) -> Self {
        Self::with(servers, System::Own)
    }

    /// The same where the system's files can't be opened.
    pub(crate) fn with(servers: Vec<SocketAddr>, system: System) -> Self {
        Self { servers, system, room: Semaphore::new(LOOKUPS), setup: Mutex::default() }
    }

    /// The same for another component.
    pub fn again(&self) -> Self {
        Self::with(self.servers.clone(), self.system.clone())
    }

    /// What of the addresses that a name stands for may be connected to: those within its reach; of `localhost`, those of
    /// this machine.
    pub(crate) async fn find(&self, name: &str, reach: Reach) -> Result<Vec<IpAddr>, ConnectError> {
        let found = self.addresses(name).await.map_err(|error| {
            tracing::debug!(name, %error, "a name can't be looked up");
            ConnectError::Unknown
        })?;
        kept(name, found, reach)
    }

    /// All addresses that a name stands for: of a server that the operator has named.
    pub(super) async fn all(&self, name: &str) -> Result<Vec<IpAddr>, ConnectError> {
        self.addresses(name).await.map_err(|_| ConnectError::Unknown)
    }

    async fn addresses(&self, name: &str) -> Result<Vec<IpAddr>, Box<dyn StdError + Send + Sync>> {
        let bare = name.strip_suffix('.').unwrap_or(name);
        if bare.rsplit('.').next() == Some(LOCALHOST) {
            return Ok(vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]);
        }
        let mut asked = Name::from_ascii(name)?;
        asked.set_fqdn(true);
        let setup = self.setup()?;
        let found = setup.in_hosts(&asked);
        if !found.is_empty() {
            return Ok(found);
        }
        let _permit = self.room.acquire().await?;
        Ok(setup.resolver.lookup_ip(asked).await?.iter().collect())
    }

    fn setup(&self) -> Result<Arc<Setup>, NetError> {
        let version = self.system.version();
        let mut setup = self.setup.lock().unwrap_or_else(PoisonError::into_inner);
        match setup.as_ref().filter(|setup| setup.version == version) {
            Some(setup) => Ok(Arc::clone(setup)),
            None => Ok(Arc::clone(setup.insert(Arc::new(Setup::new(version, &self.system.read(), &self.servers)?)))),
        }
    }
}

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Names").field("servers", &self.servers).finish_non_exhaustive()
    }
}

impl Setup {
    fn new(version: Version, texts: &Texts, servers: &[SocketAddr]) -> Result<Self, NetError> {
        let (config, options) = match servers {
            [] => system_conf::parse_resolv_conf(&texts.servers).unwrap_or_else(|error| {
                tracing::warn!(%error, "the system names no server of names: one on this machine is asked");
                (asking(&[(Ipv4Addr::LOCALHOST, 53).into()]), ResolverOpts::default())
            }),
            servers => (asking(servers), ResolverOpts::default()),
        };
        let mut builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
        let wanted = builder.options_mut();
        *wanted = options;
        wanted.cache_size = 0;
        wanted.ip_strategy = LookupIpStrategy::Ipv4AndIpv6;
        // They are looked at before.
        wanted.use_hosts_file = ResolveHosts::Never;
        let mut hosts = Hosts::default();
        // What is no text there says nothing.
        let _ = hosts.read_hosts_conf(texts.hosts.as_slice());
        Ok(Self { version, hosts, resolver: builder.build()? })
    }

    /// What the system's file of hosts says, which nobody is asked beyond.
    fn in_hosts(&self, name: &Name) -> Vec<IpAddr> {
        let kinds = [RecordType::A, RecordType::AAAA].into_iter();
        let found = kinds.filter_map(|kind| self.hosts.lookup_static_host(&Query::query(name.clone(), kind)));
        found
            .flat_map(|found| found.answers().iter().filter_map(|record| record.data.ip_addr()).collect::<Vec<_>>())
            .collect()
    }
}

/// A configuration that asks these servers, over TCP too if an answer is too long.
fn asking(servers: &[SocketAddr]) -> ResolverConfig {
    let config = |server: &SocketAddr| {
        let mut config = NameServerConfig::udp_and_tcp(server.ip());
        config.connections.iter_mut().for_each(|connection| connection.port = server.port());
        config
    };
    ResolverConfig::from_name_servers(servers.iter().map(config).collect())
}

fn kept(name: &str, found: Vec<IpAddr>, reach: Reach) -> Result<Vec<IpAddr>, ConnectError> {
    let may = |address: &IpAddr| match name {
        LOCALHOST => address.to_canonical().is_loopback(),
        _ => reach.covers(*address),
    };
    let kept: Vec<_> = found.into_iter().filter(may).take(ADDRESSES).collect();
    if kept.is_empty() { Err(ConnectError::NotPublic) } else { Ok(kept) }
}

#[cfg(test)]
mod tests;
