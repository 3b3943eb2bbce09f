//! What can be had on a line, and what not, from the process that connects: a cell that was taken over asks for whatever it
//! likes, in whatever form. This program is both: the test, and, started by it with an argument, that process.

use std::{
    collections::HashMap,
    env, fs,
    io::{IoSlice, Read as _, Write as _},
    mem::MaybeUninit,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, UdpSocket},
    os::fd::{AsFd as _, OwnedFd},
    path::Path,
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use activity::{HttpHost, HttpScheme, Origin, OriginHost, Reach};
use anyhow::{Context as _, ensure};
use confinement::Walls;
use egress::{Connect as _, ConnectError, Destination, Egress, EgressSettings, Error, Line, Remote, WireOrigin};
use hickory_resolver::proto::{
    op::Message,
    rr::{
        RData, Record, RecordType,
        rdata::{A, AAAA},
    },
};
use prost::Message as _;
use rustix::{
    fs::{OFlags, fcntl_setfl},
    net::{RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags, recv, send, sendmsg},
    process::{Pid, Signal, kill_process},
};
use tokio::{io::AsyncReadExt as _, io::AsyncWriteExt as _, runtime::Handle, time::timeout};

/// The argument that makes this program the process that connects.
const EGRESS: &str = "egress";

/// Where it is told what a line leads to.
const LIST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../SECURITY.md");

/// Longer than anything here takes: what hangs fails.
const GUARD: Duration = Duration::from_secs(60);

/// How long a connection may take.
const WITHIN: Duration = Duration::from_secs(20);

fn main() -> anyhow::Result<ExitCode> {
    if env::args().nth(1).as_deref() == Some(EGRESS) {
        return Ok(egress::run());
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        a_line_leads_to_what_is_granted().await.context("a_line_leads_to_what_is_granted")?;
        a_name_that_changes_leads_nowhere_else().await.context("a_name_that_changes_leads_nowhere_else")?;
        nonsense_costs_the_line().await.context("nonsense_costs_the_line")?;
        a_flood_is_held_back().await.context("a_flood_is_held_back")?;
        what_is_given_up_is_ended().await.context("what_is_given_up_is_ended")?;
        what_was_asked_is_asked_once_more().await.context("what_was_asked_is_asked_once_more")?;
        what_can_t_run_is_told().context("what_can_t_run_is_told")?;
        ends_with_its_handle().await.context("ends_with_its_handle")
    })?;
    Ok(ExitCode::SUCCESS)
}

fn settings(nameservers: Vec<SocketAddr>) -> anyhow::Result<EgressSettings> {
    let program = env::current_exe()?;
    Ok(EgressSettings { program, arguments: vec![EGRESS.into()], nameservers, proxy: None, walls: Walls::ALL })
}

/// A server that answers each connection with what it is told, and counts them.
struct Server {
    address: SocketAddr,
    accepted: Arc<AtomicUsize>,
}

impl Server {
    fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let server = Self { address: listener.local_addr()?, accepted: Arc::default() };
        let accepted = Arc::clone(&server.accepted);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                accepted.fetch_add(1, Ordering::Relaxed);
                thread::spawn(move || {
                    let (mut stream, mut byte) = (stream, [0]);
                    while stream.read_exact(&mut byte).is_ok() && stream.write_all(&byte).is_ok() {}
                });
            }
        });
        Ok(server)
    }

    fn accepted(&self) -> usize {
        self.accepted.load(Ordering::Relaxed)
    }

    fn port(&self) -> u16 {
        self.address.port()
    }
}

/// A server of names: each has the addresses of the next of its answers, the last one over and over; `silent.test` none.
fn name_server(
    answers: HashMap<&'static str, Vec<Vec<IpAddr>>>,
) -> anyhow::Result<(SocketAddr, mpsc::Receiver<String>)> {
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    let (address, (told, asked)) = (socket.local_addr()?, mpsc::channel());
    thread::spawn(move || -> anyhow::Result<()> {
        let (mut buffer, mut counts) = ([0; 4096], HashMap::<String, usize>::new());
        loop {
            let (length, from) = socket.recv_from(&mut buffer)?;
            let question = Message::from_vec(buffer.get(..length).unwrap_or_default())?;
            let query = question.queries.first().context("no question")?;
            let (name, kind) = (query.name().clone(), query.query_type());
            let text = format!("{kind} {name}");
            let count = counts.entry(text.clone()).or_default();
            let of_name = answers.get(name.to_ascii().as_str()).cloned().unwrap_or_default();
            let ips = of_name.get(*count).or(of_name.last()).cloned().unwrap_or_default();
            *count += 1;
            told.send(text)?;
            if name.to_ascii() == "silent.test." {
                continue;
            }
            let data = |ip| match (ip, kind) {
                (IpAddr::V4(ip), RecordType::A) => Some(RData::A(A(ip))),
                (IpAddr::V6(ip), RecordType::AAAA) => Some(RData::AAAA(AAAA(ip))),
                _ => None,
            };
            let records = ips.into_iter().filter_map(data).map(|data| Record::from_rdata(name.clone(), 1, data));
            let mut answer = question.into_response();
            answer.answers.extend(records);
            socket.send_to(&answer.to_vec()?, from)?;
        }
    });
    Ok((address, asked))
}

