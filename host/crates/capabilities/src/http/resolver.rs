//! Looking up names for one component, for connections to public addresses alone.
//!
//! A lookup takes no thread, ends when it is dropped, and shares nothing with those of other components: a server of
//! names that does not answer keeps nobody waiting but those who ask for its names.

use std::{
    error::Error as StdError,
    fmt, fs, io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    os::unix::fs::MetadataExt as _,
    sync::{Arc, Mutex, PoisonError},
};

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
use reqwest::dns::{Addrs, Resolve, Resolving};
use tokio::sync::Semaphore;

use super::address::is_public;

/// The name of this machine. Whoever grants it means that.
const LOCALHOST: &str = "localhost";

/// Lookups of one component at once: each takes a few sockets.
const LOOKUPS: usize = 16;

/// Addresses of one name that a connection is tried to.
const ADDRESSES: usize = 16;

/// What says how names are looked up on this machine. Read again whenever one of them was changed.
const FILES: [&str; 2] = ["/etc/hosts", "/etc/resolv.conf"];

/// Looks up names for one component.
///
/// Upholds the following invariants:
/// - a name is looked up as it stands: no search domain is appended to it;
/// - `localhost`, and what is below it, is this machine without asking anyone;
/// - no answer is kept, so nothing tells a guest what others have looked up.
pub(super) struct Names {
    /// Whom to ask; those of the system if there are none.
    servers: Vec<SocketAddr>,
    /// As many permits as lookups may be under way.
    room: Semaphore,
    setup: Mutex<Option<Arc<Setup>>>,
}

/// How names are looked up, until the system's files change.
struct Setup {
    versions: Versions,
    hosts: Hosts,
    resolver: TokioResolver,
}

/// Which versions of [`FILES`] were read.
type Versions = [Option<(u64, u64, u64, i64, i64)>; FILES.len()];

/// Looks up names and keeps what is public of what they stand for; of `localhost`, what is this machine. The connection
/// goes to an address that came from here: a name can't stand for another one by then.
#[derive(Clone, Debug)]
pub(super) struct Resolver(pub(super) Arc<Names>);

/// Every address that a name stands for is one that may not be connected to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the name stands for no public address")]
pub(super) struct NotPublic;

/// Nobody says what a name stands for. Why, is the host's business: who is asked is none of a guest's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the name can't be looked up")]
pub(super) struct Unknown;

impl Resolve for Resolver {
    fn resolve(&self, name: reqwest::dns::Name) -> Resolving {
        let names = Arc::clone(&self.0);
        Box::pin(async move {
            let name = name.as_str();
            let found = names.addresses(name).await.map_err(|error| {
                tracing::debug!(name, %error, "a name can't be looked up");
                Unknown
            })?;
            Ok(Box::new(kept(name, found)?.into_iter()) as Addrs)
        })
    }
}

impl Names {
    /// Asks `servers`, or those of the system if there are none.
    pub(super) fn new(servers: Vec<SocketAddr>) -> Self {
        Self { servers, room: Semaphore::new(LOOKUPS), setup: Mutex::default() }
    }

    /// The same for another component.
    pub(super) fn again(&self) -> Self {
        Self::new(self.servers.clone())
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
        let versions = FILES.map(version);
        let mut setup = self.setup.lock().unwrap_or_else(PoisonError::into_inner);
        match setup.as_ref().filter(|setup| setup.versions == versions) {
            Some(setup) => Ok(Arc::clone(setup)),
            None => Ok(Arc::clone(setup.insert(Arc::new(Setup::read(versions, &self.servers)?)))),
        }
    }
}

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Names").field("servers", &self.servers).finish_non_exhaustive()
    }
}

impl Setup {
    fn read(versions: Versions, servers: &[SocketAddr]) -> Result<Self, NetError> {
        let (config, options) = match servers {
            [] => system_conf::read_system_conf().unwrap_or_else(|error| {
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
        Ok(Self { versions, hosts: Hosts::from_system().unwrap_or_default(), resolver: builder.build()? })
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

fn version(file: &str) -> Option<(u64, u64, u64, i64, i64)> {
    let read: io::Result<_> = fs::metadata(file);
    read.ok().map(|file| (file.dev(), file.ino(), file.size(), file.mtime(), file.mtime_nsec()))
}

fn kept(name: &str, found: Vec<IpAddr>) -> Result<Vec<SocketAddr>, NotPublic> {
    let may: fn(IpAddr) -> bool =
        if name == LOCALHOST { |address| address.to_canonical().is_loopback() } else { is_public };
    let kept = found.into_iter().filter(|found| may(*found)).take(ADDRESSES);
    let kept: Vec<_> = kept.map(|address| SocketAddr::new(address, 0)).collect();
    if kept.is_empty() { Err(NotPublic) } else { Ok(kept) }
}

#[cfg(test)]
mod tests;
