//! Files: those of the directories that are granted, and a few folders in the attempt's own memory, for `node:fs`.
//!
//! The bundle gives whole paths without `.` and `..`, and calls nothing of this before the attempt begins: what is opened
//! here must not be in what the build keeps.

mod granted;
mod memory;
mod opened;

use rquickjs::{Array, Ctx, Exception, Function, Object, Result, Value};

use self::{
    granted::Mount,
    opened::{How, Opened},
};
use crate::{bytes, text::Text};

/// Why something can't be done, as the system calls it: `ENOENT` and so on.
type Errno = &'static str;

type Done<T> = std::result::Result<T, Errno>;

/// What something is.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    File,
    Folder,
    Symlink,
    /// A device that takes everything and has nothing.
    Null,
    Other,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Folder => "folder",
            Self::Symlink => "symlink",
            Self::Null => "null",
            Self::Other => "other",
        }
    }
}

/// What is known of something. Times are milliseconds since 1970.
struct Stat {
    kind: Kind,
    size: u64,
    links: u64,
    accessed: f64,
    modified: f64,
    changed: f64,
    /// The same for no two things of one device.
    id: u64,
    device: u32,
    writable: bool,
}

/// Where a path leads.
enum Place {
    Granted(Mount, String),
    Memory,
}

pub(super) fn define<'js>(ctx: &Ctx<'js>, host: &Object<'js>) -> Result<()> {
    let files = Object::new(ctx.clone())?;
    files.set("open", Function::new(ctx.clone(), open)?)?;
    files.set("close", Function::new(ctx.clone(), opened::close)?)?;
    files.set("read", Function::new(ctx.clone(), read)?)?;
    files.set("write", Function::new(ctx.clone(), write)?)?;
    files.set("append", Function::new(ctx.clone(), append)?)?;
    files.set("resize", Function::new(ctx.clone(), resize)?)?;
    files.set("sync", Function::new(ctx.clone(), sync)?)?;
    files.set("statOpened", Function::new(ctx.clone(), stat_opened)?)?;
    files.set("stat", Function::new(ctx.clone(), stat)?)?;
    files.set("list", Function::new(ctx.clone(), list)?)?;
    files.set("makeFolder", Function::new(ctx.clone(), make_folder)?)?;
    files.set("removeFolder", Function::new(ctx.clone(), remove_folder)?)?;
    files.set("removeFile", Function::new(ctx.clone(), remove_file)?)?;
    files.set("rename", Function::new(ctx.clone(), rename)?)?;
    files.set("link", Function::new(ctx.clone(), link)?)?;
    files.set("makeSymlink", Function::new(ctx.clone(), make_symlink)?)?;
    files.set("readSymlink", Function::new(ctx.clone(), read_symlink)?)?;
    files.set("setTimes", Function::new(ctx.clone(), set_times)?)?;
    files.set("setTimesOpened", Function::new(ctx.clone(), set_times_opened)?)?;
    host.set("files", files)
}

fn open(ctx: Ctx<'_>, path: Text, how: u32) -> Result<u32> {
    let how = How::from_bits_truncate(how);
    thrown(&ctx, opened::make_room())?;
    let opened = match granted::find(&path.0) {
        Place::Granted(mount, path) => mount.open(&path, how).map(Opened::Granted),
        Place::Memory => memory::open(&path.0, how),
    };
    thrown(&ctx, opened.map(opened::keep))
}

/// Bytes from a position on; none at the end.
fn read(ctx: Ctx<'_>, number: u32, position: f64, length: u32) -> Result<Value<'_>> {
    let read = opened::with(number, |opened| opened.read(whole(position), length));
    bytes::give(&ctx, &thrown(&ctx, read)?)
}

fn write<'js>(ctx: Ctx<'js>, number: u32, position: f64, data: Value<'js>) -> Result<u32> {
    let data = bytes::copy(&ctx, data)?;
    thrown(&ctx, opened::with(number, |opened| opened.write(whole(position), &data)))
}

/// Writes where the file then ends, whoever else writes to it.
fn append<'js>(ctx: Ctx<'js>, number: u32, data: Value<'js>) -> Result<()> {
    let data = bytes::copy(&ctx, data)?;
    thrown(&ctx, opened::with(number, |opened| opened.append(&data)))
}

fn resize(ctx: Ctx<'_>, number: u32, size: f64) -> Result<()> {
    thrown(&ctx, opened::with(number, |opened| opened.resize(whole(size))))
}

fn sync(ctx: Ctx<'_>, number: u32) -> Result<()> {
    thrown(&ctx, opened::with(number, Opened::sync))
}

