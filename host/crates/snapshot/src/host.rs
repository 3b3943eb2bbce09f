//! What an initialisation reaches: WASI with no more in it than folders, and of everything else the names.

use wasmtime::{
    Engine,
    component::{Component, Linker, LinkerInstance, ResourceTable, ResourceType, types::ComponentItem},
};
use wasmtime_wasi::{
    FsPerms, WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView,
    p2::pipe::{MemoryInputPipe, MemoryOutputPipe},
};

use crate::{Error, Folder};

/// The most that is kept of what it says.
const OUTPUT: usize = 1 << 20;

pub(crate) struct Host {
    table: ResourceTable,
    wasi: WasiCtx,
}

impl Host {
    /// With this standard input and these folders. Returns what reads its standard error.
    ///
    /// # Errors
    /// When a folder is not there.
    pub(crate) fn new(input: &[u8], folders: &[Folder]) -> Result<(Self, MemoryOutputPipe), Error> {
        let output = MemoryOutputPipe::new(OUTPUT);
        let mut wasi = WasiCtxBuilder::new();
        wasi.stdin(MemoryInputPipe::new(input.to_vec())).stdout(output.clone()).stderr(output.clone());
        // Nothing else runs meanwhile.
        wasi.allow_blocking_current_thread(true);
        for Folder { name, path, is_writable } in folders {
            let permissions = if *is_writable { FsPerms::ReadWrite } else { FsPerms::ReadOnly };
            wasi.preopened_dir(path, name, permissions)
                .map_err(|source| Error::Folder { folder: path.display().to_string(), source })?;
        }
        Ok((Self { table: ResourceTable::new(), wasi: wasi.build() }, output))
    }
}

impl WasiView for Host {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

/// WASI, and for each other import something that traps when it is called.
///
/// # Errors
/// When the component imports one name in two ways.
pub(crate) fn linker(engine: &Engine, component: &Component) -> wasmtime::Result<Linker<Host>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    let ty = component.component_type();
    // Resources that WASI defines are those wherever they are used.
    let mut known = Vec::new();
    for (_, import) in ty.imports(engine).filter(|(name, _)| is_there(name)) {
        collect(engine, &import.ty, &mut known);
    }
    for (name, import) in ty.imports(engine).filter(|(name, _)| !is_there(name)) {
        stub(engine, &mut linker.root(), name, &import.ty, &known)?;
    }
    Ok(linker)
}

fn is_there(import: &str) -> bool {
    import.starts_with("wasi:") && !import.starts_with("wasi:http/")
}

fn collect(engine: &Engine, item: &ComponentItem, known: &mut Vec<ResourceType>) {
    match item {
        ComponentItem::ComponentInstance(instance) => {
            instance.exports(engine).for_each(|(_, export)| collect(engine, &export.ty, known));
        }
        ComponentItem::Resource(resource) if !known.contains(resource) => known.push(*resource),
        _ => {}
    }
}

fn stub(
    engine: &Engine,
    linker: &mut LinkerInstance<'_, Host>,
    name: &str,
    item: &ComponentItem,
    known: &[ResourceType],
) -> wasmtime::Result<()> {
    match item {
        ComponentItem::ComponentInstance(instance) => {
            let mut inner = linker.instance(name)?;
            for (name, export) in instance.exports(engine) {
                stub(engine, &mut inner, name, &export.ty, known)?;
            }
        }
        ComponentItem::ComponentFunc(_) => {
            let why = format!("`{name}` can't be called while the component is built");
            linker.func_new(name, move |_, _, _, _| Err(wasmtime::Error::msg(why.clone())))?;
        }
        ComponentItem::Resource(resource) if !known.contains(resource) => {
            linker.resource(name, ResourceType::host::<()>(), |_, _| Ok(()))?;
        }
        _ => {}
    }
    Ok(())
}
