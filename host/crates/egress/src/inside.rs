//! The process that connects for cells: it confines itself, holds nothing but its lines, and ends with the worker.

mod line;

mod pace;

use std::{
    fs::File,
    io,
    net::SocketAddr,
    os::fd::{AsFd as _, OwnedFd},
    process::ExitCode,
    sync::Arc,
};

use activity::Origin;
use confinement::{Calls, Confinement, Limits, Walls};
use rustix::fs::OFlags;
use tokio::{runtime::Builder, task::JoinSet};

use crate::{
    direct::{Direct, Names, Proxy, System},
    packets::{self, DESCRIPTORS, Packet, Packets},
    wire::{self, Begin, Begun, Files, LONGEST_ORDER, Nonsense, Open, Order, WireOrigin, order},
};

/// Runs this process as the one that connects: what a program does that was started as [`crate::EgressSettings`] say. It
/// must be the first thing that its `main` does.
pub fn run() -> ExitCode {
    match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// Serves until the worker is gone or has no use for it any more.
fn serve() -> io::Result<()> {
    confinement::close_inherited().map_err(io::Error::other)?;
    let socket = io::stdin().as_fd().try_clone_to_owned()?;
    let Some(Packet { message: Order { say: Some(order::Say::Begin(begin)) }, .. }) =
        packets::receive(&socket, LONGEST_ORDER, 0)?
    else {
        return Err(io::Error::other("it does not begin as it should"));
    };
    // It polls on descriptors that it opens now.
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let (refused, way) = match confine(begin) {
        Ok(way) => (None, way),
        Err(refused) => (Some(refused), Way::default()),
    };
    let is_refused = refused.is_some();
    packets::send(&socket, &Begun { version: wire::VERSION, refused }, &[])?;
    if is_refused {
        return Err(io::Error::other("it can't run"));
    }
    rustix::fs::fcntl_setfl(&socket, OFlags::NONBLOCK)?;
    runtime.block_on(obey(socket, way))
}

/// How servers are found and reached.
#[derive(Debug, Default)]
struct Way {
    nameservers: Vec<SocketAddr>,
    proxy: Option<Arc<Proxy>>,
}

/// Takes from the process what it does not need.
fn confine(begin: Begin) -> Result<Way, String> {
    if begin.version != wire::VERSION {
        return Err(format!("this is of version {}, and not of version {}", wire::VERSION, begin.version));
    }
    let nonsense = |nonsense: Nonsense| nonsense.to_string();
    let nameservers = wire::addresses(&begin.nameservers).map_err(nonsense)?;
    let proxy = begin.proxy.map(WireOrigin::proxy).transpose().map_err(nonsense)?.map(Arc::new);
    let confinement = Confinement {
        parent: begin.parent,
        limits: Limits { file_size: Some(0), ..Limits::default() },
        directories: Vec::new(),
        calls: Calls::Connect,
        walls: Walls { landlock: begin.landlock, seccomp: begin.seccomp },
    };
    confinement.enter_with_own().map_err(|error| format!("failed to {error}"))?;
    Ok(Way { nameservers, proxy })
}

/// Does what the worker says.
async fn obey(socket: OwnedFd, Way { nameservers, proxy }: Way) -> io::Result<()> {
    let worker = Packets::new(socket)?;
    let (system, mut lines, mut grant) = (System::handed(), JoinSet::new(), Vec::new());
    while let Some(Packet { message, descriptors }) = worker.receive::<Order>(LONGEST_ORDER, DESCRIPTORS).await? {
        match message.say.ok_or_else(|| io::Error::other(Nonsense))? {
            order::Say::Begin(_) => return Err(io::Error::other("it begins twice")),
            order::Say::Files(files) => system.take(given(files, descriptors)),
            order::Say::Open(Open { origins }) => {
                let origins = origins.into_iter().map(WireOrigin::origin).collect::<Result<Vec<Origin>, _>>();
                grant.append(&mut origins.map_err(io::Error::other)?);
                if let Some(line) = descriptors.into_iter().next() {
                    let grant = std::mem::take(&mut grant);
                    let names = Names::with(nameservers.clone(), system.clone());
                    let direct = Direct::new(&grant, names, proxy.clone());
                    lines.spawn(line::serve(Packets::new(line)?, direct));
                }
            }
        }
        while lines.try_join_next().is_some() {}
    }
    Ok(())
}

/// The files that were handed over.
fn given(files: Files, descriptors: Vec<OwnedFd>) -> [Option<File>; 2] {
    let mut descriptors = descriptors.into_iter().map(File::from);
    [files.hosts, files.servers].map(|is_there| is_there.then(|| descriptors.next()).flatten())
}
