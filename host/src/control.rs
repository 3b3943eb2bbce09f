//! How a running worker is asked and told from the outside: its status, what must not run, and which version runs what.
//!
//! - [`blocks`]: what must not run, kept across restarts.
//! - [`releases`]: which version of a component runs which attempts, kept likewise.
//! - [`running`]: the attempts that run, and what was refused to those before.

pub(crate) mod blocks;

pub(crate) mod releases;

pub(crate) mod running;

use std::{fs, os::unix::fs::MetadataExt as _, path::Path, sync::Arc};

use admin::{Asked, Socket, SocketError};
use anyhow::anyhow;
use tokio::{sync::mpsc, task::JoinHandle};

use self::{
    blocks::KeptBlocks,
    releases::{Releases, release::Judged},
    running::Running,
};
use crate::{
    config::{admin::SocketSetting, settings::Settings},
    exit::{Exit, Problem, failed_to},
    wiring::{
        connecting,
        recording::{Recording, Records},
    },
};

/// Requests that wait for the supervisor.
const WAITING: usize = 8;

/// How a worker is asked and told.
pub(crate) struct Control {
    /// What must not run.
    pub(crate) blocks: KeptBlocks,
    /// Which version runs what.
    pub(crate) releases: Arc<Releases>,
    /// What gates have decided of that.
    pub(crate) judged: mpsc::UnboundedReceiver<Judged>,
    /// The attempts that run, if anybody may ask for them.
    pub(crate) running: Option<Arc<Running>>,
    /// By which it is asked.
    pub(crate) asks: mpsc::Sender<Asked>,
    /// What is kept of what happened.
    pub(crate) records: Records,
    recording: Recording,
    /// What is asked.
    pub(crate) asked: mpsc::Receiver<Asked>,
    serving: Option<JoinHandle<()>>,
}

impl Control {
    /// Reads what is kept, and opens the socket if there is to be one. Must be called on a runtime.
    ///
    /// # Errors
    /// When what is kept can't be read or written to, or the socket that is configured can't be had.
    pub(crate) fn start(settings: &Settings) -> Result<Self, Problem> {
        settings
            .admin
            .state
            .iter()
            .filter(|state| everybody_may_write_to(state))
            .for_each(|state| tell_of_others(state));
        let blocks = KeptBlocks::read(settings.admin.state.as_deref())?;
        let (releases, judged) =
            Releases::read(settings.admin.state.as_deref(), connecting::namespace(&settings.connection))?;
        releases.refuse_others(&settings.tenants)?;
        let socket = socket(&settings.admin.socket)?;
        let (records, recording) = Records::start(&settings.records)?;
        let (sender, asked) = mpsc::channel(WAITING);
        let running = (socket.is_some() || settings.web.address.is_some()).then(Arc::default);
        let asks = sender.clone();
        let serving = socket.map(|socket| {
            tracing::info!("`isolet status` finds this worker at {}", socket.path().display());
            tokio::spawn(admin::serve(socket, sender))
        });
        Ok(Self { blocks, releases, judged, running, asks, records, recording, asked, serving })
    }

    /// Lets nobody ask any more, and brings to the disk what is kept.
    pub(crate) async fn end(self) {
        if let Some(serving) = self.serving {
            serving.abort();
            // It never ends by itself.
            let _ = serving.await;
        }
        self.records.stopped();
        self.recording.end();
    }
}

/// Whether this is a folder in which everybody may replace files, those of others too.
fn everybody_may_write_to(folder: &Path) -> bool {
    const STICKY: u32 = 0o1000;
    let mode = fs::metadata(folder).map_or(0, |metadata| metadata.mode());
    mode & 0o002 != 0 && mode & STICKY == 0
}

/// Volumes in containers may be like this, so it is no reason not to start.
fn tell_of_others(state: &Path) {
    tracing::warn!(
        cure = "run `chmod o-w` on it",
        "every user of this machine may write to {}, and who does says what is blocked and which versions run",
        state.display()
    );
}

/// The socket. That of a worker which does not name its own may be another's, or have no place.
fn socket(setting: &SocketSetting) -> Result<Option<Socket>, Problem> {
    let bound = match setting {
        SocketSetting::Off => return Ok(None),
        SocketSetting::Usual(None) => Err(anyhow!("there is no home directory to put the admin socket in")),
        SocketSetting::Usual(Some(path)) => Socket::bind(path).map_err(refused),
        SocketSetting::At(path) => {
            let bound = Socket::bind(path).map_err(|error| {
                let cure = error.cure();
                Problem::new(Exit::Usage, failed_to(error)).cure(cure)
            });
            return bound.map(Some);
        }
    };
    match bound {
        Ok(socket) => Ok(Some(socket)),
        Err(error) => {
            let cure = "set admin.socket to one of this worker's own, or to \"off\"";
            tracing::warn!(
                cure,
                "`isolet status`, `isolet block` and `isolet release` do not reach this worker: {error:#}"
            );
            Ok(None)
        }
    }
}

fn refused(error: SocketError) -> anyhow::Error {
    failed_to(error)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_folder_is_everybody_s_by_its_mode() {
        let folder = tempfile::tempdir().unwrap();
        let is_with = |mode| {
            fs::set_permissions(folder.path(), fs::Permissions::from_mode(mode)).unwrap();
            everybody_may_write_to(folder.path())
        };
        assert_eq!([0o700, 0o2775, 0o777, 0o1777, 0o703].map(is_with), [false, false, true, false, true]);
        assert!(!everybody_may_write_to(&folder.path().join("none")));
    }
}
