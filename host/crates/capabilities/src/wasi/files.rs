//! `wasi:filesystem`: as wasmtime has it, but each operation is done on the component's own threads, and nothing is opened
//! but files and directories. What is in the [`scratch`] directory is done at once.
//!
//! An operation runs on copies of the descriptors that it names, so that nothing of the attempt waits for one that hangs:
//! a kill leaves it behind.

use std::{future::Future, pin::pin, sync::Arc, task::Context, task::Poll, task::Waker};

use wasmtime::component::{HasData, Resource, ResourceTable};
use wasmtime_wasi::{
    filesystem::{Descriptor, WasiFilesystemCtxView},
    p2::{
        DynInputStream, DynOutputStream, FsError, FsResult, ReaddirIterator,
        bindings::filesystem::{
            preopens,
            types::{self, DescriptorFlags, ErrorCode, HostDescriptor, HostDirectoryEntryStream},
        },
    },
};

use super::{
    disk::Disk,
    listing::{Listed, Listing},
    open::{self, Wanted},
    scratch::{self, Opened},
    streams::{Reader, Reading, Writer, Writing},
    threads::FileThreads,
};

/// Marks files as the data behind `wasi:filesystem`.
pub(super) struct HasFiles;

impl HasData for HasFiles {
    type Data<'a> = Files<'a>;
}

/// The files of an attempt.
pub(super) struct Files<'a> {
    pub(super) inner: WasiFilesystemCtxView<'a>,
    /// `None` when no directory is granted: then there are no descriptors.
    pub(super) threads: Option<Arc<FileThreads>>,
    /// What it may write to them.
    pub(super) disk: Arc<Disk>,
    /// What its lists of directories take.
    pub(super) listed: Listed,
    /// Its scratch directory, if it is granted.
    pub(super) scratch: Option<&'a Opened>,
}

impl Files<'_> {
    /// Does something with copies of these descriptors, on one of the component's threads.
    async fn run<const N: usize, T: Send + 'static>(
        &mut self,
        descriptors: [&Resource<Descriptor>; N],
        work: impl AsyncFnOnce(&mut WasiFilesystemCtxView<'_>, [Resource<Descriptor>; N]) -> FsResult<T> + Send + 'static,
    ) -> FsResult<T> {
        let threads = self.threads()?;
        let mut table = ResourceTable::new();
        let mut copies = Vec::with_capacity(N);
        for descriptor in descriptors {
            let copy = self.inner.table.get(descriptor)?.clone();
            copies.push(table.push(copy)?);
        }
        let copies: [_; N] = copies.try_into().map_err(|_| ErrorCode::Overflow)?;
        let mut ctx = self.inner.ctx.clone();
        let done = threads.run(move || {
            let mut view = WasiFilesystemCtxView { ctx: &mut ctx, table: &mut table };
            at_once(work(&mut view, copies))
        });
        done.await.flatten().ok_or(ErrorCode::Io)?
    }

    /// Does the same with what takes room on the disk, once the tenant may write more.
    async fn write_on_disk<const N: usize, T: Send + 'static>(
        &mut self,
        descriptors: [&Resource<Descriptor>; N],
        work: impl AsyncFnOnce(&mut WasiFilesystemCtxView<'_>, [Resource<Descriptor>; N]) -> FsResult<T> + Send + 'static,
    ) -> FsResult<T> {
        Arc::clone(&self.disk).turn().await;
        self.run(descriptors, work).await
    }

    /// Does the same with what is changed by it, unless the attempt's time is over by then.
    async fn change<const N: usize, T: Send + 'static>(
        &mut self,
        descriptors: [&Resource<Descriptor>; N],
        work: impl AsyncFnOnce(&mut WasiFilesystemCtxView<'_>, [Resource<Descriptor>; N]) -> FsResult<T> + Send + 'static,
    ) -> FsResult<T> {
        let disk = Arc::clone(&self.disk);
        let change = async move |files: &mut WasiFilesystemCtxView<'_>, copies: [_; N]| {
            disk.may_change()?;
            work(files, copies).await
        };
        self.run(descriptors, change).await
    }

    /// What a descriptor is of the scratch directory. The interface knows it by another type; in the table it has its own.
    fn scratch(&self, descriptor: &Resource<Descriptor>) -> Option<&Opened> {
        self.inner.table.get(&Resource::<Opened>::new_borrow(descriptor.rep())).ok()
    }

    /// Two descriptors of the scratch directory, `None` for none.
    ///
    /// # Errors
    /// When only one is.
    fn both_in_scratch(
        &self,
        one: &Resource<Descriptor>,
        other: &Resource<Descriptor>,
    ) -> FsResult<Option<[&Opened; 2]>> {
        match (self.scratch(one), self.scratch(other)) {
            (Some(one), Some(other)) => Ok(Some([one, other])),
            (None, None) => Ok(None),
            _ => Err(ErrorCode::CrossDevice.into()),
        }
    }

    fn push(&mut self, opened: Opened) -> FsResult<Resource<Descriptor>> {
        Ok(Resource::new_own(self.inner.table.push(opened)?.rep()))
    }

    fn threads(&self) -> FsResult<Arc<FileThreads>> {
        Ok(self.threads.clone().ok_or(ErrorCode::BadDescriptor)?)
    }

    fn file(&self, descriptor: &Resource<Descriptor>) -> FsResult<&wasmtime_wasi::filesystem::File> {
        match self.inner.table.get(descriptor)? {
            Descriptor::File(file) => Ok(file),
            Descriptor::Dir(_) => Err(ErrorCode::BadDescriptor.into()),
        }
    }

    fn writer(
        &mut self,
        descriptor: &Resource<Descriptor>,
        position: Option<u64>,
    ) -> FsResult<Resource<DynOutputStream>> {
        if let Some(file) = self.scratch(descriptor) {
            file.may_write()?;
            let writer = scratch::Writer { file: file.clone(), position };
            return Ok(self.inner.table.push(Box::new(writer) as DynOutputStream)?);
        }
        let threads = self.threads()?;
        let file = self.file(descriptor)?;
        if file.perms.write_not_permitted() {
            return Err(ErrorCode::NotPermitted.into());
        }
        let (file, disk) = (Arc::clone(&file.file), Arc::clone(&self.disk));
        let writer = Writer { file, position, disk, threads, state: Writing::Ready };
        Ok(self.inner.table.push(Box::new(writer) as DynOutputStream)?)
    }
}

