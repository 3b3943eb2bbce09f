//! The languages whose SDKs run the suite. A new one is a constant here and one more `tests` line in `conformance.rs`.

use std::path::PathBuf;

use crate::support::{DevServer, Isolet, component, worker::WorkerBuilder};

/// A language of guests.
#[derive(Debug)]
pub(crate) struct Language {
    /// Its name in file names and in the names of tests.
    pub(crate) name: &'static str,
    /// Its name for people.
    pub(crate) title: &'static str,
    /// The component with the activities that `README.md` lists.
    component: &'static str,
    /// The component with the dynamic activity.
    dynamic: &'static str,
    /// Behaviours that it has no way to show, each with the reason.
    pub(crate) does_not_apply: &'static [(&'static str, &'static str)],
}

/// Rust, whose SDK came first.
#[expect(non_upper_case_globals, reason = "named for the module of its tests")]
pub(crate) const rust: Language = Language {
    name: "rust",
    title: "Rust",
    component: "conformance",
    dynamic: "dynamic",
    does_not_apply: &[
        ("definition::the_context_is_only_for_activities", "the context is a parameter: elsewhere there is none"),
        ("failures::one_of_another_kind_is_wrapped", "an activity can fail with an application failure alone"),
    ],
};

/// Python, whose activities are Temporal's own.
#[expect(non_upper_case_globals, reason = "named for the module of its tests")]
pub(crate) const python: Language = Language {
    name: "python",
    title: "Python",
    component: "conformance-python",
    dynamic: "dynamic-python",
    does_not_apply: &[],
};

/// All of them, in the order of the table.
pub(crate) const LANGUAGES: &[&Language] = &[&rust, &python];

/// The guest of one language, for the behaviours to call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Guest {
    language: &'static Language,
}

impl Guest {
    pub(super) fn of(language: &'static Language) -> Self {
        Self { language }
    }

    /// A worker on the shared server that serves the guest.
    pub(crate) async fn worker(self) -> WorkerBuilder<'static> {
        self.worker_on(DevServer::start().await)
    }

    /// A worker on a server of one's own that serves the guest.
    pub(crate) fn worker_on(self, server: &DevServer) -> WorkerBuilder<'_> {
        Isolet::worker(server).component(self.language.component)
    }

    /// The component with the dynamic activity.
    pub(crate) fn dynamic(self) -> PathBuf {
        component(self.language.dynamic)
    }
}
