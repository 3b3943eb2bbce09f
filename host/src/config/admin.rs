//! `[admin]`, once it is checked: where a running worker is asked and told, and where what it is told is kept.

use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
};

use clap::Args;

use super::{
    problems::{Place, Problems},
    raw::{OFF, RawAdmin},
};

/// The socket's file in its folder.
const SOCKET: &str = "admin.sock";

/// Where a running worker is asked and told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AdminSettings {
    /// The socket.
    pub socket: SocketSetting,
    /// The folder for what is kept across restarts; none without a home directory.
    pub state: Option<PathBuf>,
}

/// Which socket a worker has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SocketSetting {
    /// None.
    Off,
    /// The usual one, which the first worker of a user gets, if there is any place for it.
    Usual(Option<PathBuf>),
    /// This one.
    At(PathBuf),
}

/// Where a running worker is asked and told.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Administration")]
pub(crate) struct AdminFlags {
    /// The socket for `isolet status`, `isolet block`, `isolet unblock` and `isolet release`, or `off` for none [default:
    /// what the configuration says, else `isolet/admin.sock` in the user's runtime directory].
    #[arg(long, value_name = "PATH", env = "ISOLET_ADMIN_SOCKET")]
    admin_socket: Option<PathBuf>,
}

impl AdminFlags {
    /// Puts the flag over `settings`.
    pub(crate) fn apply(&self, settings: &mut AdminSettings) {
        if let Some(socket) = &self.admin_socket {
            settings.socket = SocketSetting::named(socket);
        }
    }
}

impl SocketSetting {
    fn named(path: &Path) -> Self {
        match path.as_os_str() == OFF {
            true => Self::Off,
            false => Self::At(std::path::absolute(path).unwrap_or_else(|_| path.to_owned())),
        }
    }

    /// Where it is, if there may be one.
    pub(crate) fn path(&self) -> Option<&Path> {
        match self {
            Self::Off | Self::Usual(None) => None,
            Self::Usual(Some(path)) | Self::At(path) => Some(path),
        }
    }
}

impl AdminSettings {
    /// None of it.
    pub(crate) fn off() -> Self {
        Self { socket: SocketSetting::Off, state: None }
    }
}

/// Checks what was written.
pub(super) fn validate(raw: RawAdmin, place: &Place, problems: &mut Problems) -> AdminSettings {
    for (key, path) in [("socket", &raw.socket), ("state", &raw.state)] {
        let is_empty = path.as_ref().is_some_and(|path| path.as_os_str().is_empty());
        problems.refuse_if(is_empty, &place.key(key), "it is empty");
    }
    let state = raw.state.or_else(usual_state);
    let socket = match raw.socket {
        Some(path) => SocketSetting::named(&path),
        None => SocketSetting::Usual(usual_socket(state.as_deref())),
    };
    AdminSettings { socket, state }
}

/// What a service manager has made for this service, or else the user's own.
fn usual_state() -> Option<PathBuf> {
    let own = || {
        let directories = directories::ProjectDirs::from("", "", "isolet")?;
        Some(directories.state_dir().unwrap_or(directories.data_local_dir()).to_owned())
    };
    given("STATE_DIRECTORY").or_else(own)
}

fn usual_socket(state: Option<&Path>) -> Option<PathBuf> {
    let own = || {
        let folder = env::var_os("XDG_RUNTIME_DIR").filter(|folder| !folder.is_empty())?;
        Some(PathBuf::from(folder).join("isolet"))
    };
    let folder = given("RUNTIME_DIRECTORY").or_else(own).or_else(|| state.map(Path::to_owned))?;
    Some(folder.join(SOCKET))
}

/// The first of the folders that a variable of systemd's names.
fn given(variable: &str) -> Option<PathBuf> {
    let folders: OsString = env::var_os(variable)?;
    let first = env::split_paths(&folders).next()?;
    first.is_absolute().then_some(first)
}
