//! The conformance suite: what every guest SDK must do, in each language, on the real server.
//!
//! One function proves one behaviour, and takes the guest to prove it with; [`behaviours!`] lists them all, and each
//! language runs each of them as a test of its own, such as `conformance::rust::heartbeat::the_newest_details_win`. What
//! the activities that they call must do is written once, in `conformance/README.md`. Each run leaves its result for
//! `cargo xtask parity`, which makes the table in `guest-sdk/README.md`.
//!
//! # Layout
//! - [`language`]: the languages and their guests; [`results`]: what is left for the table.
//! - What an attempt is told: [`info`], [`arguments`], [`results_of_activities`], [`definition`].
//! - What it tells: [`heartbeat`], [`heartbeat_without_encoding`], [`logging`].
//! - Being told to stop: [`cancellation`], [`safe_points`], [`waits`], [`pause_and_reset`], [`shutdown`], [`deadlines`],
//!   [`kill`].
//! - What it uses: [`measurements`], [`client`].
//! - How it ends: [`failures`], [`retries`], [`async_completion`].

mod language;
mod results;

mod info;

mod arguments;

mod results_of_activities;

mod definition;

mod heartbeat;

mod heartbeat_without_encoding;

mod logging;

mod measurements;

mod client;

mod cancellation;

mod safe_points;

mod waits;

mod pause_and_reset;

mod shutdown;

mod deadlines;

mod kill;

mod failures;

mod retries;

mod async_completion;

pub(crate) use self::language::{Guest, LANGUAGES};

/// One behaviour of the suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Behaviour {
    /// The module that holds it.
    pub(crate) topic: &'static str,
    /// The function that proves it.
    pub(crate) name: &'static str,
    /// What it proves, by section of `docs/parity.md`.
    pub(crate) proves: &'static str,
}

impl Behaviour {
    /// What the documents call it.
    pub(crate) fn full_name(&self) -> String {
        format!("{}::{}", self.topic, self.name)
    }
}

