//! Looking up names, for connections to public addresses alone.

use std::net::{IpAddr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::net::lookup_host;

use super::address::is_public;

/// The name of this machine. Whoever grants it means that.
const LOCALHOST: &str = "localhost";

/// Looks up names and keeps what is public of what they stand for; of `localhost`, what is this machine. The connection
/// goes to an address that came from here: a name can't stand for another one by then.
#[derive(Debug)]
pub(super) struct Resolver;

/// Every address that a name stands for is one that may not be connected to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the name stands for no public address")]
pub(super) struct NotPublic;

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let name = name.as_str();
            let found = lookup_host((name, 0)).await?;
            Ok(Box::new(kept(name, found)?.into_iter()) as Addrs)
        })
    }
}

fn kept(name: &str, found: impl Iterator<Item = SocketAddr>) -> Result<Vec<SocketAddr>, NotPublic> {
    let may: fn(IpAddr) -> bool =
        if name == LOCALHOST { |address| address.to_canonical().is_loopback() } else { is_public };
    let kept: Vec<_> = found.filter(|found| may(found.ip())).collect();
    if kept.is_empty() { Err(NotPublic) } else { Ok(kept) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, found: &[&str], expected: &[&str]) {
        let addresses = |all: &[&str]| all.iter().map(|ip| SocketAddr::new(ip.parse().unwrap(), 0)).collect::<Vec<_>>();
        let expected = Some(addresses(expected)).filter(|expected| !expected.is_empty()).ok_or(NotPublic);
        assert_eq!(kept(name, addresses(found).into_iter()), expected, "{name}");
    }

    #[test]
    fn a_name_never_leads_to_a_private_address() {
        check("a.example.com", &["8.8.8.8", "2606::1"], &["8.8.8.8", "2606::1"]);
        check("a.example.com", &["10.0.0.1", "8.8.8.8", "127.0.0.1"], &["8.8.8.8"]);
        check("a.example.com", &["127.0.0.1", "::1", "169.254.169.254"], &[]);
        check("a.localhost", &["127.0.0.1"], &[]);
    }

    #[test]
    fn localhost_leads_to_this_machine_alone() {
        check("localhost", &["127.0.0.1", "::1"], &["127.0.0.1", "::1"]);
        check("localhost", &["8.8.8.8", "10.0.0.1"], &[]);
    }
}
