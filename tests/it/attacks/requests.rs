//! Attacks by HTTP: on what is not granted, in every notation, and of servers that are in league with the guest.

use serde_json::json;

use super::{Attack, TIMES_OUT, attack};
use crate::support::http_server::HttpServer;

/// What no grant of public servers covers, and how it is written.
const INSIDE: [(&str, &str); 26] = [
    ("this machine", "127.0.0.1"),
    ("this machine, in a few digits", "127.1"),
    ("this machine, as one number", "2130706433"),
    ("this machine, as one number in hexadecimal", "0x7f000001"),
    ("this machine, in octal", "0177.0.0.1"),
    ("this machine, by another of its addresses", "127.255.255.254"),
    ("this machine, as no address", "0.0.0.0"),
    ("this machine, as `localhost`", "localhost"),
    ("this machine, as `localhost.` with a dot", "localhost."),
    ("this machine, by a name below `localhost`", "inside.localhost"),
    ("this machine, by IPv6", "[::1]"),
    ("this machine, by no address of IPv6", "[::]"),
    ("this machine, as IPv4 in IPv6", "[::ffff:127.0.0.1]"),
    ("this machine, as IPv4 in IPv6 of old", "[::127.0.0.1]"),
    ("this machine, by a prefix for translation", "[64:ff9b::7f00:1]"),
    ("this machine, by a prefix for tunnels", "[2002:7f00:1::]"),
    ("a cloud's metadata", "169.254.169.254"),
    ("a cloud's metadata, as one number", "2852039166"),
    ("a cloud's metadata, as IPv4 in IPv6", "[::ffff:169.254.169.254]"),
    ("a cloud's metadata, by IPv6", "[fd00:ec2::254]"),
    ("a cloud's own services", "168.63.129.16"),
    ("a private network", "10.0.0.1"),
    ("another private network", "192.168.0.1"),
    ("a provider's network", "100.64.0.1"),
    ("everybody on the link", "255.255.255.255"),
    ("a group on the link, by IPv6", "[ff02::1]"),
];

/// Ways of writing an address that no server has.
const ODD: [(&str, &str, &str); 3] = [
    ("credentials in an address", "http://example.com@127.0.0.1/stolen", "the URL names a user"),
    ("another scheme", "file:///etc/passwd", "does not take the authority"),
    ("an address with a line break", "http://127.0.0.1/stolen\r\nhost: example.com", "does not take the path"),
];

/// All of them.
pub(super) fn attacks(server: &HttpServer) -> Vec<Attack> {
    let port = server.port();
    let inside = INSIDE.map(|(what, host)| {
        let url = format!("http://{host}:{port}/stolen");
        attack("network", what, "fetch", json!([{ "url": url }]), "does not cover")
    });
    let odd = ODD.map(|(what, url, told)| attack("network", what, "fetch", json!([{ "url": url }]), told));
    let others = [
        attack("the host's headers", "set `Host`", "forge", json!(["Host"]), "HeaderError::Forbidden"),
        attack("the host's memory", "headers without end", "header_bomb", json!([]), "failed: SandboxOutputLimit"),
    ];
    let with_server = |what, path: &str, told| {
        let url = format!("{}/{path}", server.origin("127.0.0.1"));
        let attack = attack("the host, by a server in league", what, "fetch", json!([{ "url": url }]), told);
        Attack { is_with_server: true, ..attack }
    };
    let leagued = [
        with_server("a body without an end in sight", "chunks/1000000", "http-response-body"),
        with_server("headers of a megabyte", "headers/1000000", "HttpResponseHeaderSectionSize"),
        with_server("heads before the answer without end", "hints", TIMES_OUT),
        with_server("no answer", "silent", TIMES_OUT),
        with_server("an answer that stops half-way", "drip", TIMES_OUT),
        with_server("fewer bytes than promised", "cut", "HttpResponseIncomplete"),
        with_server("what is no HTTP", "garbage", "HttpProtocolError"),
        with_server("being sent elsewhere, which is not followed", "redirect", "302"),
    ];
    let with_header = |what, value: &str, told| {
        let request = json!({ "url": server.origin("127.0.0.1") + "/hello", "headers": [["x-mine", value]] });
        Attack { is_with_server: true, ..attack("others' secrets", what, "fetch", json!([request]), told) }
    };
    let forged = [
        with_header("ask for a secret that is not granted", "{{secret:THEIRS}}", "the component has no secret"),
        with_header("ask for a token for somebody else", "{{identity:their-vault}}", "the component has no identity"),
    ];
    let other_port = Attack {
        is_with_server: true,
        ..attack(
            "network",
            "another port of a server that is granted",
            "fetch",
            json!([{ "url": format!("http://127.0.0.1:{}/stolen", port ^ 1) }]),
            "does not cover",
        )
    };
    inside.into_iter().chain(odd).chain(others).chain(leagued).chain(forged).chain([other_port]).collect()
}
