//! Folders and files in the attempt's own memory: `/tmp` and the home folder, which can be written to, what lies above
//! them and above the directories that are granted, and `/dev/null`. They go with the attempt.

use std::{cell::RefCell, collections::BTreeMap, hint::black_box, rc::Rc};

use wasip2::clocks::wall_clock;

use super::{
    Done, Kind, Stat, granted,
    opened::{How, Opened},
};

const WRITABLE: [&str; 2] = ["/tmp", "/home/isolet"];
pub(super) const NULL: &str = "/dev/null";

/// More than a file or folder takes beside its bytes: its path, and a node of the tree.
const ENTRY: usize = 16 << 10;

/// A file.
pub(super) struct File {
    id: u64,
    bytes: Vec<u8>,
    pub(super) modified: f64,
}

enum Node {
    File(Rc<RefCell<File>>),
    Folder { id: u64, modified: f64, writable: bool },
    Null,
}

/// Everything, by its path. The root is the empty one.
struct Tree {
    nodes: BTreeMap<String, Node>,
    made: u64,
}

thread_local! {
    static TREE: RefCell<Option<Tree>> = const { RefCell::new(None) };
}

fn with_tree<T>(work: impl FnOnce(&mut Tree) -> Done<T>) -> Done<T> {
    TREE.with_borrow_mut(|tree| work(tree.get_or_insert_with(Tree::new)))
}

/// What a path is in the tree.
fn key(path: &str) -> &str {
    path.trim_end_matches('/')
}

fn parent(key: &str) -> &str {
    key.rsplit_once('/').map_or("", |(parent, _)| parent)
}

/// Refuses one more file or folder where there is no memory for it: the tree itself could only trap.
fn room() -> Done<()> {
    let mut room = Vec::<u8>::new();
    room.try_reserve_exact(ENTRY).map_err(|_| "ENOSPC")?;
    black_box(room);
    Ok(())
}

fn now() -> f64 {
    granted::milliseconds(Some(wall_clock::now()))
}

pub(super) fn open(path: &str, how: How) -> Done<Opened> {
    with_tree(|tree| match tree.find(path) {
        Err("ENOENT") if how.contains(How::CREATE) => tree.make_file(key(path), how),
        Err(errno) => Err(errno),
        Ok(_) if how.contains(How::CREATE | How::EXCLUSIVE) => Err("EEXIST"),
        Ok(Node::File(file)) => {
            if how.contains(How::TRUNCATE) {
                file.borrow_mut().resize(0)?;
            }
            Ok(Opened::Memory(Rc::clone(file), how))
        }
        Ok(Node::Folder { .. }) if how.intersects(How::WRITE | How::CREATE) => Err("EISDIR"),
        Ok(Node::Folder { .. }) => Ok(Opened::Folder(path.to_owned())),
        Ok(Node::Null) => Ok(Opened::Null),
    })
}

pub(super) fn stat(path: &str) -> Done<Stat> {
    with_tree(|tree| Ok(tree.find(path)?.stat()))
}

pub(super) fn list(path: &str) -> Done<Vec<(String, Kind)>> {
    with_tree(|tree| {
        let Node::Folder { .. } = tree.find(path)? else { return Err("ENOTDIR") };
        let folder = key(path);
        let direct = tree.below(folder).filter(|(path, _)| parent(path) == folder);
        let named = direct.map(|(path, node)| (path.rsplit('/').next().unwrap_or(path).to_owned(), node.stat().kind));
        Ok(named.collect())
    })
}

pub(super) fn make_folder(path: &str) -> Done<()> {
    with_tree(|tree| match tree.find(path) {
        Ok(_) => Err("EEXIST"),
        Err("ENOENT") => {
            tree.change(parent(key(path)))?;
            room()?;
            tree.add_folder(key(path), true);
            Ok(())
        }
        Err(errno) => Err(errno),
    })
}

pub(super) fn remove_folder(path: &str) -> Done<()> {
    with_tree(|tree| {
        let Node::Folder { .. } = tree.find(path)? else { return Err("ENOTDIR") };
        if tree.below(key(path)).next().is_some() {
            return Err("ENOTEMPTY");
        }
        tree.take(path).map(drop)
    })
}

pub(super) fn remove_file(path: &str) -> Done<()> {
    with_tree(|tree| match tree.find(path)? {
        Node::Folder { .. } => Err("EISDIR"),
        _ => tree.take(path).map(drop),
    })
}

pub(super) fn rename(from: &str, to: &str) -> Done<()> {
    with_tree(|tree| {
        let (from, to) = (key(from), key(to));
        let moves_folder = matches!(tree.find(from)?, Node::Folder { .. });
        if from == to {
            return Ok(());
        }
        if to.strip_prefix(from).is_some_and(|rest| rest.starts_with('/')) {
            return Err("EINVAL");
        }
        match (moves_folder, tree.find(to)) {
            (_, Err("ENOENT")) | (false, Ok(Node::File(_))) => {}
            (false, Ok(Node::Folder { .. })) => return Err("EISDIR"),
            (true, Ok(Node::Folder { .. })) if tree.below(to).next().is_some() => return Err("ENOTEMPTY"),
            (true, Ok(Node::Folder { .. })) => {}
            (true, Ok(_)) => return Err("ENOTDIR"),
            (false, Ok(Node::Null)) => return Err("EACCES"),
            (_, Err(errno)) => return Err(errno),
        }
        tree.change(parent(to))?;
        let inside: Vec<String> = tree.below(from).map(|(path, _)| path.to_owned()).collect();
        let node = tree.take(from)?;
        tree.nodes.insert(to.to_owned(), node);
        for path in inside {
            if let (Some(node), Some(rest)) = (tree.nodes.remove(&path), path.strip_prefix(from)) {
                tree.nodes.insert(format!("{to}{rest}"), node);
            }
        }
        Ok(())
    })
}

