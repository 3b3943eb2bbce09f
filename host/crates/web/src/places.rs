//! Who has a place, and who makes way for others: a client that is slow costs nobody else a place, such as whoever asks for
//! health.

use std::{
    cmp::Reverse,
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
};

use tokio::task::{AbortHandle, Id, JoinError, JoinSet};

/// Clients that are served.
#[derive(Debug)]
pub(crate) struct Places {
    most: usize,
    tasks: JoinSet<()>,
    /// Those who make way if need be.
    clients: HashMap<Id, Client>,
    /// How many clients there were.
    count: u64,
}

/// One who makes way if need be.
#[derive(Debug)]
struct Client {
    task: AbortHandle,
    came: Came,
}

/// From where somebody comes, and as which one.
#[derive(Clone, Copy, Debug)]
struct Came {
    from: IpAddr,
    number: u64,
}

impl Places {
    pub(crate) fn new(most: usize) -> Self {
        Self { most, tasks: JoinSet::new(), clients: HashMap::new(), count: 0 }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }

    /// Ends when a client has gone. Cancel safe.
    pub(crate) async fn gone(&mut self) {
        if let Some(ended) = self.tasks.join_next_with_id().await {
            self.forget(ended);
        }
    }

    fn forget(&mut self, ended: Result<(Id, ()), JoinError>) {
        self.clients.remove(&ended.map_or_else(|error| error.id(), |(id, ())| id));
    }

    /// Serves one who comes from an address, at once, for which another one goes if need be; or who comes from none, once
    /// there is a place.
    pub(crate) async fn serve(&mut self, from: Option<IpAddr>, served: impl Future<Output = ()> + Send + 'static) {
        while let Some(ended) = self.tasks.try_join_next_with_id() {
            self.forget(ended);
        }
        while self.most <= self.tasks.len() {
            if let Some(client) = makes_way(self.clients.values().map(|client| (client, client.came))) {
                client.task.abort();
            }
            self.gone().await;
        }
        let task = self.tasks.spawn(served);
        self.count += 1;
        if let Some(from) = from {
            let came = Came { from: network(from), number: self.count };
            self.clients.insert(task.id(), Client { task, came });
        }
    }
}

/// Who goes: of those from where most come, who came first. So the places are shared by addresses, and who is quick is
/// answered before it is its turn.
fn makes_way<C>(clients: impl Iterator<Item = (C, Came)> + Clone) -> Option<C> {
    let mut places = HashMap::<IpAddr, usize>::new();
    for (_, Came { from, .. }) in clients.clone() {
        *places.entry(from).or_default() += 1;
    }
    let order = |(_, Came { from, number }): &(C, Came)| (places.get(from).copied(), Reverse(*number));
    clients.max_by_key(order).map(|(client, _)| client)
}

/// Whom an address counts for: who has one of version 6 has as many as there are in its network.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Who goes of those who have come from these addresses, one after another.
    fn goes(clients: &[&str]) -> Option<usize> {
        let came = |from: &&str| Came { from: network(from.parse().unwrap()), number: 0 };
        let came = clients.iter().map(came).zip(0..).map(|(came, number)| Came { number, ..came });
        makes_way(came.enumerate())
    }

    #[test]
    fn those_go_of_whom_there_are_most() {
        assert_eq!(goes(&[]), None);
        assert_eq!(goes(&["10.0.0.1", "10.0.0.2", "10.0.0.2"]), Some(1));
        assert_eq!(goes(&["10.0.0.1", "10.0.0.2"]), Some(0));
        // One of a network is one of it.
        assert_eq!(goes(&["10.0.0.1", "2001:db8::1", "2001:db8::2:1"]), Some(1));
        assert_eq!(goes(&["2001:db8::1", "10.0.0.1", "::ffff:10.0.0.1"]), Some(1));
    }
}