/// The file that a guest writes to, if it may.
fn written(
    files: &WasiFilesystemCtxView<'_>,
    descriptor: &Resource<Descriptor>,
) -> FsResult<Option<Arc<std::fs::File>>> {
    match files.table.get(descriptor)? {
        Descriptor::File(file) if !file.perms.write_not_permitted() => Ok(Some(Arc::clone(&file.file))),
        _ => Ok(None),
    }
}

/// Runs what never waits: wasmtime's file work, where it is allowed to block.
fn at_once<T>(work: impl Future<Output = T>) -> Option<T> {
    match pin!(work).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => Some(done),
        Poll::Pending => None,
    }
}

impl preopens::Host for Files<'_> {
    fn get_directories(&mut self) -> wasmtime::Result<Vec<(Resource<Descriptor>, String)>> {
        let mut directories = preopens::Host::get_directories(&mut self.inner)?;
        if let Some(scratch) = self.scratch {
            let opened = self.inner.table.push(scratch.clone())?;
            directories.push((Resource::new_own(opened.rep()), scratch::PATH.to_owned()));
        }
        Ok(directories)
    }
}

impl types::Host for Files<'_> {
    fn convert_error_code(&mut self, error: FsError) -> wasmtime::Result<ErrorCode> {
        self.inner.convert_error_code(error)
    }

    fn filesystem_error_code(&mut self, error: Resource<wasmtime::Error>) -> wasmtime::Result<Option<ErrorCode>> {
        self.inner.filesystem_error_code(error)
    }
}

