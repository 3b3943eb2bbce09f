//! Names, asked of real servers on this machine.

use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, UdpSocket},
    thread,
    time::Duration,
};

use hickory_resolver::proto::{
    op::Message,
    rr::{
        RData, Record,
        rdata::{A, AAAA, CNAME},
    },
};
use tokio::{sync::mpsc, time::timeout};

use super::*;

/// Longer than anything here takes: what hangs fails.
const GUARD: Duration = Duration::from_secs(60);

/// A server of names: those below `silent` get no answer, those below `long` one over TCP, and each question is told.
fn server() -> (SocketAddr, mpsc::UnboundedReceiver<String>) {
    let (socket, listener) = sockets();
    let address = socket.local_addr().unwrap();
    let (told, asked) = mpsc::unbounded_channel();
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok((length, from)) = socket.recv_from(&mut buffer) {
            let question = Message::from_vec(&buffer[..length]).unwrap();
            let name = question.queries[0].name().to_ascii();
            if told.send(name.clone()).is_err() {
                return;
            }
            if name.ends_with("long.") {
                let mut answer = question.into_response();
                answer.metadata.truncation = true;
                socket.send_to(&answer.to_vec().unwrap(), from).unwrap();
            } else if !name.ends_with("silent.") {
                socket.send_to(&answer(question), from).unwrap();
            }
        }
    });
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            thread::spawn(move || {
                let mut length = [0; 2];
                while stream.read_exact(&mut length).is_ok() {
                    let mut question = vec![0; u16::from_be_bytes(length).into()];
                    stream.read_exact(&mut question).unwrap();
                    let answer = answer(Message::from_vec(&question).unwrap());
                    stream.write_all(&u16::try_from(answer.len()).unwrap().to_be_bytes()).unwrap();
                    stream.write_all(&answer).unwrap();
                }
            });
        }
    });
    (address, asked)
}

/// Both on one port.
fn sockets() -> (UdpSocket, TcpListener) {
    loop {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        // Unless someone else has it.
        if let Ok(listener) = TcpListener::bind(socket.local_addr().unwrap()) {
            return (socket, listener);
        }
    }
}

fn answer(question: Message) -> Vec<u8> {
    let query = question.queries[0].clone();
    let mut answer = question.into_response();
    answer.answers.extend(records(&query));
    answer.to_vec().unwrap()
}

fn records(query: &Query) -> Vec<Record> {
    let name = query.name();
    let record = |owner: &Name, data| Record::from_rdata(owner.clone(), 60, data);
    let data = |last: u8| match query.query_type() {
        RecordType::AAAA => RData::AAAA(AAAA(Ipv6Addr::new(0x2606, 0, 0, 0, 0, 0, 0, last.into()))),
        _ => RData::A(A(Ipv4Addr::new(8, 8, 8, last))),
    };
    match name.to_ascii().as_str() {
        "good.test." => vec![record(name, data(1))],
        "many.long." => (0..200).map(|last| record(name, data(last))).collect(),
        "alias.test." => {
            let real = Name::from_ascii("real.test.").unwrap();
            vec![record(name, RData::CNAME(CNAME(real.clone()))), record(&real, data(2))]
        }
        "inside.test." => vec![record(name, RData::A(A(Ipv4Addr::new(10, 0, 0, 1))))],
        _ => Vec::new(),
    }
}

async fn look_up(names: &Arc<Names>, name: &str) -> String {
    match timeout(GUARD, names.find(name, Reach::Public)).await.expect("it hangs") {
        Ok(found) => found.iter().map(IpAddr::to_string).collect::<Vec<_>>().join(" "),
        Err(ConnectError::NotPublic) => "not public".to_owned(),
        Err(ConnectError::Unknown) => "unknown".to_owned(),
        Err(error) => error.to_string(),
    }
}

#[tokio::test]
async fn names_are_asked_for_as_they_stand() {
    let (address, mut asked) = server();
    let names = Arc::new(Names::new(vec![address]));
    assert_eq!(look_up(&names, "good.test").await, "8.8.8.1 2606::1");
    assert_eq!(look_up(&names, "good.test.").await, "8.8.8.1 2606::1");
    assert_eq!(look_up(&names, "alias.test").await, "8.8.8.2 2606::2");
    assert_eq!(look_up(&names, "inside.test").await, "not public");
    let many: Vec<_> = (0..ADDRESSES).map(|last| format!("8.8.8.{last}")).collect();
    assert_eq!(look_up(&names, "many.long").await, many.join(" "));
    assert_eq!(look_up(&names, "nowhere.test").await, "unknown");
    assert_eq!(look_up(&names, "single").await, "unknown");
    // Of these nobody is asked.
    assert_eq!(look_up(&names, "localhost").await, "127.0.0.1 ::1");
    assert_eq!(look_up(&names, "a.localhost").await, "not public");
    assert_eq!(look_up(&names, &format!("{}.test", "x".repeat(64))).await, "unknown");
    let mut all = Vec::new();
    while let Ok(name) = asked.try_recv() {
        all.push(name);
    }
    all.dedup();
    let expected = ["good.test.", "alias.test.", "inside.test.", "many.long.", "nowhere.test.", "single."];
    assert!(all.iter().all(|name| expected.contains(&name.as_str())), "{all:?}");
}

#[tokio::test]
async fn a_server_that_is_silent_for_one_component_delays_no_other() {
    let (address, mut asked) = server();
    let ours = Arc::new(Names::new(vec![address]));
    let others = Arc::new(ours.again());
    let waiting: Vec<_> = (0..LOOKUPS + 10)
        .map(|number| {
            let ours = Arc::clone(&ours);
            tokio::spawn(async move { look_up(&ours, &format!("{number}.silent")).await })
        })
        .collect();
    // As many are under way as may be.
    let mut begun = std::collections::BTreeSet::new();
    while begun.len() < LOOKUPS {
        begun.insert(timeout(GUARD, asked.recv()).await.unwrap().unwrap());
    }
    assert_eq!(ours.room.available_permits(), 0);
    assert_eq!(look_up(&others, "good.test").await, "8.8.8.1 2606::1");
    assert!(waiting.iter().all(|lookup| !lookup.is_finished()));
    // They end with those who wait for them, and their room is free at once.
    for lookup in waiting {
        lookup.abort();
        assert!(lookup.await.unwrap_err().is_cancelled());
    }
    assert_eq!(ours.room.available_permits(), LOOKUPS);
    assert_eq!(look_up(&ours, "good.test").await, "8.8.8.1 2606::1");
}

fn check(name: &str, found: &[&str], expected: &[&str]) {
    let parsed = |texts: &[&str]| texts.iter().map(|ip| ip.parse().unwrap()).collect::<Vec<IpAddr>>();
    let expected = Some(parsed(expected)).filter(|expected| !expected.is_empty()).ok_or(ConnectError::NotPublic);
    assert_eq!(kept(name, parsed(found), Reach::Public), expected, "{name}");
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
