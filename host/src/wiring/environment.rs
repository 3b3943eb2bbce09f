//! What guests are granted of this machine: directories, which must be there, variables, and secrets in their requests. Those
//! that files, the worker's own environment or programs have are read here, each time a component is loaded; no text of a problem tells what is in
//! them.

use std::{env, ffi::OsString, path::Path, sync::Arc};

use activity::{Policy, Secret};
use anyhow::{Context as _, anyhow, bail};

use zeroize::Zeroizing;

use super::commands;
use crate::{
    config::{environment::VariableSource, manifest, settings::ComponentSettings},
    exit::{Exit, OrCure as _, OrExit as _, Problem},
    files,
};

/// The most bytes that a variable from a file may have. Each attempt has a copy.
const LARGEST: u64 = 64 << 10;

/// The most bytes that a secret may have: servers take no longer headers.
const LARGEST_SECRET: usize = 8 << 10;

/// The policy of a component, with all variables that it grants, as far as its manifest asks for it.
///
/// # Errors
/// When a directory or a value is not where the settings say, a value can't be a variable's, or the manifest asks for more.
pub(crate) fn policy(settings: &ComponentSettings) -> Result<Arc<Policy>, Problem> {
    if let Some(directory) = settings.missing_directories().next() {
        let error = anyhow!(
            "failed to grant component {} {}: it is no directory",
            settings.path.display(),
            directory.display()
        );
        return Err(Problem::new(Exit::Usage, error).cure("make it, or correct `grants.directories`"));
    }
    let mut policy = Arc::clone(&settings.policy);
    for (name, source) in &settings.environment {
        let value = value(source, |variable| env::var_os(variable))
            .with_context(|| {
                format!("failed to read `grants.environment.{name}` of component {}", settings.path.display())
            })
            .or_exit(Exit::Usage)
            .or_cure("a guest's variable is a text of at most 64KiB; see \"Grants\" in docs/configuration.md")?;
        Arc::make_mut(&mut policy).grants.environment.insert(name.clone(), value);
    }
    for (name, source) in &settings.secrets {
        let read = value(source, |variable| env::var_os(variable)).map(Zeroizing::new).and_then(|value| secret(&value));
        let read = read
            .with_context(|| format!("failed to read `grants.secrets.{name}` of component {}", settings.path.display()))
            .or_exit(Exit::Usage)
            .or_cure("a secret is a line of text of at most 8KiB; see \"Secrets\" in docs/http.md")?;
        if let Some(held) = Arc::make_mut(&mut policy).grants.secrets.get_mut(name) {
            held.value = read;
        }
    }
    let manifest = manifest::path(&settings.path);
    let narrowed = manifest::narrow(Arc::make_mut(&mut policy), &manifest);
    narrowed
        .with_context(|| format!("failed to give component {} what it asks for", settings.path.display()))
        .or_exit(Exit::Usage)
        .or_cure(format!("{} may ask for less than its operator gives it, not for more", manifest.display()))?;
    Ok(policy)
}

fn value(source: &VariableSource, own: impl Fn(&str) -> Option<OsString>) -> anyhow::Result<String> {
    match source {
        VariableSource::Value(value) => Ok(value.clone()),
        VariableSource::File(path) => file(path).with_context(|| format!("the file {}", path.display())),
        VariableSource::Environment(variable) => match own(variable).map(OsString::into_string) {
            Some(Ok(value)) => Ok(value),
            Some(Err(_)) => bail!("the environment variable {variable}: it is no UTF-8 text"),
            None => bail!("the environment variable {variable}: it is not set"),
        },
        VariableSource::Command(words) => {
            let program = words.first().map_or("", String::as_str);
            let text = commands::output(words, LARGEST).and_then(without_nul);
            text.with_context(|| format!("the command {program}"))
        }
    }
}

/// A secret, which must be what a header may have.
fn secret(value: &str) -> anyhow::Result<Secret> {
    match value {
        "" => bail!("it is empty"),
        _ if LARGEST_SECRET < value.len() => bail!("it has more than {LARGEST_SECRET} bytes"),
        _ if value.chars().any(char::is_control) => {
            bail!("it has a control character or several lines, which no header has")
        }
        _ => Ok(Secret::new(value.to_owned())),
    }
}

