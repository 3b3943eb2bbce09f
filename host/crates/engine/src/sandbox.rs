//! The sandbox of one attempt: a fresh store with a fresh instance, both gone when the attempt has ended.

use std::sync::Arc;

use activity::{ActivityName, Outcome, Payload, SandboxFailureKind};
use capabilities::{Capabilities, Context, Outlet};
use wasmtime::{Store, UpdateDeadline};

use crate::{
    busy,
    callable::Callable,
    component::Component,
    cpu,
    limiter::Limiter,
    meter::Meter,
    prefault::Watch,
    state::SandboxState,
    text::reasons,
    trap::{Stopped, Verdict},
};

/// A guest, ready to be called.
pub(crate) struct Sandbox {
    /// In front, so that it is over before the store goes, and with it the guest's memory.
    _watch: Watch,
    store: Store<SandboxState>,
    exports: Callable,
    verdict: Verdict,
}

impl Sandbox {
    /// Makes a sandbox for an attempt of `component`.
    ///
    /// # Errors
    /// When a granted directory is missing, when the guest begins with more than its limits, and when its start
    /// functions fail.
    pub(crate) async fn build(component: &Component, context: Context, meter: Arc<Meter>) -> Result<Self, Stopped> {
        let verdict = Verdict {
            policy: Arc::clone(&component.policy),
            outlet: Arc::clone(&context.outlet),
            meter: Arc::clone(&meter),
            returns_values: component.values() != 0,
        };
        let limits = &component.policy.limits;
        let capabilities = match Capabilities::new(context).await {
            Ok(capabilities) => capabilities,
            Err(error) => {
                tracing::warn!(component = %component.id, error = &error as &dyn std::error::Error, "{error}");
                return Err(verdict.failure(SandboxFailureKind::Load, error.to_string()));
            }
        };
        let (memories, held) = (component.memories_per_slot, Arc::clone(&component.memory_held));
        let limiter = Limiter::new(limits, component.image, memories, Arc::clone(&meter), held);
        let mut store = Store::new(component.pre.engine(), SandboxState { capabilities, limiter });
        store.limiter_async(|state| &mut state.limiter);
        store.set_hostcall_fuel(limits.host_buffer);
        store.set_max_component_handles(limits.resources);
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(move |_| {
            // Read once for all that ask: it is a system call.
            let used = cpu::of_this_thread();
            if meter.must_stop(used) {
                return Ok(UpdateDeadline::Interrupt);
            }
            if !meter.turn_is_over(used) {
                busy::make_way(used);
                return Ok(UpdateDeadline::Continue(1));
            }
            meter.end_turn();
            // Wakes its task at once, which puts it behind the others. Tokio's own `yield_now` would not: what it wakes
            // goes to the front of the queue, and two guests that spin would starve each other.
            Ok(UpdateDeadline::Yield(1))
        });
        let watch = component.prefault.watch();
        match component.pre.instantiate_async(&mut store).await {
            Ok(instance) => match Callable::load(&component.exports, &mut store, instance) {
                Ok(exports) => Ok(Self { _watch: watch, store, exports, verdict }),
                Err(error) => Err(Stopped::OtherTypes(reasons(&error))),
            },
            Err(error) => Err(verdict.classify(&error, store.data().limiter.denied())),
        }
    }

    /// Runs the activity.
    ///
    /// # Errors
    /// When the guest doesn't return, or returns too much.
    pub(crate) async fn execute(mut self, activity_type: &str, input: Vec<Payload>) -> Result<Outcome, Stopped> {
        self.verdict.meter.sandbox_started();
        let limits = &self.verdict.policy.limits;
        let executed = self.exports.execute(&mut self.store, activity_type, input, limits).await;
        match executed.map_err(|error| self.stopped(&error))? {
            Some((outcome, size)) => {
                let what = if matches!(outcome, Outcome::Failed(_)) { "failure" } else { "result" };
                self.verdict.check_result(what, size)?;
                Ok(outcome)
            }
            None => Err(self.verdict.too_large()),
        }
    }

    /// Asks for the component's activities, and tells how large its image is.
    ///
    /// # Errors
    /// When the guest doesn't return.
    pub(crate) async fn list_activities(mut self) -> Result<(Vec<(ActivityName, bool)>, u64), Stopped> {
        self.verdict.meter.sandbox_started();
        let listed = self.exports.activities(&mut self.store).await.map_err(|error| self.stopped(&error))?;
        Ok((listed, self.store.data().limiter.image()))
    }

    fn stopped(&self, error: &wasmtime::Error) -> Stopped {
        self.verdict.classify(error, self.store.data().limiter.denied())
    }
}

/// The only holder of an outlet, once its guest is gone.
pub(crate) fn reclaim(outlet: Arc<Outlet>) -> Option<Outlet> {
    let outlet = Arc::into_inner(outlet);
    if outlet.is_none() {
        tracing::error!("a sandbox was dropped, but something of it still holds on to the attempt");
    }
    outlet
}