fn named(name: &str) -> HttpHost {
    HttpHost::Name(name.to_owned())
}

fn grant(host: HttpHost, port: u16) -> Origin {
    Origin::new(HttpScheme::Http, OriginHost::Only(host), port)
}

fn to(host: HttpHost, port: u16) -> Destination {
    Destination { scheme: HttpScheme::Http, host, port, reach: Reach::Private }
}

/// A line with an end that behaves.
fn line(egress: &Egress, grant: &[Origin]) -> anyhow::Result<(Arc<Remote>, Line)> {
    let (remote, runtime) = (Arc::new(Remote::new()), Handle::current());
    let taking = Arc::clone(&remote);
    let line = egress.line(grant, move |end| drop(taking.take_line(end, &runtime)))?;
    Ok((remote, line))
}

/// A line with its end as it is.
fn bare_line(egress: &Egress, grant: &[Origin]) -> anyhow::Result<(OwnedFd, Line)> {
    let (sender, end) = mpsc::channel();
    let line = egress.line(grant, move |end| drop(sender.send(end)))?;
    Ok((end.recv_timeout(GUARD)?, line))
}

/// What comes of a connection: what its server says.
async fn tried(remote: &Remote, to: Destination) -> Result<String, ConnectError> {
    // Sooner than that a line says so itself.
    let mut stream = timeout(GUARD, remote.connect(to, WITHIN)).await.unwrap_or(Err(ConnectError::TimedOut))?;
    Ok(said(&mut stream).await.unwrap_or_default())
}

async fn said(stream: &mut tokio::net::TcpStream) -> anyhow::Result<String> {
    let mut byte = [0];
    stream.write_all(b"x").await?;
    timeout(GUARD, stream.read_exact(&mut byte)).await??;
    Ok(String::from_utf8(byte.to_vec())?)
}

/// What is granted of servers at this port, and more than fit into one message.
fn granted_at(port: u16) -> Vec<Origin> {
    let mut grants = vec![grant(named("localhost"), port), grant(HttpHost::address([127, 0, 0, 7]), port)];
    grants.extend(["inside", "mapped", "metadata", "six"].map(|name| grant(named(&format!("{name}.test")), port)));
    let below = OriginHost::Below("below.test".to_owned());
    grants.push(Origin::new(HttpScheme::Http, below, port));
    let private = ["home", "lan", "link"].map(|name| grant(named(&format!("{name}.private.test")), port));
    grants.extend(private.map(|origin| Origin { reach: Reach::Private, ..origin }));
    grants.extend((0..250).map(|number| grant(named(&format!("{number}.example.com")), 80)));
    grants
}

/// What is tried, where it leads, and what comes of it.
type Case = (&'static str, Destination, Result<String, ConnectError>);

/// This machine.
const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// Where a cloud tells secrets.
const METADATA: Ipv4Addr = Ipv4Addr::new(169, 254, 169, 254);

/// What names stand for.
fn answers() -> HashMap<&'static str, Vec<Vec<IpAddr>>> {
    let (here, metadata, mapped) = (HERE, METADATA.into(), Ipv4Addr::LOCALHOST.to_ipv6_mapped());
    let answers = [
        ("inside.test.", here),
        ("mapped.test.", mapped.into()),
        ("metadata.test.", metadata),
        ("a.below.test.", here),
        ("six.test.", Ipv6Addr::LOCALHOST.into()),
        ("home.private.test.", here),
        ("lan.private.test.", IpAddr::from([10, 254, 254, 254])),
        ("link.private.test.", metadata),
    ];
    answers.map(|(name, ip)| (name, vec![vec![ip]])).into()
}

