//! How wizer looks into an instance.

use wasmtime::{
    Store,
    component::{ComponentNamedList, Instance, Lift, WasmList},
};
use wasmtime_wizer::ComponentInstanceState;

use crate::host::Host;

/// An instance whose initialisation has ended.
pub(crate) struct Initialised<'a> {
    pub(crate) store: &'a mut Store<Host>,
    pub(crate) instance: Instance,
}

impl Initialised<'_> {
    /// Calls a function that wizer has put there.
    #[expect(clippy::expect_used, reason = "the functions are wizer's own, which gives no way to fail")]
    async fn call<T>(&mut self, instance: &str, function: &str) -> T
    where
        (T,): ComponentNamedList + Lift + Send + Sync + 'static,
    {
        let (_, instance) = self.instance.get_export(&mut *self.store, None, instance).expect("wizer's instance");
        let (_, export) =
            self.instance.get_export(&mut *self.store, Some(&instance), function).expect("wizer's export");
        let function = self.instance.get_typed_func::<(), (T,)>(&mut *self.store, export).expect("wizer's function");
        function.call_async(&mut *self.store, ()).await.expect("a value of the instance").0
    }
}

impl ComponentInstanceState for Initialised<'_> {
    async fn call_func_ret_list_u8(&mut self, instance: &str, function: &str, contents: impl FnOnce(&[u8]) + Send) {
        let list: WasmList<u8> = self.call(instance, function).await;
        contents(list.as_le_slice(&*self.store));
    }

    async fn call_func_ret_s32(&mut self, instance: &str, function: &str) -> i32 {
        self.call(instance, function).await
    }

    async fn call_func_ret_s64(&mut self, instance: &str, function: &str) -> i64 {
        self.call(instance, function).await
    }

    async fn call_func_ret_f32(&mut self, instance: &str, function: &str) -> u32 {
        self.call::<f32>(instance, function).await.to_bits()
    }

    async fn call_func_ret_f64(&mut self, instance: &str, function: &str) -> u64 {
        self.call::<f64>(instance, function).await.to_bits()
    }
}
