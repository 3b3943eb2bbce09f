//! One line: what is asked on it is done by tasks that end with it.

use std::{collections::HashMap, os::fd::AsFd as _, sync::Arc, time::Duration};

use tokio::task::{AbortHandle, Id, JoinSet};

use super::pace::Pace;
use crate::{
    Connect as _, Destination, Direct,
    packets::{Packet, Packets},
    wire::{AT_ONCE, Answer, Ask, LONGEST},
};

/// The longest that anything is tried.
const LONGEST_TIME: Duration = Duration::from_secs(600);

/// Tasks of one line at once: those of a well-behaved end, and those that are just given up. At more it is not listened to.
const TASKS: usize = 2 * AT_ONCE;

/// Does what is asked on a line, until its other end is gone or says what makes no sense.
pub(super) async fn serve(packets: Packets, direct: Direct) {
    let packets = Arc::new(packets);
    let (mut tasks, mut pace) = (JoinSet::new(), Pace::new());
    let mut under_way = UnderWay::default();
    loop {
        let heard = async {
            pace.ready().await;
            packets.receive::<Ask>(LONGEST, 0).await
        };
        let heard = tokio::select! {
            Some(done) = tasks.join_next_with_id() => {
                under_way.forget(match done { Ok((task, ())) => task, Err(error) => error.id() });
                continue;
            }
            heard = heard, if tasks.len() < TASKS => heard,
        };
        let Ok(Some(Packet { message, .. })) = heard else { return };
        pace.pass();
        let Ask { id, to, within_ms } = message;
        let Some(to) = to else {
            under_way.abort(id);
            continue;
        };
        let Ok(to) = to.destination() else { return };
        let within = Duration::from_millis(within_ms).min(LONGEST_TIME);
        let task = tasks.spawn(answer(Arc::clone(&packets), direct.clone(), (id, to, within)));
        under_way.add(id, task);
    }
}

async fn answer(packets: Arc<Packets>, direct: Direct, (id, to, within): (u64, Destination, Duration)) {
    let connected = direct.connect(to, within).await;
    // When nobody is there any more, the line ends.
    let _ = match &connected {
        Ok(stream) => packets.send(&Answer::new(id, None), &[stream.as_fd()]).await,
        Err(error) => packets.send(&Answer::new(id, Some(*error)), &[]).await,
    };
}

/// What can be given up.
#[derive(Debug, Default)]
struct UnderWay {
    tasks: HashMap<u64, AbortHandle>,
    ids: HashMap<Id, u64>,
}

impl UnderWay {
    fn add(&mut self, id: u64, task: AbortHandle) {
        self.ids.insert(task.id(), id);
        self.tasks.insert(id, task);
    }

    fn abort(&mut self, id: u64) {
        if let Some(task) = self.tasks.remove(&id) {
            task.abort();
        }
    }

    fn forget(&mut self, task: Id) {
        if let Some(id) = self.ids.remove(&task) {
            self.tasks.remove(&id);
        }
    }
}
