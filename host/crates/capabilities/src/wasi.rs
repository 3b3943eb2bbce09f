//! WASI 0.2: clocks, random numbers, standard streams and `wasi:io` for every guest; environment and directories as
//! granted; sockets that refuse every call.

mod disk;
mod files;
mod listing;
mod open;
mod scratch;
mod streams;
mod threads;

use std::sync::Arc;

use activity::DirectoryGrant;
use wasmtime::{
    StoreContextMut,
    component::{HasData, Linker, Resource, ResourceTable},
};
use wasmtime_wasi::{
    FsPerms, WasiCtx, WasiCtxBuilder,
    cli::{WasiCli, WasiCliCtxView},
    clocks::{WasiClocks, WasiClocksCtxView},
    filesystem::WasiFilesystemCtxView,
    p2::{
        IoError,
        bindings::{cli, clocks, filesystem, io, random, sockets},
    },
    random::WasiRandom,
    sockets::{WasiSockets, WasiSocketsCtxView},
};

pub use self::threads::FileThreads;
use self::{
    disk::Disk,
    files::{Files, HasFiles},
    listing::Listed,
};
use crate::{
    Capabilities, CapabilitiesView, DirectoryUnavailable, Outlet, Policy, leave::Leave, log::LoggedStream,
    outlet::Stream, random::Limited,
};

/// The state of WASI for one attempt. Made when a guest first needs it, because it costs random numbers and
/// allocations that many guests never use; but at once when a directory must be opened, which may fail.
pub(crate) struct WasiState {
    policy: Arc<Policy>,
    outlet: Arc<Outlet>,
    /// Until when it may change files.
    leave: Leave,
    /// What lists of directories take of the limit `host-buffer`.
    listed: Listed,
    /// What was written to granted directories; made when a guest first needs it.
    disk: Option<Arc<Disk>>,
    ctx: Option<WasiCtx>,
    /// The scratch directory, if it is granted.
    scratch: Option<scratch::Opened>,
    /// The words of the command line.
    pub(crate) arguments: Vec<String>,
}

impl WasiState {
    pub(crate) async fn new(
        policy: Arc<Policy>,
        outlet: Arc<Outlet>,
        leave: Leave,
    ) -> Result<Self, DirectoryUnavailable> {
        let mut ctx = None;
        if let Some(threads) = &policy.files {
            let (mut builder, granted) = (builder(&policy, &outlet), Arc::clone(&policy));
            let opened = threads.run(move || {
                granted.grants.directories.iter().try_for_each(|directory| preopen(&mut builder, directory))?;
                Ok(builder.build())
            });
            let lost =
                || Err(DirectoryUnavailable { guest: String::new(), source: wasmtime::format_err!("it panicked") });
            ctx = Some(opened.await.unwrap_or_else(lost)?);
        }
        let listed = Listed::new(policy.limits.host_buffer);
        let scratch = policy.grants.scratch.map(|size| scratch::root(size, Arc::clone(&outlet)));
        Ok(Self { policy, outlet, leave, listed, disk: None, ctx, scratch, arguments: Vec::new() })
    }

    fn ctx(&mut self) -> &mut WasiCtx {
        self.ctx.get_or_insert_with(|| builder(&self.policy, &self.outlet).build())
    }
}

fn builder(policy: &Policy, outlet: &Arc<Outlet>) -> WasiCtxBuilder {
    let mut builder = WasiCtx::builder();
    builder
        // File work is done where it may block.
        .allow_blocking_current_thread(true)
        .allow_tcp(false)
        .allow_udp(false)
        .allow_ip_name_lookup(false)
        .stdout(LoggedStream::new(Arc::clone(outlet), Stream::Out))
        .stderr(LoggedStream::new(Arc::clone(outlet), Stream::Err))
        .max_random_size(policy.limits.random);
    for (name, value) in &policy.grants.environment {
        builder.env(name, value);
    }
    builder
}

fn preopen(builder: &mut WasiCtxBuilder, directory: &DirectoryGrant) -> Result<(), DirectoryUnavailable> {
    let DirectoryGrant { host, guest, writable } = directory;
    let permissions = if *writable { FsPerms::ReadWrite } else { FsPerms::ReadOnly };
    match builder.preopened_dir(host, guest, permissions) {
        Ok(_) => Ok(()),
        Err(source) => Err(DirectoryUnavailable { guest: guest.clone(), source }),
    }
}

/// Links what of WASI every component may import.
pub(crate) fn add_to_linker<T: CapabilitiesView>(l: &mut Linker<T>) -> wasmtime::Result<()> {
    add_errors(l)?;
    io::poll::add_to_linker::<T, HasTable>(l, |t| &mut t.called().table)?;
    io::streams::add_to_linker::<T, HasTable>(l, |t| &mut t.called().table)?;
    clocks::wall_clock::add_to_linker::<T, WasiClocks>(l, clocks_of)?;
    clocks::monotonic_clock::add_to_linker::<T, WasiClocks>(l, clocks_of)?;
    random::random::add_to_linker::<T, HasRandom>(l, random_of)?;
    random::insecure::add_to_linker::<T, HasRandom>(l, random_of)?;
    random::insecure_seed::add_to_linker::<T, WasiRandom>(l, |t| t.called().wasi.ctx().random())?;
    filesystem::preopens::add_to_linker::<T, HasFiles>(l, files_of)?;
    filesystem::types::add_to_linker::<T, HasFiles>(l, files_of)?;
    add_environment(l)?;
    cli::exit::add_to_linker::<T, WasiCli>(l, cli_of)?;
    cli::stdin::add_to_linker::<T, WasiCli>(l, cli_of)?;
    cli::stdout::add_to_linker::<T, WasiCli>(l, cli_of)?;
    cli::stderr::add_to_linker::<T, WasiCli>(l, cli_of)?;
    cli::terminal_input::add_to_linker::<T, WasiCli>(l, cli_of)?;
    cli::terminal_output::add_to_linker::<T, WasiCli>(l, cli_of)?;
    cli::terminal_stdin::add_to_linker::<T, WasiCli>(l, cli_of)?;
    cli::terminal_stdout::add_to_linker::<T, WasiCli>(l, cli_of)?;
    cli::terminal_stderr::add_to_linker::<T, WasiCli>(l, cli_of)?;
    add_refusing_sockets(l)
}

