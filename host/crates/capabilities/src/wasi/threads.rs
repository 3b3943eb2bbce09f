//! Where the file work of one component is done: on threads of its own, so that a mount that hangs, or a disk that is
//! slow, keeps nobody else from their files.

use std::{
    fmt, io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use tokio::{
    runtime::{Builder, Runtime},
    sync::Semaphore,
    task::JoinHandle,
};

use crate::{Tenant, open_files::OpenFiles};

/// File operations of one component under way at once, over all its attempts. One that hangs counts until it ends,
/// whatever became of its attempt.
const OPERATIONS: usize = 16;

/// The threads that do a component's file work: none before there is any.
pub struct FileThreads {
    /// As many permits as operations may be under way, and threads there are.
    room: Arc<Semaphore>,
    /// What its attempts have open.
    pub(super) open: OpenFiles,
    /// What its attempts share with others of their tenant.
    pub(super) tenant: Arc<Tenant>,
    /// Taken when it is dropped.
    runtime: Option<Runtime>,
}

impl FileThreads {
    /// Threads for one component of a tenant.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn new(tenant: Arc<Tenant>) -> io::Result<Self> {
        // It is never driven: only its threads are used, which come and go.
        let runtime =
            Builder::new_current_thread().max_blocking_threads(OPERATIONS).thread_name("isolet-files").build()?;
        Ok(Self { room: Arc::new(Semaphore::new(OPERATIONS)), open: OpenFiles::new(), tenant, runtime: Some(runtime) })
    }

    /// Begins file work, once there is room for it. It is given up when what this returns is dropped, unless it has
    /// begun: then it goes on, and keeps its room until it ends.
    pub(super) fn run<T: Send + 'static>(self: &Arc<Self>, work: impl FnOnce() -> T + Send + 'static) -> Work<T> {
        if let Ok(permit) = Arc::clone(&self.room).try_acquire_owned() {
            return Work(self.runtime.as_ref().map(|runtime| {
                runtime.spawn_blocking(move || {
                    let done = work();
                    drop(permit);
                    Some(done)
                })
            }));
        }
        let threads = Arc::clone(self);
        Work(Some(tokio::spawn(async move {
            let permit = Arc::clone(&threads.room).acquire_owned().await.ok()?;
            let work = move || {
                let done = work();
                drop(permit);
                done
            };
            threads.runtime.as_ref()?.spawn_blocking(work).await.ok()
        })))
    }

    /// The same, once something else is over, for which no thread waits.
    pub(super) fn run_after<T: Send + 'static>(
        self: &Arc<Self>,
        before: impl Future<Output = ()> + Send + 'static,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Work<T> {
        let threads = Arc::clone(self);
        Work(Some(tokio::spawn(async move {
            before.await;
            threads.run(work).await
        })))
    }
}

impl Drop for FileThreads {
    /// Waits for nothing, so that it can be dropped anywhere.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl fmt::Debug for FileThreads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileThreads").field("free", &self.room.available_permits()).finish_non_exhaustive()
    }
}

/// File work under way: `None` if it panicked, which is a fault of the host.
pub(super) struct Work<T>(Option<JoinHandle<Option<T>>>);

impl<T> Future for Work<T> {
    type Output = Option<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            Some(work) => Pin::new(work).poll(context).map(|done| done.ok().flatten()),
            None => Poll::Ready(None),
        }
    }
}

impl<T> Drop for Work<T> {
    fn drop(&mut self) {
        if let Some(work) = &self.0 {
            work.abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    fn tenant() -> Arc<Tenant> {
        Arc::new(Tenant::new(activity::SharedLimits::default()))
    }

    #[tokio::test]
    async fn what_hangs_keeps_its_room_and_nobody_elses() {
        let (ours, others) =
            (Arc::new(FileThreads::new(tenant()).unwrap()), Arc::new(FileThreads::new(tenant()).unwrap()));
        let (started, begun) = mpsc::channel();
        let (release, hang) = mpsc::channel::<()>();
        let hang = Arc::new(std::sync::Mutex::new(hang));
        for _ in 0..OPERATIONS {
            let (started, hang) = (started.clone(), Arc::clone(&hang));
            // Given up at once, as by a kill; but each has begun.
            let work = ours.run(move || {
                started.send(()).unwrap();
                let _ = hang.lock().unwrap().recv();
            });
            begun.recv().unwrap();
            drop(work);
        }
        assert_eq!(ours.room.available_permits(), 0);
        let mut waiting = Box::pin(ours.run(|| 1));
        assert!(futures_poll(&mut waiting).is_pending());
        // What is given up before it has begun never begins.
        drop(ours.run(|| unreachable!("it was given up")));
        assert_eq!(others.run(|| 2).await, Some(2));
        drop(release);
        assert_eq!(waiting.await, Some(1));
    }

    fn futures_poll<T>(work: &mut Pin<Box<Work<T>>>) -> Poll<Option<T>> {
        work.as_mut().poll(&mut Context::from_waker(std::task::Waker::noop()))
    }
}
