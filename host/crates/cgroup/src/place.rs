//! Where the cgroup of this process is.

use std::{
    ffi::OsString,
    fs,
    os::unix::ffi::OsStringExt as _,
    path::{Component, Path, PathBuf},
};

use crate::Error;

/// The directory of this process's cgroup.
pub(crate) fn own() -> Result<PathBuf, Error> {
    let read = |path: &'static str| fs::read_to_string(path).map_err(Error::refused("read", path));
    of(&read("/proc/self/cgroup")?, &read("/proc/self/mountinfo")?)
}

/// The same, of what the system tells of its cgroups and of what is mounted.
fn of(cgroups: &str, mounts: &str) -> Result<PathBuf, Error> {
    let group = cgroups.lines().find_map(|line| line.strip_prefix("0::")).ok_or(Error::NotMounted)?;
    let mounts: Vec<_> = mounts.lines().filter_map(Mount::of_cgroup_v2).collect();
    if mounts.is_empty() {
        return Err(Error::NotMounted);
    }
    let place = mounts.iter().find_map(|mount| {
        let below = Path::new(group).strip_prefix(&mount.root).ok()?;
        // What is outside of its own view begins with `/..`.
        below.components().all(|part| matches!(part, Component::Normal(_))).then(|| mount.point.join(below))
    });
    place.ok_or_else(|| Error::OutOfSight(group.to_owned()))
}

/// A place where cgroups are mounted.
struct Mount {
    /// The cgroup that is to be seen there.
    root: PathBuf,
    /// Where.
    point: PathBuf,
}

impl Mount {
    fn of_cgroup_v2(line: &str) -> Option<Self> {
        // Fields that are there at will stand before the dash.
        let (first, last) = line.split_once(" - ")?;
        if last.split(' ').next() != Some("cgroup2") {
            return None;
        }
        let mut fields = first.split(' ').skip(3).map(unescaped);
        Some(Self { root: fields.next()?, point: fields.next()? })
    }
}

/// A path in which blanks and the like are written as octal numbers.
fn unescaped(text: &str) -> PathBuf {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let number = (first == b'\\').then(|| after.get(..3)).flatten();
        let number = number.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok());
        rest = after.get(if number.is_some() { 3 } else { 0 }..).unwrap_or_default();
        bytes.push(number.unwrap_or(first));
    }
    OsString::from_vec(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNIFIED: &str = "\
22 1 0:21 / /proc rw,nosuid - proc proc rw
30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate
";

    fn place(cgroups: &str, mounts: &str) -> Result<String, String> {
        of(cgroups, mounts).map(|path| path.display().to_string()).map_err(|error| error.to_string())
    }

    #[test]
    fn it_is_found_where_it_is_mounted() {
        let service = "0::/system.slice/isolet.service\n";
        assert_eq!(place(service, UNIFIED).as_deref(), Ok("/sys/fs/cgroup/system.slice/isolet.service"));
        let container = "30 23 0:26 /docker/4f2a /sys/fs/cgroup rw - cgroup2 cgroup rw\n";
        assert_eq!(place("0::/docker/4f2a\n", container).as_deref(), Ok("/sys/fs/cgroup/"));
        assert_eq!(place("0::/docker/4f2a/worker\n", container).as_deref(), Ok("/sys/fs/cgroup/worker"));
        let odd = "30 23 0:26 / /odd\\040place\\134 rw - cgroup2 cgroup rw\n";
        assert_eq!(place("0::/a\n", odd).as_deref(), Ok("/odd place\\/a"));
    }

    #[test]
    fn what_is_not_to_be_seen_is_said() {
        let v1 = "30 23 0:26 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n";
        assert_eq!(place("4:memory:/x\n", UNIFIED), Err("cgroup v2 is not mounted here".to_owned()));
        assert_eq!(place("0::/x\n", v1), Err("cgroup v2 is not mounted here".to_owned()));
        assert_eq!(place("0::/x\n", "nonsense\n\n - \n"), Err("cgroup v2 is not mounted here".to_owned()));
        for outside in ["/../other", "/docker/4f2b"] {
            let other = "30 23 0:26 /docker/4f2a /sys/fs/cgroup rw - cgroup2 cgroup rw\n";
            let said = place(&format!("0::{outside}\n"), other).unwrap_err();
            assert_eq!(said, format!("its cgroup, {outside}, is outside of what is mounted here"));
        }
        assert!(place("0::/../other\n", UNIFIED).is_err());
    }
}
