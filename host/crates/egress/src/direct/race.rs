//! A connection to one of several addresses of a server: the next is tried when one fails or takes long, and the first
//! that stands wins.

use std::{net::SocketAddr, time::Duration};

use tokio::{net::TcpStream, task::JoinSet, time::sleep};

use crate::ConnectError;

/// How long an address has before the next one is tried beside it; that of RFC 8305.
const HEAD_START: Duration = Duration::from_millis(250);

/// Connects to one of these addresses.
///
/// # Errors
/// Those of the last one that failed.
pub(super) async fn connect(addresses: Vec<SocketAddr>) -> Result<TcpStream, ConnectError> {
    let mut rest = alternating(addresses).into_iter();
    let (mut tries, mut last) = (JoinSet::new(), ConnectError::Unavailable);
    loop {
        let more = rest.next();
        let has_more = more.is_some();
        if let Some(address) = more {
            tries.spawn(TcpStream::connect(address));
        }
        // What is still under way ends with the set.
        let done = tokio::select! {
            done = tries.join_next() => done,
            () = sleep(HEAD_START), if has_more => continue,
        };
        match done {
            Some(Ok(Ok(stream))) => return Ok(stream),
            Some(Ok(Err(error))) => last = ConnectError::of_system(&error),
            Some(Err(_)) => {}
            None => return Err(last),
        }
    }
}

/// The same addresses, those of the two versions of IP in turns, beginning with that of the first.
fn alternating(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let begins_with_v4 = addresses.first().is_some_and(SocketAddr::is_ipv4);
    let (first, second): (Vec<_>, Vec<_>) =
        addresses.into_iter().partition(|address| address.is_ipv4() == begins_with_v4);
    let (mut first, mut second) = (first.into_iter(), second.into_iter());
    let mut all = Vec::new();
    loop {
        let pair = [first.next(), second.next()];
        if pair == [None, None] {
            return all;
        }
        all.extend(pair.into_iter().flatten());
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn versions_take_turns() {
        let parsed = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect::<Vec<SocketAddr>>();
        let sorted = alternating(parsed(&["1.1.1.1:1", "1.1.1.2:1", "[::1]:1", "1.1.1.3:1"]));
        assert_eq!(sorted, parsed(&["1.1.1.1:1", "[::1]:1", "1.1.1.2:1", "1.1.1.3:1"]));
        assert_eq!(alternating(parsed(&["[::1]:1", "1.1.1.1:1"])), parsed(&["[::1]:1", "1.1.1.1:1"]));
        assert_eq!(alternating(Vec::new()), []);
    }

    #[tokio::test]
    async fn one_that_fails_is_followed_by_the_next() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (good, nobody) = (listener.local_addr().unwrap(), "127.0.0.1:1".parse().unwrap());
        let stream = connect(vec![nobody, nobody, good]).await.unwrap();
        assert_eq!(stream.peer_addr().unwrap(), good);
        assert_eq!(connect(vec![nobody]).await.unwrap_err(), ConnectError::Refused);
        assert_eq!(connect(Vec::new()).await.unwrap_err(), ConnectError::Unavailable);
    }
}