/// Of a cell that is granted servers at one port; another tenant's is at the other.
fn cases(port: u16, other: u16) -> Vec<Case> {
    let (here, metadata, mapped) = (HERE, METADATA.into(), Ipv4Addr::LOCALHOST.to_ipv6_mapped());
    let metadata_mapped = METADATA.to_ipv6_mapped().into();
    let of_public = Destination { reach: Reach::Public, ..to(named("lan.private.test"), port) };
    let https = Destination { scheme: HttpScheme::Https, ..to(named("localhost"), port) };
    use ConnectError::{NotGranted, NotPublic, Refused, Unknown};
    vec![
        ("a granted server", to(named("localhost"), port), Ok("x".to_owned())),
        ("a granted address where nobody listens", to(HttpHost::Address([127, 0, 0, 7].into()), port), Err(Refused)),
        ("a granted server by another scheme", https, Err(NotGranted)),
        ("a granted server at another port", to(named("localhost"), 22), Err(NotGranted)),
        ("a granted name with a dot behind it", to(named("localhost."), port), Err(NotGranted)),
        ("the address of a granted name", to(HttpHost::Address(here), port), Err(NotGranted)),
        ("that address in IPv6", to(HttpHost::Address(mapped.into()), port), Err(NotGranted)),
        ("this machine in IPv6", to(HttpHost::Address(Ipv6Addr::LOCALHOST.into()), port), Err(NotGranted)),
        ("the metadata server of a cloud", to(HttpHost::Address(metadata), 80), Err(NotGranted)),
        ("its address in IPv6", to(HttpHost::Address(metadata_mapped), 80), Err(NotGranted)),
        ("another tenant's server", to(named("localhost"), other), Err(NotGranted)),
        ("a granted name that stands for this machine", to(named("inside.test"), port), Err(NotPublic)),
        ("one that stands for it in IPv6", to(named("six.test"), port), Err(NotPublic)),
        ("one that stands for an address of IPv4 in IPv6", to(named("mapped.test"), port), Err(NotPublic)),
        ("one that stands for the metadata server", to(named("metadata.test"), port), Err(NotPublic)),
        ("one below a granted name, which leads inside", to(named("a.below.test"), port), Err(NotPublic)),
        (
            "a name that may lead to private networks, and leads to this machine",
            to(named("home.private.test"), port),
            Err(NotPublic),
        ),
        ("one that leads to the metadata server", to(named("link.private.test"), port), Err(NotPublic)),
        ("one that leads to private networks, for a component that may not", of_public, Err(NotPublic)),
        ("one below it that nobody knows", to(named("nobody.below.test"), port), Err(Unknown)),
        ("a name that others below are granted of", to(named("below.test"), port), Err(NotGranted)),
    ]
}

/// Of a cell that may go to every public server at this port.
fn anywhere(port: u16) -> Vec<Case> {
    use ConnectError::{NotGranted, NotPublic};
    vec![
        ("with `\"public\"`: this machine by its name", to(named("localhost"), port), Err(NotGranted)),
        ("its address", to(HttpHost::Address(HERE), port), Err(NotGranted)),
        ("a private address", to(HttpHost::Address([10, 0, 0, 1].into()), port), Err(NotGranted)),
        ("the address of the metadata server", to(HttpHost::Address(METADATA.into()), port), Err(NotGranted)),
        ("a name that stands for this machine", to(named("inside.test"), port), Err(NotPublic)),
    ]
}

async fn a_line_leads_to_what_is_granted() -> anyhow::Result<()> {
    let (ours, theirs) = (Server::start()?, Server::start()?);
    let (names, _asked) = name_server(answers())?;
    let egress = Egress::new(settings(vec![names])?);
    egress.ready()?;
    let port = ours.port();
    let (remote, _line) = line(&egress, &granted_at(port))?;
    let (others, _other_line) = line(&egress, &[grant(named("localhost"), theirs.port())])?;
    let (public, _public_line) = line(&egress, &[Origin::new(HttpScheme::Http, OriginHost::Public, theirs.port())])?;
    let cases = cases(port, theirs.port()).into_iter().map(|case| (&remote, case));
    let mut rows = String::new();
    for (remote, (what, to, expected)) in cases.chain(anywhere(theirs.port()).into_iter().map(|case| (&public, case))) {
        let told = tried(remote, to.clone()).await;
        ensure!(told == expected, "{what}: {to:?}: {told:?}");
        let result = expected.map_or_else(|error| error.to_string(), |_| "connected".to_owned());
        rows += &format!("| {what} | {result} |\n");
    }
    let list = fs::read_to_string(LIST)?;
    ensure!(list.contains(&rows), "SECURITY.md has another list than this:\n{rows}");
    ensure!(tried(&others, to(named("localhost"), theirs.port())).await == Ok("x".to_owned()));
    ensure!(tried(&others, to(named("localhost"), port)).await == Err(ConnectError::NotGranted));
    ensure!((ours.accepted(), theirs.accepted()) == (1, 1));
    Ok(())
}

