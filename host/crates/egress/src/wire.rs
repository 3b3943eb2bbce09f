//! What is said on a line, and by the worker to the process that connects. Both ends are one program; what a cell says is
//! read as an enemy's all the same.

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use activity::{HttpHost, HttpScheme, Origin, OriginHost, Reach};

use crate::{ConnectError, Destination, Proxy};

/// The version of the messages.
pub(crate) const VERSION: u32 = 4;

/// The longest message on a line: a name has 253 bytes at most.
pub(crate) const LONGEST: usize = 512;

/// The longest that the worker says: a lot of origins.
pub(crate) const LONGEST_ORDER: usize = 64 << 10;

/// Origins of one message: what fits whatever their names are.
pub(crate) const ORIGINS: usize = 100;

/// Connections that a line may be making at once, and a little room for those that are given up meanwhile.
pub(crate) const AT_ONCE: usize = 64;

/// The longest name there is.
const LONGEST_NAME: usize = 255;

/// What a cell asks for.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Ask {
    /// By which it is answered.
    #[prost(uint64, tag = "1")]
    pub(crate) id: u64,
    /// Nothing when it is given up.
    #[prost(message, optional, tag = "2")]
    pub(crate) to: Option<WireOrigin>,
    #[prost(uint64, tag = "3")]
    pub(crate) within_ms: u64,
}

/// What it is answered; without an error there is a descriptor with it.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub(crate) struct Answer {
    #[prost(uint64, tag = "1")]
    pub(crate) id: u64,
    #[prost(uint32, optional, tag = "2")]
    pub(crate) error: Option<u32>,
}

/// What the worker says.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Order {
    #[prost(oneof = "order::Say", tags = "1, 2, 3")]
    pub(crate) say: Option<order::Say>,
}

pub(crate) mod order {
    use super::{Begin, Files, Open};

    #[derive(Clone, PartialEq, prost::Oneof)]
    pub(crate) enum Say {
        /// The first.
        #[prost(message, tag = "1")]
        Begin(Begin),
        /// With those that there are as descriptors.
        #[prost(message, tag = "2")]
        Files(Files),
        #[prost(message, tag = "3")]
        Open(Open),
    }
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Begin {
    #[prost(uint32, tag = "1")]
    pub(crate) version: u32,
    /// The process that started it.
    #[prost(uint32, tag = "2")]
    pub(crate) parent: u32,
    #[prost(bool, tag = "3")]
    pub(crate) landlock: bool,
    #[prost(bool, tag = "4")]
    pub(crate) seccomp: bool,
    #[prost(string, repeated, tag = "5")]
    pub(crate) nameservers: Vec<String>,
    /// The operator's proxy.
    #[prost(message, optional, tag = "6")]
    pub(crate) proxy: Option<WireOrigin>,
}

/// Which of the system's files about names are there.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub(crate) struct Files {
    #[prost(bool, tag = "1")]
    pub(crate) hosts: bool,
    #[prost(bool, tag = "2")]
    pub(crate) servers: bool,
}

/// A part of what a line may reach; the last one comes with the line.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Open {
    #[prost(message, repeated, tag = "1")]
    pub(crate) origins: Vec<WireOrigin>,
}

/// What the process says to the worker, once.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Begun {
    #[prost(uint32, tag = "1")]
    pub(crate) version: u32,
    /// Why it can't run, if it can't.
    #[prost(string, optional, tag = "2")]
    pub(crate) refused: Option<String>,
}

/// An [`Origin`], or a [`Destination`], as a message.
#[derive(Clone, PartialEq, prost::Message)]
pub struct WireOrigin {
    #[prost(bool, tag = "1")]
    is_https: bool,
    #[prost(oneof = "host::Host", tags = "2, 3, 4, 6")]
    host: Option<host::Host>,
    #[prost(uint32, tag = "5")]
    port: u32,
    /// Whether names may lead to private addresses.
    #[prost(bool, tag = "7")]
    reaches_private: bool,
}

mod host {
    #[derive(Clone, PartialEq, prost::Oneof)]
    pub(super) enum Host {
        /// As `OriginHost::Only` has it.
        #[prost(string, tag = "2")]
        Name(String),
        /// Four bytes or 16.
        #[prost(bytes = "vec", tag = "3")]
        Address(Vec<u8>),
        /// As `OriginHost::Below` has it.
        #[prost(string, tag = "4")]
        Below(String),
        /// `OriginHost::Public`, in any case.
        #[prost(bool, tag = "6")]
        Public(bool),
    }
}

