//! Where the worker is to listen, as `HOST:PORT`. No name is looked up here.

use std::net::{Ipv4Addr, SocketAddr};

/// What is wrong with an address to listen at, if anything is.
pub(super) fn problem(text: &str) -> Option<String> {
    if text.parse::<SocketAddr>().is_ok() {
        return None;
    }
    why(text).map(|why| format!("{text:?} is not written HOST:PORT{why}"))
}

/// Why that is so, after a colon.
fn why(text: &str) -> Option<&'static str> {
    if text.contains('/') {
        return Some(": a URL is more than that");
    }
    let Some((host, port)) = text.rsplit_once(':') else { return Some("") };
    let is_port = port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok();
    match (host, port) {
        ("", _) => Some(": there is no host; 127.0.0.1 is for this machine alone, 0.0.0.0 for whoever reaches it"),
        (_, "") => Some(": there is no port; 0 is for any free one"),
        _ if !is_port => Some(": its port is no number from 0 to 65535"),
        _ if host.contains([':', '[', ']']) => Some(": an address of IP version 6 is written like [::1]:9464"),
        _ if host.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') => {
            host.parse::<Ipv4Addr>().is_err().then_some(": its host looks like an address, and is none")
        }
        _ => (!is_name(host)).then_some(": its host is neither an address nor a name"),
    }
}

/// Whether it is a name of a machine, as far as that can be seen.
fn is_name(host: &str) -> bool {
    let is_part = |part: &str| {
        let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        (1..=63).contains(&part.len()) && part.bytes().all(is_letter)
    };
    host.len() <= 253 && host.strip_suffix('.').unwrap_or(host).split('.').all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_odd_address_is_told_with_what_is_odd() {
        let cases = [
            ("9464", ""),
            ("", ""),
            ("http://localhost:9464", ": a URL is more than that"),
            ("localhost:9464/", ": a URL is more than that"),
            (":9464", ": there is no host; 127.0.0.1 is for this machine alone, 0.0.0.0 for whoever reaches it"),
            ("localhost:", ": there is no port; 0 is for any free one"),
            ("localhost:99999", ": its port is no number from 0 to 65535"),
            ("localhost:+80", ": its port is no number from 0 to 65535"),
            ("localhost:http", ": its port is no number from 0 to 65535"),
            ("::1:9464", ": an address of IP version 6 is written like [::1]:9464"),
            ("[::1:9464", ": an address of IP version 6 is written like [::1]:9464"),
            ("[localhost]:9464", ": an address of IP version 6 is written like [::1]:9464"),
            ("127.0.0.256:9464", ": its host looks like an address, and is none"),
            ("1:9464", ": its host looks like an address, and is none"),
            ("*:9464", ": its host is neither an address nor a name"),
            ("my host:9464", ": its host is neither an address nor a name"),
            ("a..b:9464", ": its host is neither an address nor a name"),
        ];
        for (text, why) in cases {
            assert_eq!(problem(text), Some(format!("{text:?} is not written HOST:PORT{why}")));
        }
        for right in ["0.0.0.0:0", "[::]:9464", "[::1]:65535", "localhost:9464", "worker-1.example.:80", "my_host:1"] {
            assert_eq!(problem(right), None, "{right}");
        }
    }
}