/// It is looked up once for each connection, and what was found then is what counts.
async fn a_name_that_changes_leads_nowhere_else() -> anyhow::Result<()> {
    let server = Server::start()?;
    // Whoever is there, it is not this machine.
    let (outside, here) = (IpAddr::from([198, 17, 0, 1]), IpAddr::from([127, 0, 0, 1]));
    let answers = [("changes.test.", vec![vec![outside], vec![here], vec![outside, here]])].into();
    let (names, asked) = name_server(answers)?;
    let egress = Egress::new(settings(vec![names])?);
    let (remote, _line) = line(&egress, &[grant(named("changes.test"), server.port())])?;
    let mut told = Vec::new();
    for _ in 0..3 {
        let within = Duration::from_millis(500);
        let result = timeout(GUARD, remote.connect(to(named("changes.test"), server.port()), within)).await?;
        told.push(result.map(|_| ()));
    }
    let [first, second, third] = told.as_slice() else { anyhow::bail!("{told:?}") };
    ensure!(*second == Err(ConnectError::NotPublic), "{told:?}");
    ensure!(![first, third].contains(&&Err(ConnectError::NotPublic)), "{told:?}");
    ensure!(server.accepted() == 0);
    let questions = asked.try_iter().filter(|question| question.starts_with("A ")).count();
    ensure!(questions == 3, "{questions} questions");
    Ok(())
}

/// An ask as it is written.
fn ask(id: u8, origin: &Origin) -> anyhow::Result<Vec<u8>> {
    let origin = WireOrigin::new(origin).encode_to_vec();
    let mut bytes = vec![0x08, id, 0x12, u8::try_from(origin.len())?];
    bytes.extend(origin);
    bytes.extend([0x18, 100]);
    Ok(bytes)
}

/// Waits until the other end hangs up.
async fn hung_up(end: OwnedFd) -> anyhow::Result<()> {
    fcntl_setfl(&end, OFlags::empty())?;
    let hung_up = tokio::task::spawn_blocking(move || {
        let mut buffer = [MaybeUninit::uninit(); 64];
        loop {
            match recv(&end, &mut buffer[..], RecvFlags::empty()) {
                Ok((_, 0)) | Err(rustix::io::Errno::CONNRESET) => return Ok(()),
                Ok(_) => {}
                Err(error) => return Err(error),
            }
        }
    });
    Ok(timeout(GUARD, hung_up).await.context("it does not hang up")???)
}

async fn nonsense_costs_the_line() -> anyhow::Result<()> {
    let server = Server::start()?;
    let egress = Egress::new(settings(Vec::new())?);
    let granted = grant(named("localhost"), server.port());
    let grants = std::slice::from_ref(&granted);
    let good = ask(1, &granted)?;
    let below = Origin { host: OriginHost::Below("localhost".to_owned()), ..granted.clone() };
    let nonsense = [
        b"nonsense".to_vec(),
        vec![0xff; 600],
        good.get(..good.len() - 4).unwrap_or_default().to_vec(),
        // More than one server, a name that is an address, and one that is none.
        ask(1, &below)?,
        ask(1, &grant(named("127.0.0.1"), server.port()))?,
        ask(1, &grant(named(""), server.port()))?,
        Vec::new(),
    ];
    for bytes in nonsense {
        let (end, _line) = bare_line(&egress, grants)?;
        send(&end, &bytes, SendFlags::NOSIGNAL)?;
        hung_up(end).await.with_context(|| format!("after {bytes:?}"))?;
    }
    // One with a descriptor.
    let (end, _line) = bare_line(&egress, grants)?;
    let (mut space, rights) = ([MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))], [end.as_fd()]);
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    ancillary.push(SendAncillaryMessage::ScmRights(&rights));
    sendmsg(&end, &[IoSlice::new(&good)], &mut ancillary, SendFlags::NOSIGNAL)?;
    hung_up(end).await?;
    ensure!(server.accepted() == 0);
    // It is all the same to the others.
    let (remote, _line) = line(&egress, grants)?;
    ensure!(tried(&remote, to(named("localhost"), server.port())).await == Ok("x".to_owned()));
    Ok(())
}