/// Links errors of streams. What they say is shown without the host's own stack, which wasmtime's `to-debug-string` tells
/// where the worker's environment has `RUST_BACKTRACE`.
fn add_errors<T: CapabilitiesView>(l: &mut Linker<T>) -> wasmtime::Result<()> {
    io::error::add_to_linker::<T, HasTable>(l, |t| &mut t.called().table)?;
    l.allow_shadowing(true);
    let told = |mut store: StoreContextMut<'_, T>, (error,): (Resource<IoError>,)| {
        let error = store.data_mut().called().table.get(&error)?;
        Ok((format!("{error:#}"),))
    };
    // As wasmtime links it.
    l.instance("wasi:io/error@0.2.12")?.func_wrap("[method]error.to-debug-string", told)?;
    l.allow_shadowing(false);
    Ok(())
}

/// Links the environment. The words of the command line are known only when a program is called, which may be after the
/// rest was made.
fn add_environment<T: CapabilitiesView>(l: &mut Linker<T>) -> wasmtime::Result<()> {
    cli::environment::add_to_linker::<T, WasiCli>(l, cli_of)?;
    l.allow_shadowing(true);
    let words = |mut store: StoreContextMut<'_, T>, (): ()| Ok((store.data_mut().called().wasi.arguments.clone(),));
    l.instance("wasi:cli/environment@0.2.12")?.func_wrap("get-arguments", words)?;
    l.allow_shadowing(false);
    Ok(())
}

/// Links sockets, which nothing allows: no socket can be made and no name looked up. Python's components import them
/// whether they use them or not.
fn add_refusing_sockets<T: CapabilitiesView>(l: &mut Linker<T>) -> wasmtime::Result<()> {
    sockets::network::add_to_linker::<T, WasiSockets>(l, &sockets::network::LinkOptions::default(), sockets_of)?;
    sockets::instance_network::add_to_linker::<T, WasiSockets>(l, sockets_of)?;
    sockets::ip_name_lookup::add_to_linker::<T, WasiSockets>(l, sockets_of)?;
    sockets::tcp::add_to_linker::<T, WasiSockets>(l, sockets_of)?;
    sockets::tcp_create_socket::add_to_linker::<T, WasiSockets>(l, sockets_of)?;
    sockets::udp::add_to_linker::<T, WasiSockets>(l, sockets_of)?;
    sockets::udp_create_socket::add_to_linker::<T, WasiSockets>(l, sockets_of)
}

/// Marks the resource table as the data behind `wasi:io`.
struct HasTable;

impl HasData for HasTable {
    type Data<'a> = &'a mut ResourceTable;
}

/// Marks limited random numbers.
struct HasRandom;

impl HasData for HasRandom {
    type Data<'a> = Limited<'a>;
}

fn random_of<T: CapabilitiesView>(state: &mut T) -> Limited<'_> {
    let wasi = &mut state.called().wasi;
    Limited { limit: wasi.policy.limits.random, ctx: wasi.ctx().random() }
}

fn cli_of<T: CapabilitiesView>(state: &mut T) -> WasiCliCtxView<'_> {
    let Capabilities { wasi, table, .. } = state.called();
    WasiCliCtxView { ctx: wasi.ctx().cli(), table }
}

fn clocks_of<T: CapabilitiesView>(state: &mut T) -> WasiClocksCtxView<'_> {
    let Capabilities { wasi, table, .. } = state.called();
    WasiClocksCtxView { ctx: wasi.ctx().clocks(), table }
}

fn sockets_of<T: CapabilitiesView>(state: &mut T) -> WasiSocketsCtxView<'_> {
    let Capabilities { wasi, table, .. } = state.called();
    WasiSocketsCtxView { ctx: wasi.ctx().sockets(), table }
}

fn files_of<T: CapabilitiesView>(state: &mut T) -> Files<'_> {
    let Capabilities { wasi, table, .. } = state.called();
    let (threads, listed) = (wasi.policy.files.clone(), wasi.listed.clone());
    let WasiState { policy, outlet, leave, ctx, scratch, disk, .. } = wasi;
    let tenant = || policy.files.as_ref().map(|files| Arc::clone(&files.tenant));
    let new = || Arc::new(Disk::new(&policy.limits, Arc::clone(outlet), leave.clone(), tenant()));
    let disk = disk.get_or_insert_with(new);
    let disk = Arc::clone(disk);
    let ctx = ctx.get_or_insert_with(|| builder(policy, outlet).build());
    let inner = WasiFilesystemCtxView { ctx: ctx.filesystem(), table };
    Files { inner, threads, disk, listed, scratch: scratch.as_ref() }
}
