//! The component that JavaScript activities run in. It is built once: `isolet build` starts it, gives it the project's
//! code, and keeps what it then has in memory. Each attempt begins there.
#![cfg(target_family = "wasm")]

mod bytes;
mod engine;
mod event_loop;
mod freed;
mod host;
mod image;
mod text;
mod values;

use std::cell::RefCell;

use engine::Engine;

/// The contract, and what the builder calls.
mod contract {
    wit_bindgen::generate!({
        inline: "
            package isolet:js-runtime;
            world runtime {
                include isolet:activity/activity@0.1.0;
                export init: func();
            }
        ",
        path: "../../../wit",
        world: "isolet:js-runtime/runtime",
        with: { "wasi:io/poll@0.2.6": wasip2::io::poll },
        generate_all,
    });
}

use contract::{
    exports::isolet::activity::handler::{ActivityDefinition, Guest as Handler, Outcome},
    isolet::activity::types::Payload,
};

thread_local! {
    static ENGINE: RefCell<Option<Engine>> = const { RefCell::new(None) };
}

struct Component;

impl contract::Guest for Component {
    /// Runs the code on standard input, which says which activities there are.
    fn init() {
        ENGINE.set(Some(Engine::start(&host::system::read_code())));
        freed::leave_as_it_is();
    }
}

impl Handler for Component {
    fn list_activities() -> Vec<ActivityDefinition> {
        with_engine(Engine::list_activities)
    }

    fn execute(activity_type: String, input: Vec<Payload>) -> Outcome {
        with_engine(|engine| engine.execute(&activity_type, &input))
    }
}

fn with_engine<T>(work: impl FnOnce(&Engine) -> T) -> T {
    ENGINE.with_borrow(|engine| match engine {
        Some(engine) => work(engine),
        None => host::system::give_up("the component was never built: it is the bare runtime for JavaScript"),
    })
}

mod exported {
    #![expect(unsafe_code, reason = "generated")]
    use super::{Component, contract};

    contract::export!(Component with_types_in contract);
}
