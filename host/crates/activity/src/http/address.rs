//! Which addresses are public, which private, and which are neither, so that no name may lead to them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Where names may lead to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// To addresses that everyone on the internet reaches, and no others.
    #[default]
    Public,
    /// To those of private networks, too; not to this machine, to its links, or to where a cloud keeps credentials.
    Private,
}

impl Reach {
    /// Whether a name may lead to this address.
    pub fn covers(self, address: IpAddr) -> bool {
        is_public(address) || self == Self::Private && is_private(address)
    }
}

/// Where clouds tell a machine its credentials, beside the addresses of its links: of Azure, Alibaba, AWS, Google, Oracle and
/// Scaleway.
const METADATA: [IpAddr; 6] = [
    IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16)),
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
    IpAddr::V6(Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xc1, 0, 0, 0, 0, 0xa9fe, 0xa9fe)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0x42, 0, 0, 0, 0, 0, 0x42)),
];

/// Whether it is an address of a private network. One of IPv4 in IPv6 is what it stands for.
fn is_private(address: IpAddr) -> bool {
    let address = address.to_canonical();
    let is_private = match address {
        IpAddr::V4(address) => {
            let [a, b, ..] = address.octets();
            address.is_private() || (a == 100 && (64..=127).contains(&b))
        }
        // All of AWS's services for a machine are there.
        IpAddr::V6(address) => address.is_unique_local() && !matches!(address.segments(), [0xfd00, 0xec2, ..]),
    };
    is_private && !METADATA.contains(&address)
}

/// Whether anyone could reach this address: it is none of a machine, a private network or a test.
pub(crate) fn is_public(address: IpAddr) -> bool {
    match address {
        _ if METADATA.contains(&address) => false,
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = match (a, b, c) {
        // "This network", and private networks.
        (0 | 10, ..) | (172, 16..=31, _) | (192, 168, _) => true,
        // Those of providers, this machine, and this link, where clouds keep their credentials.
        (100, 64..=127, _) | (127, ..) | (169, 254, _) => true,
        // Protocols, documentation, the old 6to4 relays, and benchmarks.
        (192, 0, 0 | 2) | (192, 88, 99) | (198, 18 | 19, _) | (198, 51, 100) | (203, 0, 113) => true,
        // Multicast, reserved, broadcast.
        (224.., ..) => true,
        _ => false,
    };
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    let special = match segments {
        // Protocols (Teredo among them), documentation, and 6to4, which holds an IPv4 address.
        [0x2001, 0..=0x01ff, ..] | [0x2001, 0x0db8, ..] | [0x2002, ..] | [0x3fff, 0..=0x0fff, ..] => true,
        // Unicast that is routed is all in 2000::/3. Outside of it: this machine, IPv4 in IPv6, NAT64, private networks,
        // this link, multicast, and what nobody has.
        [first, ..] => first & 0xe000 != 0x2000,
    };
    !special
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(public: bool, addresses: &[&str]) {
        for address in addresses {
            assert_eq!(is_public(address.parse().unwrap()), public, "{address}");
        }
    }

    #[test]
    fn addresses_of_the_internet_are_public() {
        check(true, &["1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.0", "172.15.0.1", "172.32.0.1", "192.0.1.1"]);
        check(true, &["198.17.255.255", "198.20.0.0", "223.255.255.255", "192.169.0.1", "169.253.0.1"]);
        check(true, &["2606:4700::1111", "2001:4860:4860::8888", "2a00::1", "3ffe::1"]);
    }

    #[test]
    fn addresses_of_machines_and_private_networks_are_not() {
        check(false, &["0.0.0.0", "0.1.2.3", "10.0.0.1", "127.0.0.1", "127.255.255.255", "169.254.169.254"]);
        check(false, &["172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "100.127.255.255"]);
        check(false, &["192.0.0.8", "192.0.2.1", "198.51.100.1", "203.0.113.1", "198.18.0.1", "198.19.255.255"]);
        check(false, &["168.63.129.16"]);
        check(false, &["192.88.99.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255"]);
    }

    #[test]
    fn addresses_of_ipv6_that_stand_for_others_are_not() {
        check(false, &["::", "::1", "::ffff:8.8.8.8", "::ffff:127.0.0.1", "::8.8.8.8", "64:ff9b::8.8.8.8"]);
        check(false, &["64:ff9b:1::1", "2002:7f00:1::", "2001::1", "2001:db8::1", "3fff::1", "100::1"]);
        check(false, &["fc00::1", "fd12:3456::1", "fe80::1", "fec0::1", "ff02::1", "2001:20::1", "5f00::1"]);
    }
    #[test]
    fn names_lead_to_private_addresses_where_they_may_and_never_to_those_of_machines_and_links() {
        let covered = |reach: Reach, text: &str| reach.covers(text.parse().unwrap());
        for private in ["10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "fd12:3456::1", "::ffff:10.0.0.1"] {
            assert!(covered(Reach::Private, private) && !covered(Reach::Public, private), "{private}");
        }
        for neither in [
            "127.0.0.1",
            "0.0.0.0",
            "::1",
            "::",
            "169.254.169.254",
            "169.254.1.1",
            "fe80::1",
            "fd00:ec2::254",
            "fd20:ce::254",
            "fd00:c1::a9fe:a9fe",
            "fd00:42::42",
            "100.100.100.200",
            "168.63.129.16",
            "224.0.0.1",
            "ff02::1",
            "255.255.255.255",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::10.0.0.1",
            "2002:a00:1::",
            "::10.0.0.1",
        ] {
            assert!(!covered(Reach::Private, neither) && !covered(Reach::Public, neither), "{neither}");
        }
        assert!(covered(Reach::Public, "1.1.1.1") && covered(Reach::Private, "1.1.1.1"));
    }
}