async fn a_flood_is_held_back() -> anyhow::Result<()> {
    /// Twice what may be made at once, and what waits to be read.
    const MOST: usize = 200;
    let (flooded, server) = (Server::start()?, Server::start()?);
    let egress = Egress::new(settings(Vec::new())?);
    let (remote, _line) = line(&egress, &[grant(named("localhost"), server.port())])?;
    let granted = grant(named("localhost"), flooded.port());
    let (end, _bare_line) = bare_line(&egress, std::slice::from_ref(&granted))?;
    let (flood, mut waited, mut sent) = (ask(1, &granted)?, 0, 0);
    // It never reads an answer.
    while waited < 100 {
        match send(&end, &flood, SendFlags::NOSIGNAL) {
            Ok(_) => (waited, sent) = (0, sent + 1),
            Err(rustix::io::Errno::AGAIN) => {
                waited += 1;
                ensure!(tried(&remote, to(named("localhost"), server.port())).await == Ok("x".to_owned()));
            }
            Err(error) => return Err(error.into()),
        }
    }
    let connected = flooded.accepted();
    ensure!(connected < MOST && connected < sent, "{connected} connections of {sent} asks");
    Ok(())
}

async fn what_is_given_up_is_ended() -> anyhow::Result<()> {
    let (names, asked) = name_server(HashMap::new())?;
    let egress = Egress::new(settings(vec![names])?);
    let (remote, _line) = line(&egress, &[grant(named("silent.test"), 80)])?;
    // More than may be under way at once, each given up.
    for _ in 0..200 {
        let waiting = remote.connect(to(named("silent.test"), 80), WITHIN);
        drop(timeout(Duration::from_millis(1), waiting).await);
    }
    let (others, _other_line) = line(&egress, &[grant(named("localhost"), 1)])?;
    ensure!(tried(&others, to(named("localhost"), 1)).await == Err(ConnectError::Refused));
    let waiting = remote.connect(to(named("silent.test"), 80), Duration::from_millis(50));
    ensure!(timeout(GUARD, waiting).await?.map(|_| ()) == Err(ConnectError::TimedOut));
    ensure!(asked.try_iter().next().is_some());
    Ok(())
}

/// A death costs no one anything, a second one who has asked twice by then.
async fn what_was_asked_is_asked_once_more() -> anyhow::Result<()> {
    let server = Server::start()?;
    let (names, asked) = name_server(HashMap::new())?;
    let egress = Egress::new(settings(vec![names])?);
    let grants = [grant(named("localhost"), server.port()), grant(named("silent.test"), 80)];
    let (remote, _line) = line(&egress, &grants)?;
    let there = || to(named("localhost"), server.port());
    let mut standing = timeout(GUARD, remote.connect(there(), WITHIN)).await??;
    let asking = {
        let remote = Arc::clone(&remote);
        tokio::spawn(async move { remote.connect(to(named("silent.test"), 80), WITHIN).await.map(|_| ()) })
    };
    for _ in 0..2 {
        // For both kinds of addresses: no more than these are asked for by one process.
        asked.recv_timeout(GUARD)?;
        asked.recv_timeout(GUARD)?;
        let process = egress.process_id().context("it does not run")?;
        kill_process(Pid::from_raw(i32::try_from(process)?).context("no process")?, Signal::KILL)?;
        ensure!(said(&mut standing).await? == "x");
        ensure!(tried(&remote, there()).await == Ok("x".to_owned()));
        ensure!(egress.process_id() != Some(process));
    }
    ensure!(timeout(GUARD, asking).await?? == Err(ConnectError::Busy));
    Ok(())
}

fn what_can_t_run_is_told() -> anyhow::Result<()> {
    let missing = Egress::new(EgressSettings { program: "/does/not/exist".into(), ..settings(Vec::new())? });
    ensure!(matches!(missing.ready(), Err(Error::Io(_))));
    let other = Egress::new(EgressSettings { program: "/bin/false".into(), ..settings(Vec::new())? });
    ensure!(matches!(other.ready(), Err(Error::Lost(_) | Error::Io(_))));
    Ok(())
}

async fn ends_with_its_handle() -> anyhow::Result<()> {
    let egress = Egress::new(settings(Vec::new())?);
    egress.ready()?;
    let process = format!("/proc/{}", egress.process_id().context("it does not run")?);
    ensure!(Path::new(&process).exists());
    drop(egress);
    let gone = async {
        while Path::new(&process).exists() {
            tokio::task::yield_now().await;
        }
    };
    timeout(GUARD, gone).await.context("it stays")
}