pub(super) fn set_times(path: &str, time: f64) -> Done<()> {
    with_tree(|tree| {
        match tree.find_mut(path)? {
            Node::File(file) => file.borrow_mut().modified = time,
            Node::Folder { modified, writable: true, .. } => *modified = time,
            Node::Folder { .. } | Node::Null => return Err("EACCES"),
        }
        Ok(())
    })
}

impl Tree {
    fn new() -> Self {
        let mut tree = Self { nodes: BTreeMap::new(), made: 0 };
        let granted = granted::paths();
        for path in WRITABLE.into_iter().chain([NULL]).chain(granted.iter().map(String::as_str)) {
            let mut above = parent(path);
            while !tree.nodes.contains_key(above) {
                tree.add_folder(above, false);
                above = parent(above);
            }
            tree.add_folder(path, WRITABLE.contains(&path));
        }
        tree.nodes.insert(NULL.to_owned(), Node::Null);
        tree
    }

    fn add_folder(&mut self, key: &str, writable: bool) {
        self.made += 1;
        self.nodes.insert(key.to_owned(), Node::Folder { id: self.made, modified: now(), writable });
    }

    /// What is at a path. What lies below a file is no place.
    fn find(&self, path: &str) -> Done<&Node> {
        let key = key(path);
        if let Some(node) = self.nodes.get(key) {
            return Ok(node);
        }
        let mut above = key;
        while !above.is_empty() {
            above = parent(above);
            match self.nodes.get(above) {
                Some(Node::Folder { .. }) => break,
                Some(_) => return Err("ENOTDIR"),
                None => {}
            }
        }
        Err("ENOENT")
    }

    fn find_mut(&mut self, path: &str) -> Done<&mut Node> {
        self.find(path)?;
        self.nodes.get_mut(key(path)).ok_or("ENOENT")
    }

    /// What lies in a folder, at any depth.
    fn below<'tree>(&'tree self, key: &'tree str) -> impl Iterator<Item = (&'tree str, &'tree Node)> {
        let first = format!("{key}/");
        let nodes = self.nodes.range(first.clone()..).map(|(path, node)| (path.as_str(), node));
        nodes.take_while(move |(path, _)| path.starts_with(&first))
    }

    /// Notes that something in a folder is changed, if that may be.
    fn change(&mut self, key: &str) -> Done<()> {
        match self.nodes.get_mut(key) {
            Some(Node::Folder { modified, writable: true, .. }) => {
                *modified = now();
                Ok(())
            }
            Some(Node::Folder { .. }) => Err("EACCES"),
            Some(_) => Err("ENOTDIR"),
            None => Err("ENOENT"),
        }
    }

    fn make_file(&mut self, key: &str, how: How) -> Done<Opened> {
        self.change(parent(key))?;
        room()?;
        self.made += 1;
        let file = Rc::new(RefCell::new(File { id: self.made, bytes: Vec::new(), modified: now() }));
        self.nodes.insert(key.to_owned(), Node::File(Rc::clone(&file)));
        Ok(Opened::Memory(file, how))
    }

    /// Takes something out of its folder.
    fn take(&mut self, path: &str) -> Done<Node> {
        self.change(parent(key(path)))?;
        self.nodes.remove(key(path)).ok_or("ENOENT")
    }
}

impl Node {
    fn stat(&self) -> Stat {
        let (kind, size, id, modified, writable) = match self {
            Self::File(file) => return file.borrow().stat(),
            Self::Folder { id, modified, writable } => (Kind::Folder, 0, *id, *modified, *writable),
            Self::Null => (Kind::Null, 0, 0, 0.0, true),
        };
        stat_of(kind, size, id, modified, writable)
    }
}

fn stat_of(kind: Kind, size: u64, id: u64, modified: f64, writable: bool) -> Stat {
    // Where granted ones have a hash, the higher bits count.
    Stat { kind, size, links: 1, accessed: modified, modified, changed: modified, id: id << 11, device: 2, writable }
}

impl File {
    pub(super) fn size(&self) -> u64 {
        self.bytes.len() as u64
    }

    pub(super) fn stat(&self) -> Stat {
        stat_of(Kind::File, self.size(), self.id, self.modified, true)
    }

    pub(super) fn read(&self, position: u64, length: u32) -> Vec<u8> {
        let start = usize::try_from(position).unwrap_or(usize::MAX).min(self.bytes.len());
        let rest = self.bytes.get(start..).unwrap_or_default();
        rest.get(..length as usize).unwrap_or(rest).to_vec()
    }

    pub(super) fn write(&mut self, position: u64, data: &[u8]) -> Done<()> {
        let start = usize::try_from(position).map_err(|_| "EFBIG")?;
        let end = start.checked_add(data.len()).ok_or("EFBIG")?;
        if end > self.bytes.len() {
            self.resize(end as u64)?;
        }
        self.bytes.get_mut(start..end).ok_or("EFBIG")?.copy_from_slice(data);
        self.modified = now();
        Ok(())
    }

    pub(super) fn resize(&mut self, size: u64) -> Done<()> {
        let size = usize::try_from(size).map_err(|_| "EFBIG")?;
        self.bytes.try_reserve(size.saturating_sub(self.bytes.len())).map_err(|_| "ENOSPC")?;
        self.bytes.resize(size, 0);
        self.modified = now();
        Ok(())
    }
}