/// A message that makes no sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a message that makes no sense")]
pub struct Nonsense;

impl WireOrigin {
    /// As it is sent.
    pub fn new(origin: &Origin) -> Self {
        let host = match &origin.host {
            OriginHost::Only(host) => of_host(host),
            OriginHost::Below(parent) => host::Host::Below(parent.clone()),
            OriginHost::Public => host::Host::Public(true),
        };
        Self {
            is_https: origin.scheme == HttpScheme::Https,
            host: Some(host),
            port: origin.port.into(),
            reaches_private: origin.reach == Reach::Private,
        }
    }

    pub(crate) fn of(to: &Destination) -> Self {
        let (is_https, host) = (to.scheme == HttpScheme::Https, of_host(&to.host));
        Self { is_https, host: Some(host), port: to.port.into(), reaches_private: to.reach == Reach::Private }
    }

    /// As it arrives.
    ///
    /// # Errors
    /// When it makes no sense.
    pub fn origin(self) -> Result<Origin, Nonsense> {
        let (scheme, port) = self.scheme_and_port()?;
        let reach = self.reach();
        let host = match self.host.ok_or(Nonsense)? {
            host::Host::Public(_) => OriginHost::Public,
            host::Host::Below(parent) => OriginHost::Below(checked_name(parent)?),
            only => OriginHost::Only(to_host(only)?),
        };
        Ok(Origin { scheme, host, port, reach })
    }

    /// One server, as it arrives.
    pub(crate) fn destination(self) -> Result<Destination, Nonsense> {
        let (scheme, port) = self.scheme_and_port()?;
        let reach = self.reach();
        Ok(Destination { scheme, host: to_host(self.host.ok_or(Nonsense)?)?, port, reach })
    }

    pub(crate) fn of_proxy(proxy: &Proxy) -> Self {
        Self { host: Some(of_host(&proxy.host)), port: proxy.port.into(), ..Self::default() }
    }

    /// The operator's proxy, as it arrives.
    pub(crate) fn proxy(self) -> Result<Proxy, Nonsense> {
        let Destination { host, port, .. } = self.destination()?;
        Ok(Proxy { host, port })
    }

    fn reach(&self) -> Reach {
        if self.reaches_private { Reach::Private } else { Reach::Public }
    }

    fn scheme_and_port(&self) -> Result<(HttpScheme, u16), Nonsense> {
        let scheme = if self.is_https { HttpScheme::Https } else { HttpScheme::Http };
        Ok((scheme, self.port.try_into().map_err(|_| Nonsense)?))
    }
}

fn of_host(host: &HttpHost) -> host::Host {
    match host {
        HttpHost::Name(name) => host::Host::Name(name.clone()),
        HttpHost::Address(IpAddr::V4(address)) => host::Host::Address(address.octets().into()),
        HttpHost::Address(IpAddr::V6(address)) => host::Host::Address(address.octets().into()),
    }
}

/// A host. Whoever writes an address as a name, or one of IPv4 as one of IPv6, means no other place by it.
fn to_host(host: host::Host) -> Result<HttpHost, Nonsense> {
    match host {
        host::Host::Name(name) => Ok(HttpHost::Name(checked_name(name)?)),
        host::Host::Address(bytes) => match (<[u8; 4]>::try_from(&*bytes), <[u8; 16]>::try_from(&*bytes)) {
            (Ok(v4), _) => Ok(HttpHost::address(v4)),
            (_, Ok(v6)) => Ok(HttpHost::address(v6)),
            _ => Err(Nonsense),
        },
        host::Host::Below(_) | host::Host::Public(_) => Err(Nonsense),
    }
}

fn checked_name(name: String) -> Result<String, Nonsense> {
    let is_name = (1..=LONGEST_NAME).contains(&name.len()) && name.is_ascii() && name.parse::<IpAddr>().is_err();
    if is_name { Ok(name) } else { Err(Nonsense) }
}

impl Ask {
    pub(crate) fn new(id: u64, to: &Destination, within: Duration) -> Self {
        let within_ms = u64::try_from(within.as_millis()).unwrap_or(u64::MAX);
        Self { id, to: Some(WireOrigin::of(to)), within_ms }
    }

    pub(crate) fn given_up(id: u64) -> Self {
        Self { id, to: None, within_ms: 0 }
    }
}

/// All errors, whose places are what they are sent as.
const ERRORS: [ConnectError; 10] = [
    ConnectError::NotGranted,
    ConnectError::NotPublic,
    ConnectError::Unknown,
    ConnectError::Refused,
    ConnectError::TimedOut,
    ConnectError::Unroutable,
    ConnectError::Unavailable,
    ConnectError::Busy,
    ConnectError::ProxyRefused,
    ConnectError::ProxyUnreachable,
];

