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

/// Rust, with an `async fn` for each activity that waits.
#[expect(non_upper_case_globals, reason = "named for the module of its tests")]
pub(crate) const rust_async: Language = Language {
    name: "rust-async",
    title: "Rust, `async`",
    component: "conformance-async",
    dynamic: "dynamic",
    does_not_apply: rust.does_not_apply,
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

const NO_TYPES: &str = "types are gone at run time";
const NO_RAW_VALUES: &str = "Temporal's package decodes every argument and detail";
const NO_SHUTDOWN: &str = "Temporal's package tells of no shutdown before it cancels";
const NO_SHIELDS: &str = "nothing is interrupted that does not wait for it";
const OTHER_WORDS: &str = "told in the words of Temporal's TypeScript worker";
const LESS_INFO: &str = "Temporal's package has no headers, deadline and time of start";

/// TypeScript, whose activities are Temporal's own, and with it JavaScript.
#[expect(non_upper_case_globals, reason = "named for the module of its tests")]
pub(crate) const typescript: Language = Language {
    name: "typescript",
    title: "TypeScript",
    component: "conformance-typescript",
    dynamic: "dynamic-typescript",
    does_not_apply: &[
        ("arguments::too_few_and_too_many_are_a_type_error", NO_TYPES),
        ("arguments::one_of_the_wrong_type_fails_the_attempt", NO_TYPES),
        ("arguments::one_of_an_unknown_encoding_fails_the_attempt", OTHER_WORDS),
        ("results_of_activities::values_go_in_and_come_out", NO_RAW_VALUES),
        ("results_of_activities::raw_values_pass_through_untouched", NO_RAW_VALUES),
        ("results_of_activities::one_without_an_encoding_fails_the_attempt", OTHER_WORDS),
        ("info::a_standalone_attempt_knows_what_it_is", LESS_INFO),
        ("info::an_attempt_of_a_workflow_knows_its_workflow", LESS_INFO),
        ("info::priority_and_headers_arrive", LESS_INFO),
        ("info::the_deadline_is_the_nearer_timeout", LESS_INFO),
        ("heartbeat::details_of_any_number_arrive", "a heartbeat has one value"),
        ("heartbeat::details_that_do_not_decode_are_final", NO_RAW_VALUES),
        ("heartbeat_without_encoding::it_fails_an_activity_that_obeys", OTHER_WORDS),
        ("measurements::every_kind_is_exported_as_a_native_worker_would", "there are no histograms of durations"),
        ("definition::the_context_is_only_for_activities", OTHER_WORDS),
        ("cancellation::the_first_reason_stays", NO_SHUTDOWN),
        ("cancellation::one_that_nobody_requested_is_a_failure", OTHER_WORDS),
        ("safe_points::a_shield_moves_it_to_its_outermost_end", NO_SHIELDS),
        ("waits::they_end_with_their_timeouts", NO_SHUTDOWN),
        ("waits::an_event_loop_hears_of_a_shutdown", NO_SHUTDOWN),
        ("shutdown::it_is_known_before_the_grace_ends", NO_SHUTDOWN),
        ("shutdown::a_task_on_its_way_is_told_at_once", NO_SHUTDOWN),
        ("kill::a_shield_does_not_hold_a_kill_back", NO_SHIELDS),
        ("failures::one_with_a_bad_detail_says_so", OTHER_WORDS),
        ("failures::one_of_another_kind_is_wrapped", OTHER_WORDS),
    ],
};

const ALONE: (&str, &str) =
    ("definition::the_context_is_only_for_activities", "an instance runs its attempt and nothing else");

/// C.
#[expect(non_upper_case_globals, reason = "named for the module of its tests")]
pub(crate) const c: Language =
    Language { name: "c", title: "C", component: "conformance-c", dynamic: "dynamic-c", does_not_apply: &[ALONE] };

/// C++.
#[expect(non_upper_case_globals, reason = "named for the module of its tests")]
pub(crate) const cpp: Language = Language {
    name: "cpp",
    title: "C++",
    component: "conformance-cpp",
    dynamic: "dynamic-cpp",
    does_not_apply: &[ALONE],
};

const GO_ARGUMENTS: &str = "Temporal's worker takes what is missing for zero, and leaves what is too much alone";
const GO_WORDS: &str = "told in the words of Temporal's Go worker: `tests/it/go.rs`";
const GO_PANICS: &str = "Temporal's package panics there: `tests/it/go.rs`";
const GO_ERRORS: &str = "Temporal's package makes no such errors";
const GO_METRICS: &str = "Temporal's package has counters, gauges of numbers and timers: `tests/it/go.rs`";
const GO_DECODES: &str = "the activity decodes details itself, and is given the error";

/// What neither functions nor methods in Go have a way to show.
const GO_LACKS: &[(&str, &str)] = &[
    ("arguments::too_few_and_too_many_are_a_type_error", GO_ARGUMENTS),
    ("arguments::one_of_the_wrong_type_fails_the_attempt", GO_WORDS),
    ("arguments::one_of_an_unknown_encoding_fails_the_attempt", GO_WORDS),
    ("results_of_activities::one_without_an_encoding_fails_the_attempt", GO_WORDS),
    ("definition::the_context_is_only_for_activities", GO_WORDS),
    ("heartbeat::details_that_do_not_decode_are_final", GO_DECODES),
    ("heartbeat_without_encoding::it_fails_an_activity_that_obeys", GO_PANICS),
    ("heartbeat_without_encoding::it_spares_an_activity_that_returns", GO_PANICS),
    ("heartbeat_without_encoding::it_cancels_without_details", GO_PANICS),
    ("measurements::every_kind_is_exported_as_a_native_worker_would", GO_METRICS),
    ("failures::one_with_a_bad_detail_says_so", GO_PANICS),
    ("failures::one_of_another_kind_is_wrapped", GO_ERRORS),
];

/// Go, whose activities are functions.
#[expect(non_upper_case_globals, reason = "named for the module of its tests")]
pub(crate) const go: Language =
    Language { name: "go", title: "Go", component: "conformance-go", dynamic: "dynamic-go", does_not_apply: GO_LACKS };

/// Go, whose activities are methods.
#[expect(non_upper_case_globals, reason = "named for the module of its tests")]
pub(crate) const go_methods: Language = Language {
    name: "go_methods",
    title: "Go's methods",
    component: "methods-go",
    dynamic: "dynamic-go",
    does_not_apply: GO_LACKS,
};

/// All of them, in the order of the table.
pub(crate) const LANGUAGES: &[&Language] = &[&rust, &rust_async, &c, &cpp, &go, &go_methods, &python, &typescript];

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