fn stat_opened(ctx: Ctx<'_>, number: u32) -> Result<Object<'_>> {
    give_stat(&ctx, &thrown(&ctx, opened::with(number, Opened::stat))?)
}

fn stat(ctx: Ctx<'_>, path: Text, follow: bool) -> Result<Object<'_>> {
    let stat = match granted::find(&path.0) {
        Place::Granted(mount, path) => mount.stat(&path, follow),
        Place::Memory => memory::stat(&path.0),
    };
    give_stat(&ctx, &thrown(&ctx, stat)?)
}

/// The names in a folder, each with its kind.
fn list(ctx: Ctx<'_>, path: Text) -> Result<Array<'_>> {
    let listed = match granted::find(&path.0) {
        Place::Granted(mount, path) => mount.list(&path),
        Place::Memory => memory::list(&path.0),
    };
    let array = Array::new(ctx.clone())?;
    for (place, (name, kind)) in thrown(&ctx, listed)?.into_iter().enumerate() {
        array.set(place, [name.as_str(), kind.name()].to_vec())?;
    }
    Ok(array)
}

fn make_folder(ctx: Ctx<'_>, path: Text) -> Result<()> {
    let made = match granted::find(&path.0) {
        Place::Granted(mount, path) => mount.make_folder(&path),
        Place::Memory => memory::make_folder(&path.0),
    };
    thrown(&ctx, made)
}

fn remove_folder(ctx: Ctx<'_>, path: Text) -> Result<()> {
    let removed = match granted::find(&path.0) {
        Place::Granted(mount, path) => mount.remove_folder(&path),
        Place::Memory => memory::remove_folder(&path.0),
    };
    thrown(&ctx, removed)
}

fn remove_file(ctx: Ctx<'_>, path: Text) -> Result<()> {
    let removed = match granted::find(&path.0) {
        Place::Granted(mount, path) => mount.remove_file(&path),
        Place::Memory => memory::remove_file(&path.0),
    };
    thrown(&ctx, removed)
}

fn rename(ctx: Ctx<'_>, from: Text, to: Text) -> Result<()> {
    let renamed = match (granted::find(&from.0), granted::find(&to.0)) {
        (Place::Granted(mount, from), Place::Granted(other, to)) => mount.rename(&from, &other, &to),
        (Place::Memory, Place::Memory) => memory::rename(&from.0, &to.0),
        _ => Err("EXDEV"),
    };
    thrown(&ctx, renamed)
}

fn link(ctx: Ctx<'_>, from: Text, to: Text) -> Result<()> {
    let linked = match (granted::find(&from.0), granted::find(&to.0)) {
        (Place::Granted(mount, from), Place::Granted(other, to)) => mount.link(&from, &other, &to),
        (Place::Memory, Place::Memory) => Err("EPERM"),
        _ => Err("EXDEV"),
    };
    thrown(&ctx, linked)
}

fn make_symlink(ctx: Ctx<'_>, target: Text, path: Text) -> Result<()> {
    let made = match granted::find(&path.0) {
        Place::Granted(mount, path) => mount.make_symlink(&target.0, &path),
        Place::Memory => Err("EPERM"),
    };
    thrown(&ctx, made)
}

fn read_symlink(ctx: Ctx<'_>, path: Text) -> Result<String> {
    let target = match granted::find(&path.0) {
        Place::Granted(mount, path) => mount.read_symlink(&path),
        // There are none.
        Place::Memory => memory::stat(&path.0).and(Err("EINVAL")),
    };
    thrown(&ctx, target)
}

fn set_times(ctx: Ctx<'_>, path: Text, accessed: f64, modified: f64, follow: bool) -> Result<()> {
    let set = match granted::find(&path.0) {
        Place::Granted(mount, path) => mount.set_times(&path, (accessed, modified), follow),
        Place::Memory => memory::set_times(&path.0, modified),
    };
    thrown(&ctx, set)
}

fn set_times_opened(ctx: Ctx<'_>, number: u32, accessed: f64, modified: f64) -> Result<()> {
    thrown(&ctx, opened::with(number, |opened| opened.set_times(accessed, modified)))
}

#[expect(clippy::cast_precision_loss, reason = "JavaScript has no other numbers for it")]
fn give_stat<'js>(ctx: &Ctx<'js>, stat: &Stat) -> Result<Object<'js>> {
    let object = Object::new(ctx.clone())?;
    object.set("kind", stat.kind.name())?;
    object.set("size", stat.size as f64)?;
    object.set("links", stat.links as f64)?;
    object.set("accessed", stat.accessed)?;
    object.set("modified", stat.modified)?;
    object.set("changed", stat.changed)?;
    // As many bits as are exact.
    object.set("id", (stat.id >> 11) as f64)?;
    object.set("device", stat.device)?;
    object.set("writable", stat.writable)?;
    Ok(object)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the bundle lets nothing else through")]
fn whole(number: f64) -> u64 {
    number as u64
}

fn thrown<T>(ctx: &Ctx<'_>, done: Done<T>) -> Result<T> {
    done.map_err(|errno| Exception::throw_message(ctx, errno))
}