impl Answer {
    pub(crate) fn new(id: u64, error: Option<ConnectError>) -> Self {
        let place = |error| ERRORS.iter().position(|each| *each == error).and_then(|place| u32::try_from(place).ok());
        Self { id, error: error.map(|error| place(error).unwrap_or(u32::MAX)) }
    }

    /// The error, if it is one.
    pub(crate) fn refusal(self) -> Option<ConnectError> {
        let at = |place: u32| ERRORS.get(usize::try_from(place).ok()?).copied();
        self.error.map(|place| at(place).unwrap_or(ConnectError::Unavailable))
    }
}

/// Addresses as they are sent, or as they arrive.
pub(crate) fn texts(addresses: &[SocketAddr]) -> Vec<String> {
    addresses.iter().map(SocketAddr::to_string).collect()
}

pub(crate) fn addresses(texts: &[String]) -> Result<Vec<SocketAddr>, Nonsense> {
    texts.iter().map(|text| text.parse().map_err(|_| Nonsense)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_cross() {
        let name = || HttpHost::Name("api.example.com".to_owned());
        for host in [
            OriginHost::Only(name()),
            OriginHost::Only(HttpHost::address([10, 0, 0, 7])),
            OriginHost::Only(HttpHost::address([0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7])),
            OriginHost::Below("example.org".to_owned()),
            OriginHost::Public,
        ] {
            for (scheme, port, reach) in
                [(HttpScheme::Http, 1, Reach::Public), (HttpScheme::Https, u16::MAX, Reach::Private)]
            {
                let origin = Origin { scheme, host: host.clone(), port, reach };
                assert_eq!(WireOrigin::new(&origin).origin(), Ok(origin));
            }
        }
        for reach in [Reach::Public, Reach::Private] {
            let to = Destination { scheme: HttpScheme::Https, host: name(), port: 443, reach };
            assert_eq!(WireOrigin::of(&to).destination(), Ok(to));
        }
    }

    #[test]
    fn what_is_written_otherwise_means_the_same_or_nothing() {
        let to = |host, port| WireOrigin { host: Some(host), port, ..WireOrigin::default() }.destination();
        let mapped = "::ffff:127.0.0.1".parse::<std::net::Ipv6Addr>().unwrap().octets().to_vec();
        let (scheme, host) = (HttpScheme::Http, HttpHost::address([127, 0, 0, 1]));
        let here = Destination { scheme, host, port: 80, reach: Reach::Public };
        assert_eq!(to(host::Host::Address(mapped), 80), Ok(here));
        for nonsense in [
            host::Host::Name("127.0.0.1".to_owned()),
            host::Host::Name("::1".to_owned()),
            host::Host::Name(String::new()),
            host::Host::Name("é".to_owned()),
            host::Host::Name("x".repeat(300)),
            host::Host::Address(vec![1, 2, 3]),
            host::Host::Below("example.org".to_owned()),
            host::Host::Public(true),
        ] {
            assert_eq!(to(nonsense.clone(), 80), Err(Nonsense), "{nonsense:?}");
        }
        assert_eq!(to(host::Host::Name("a".to_owned()), 65_536), Err(Nonsense));
        assert_eq!(WireOrigin::default().destination(), Err(Nonsense));
    }

    #[test]
    fn errors_cross() {
        for error in ERRORS {
            assert_eq!(Answer::new(7, Some(error)).refusal(), Some(error));
        }
        assert_eq!(Answer::new(7, None).refusal(), None);
        assert_eq!(Answer { id: 7, error: Some(99) }.refusal(), Some(ConnectError::Unavailable));
    }

    #[test]
    fn the_longest_messages_fit() {
        use prost::Message as _;
        let name = "x".repeat(LONGEST_NAME);
        let host = HttpHost::Name(name.clone());
        let to = Destination { scheme: HttpScheme::Https, host, port: u16::MAX, reach: Reach::Private };
        assert!(Ask::new(u64::MAX, &to, Duration::MAX).encoded_len() <= LONGEST);
        let (scheme, host) = (HttpScheme::Https, OriginHost::Below(name));
        let origin = Origin { scheme, host, port: u16::MAX, reach: Reach::Private };
        let origins = vec![WireOrigin::new(&origin); ORIGINS];
        let order = Order { say: Some(order::Say::Open(Open { origins })) };
        assert!(order.encoded_len() <= LONGEST_ORDER);
    }
}