impl HostDescriptor for Files<'_> {
    async fn advise(
        &mut self,
        fd: Resource<Descriptor>,
        offset: u64,
        length: u64,
        advice: types::Advice,
    ) -> FsResult<()> {
        if let Some(scratch) = self.scratch(&fd) {
            return scratch.kind().map(|_| ()).map_err(Into::into);
        }
        self.run([&fd], async move |files, [fd]| files.advise(fd, offset, length, advice).await).await
    }

    async fn sync_data(&mut self, fd: Resource<Descriptor>) -> FsResult<()> {
        if self.scratch(&fd).is_some() {
            return Ok(());
        }
        self.run([&fd], async |files, [fd]| files.sync_data(fd).await).await
    }

    async fn get_flags(&mut self, fd: Resource<Descriptor>) -> FsResult<DescriptorFlags> {
        if let Some(scratch) = self.scratch(&fd) {
            return Ok(scratch.flags());
        }
        self.run([&fd], async |files, [fd]| files.get_flags(fd).await).await
    }

    async fn get_type(&mut self, fd: Resource<Descriptor>) -> FsResult<types::DescriptorType> {
        if let Some(scratch) = self.scratch(&fd) {
            return Ok(scratch.kind()?);
        }
        self.run([&fd], async |files, [fd]| files.get_type(fd).await).await
    }

    async fn set_size(&mut self, fd: Resource<Descriptor>, size: u64) -> FsResult<()> {
        if let Some(scratch) = self.scratch(&fd) {
            return Ok(scratch.set_size(size)?);
        }
        let disk = Arc::clone(&self.disk);
        let resize = async move |files: &mut WasiFilesystemCtxView<'_>, [fd]: [_; 1]| {
            if let Some(file) = written(files, &fd)? {
                disk.resize(&file, size)?;
            }
            files.set_size(fd, size).await
        };
        self.write_on_disk([&fd], resize).await
    }

    async fn set_times(
        &mut self,
        fd: Resource<Descriptor>,
        accessed: types::NewTimestamp,
        modified: types::NewTimestamp,
    ) -> FsResult<()> {
        if let Some(scratch) = self.scratch(&fd) {
            return Ok(scratch.set_times(accessed, modified)?);
        }
        self.change([&fd], async move |files, [fd]| files.set_times(fd, accessed, modified).await).await
    }

    async fn read(&mut self, fd: Resource<Descriptor>, length: u64, offset: u64) -> FsResult<(Vec<u8>, bool)> {
        if let Some(scratch) = self.scratch(&fd) {
            let read = scratch.read(length, offset)?;
            let is_end = read.is_empty();
            return Ok((read, is_end));
        }
        self.run([&fd], async move |files, [fd]| files.read(fd, length, offset).await).await
    }

    async fn write(&mut self, fd: Resource<Descriptor>, bytes: Vec<u8>, offset: u64) -> FsResult<u64> {
        if let Some(scratch) = self.scratch(&fd) {
            scratch.write(&bytes, Some(offset))?;
            return Ok(bytes.len() as u64);
        }
        let disk = Arc::clone(&self.disk);
        let write = async move |files: &mut WasiFilesystemCtxView<'_>, [fd]: [_; 1]| {
            if let Some(file) = written(files, &fd)? {
                disk.write(&file, offset, bytes.len())?;
            }
            files.write(fd, bytes, offset).await
        };
        self.write_on_disk([&fd], write).await
    }

    async fn read_directory(&mut self, fd: Resource<Descriptor>) -> FsResult<Resource<ReaddirIterator>> {
        if let Some(scratch) = self.scratch(&fd) {
            let listing = scratch.list(&self.listed)?;
            return Ok(Resource::new_own(self.inner.table.push(listing)?.rep()));
        }
        let listed = self.listed.clone();
        let read = async move |files: &mut WasiFilesystemCtxView<'_>, [fd]: [_; 1]| match files.table.get(&fd)? {
            Descriptor::Dir(directory) => Ok(listed.read(&directory.dir)?),
            Descriptor::File(_) => Err(ErrorCode::NotDirectory.into()),
        };
        let listing = self.run([&fd], read).await?;
        // The interface knows the resource by another type; in the table it has its own.
        Ok(Resource::new_own(self.inner.table.push(listing)?.rep()))
    }

    async fn sync(&mut self, fd: Resource<Descriptor>) -> FsResult<()> {
        if self.scratch(&fd).is_some() {
            return Ok(());
        }
        self.run([&fd], async |files, [fd]| files.sync(fd).await).await
    }

    async fn create_directory_at(&mut self, fd: Resource<Descriptor>, path: String) -> FsResult<()> {
        if let Some(scratch) = self.scratch(&fd) {
            return Ok(scratch.create_directory_at(&path)?);
        }
        let disk = Arc::clone(&self.disk);
        let create = async move |files: &mut WasiFilesystemCtxView<'_>, [fd]: [_; 1]| {
            disk.make_entry()?;
            files.create_directory_at(fd, path).await
        };
        self.write_on_disk([&fd], create).await
    }

    async fn stat(&mut self, fd: Resource<Descriptor>) -> FsResult<types::DescriptorStat> {
        if let Some(scratch) = self.scratch(&fd) {
            return Ok(scratch.stat()?);
        }
        self.run([&fd], async |files, [fd]| files.stat(fd).await).await
    }

    async fn stat_at(
        &mut self,
        fd: Resource<Descriptor>,
        follow: types::PathFlags,
        path: String,
    ) -> FsResult<types::DescriptorStat> {
        if let Some(scratch) = self.scratch(&fd) {
            return Ok(scratch.stat_at(&path)?);
        }
        self.run([&fd], async move |files, [fd]| files.stat_at(fd, follow, path).await).await
    }

    async fn set_times_at(
        &mut self,
        fd: Resource<Descriptor>,
        follow: types::PathFlags,
        path: String,
        accessed: types::NewTimestamp,
        modified: types::NewTimestamp,
    ) -> FsResult<()> {
        if let Some(scratch) = self.scratch(&fd) {
            return Ok(scratch.set_times_at(&path, accessed, modified)?);
        }
        self.change([&fd], async move |files, [fd]| files.set_times_at(fd, follow, path, accessed, modified).await)
            .await
    }

    async fn link_at(
        &mut self,
        fd: Resource<Descriptor>,
        follow: types::PathFlags,
        path: String,
        new: Resource<Descriptor>,
        new_path: String,
    ) -> FsResult<()> {
        if self.both_in_scratch(&fd, &new)?.is_some() {
            return Err(ErrorCode::NotPermitted.into());
        }
        let disk = Arc::clone(&self.disk);
        let link = async move |files: &mut WasiFilesystemCtxView<'_>, [fd, new]: [_; 2]| {
            disk.make_entry()?;
            files.link_at(fd, follow, path, new, new_path).await
        };
        self.write_on_disk([&fd, &new], link).await
    }

    async fn open_at(
        &mut self,
        fd: Resource<Descriptor>,
        follow: types::PathFlags,
        path: String,
        how: types::OpenFlags,
        flags: DescriptorFlags,
    ) -> FsResult<Resource<Descriptor>> {
        if let Some(scratch) = self.scratch(&fd) {
            let opened = scratch.open_at(&Wanted { follow, path, how, flags })?;
            return self.push(opened);
        }
        let wanted = Wanted { follow, path, how, flags };
        let disk = Arc::clone(&self.disk);
        if how.contains(types::OpenFlags::CREATE) {
            Arc::clone(&self.disk).turn().await;
        }
        let opened = self.run([&fd], async move |files, [fd]| open::open(files, fd, wanted, &disk).await).await?;
        if !self.threads()?.open.count(&opened) {
            return Err(ErrorCode::InsufficientMemory.into());
        }
        Ok(self.inner.table.push(opened)?)
    }

    async fn readlink_at(&mut self, fd: Resource<Descriptor>, path: String) -> FsResult<String> {
        if let Some(scratch) = self.scratch(&fd) {
            return Err(scratch.readlink_at(&path).into());
        }
        self.run([&fd], async move |files, [fd]| files.readlink_at(fd, path).await).await
    }

    async fn remove_directory_at(&mut self, fd: Resource<Descriptor>, path: String) -> FsResult<()> {
        if let Some(scratch) = self.scratch(&fd) {
            return Ok(scratch.remove_directory_at(&path)?);
        }
        self.change([&fd], async move |files, [fd]| files.remove_directory_at(fd, path).await).await
    }

    async fn rename_at(
        &mut self,
        fd: Resource<Descriptor>,
        path: String,
        new: Resource<Descriptor>,
        new_path: String,
    ) -> FsResult<()> {
        if let Some([scratch, new]) = self.both_in_scratch(&fd, &new)? {
            return Ok(scratch.rename_at(&path, new, &new_path)?);
        }
        let rename = async move |files: &mut WasiFilesystemCtxView<'_>, [fd, new]: [_; 2]| {
            files.rename_at(fd, path, new, new_path).await
        };
        self.change([&fd, &new], rename).await
    }

    async fn symlink_at(&mut self, fd: Resource<Descriptor>, target: String, path: String) -> FsResult<()> {
        if self.scratch(&fd).is_some() {
            return Err(ErrorCode::NotPermitted.into());
        }
        let disk = Arc::clone(&self.disk);
        let link = async move |files: &mut WasiFilesystemCtxView<'_>, [fd]: [_; 1]| {
            disk.make_entry()?;
            files.symlink_at(fd, target, path).await
        };
        self.write_on_disk([&fd], link).await
    }

    async fn unlink_file_at(&mut self, fd: Resource<Descriptor>, path: String) -> FsResult<()> {
        if let Some(scratch) = self.scratch(&fd) {
            return Ok(scratch.unlink_file_at(&path)?);
        }
        self.change([&fd], async move |files, [fd]| files.unlink_file_at(fd, path).await).await
    }

    fn read_via_stream(&mut self, fd: Resource<Descriptor>, position: u64) -> FsResult<Resource<DynInputStream>> {
        if let Some(scratch) = self.scratch(&fd) {
            if scratch.kind()? == types::DescriptorType::Directory {
                return Err(ErrorCode::IsDirectory.into());
            }
            let reader = scratch::Reader { file: scratch.clone(), position };
            return Ok(self.inner.table.push(Box::new(reader) as DynInputStream)?);
        }
        let threads = self.threads()?;
        let file = match self.inner.table.get(&fd)? {
            Descriptor::File(file) => Arc::clone(&file.file),
            Descriptor::Dir(_) => return Err(ErrorCode::IsDirectory.into()),
        };
        let reader = Reader { file, position, threads, state: Reading::Idle };
        Ok(self.inner.table.push(Box::new(reader) as DynInputStream)?)
    }

    fn write_via_stream(&mut self, fd: Resource<Descriptor>, position: u64) -> FsResult<Resource<DynOutputStream>> {
        self.writer(&fd, Some(position))
    }

    fn append_via_stream(&mut self, fd: Resource<Descriptor>) -> FsResult<Resource<DynOutputStream>> {
        self.writer(&fd, None)
    }

    async fn is_same_object(
        &mut self,
        one: Resource<Descriptor>,
        other: Resource<Descriptor>,
    ) -> wasmtime::Result<bool> {
        match (self.scratch(&one), self.scratch(&other)) {
            (Some(one), Some(other)) => return Ok(one.is_same(other)),
            (None, None) => {}
            _ => return Ok(false),
        }
        let compare = async |files: &mut WasiFilesystemCtxView<'_>, [one, other]: [_; 2]| {
            files.is_same_object(one, other).await.map_err(FsError::trap)
        };
        self.run([&one, &other], compare).await.map_err(|error| match error.downcast() {
            Ok(code) => code.into(),
            Err(trap) => trap,
        })
    }

    async fn metadata_hash(&mut self, fd: Resource<Descriptor>) -> FsResult<types::MetadataHashValue> {
        if let Some(scratch) = self.scratch(&fd) {
            return Ok(scratch.hash());
        }
        self.run([&fd], async |files, [fd]| files.metadata_hash(fd).await).await
    }

    async fn metadata_hash_at(
        &mut self,
        fd: Resource<Descriptor>,
        follow: types::PathFlags,
        path: String,
    ) -> FsResult<types::MetadataHashValue> {
        if let Some(scratch) = self.scratch(&fd) {
            return Ok(scratch.hash_at(&path)?);
        }
        self.run([&fd], async move |files, [fd]| files.metadata_hash_at(fd, follow, path).await).await
    }

    fn drop(&mut self, fd: Resource<Descriptor>) -> wasmtime::Result<()> {
        if self.scratch(&fd).is_some() {
            self.inner.table.delete(Resource::<Opened>::new_own(fd.rep()))?;
            return Ok(());
        }
        HostDescriptor::drop(&mut self.inner, fd)
    }
}

impl HostDirectoryEntryStream for Files<'_> {
    async fn read_directory_entry(
        &mut self,
        entries: Resource<ReaddirIterator>,
    ) -> FsResult<Option<types::DirectoryEntry>> {
        Ok(self.inner.table.get_mut(&Resource::<Listing>::new_borrow(entries.rep()))?.next())
    }

    fn drop(&mut self, entries: Resource<ReaddirIterator>) -> wasmtime::Result<()> {
        self.inner.table.delete(Resource::<Listing>::new_own(entries.rep()))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