/// Hands every behaviour to the macro `$then`, after what that takes first.
macro_rules! behaviours {
    ($then:ident $($first:tt)*) => {
        $then! { $($first)*
            info {
                a_standalone_attempt_knows_what_it_is: "§2 info",
                an_attempt_of_a_workflow_knows_its_workflow: "§2 info",
                priority_and_headers_arrive: "§2 info",
                the_deadline_is_the_nearer_timeout: "§2 info",
                an_activity_has_an_idempotency_key: "§2 info",
            }
            arguments {
                too_few_and_too_many_are_a_type_error: "§3 arguments",
                one_of_the_wrong_type_fails_the_attempt: "§3 arguments",
                one_of_an_unknown_encoding_fails_the_attempt: "§3 arguments",
                one_with_a_default_may_be_left_out: "§3 arguments",
            }
            results_of_activities {
                values_go_in_and_come_out: "§3 converters",
                bytes_are_binary: "§3 converters",
                nothing_is_null: "§3 converters",
                raw_values_pass_through_untouched: "§3 converters",
                one_without_an_encoding_fails_the_attempt: "§4 outcomes",
            }
            definition {
                an_unknown_type_is_not_registered: "§1 lookup",
                an_unknown_type_is_tried_again: "§1 lookup",
                a_named_activity_comes_before_a_dynamic_one: "§1 lookup",
                a_dynamic_activity_decodes_its_arguments: "§3 dynamic",
                the_context_is_only_for_activities: "§2 context",
            }
            heartbeat {
                the_newest_details_win: "§2 heartbeat",
                a_failure_flushes_the_newest_details: "§2 heartbeat",
                a_success_drops_what_was_held_back: "§2 heartbeat",
                heartbeats_are_held_back: "§2 heartbeat",
                details_of_any_number_arrive: "§2 heartbeat",
                details_that_do_not_decode_are_final: "§2 heartbeat",
                details_outlive_a_kill: "§2 heartbeat",
                heartbeats_keep_an_activity_alive: "§2 heartbeat",
                details_are_seen_meanwhile: "§2 heartbeat",
            }
            heartbeat_without_encoding {
                it_fails_an_activity_that_obeys: "§2 heartbeat",
                it_spares_an_activity_that_returns: "§2 heartbeat",
                it_cancels_without_details: "§2 heartbeat",
            }
            logging {
                lines_come_with_level_fields_and_identity: "§2 logger",
            }
            measurements {
                every_kind_is_exported_as_a_native_worker_would: "§2 metrics",
            }
            client {
                an_activity_is_started_and_awaited: "§2 client",
                an_activity_is_cancelled_and_terminated: "§2 client",
                another_activity_is_completed: "§2 client",
                without_a_grant_the_missing_one_is_named: "§2 client",
            }
            cancellation {
                a_requested_one_has_its_reason: "§2 cancellation",
                one_that_is_let_out_ends_as_cancelled: "§4 outcomes",
                the_first_reason_stays: "§2 cancellation",
                an_activity_without_heartbeats_learns_of_it: "§2 cancellation",
                a_failure_after_it_is_final: "§4 outcomes",
                one_that_nobody_requested_is_a_failure: "§4 outcomes",
                a_terminated_activity_is_not_found: "§2 cancellation",
            }
            safe_points {
                one_that_is_polled_tells: "§2 delivery",
                one_can_be_swallowed: "§2 delivery",
                an_uninterruptible_activity_has_none: "§2 delivery",
                a_shield_moves_it_to_its_outermost_end: "§2 shield",
            }
            waits {
                they_end_with_their_timeouts: "§2 waits",
                an_event_loop_hears_of_a_cancellation: "§2 waits",
                an_event_loop_hears_of_a_shutdown: "§2 waits",
            }
            pause_and_reset {
                a_pause_has_its_reason: "§4 outcomes",
                a_pause_that_is_let_out_waits_for_its_end: "§4 outcomes",
                changed_options_reach_the_next_attempt: "§2 info",
                a_reset_has_its_reason: "§4 outcomes",
                a_reset_that_is_let_out_begins_again: "§4 outcomes",
            }
            shutdown {
                it_is_known_before_the_grace_ends: "§6 shutdown",
                without_grace_it_cancels: "§6 shutdown",
                let_out_it_is_a_failure_of_its_own: "§4 outcomes",
                an_uninterruptible_result_stands: "§2 delivery",
                another_worker_takes_over: "§6 shutdown",
                no_task_is_taken_any_more: "§6 shutdown",
                a_task_on_its_way_is_told_at_once: "§2 cancellation",
            }
            deadlines {
                an_attempt_is_told_of_its_deadline: "§2 cancellation",
                let_out_it_is_left_to_the_server: "§4 outcomes",
                after_start_to_close_it_is_killed: "stopping",
                after_schedule_to_close_it_is_killed: "stopping",
                after_a_missed_heartbeat_it_is_killed: "stopping",
                a_killed_attempt_is_tried_again: "stopping",
            }
            kill {
                one_that_does_not_care_is_killed_when_cancelled: "stopping",
                one_that_goes_on_is_killed_after_a_shutdown: "stopping",
                a_shield_does_not_hold_a_kill_back: "stopping",
                a_terminated_activity_is_killed_unreported: "stopping",
            }
            failures {
                a_plain_error_has_its_type_and_message: "§5 failures",
                every_field_arrives: "§5 failures",
                causes_are_a_chain: "§5 failures",
                an_empty_one_is_taken: "§5 failures",
                one_with_a_bad_detail_says_so: "§4 outcomes",
                one_of_another_kind_is_wrapped: "§5 failures",
            }
            retries {
                a_failed_activity_is_tried_again: "§5 failures",
                a_failure_says_when_to_try_again: "§5 failures",
                a_non_retryable_failure_is_final: "§5 failures",
                a_type_can_be_final_by_policy: "§5 failures",
                no_more_run_at_once_than_allowed: "§6 slots",
            }
            async_completion {
                it_is_completed_by_its_id: "§4 outcomes",
                it_is_failed_by_its_id: "§4 outcomes",
                it_is_completed_by_its_task_token: "§4 outcomes",
                the_worker_can_go_first: "§4 outcomes",
            }
        }
    };
}

/// The list of the behaviours.
macro_rules! table {
    ($($topic:ident { $($name:ident: $proves:literal,)* })*) => {
        /// Every behaviour, in the order of the table.
        pub(crate) const BEHAVIOURS: &[Behaviour] = &[$($(
            Behaviour { topic: stringify!($topic), name: stringify!($name), proves: $proves },
        )*)*];
    };
}

/// The behaviours as the tests of one language.
macro_rules! tests {
    ($language:ident $($topic:ident { $($name:ident: $proves:literal,)* })*) => {
        mod $language {
            $(mod $topic {
                $(
                    #[tokio::test]
                    async fn $name() {
                        use super::super::{$topic::$name, Behaviour, language, results};

                        let behaviour =
                            Behaviour { topic: stringify!($topic), name: stringify!($name), proves: $proves };
                        results::prove(behaviour, &language::$language, $name).await;
                    }
                )*
            })*
        }
    };
}

behaviours! { table }

// One line for each language of `LANGUAGES`.
behaviours! { tests rust }
behaviours! { tests rust_async }
behaviours! { tests python }
behaviours! { tests typescript }
behaviours! { tests c }
behaviours! { tests cpp }
behaviours! { tests go }
behaviours! { tests go_methods }