/// What the file holds, without the end of its last line, which editors put there, as programs do.
fn file(path: &Path) -> anyhow::Result<String> {
    without_nul(files::read_text(path, LARGEST)?)
}

fn without_nul(text: String) -> anyhow::Result<String> {
    let text = Zeroizing::new(text);
    if text.contains('\0') {
        bail!("it has a NUL character, which no variable has");
    }
    let value = text.strip_suffix('\n').map_or(text.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
    Ok(value.to_owned())
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, fs, os::unix::ffi::OsStringExt as _, path::PathBuf};

    use super::*;
    use crate::config::registries::Sources;

    fn read(source: VariableSource) -> Result<String, String> {
        let own = |name: &str| match name {
            "SET" => Some("hunter2".into()),
            "BYTES" => Some(OsString::from_vec(b"hunter2\xff".to_vec())),
            _ => None,
        };
        value(&source, own).map_err(|error| format!("{error:#}"))
    }

    #[test]
    fn a_value_is_read_from_where_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let file = |content: &[u8]| {
            let path = folder.path().join("secret");
            fs::write(&path, content).unwrap();
            read(VariableSource::File(path)).map_err(|error| error.replace(&folder.path().display().to_string(), ""))
        };
        assert_eq!(file(b"hunter2"), Ok("hunter2".to_owned()));
        assert_eq!(file(b" hunter2 \r\n"), Ok(" hunter2 ".to_owned()));
        assert_eq!(file(b"two\nlines\n\n"), Ok("two\nlines\n".to_owned()));
        assert_eq!(file(b""), Ok(String::new()));
        assert_eq!(file(b"hunter2\xff"), Err("the file /secret: it is no UTF-8 text".to_owned()));
        assert_eq!(
            file(b"hunter2\0"),
            Err("the file /secret: it has a NUL character, which no variable has".to_owned())
        );
        assert_eq!(file(&[b'x'; 1 << 16]).map(|value| value.len()), Ok(1 << 16));
        assert_eq!(file(&[b'x'; (1 << 16) + 1]), Err("the file /secret: it has more than 64KiB".to_owned()));
        assert_eq!(read(VariableSource::Environment("SET".to_owned())), Ok("hunter2".to_owned()));
    }

    #[test]
    fn a_policy_has_the_values_and_does_not_show_them() {
        let settings = ComponentSettings {
            path: "a.wasm".into(),
            artifact: None,
            secrets: BTreeMap::new(),
            environment: [("TOKEN".to_owned(), VariableSource::Value("hunter2".to_owned()))].into(),
            policy: Arc::default(),
            release: None,
            sources: Sources::default(),
        };
        let policy = policy(&settings).unwrap();
        assert_eq!(policy.grants.environment.get("TOKEN").map(String::as_str), Some("hunter2"));
        let shown = format!("{policy:?} {settings:?}");
        assert!(shown.contains("TOKEN") && !shown.contains("hunter2"), "{shown}");
    }

    #[test]
    fn a_value_that_is_not_there_is_named_and_what_is_there_is_not() {
        let environment = |name: &str| read(VariableSource::Environment(name.to_owned())).unwrap_err();
        assert_eq!(environment("UNSET"), "the environment variable UNSET: it is not set");
        assert_eq!(environment("BYTES"), "the environment variable BYTES: it is no UTF-8 text");
        let missing = read(VariableSource::File(PathBuf::from("/does/not/exist"))).unwrap_err();
        assert_eq!(missing, "the file /does/not/exist: No such file or directory (os error 2)");
        assert!(read(VariableSource::File("/".into())).unwrap_err().contains("Is a directory"));
        let settings = ComponentSettings {
            path: "a.wasm".into(),
            artifact: None,
            secrets: BTreeMap::new(),
            environment: [("TOKEN".to_owned(), VariableSource::File("/does/not/exist".into()))].into(),
            policy: Arc::default(),
            release: None,
            sources: Sources::default(),
        };
        let problem = policy(&settings).unwrap_err();
        assert_eq!(problem.exit, Exit::Usage);
        let error = format!("{:#}", problem.error);
        assert!(
            error.starts_with("failed to read `grants.environment.TOKEN` of component a.wasm: the file"),
            "{error}"
        );
    }
}
