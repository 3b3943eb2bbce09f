//! A configuration as it is written: one file, and beside it a folder with a file for each further tenant.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::Context as _;

use super::{
    lines::Lines,
    parse,
    problems::Written,
    raw::{RawConfig, RawTenant},
};

/// The folder with tenants, beside the configuration file.
pub(crate) const TENANTS: &str = "tenants.d";

/// What the names of their files end in; others are none.
const EXTENSION: &str = "toml";

/// The configuration of some files.
#[derive(Debug)]
pub(super) struct WrittenFiles {
    /// What they say, with paths that start where each file is.
    pub raw: RawConfig,
    /// Where they say it.
    pub lines: Lines,
    /// The files, and the folder, which may not be there yet.
    pub files: Vec<PathBuf>,
    /// What that is.
    pub kind: Written,
}

/// Reads the configuration file at `path`, and the tenants beside it.
///
/// # Errors
/// When one of the files can't be read or is not what it should be.
pub(super) fn read(path: &Path) -> anyhow::Result<WrittenFiles> {
    read_in_place_of(path, path)
}

/// The same, with relative paths that start where they would if it took the place of the file at `place`.
///
/// # Errors
/// As for [`read`].
pub(super) fn read_in_place_of(path: &Path, place: &Path) -> anyhow::Result<WrittenFiles> {
    let [beside, base] = [path, place].map(|file| file.parent().unwrap_or(Path::new("")));
    let text = parse::text(path)?;
    let mut raw = parse::parse(&text, &path.display().to_string())?.placed(base);
    let mut lines = Lines::default();
    lines.add_file(path, &text);
    let folder = beside.join(TENANTS);
    let mut files = vec![path.to_owned(), folder.clone()];
    for file in tenants_in(&folder).with_context(|| format!("failed to read the folder {}", folder.display()))? {
        let text = parse::text(&file)?;
        let tenant = parse::tenant(&text, &file.display().to_string())?.placed(&base.join(TENANTS));
        let name = tenant.name.clone().unwrap_or_else(|| stem(&file));
        lines.add_tenant(&file, &text, &name);
        raw.tenants.push(RawTenant { name: Some(name), ..tenant });
        files.push(file);
    }
    let kind = if folder.is_dir() { Written::InFolder } else { Written::InFile };
    Ok(WrittenFiles { raw, lines, files, kind })
}

/// The files of tenants in a folder, by their names; none if there is no folder.
fn tenants_in(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        // A link to nowhere is no folder that nobody wanted: its tenants would be gone without a word.
        Err(error) if error.kind() == io::ErrorKind::NotFound && !folder.is_symlink() => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let paths = entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>()?;
    let mut files: Vec<_> = paths.into_iter().filter(|path| is_of_a_tenant(path)).collect();
    files.sort_unstable();
    Ok(files)
}

/// Editors keep drafts beside a file, whose names begin with a dot or end otherwise.
fn is_of_a_tenant(path: &Path) -> bool {
    let is_hidden = path.file_name().is_none_or(|name| name.as_encoded_bytes().starts_with(b"."));
    !is_hidden && path.extension().is_some_and(|extension| extension == EXTENSION)
}

/// What a tenant is called whose file does not say it.
fn stem(file: &Path) -> String {
    file.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    const QUEUE: &str = "[[workers]]\ntask-queue = \"q\"\n[[workers.components]]\npath = \"a.wasm\"\n";

    fn folder(files: &[(&str, &str)]) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let file = folder.path().join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
        folder
    }

    #[test]
    fn each_file_beside_is_a_tenant() {
        let folder = folder(&[
            ("isolet.toml", "[[tenants]]\nname = \"first\"\n"),
            ("tenants.d/beta.toml", QUEUE),
            ("tenants.d/acme.toml", &format!("name = \"Acme\"\n{QUEUE}")),
            ("tenants.d/.draft.toml", "nonsense"),
            ("tenants.d/README", "nonsense"),
        ]);
        let written = read(&folder.path().join("isolet.toml")).unwrap();
        let names: Vec<_> = written.raw.tenants.iter().filter_map(|tenant| tenant.name.as_deref()).collect();
        assert_eq!(names, ["first", "Acme", "beta"]);
        let component = written.raw.tenants[1].workers[0].components[0].path.clone();
        assert_eq!(component, Some(folder.path().join("tenants.d/a.wasm")));
        assert_eq!(written.files.len(), 4);
    }

    #[test]
    fn paths_start_in_the_folder_of_the_place() {
        let trusting = format!("{QUEUE}[[trust]]\nscope = \"*\"\nkey = \"acme.pub\"\n");
        let folder = folder(&[("new/isolet.toml", ""), ("new/tenants.d/acme.toml", &trusting)]);
        let (file, place) = (folder.path().join("new/isolet.toml"), folder.path().join("isolet.toml"));
        for (place, base) in [(&file, "new/tenants.d"), (&place, "tenants.d")] {
            let tenant = read_in_place_of(&file, place).unwrap().raw.tenants.remove(0);
            let base = folder.path().join(base);
            assert_eq!(tenant.trust[0].key, Some(base.join("acme.pub")));
            assert_eq!(tenant.workers[0].components[0].path, Some(base.join("a.wasm")));
        }
    }

    #[test]
    fn each_of_two_tenants_of_one_name_has_its_place() {
        let folder = folder(&[("isolet.toml", ""), ("tenants.d/a.toml", "name = \"b\""), ("tenants.d/b.toml", "")]);
        let lines = read(&folder.path().join("isolet.toml")).unwrap().lines;
        for (key, file) in [("tenants[0]", "tenants.d/a.toml"), ("tenants[1]", "tenants.d/b.toml")] {
            assert_eq!(lines.find(key).map(Path::new), Some(&*folder.path().join(file)));
        }
    }

    #[test]
    fn a_folder_that_is_a_link_to_nowhere_is_not_no_folder() {
        let folder = folder(&[("isolet.toml", "")]);
        std::os::unix::fs::symlink("gone", folder.path().join(TENANTS)).unwrap();
        let error = read(&folder.path().join("isolet.toml")).unwrap_err().to_string();
        assert!(error.starts_with("failed to read the folder"), "{error}");
    }

    #[test]
    fn what_is_wrong_is_told_with_its_file_and_line() {
        let folder = folder(&[("isolet.toml", ""), ("tenants.d/acme.toml", "\nworker = []\n")]);
        let error = read(&folder.path().join("isolet.toml")).unwrap_err().to_string();
        let place = folder.path().join("tenants.d/acme.toml:2").display().to_string();
        assert_eq!(error, format!("{place}: unknown key \"worker\"; did you mean \"workers\"?"));
    }
}
