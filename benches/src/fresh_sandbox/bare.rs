//! The control: wasmtime by itself, with the engine settings of Isolet and as little else as a host can do with.

use std::fs;

use activity::Payload;
use capabilities::bindings::{ActivityPre, exports::isolet::activity::handler::Outcome, isolet::activity::types};
use wasmtime::{
    Engine, ResourceLimiterAsync, Store, UpdateDeadline,
    component::{Component, Linker},
};

use super::slice::Side;
use crate::{
    sandboxes::{self, GREET_ALONE},
    settings::Settings,
};

/// A guest, ready to be instantiated.
pub(super) struct Bare {
    engine: Engine,
    guest: ActivityPre<Memory>,
    input: Vec<types::Payload>,
}

impl Bare {
    /// Compiles the guest with Isolet's settings.
    ///
    /// # Errors
    /// When it can't be compiled.
    pub(super) fn open(settings: &Settings) -> anyhow::Result<Self> {
        let engine_settings = sandboxes::engine_settings(settings, sandboxes::FEW_SLOTS);
        let engine = Engine::new(&engine::wasmtime_config(&engine_settings, sandboxes::FEW_SLOTS))?;
        let bytes = fs::read(sandboxes::component(settings, GREET_ALONE.component)?)?;
        let component = Component::new(&engine, bytes)?;
        let mut linker = Linker::new(&engine);
        linker.define_unknown_imports_as_traps(&component)?;
        let guest = ActivityPre::new(linker.instantiate_pre(&component)?)?;
        Ok(Self { engine, guest, input: vec![argument()] })
    }
}

impl Side for Bare {
    async fn attempt(&self) -> anyhow::Result<()> {
        let mut store = Store::new(&self.engine, Memory { limit: 64 << 20 });
        store.limiter_async(|memory| memory);
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(|_| Ok(UpdateDeadline::Continue(1)));
        let instance = self.guest.instantiate_async(&mut store).await?;
        let outcome =
            instance.isolet_activity_handler().call_execute(&mut store, GREET_ALONE.activity, &self.input).await?;
        match outcome {
            Outcome::Completed(Some(payload)) if payload.data == GREET_ALONE.result.as_bytes() => Ok(()),
            other => Err(anyhow::anyhow!("bare wasmtime got {other:?}")),
        }
    }
}

/// The data of the store: the simplest limiter.
struct Memory {
    limit: usize,
}

#[async_trait::async_trait]
impl ResourceLimiterAsync for Memory {
    async fn memory_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(desired <= self.limit)
    }

    async fn table_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(desired <= self.limit)
    }
}

fn argument() -> types::Payload {
    let Payload { metadata, data } = Payload::json(GREET_ALONE.argument);
    let metadata = metadata.into_iter().map(|(key, value)| (key, value.to_vec())).collect();
    types::Payload { metadata, data: data.to_vec() }
}
