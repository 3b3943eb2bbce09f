//! Which running worker a command is for.

use std::path::PathBuf;

use anyhow::anyhow;
use clap::Args;

use super::{DEFAULT_FILE, load};
use crate::exit::{Exit, Problem};

/// Which running worker a command is for.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct WorkerFlags {
    /// The worker's admin socket [default: what the configuration says, else that of the user's first worker].
    #[arg(long, value_name = "PATH", env = "ISOLET_ADMIN_SOCKET")]
    socket: Option<PathBuf>,
    /// The worker's configuration file, which says where its socket is [default: isolet.toml, if there is one].
    #[arg(long, short, value_name = "FILE", env = "ISOLET_CONFIG")]
    config: Option<PathBuf>,
}

impl WorkerFlags {
    /// Where the worker's socket is.
    ///
    /// # Errors
    /// When the configuration can't be read, or says that there is none.
    pub(crate) fn socket(&self) -> Result<PathBuf, Problem> {
        if let Some(socket) = &self.socket {
            return Ok(socket.clone());
        }
        let file = self.config.clone().or_else(|| Some(PathBuf::from(DEFAULT_FILE)).filter(|file| file.is_file()));
        let settings = load::admin(file.as_deref())?;
        settings.socket.path().map(ToOwned::to_owned).ok_or_else(|| {
            Problem::new(Exit::Usage, anyhow!("the worker has no admin socket, as admin.socket = \"off\" says"))
                .cure("name a socket with --socket, or set admin.socket")
        })
    }
}
