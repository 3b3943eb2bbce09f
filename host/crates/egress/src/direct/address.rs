//! Which addresses are public: those that everyone on the internet reaches, and no others.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether anyone could reach this address: it is none of a machine, a private network or a test.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
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
        check(false, &["192.88.99.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255"]);
    }

    #[test]
    fn addresses_of_ipv6_that_stand_for_others_are_not() {
        check(false, &["::", "::1", "::ffff:8.8.8.8", "::ffff:127.0.0.1", "::8.8.8.8", "64:ff9b::8.8.8.8"]);
        check(false, &["64:ff9b:1::1", "2002:7f00:1::", "2001::1", "2001:db8::1", "3fff::1", "100::1"]);
        check(false, &["fc00::1", "fd12:3456::1", "fe80::1", "fec0::1", "ff02::1", "2001:20::1", "5f00::1"]);
    }
}
