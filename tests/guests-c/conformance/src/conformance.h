/* The activities of the conformance suite, which tests/it/conformance/README.md specifies. */

#ifndef CONFORMANCE_H
#define CONFORMANCE_H

#include <isolet.h>

/* How often an activity that waits tells that it is alive. */
#define BEAT ISOLET_MILLISECONDS(100)

isolet_status add(void);
isolet_status echo(void);
isolet_status greet(void);
isolet_status nothing(void);
isolet_status recode(void);
isolet_status reverse_bytes(void);
isolet_status unencodable_result(void);
isolet_status with_default(void);

isolet_status fail(void);
isolet_status fail_application(void);
isolet_status fail_benign(void);
isolet_status fail_cancelled(void);
isolet_status fail_empty(void);
isolet_status fail_until_attempt(void);
isolet_status fail_with_bad_detail(void);
isolet_status fail_with_cause(void);
isolet_status fail_with_kind(void);

isolet_status heartbeat_details(void);
isolet_status heartbeat_then_fail(void);
isolet_status heartbeat_then_hang(void);
isolet_status heartbeat_unencodable(void);
isolet_status heartbeat_unencodable_caught(void);
isolet_status heartbeat_unencodable_returned(void);
isolet_status sleep_with_heartbeats(void);

isolet_status shield_forever(void);
isolet_status wait_cancel_caught(void);
isolet_status wait_cancel_first_attempt(void);
isolet_status wait_cancel_ignored(void);
isolet_status wait_cancel_polling(void);
isolet_status wait_cancel_shielded(void);
isolet_status wait_cancel_silent(void);
isolet_status wait_cancel_swallowed(void);
isolet_status wait_cancel_then_fail(void);
isolet_status wait_cancel_twice(void);
isolet_status wait_cancel_uncaught(void);
isolet_status park(void);
isolet_status stay_until_shutdown(void);
isolet_status stay_until_shutdown_async(void);
isolet_status wait_cancel_async(void);
isolet_status wait_with_timeouts(void);

isolet_status call_heartbeat(void);
isolet_status call_info(void);
isolet_status call_info_of_sdk(void);
isolet_status call_is_cancelled(void);
isolet_status complete_async(void);
isolet_status idempotency_key(void);
isolet_status info(void);
isolet_status log_lines(void);
isolet_status measure(void);
isolet_status measure_series(void);
isolet_status unmakeable_instruments(void);

isolet_status client_after_deadline(void);
isolet_status client_complete_by_id(void);
isolet_status client_complete_by_token(void);
isolet_status client_describe(void);
isolet_status client_drive_workflow(void);
isolet_status client_execute_activity(void);
isolet_status client_execute_workflow(void);
isolet_status client_pass_on_failure(void);
isolet_status client_rpc(void);
isolet_status client_stop_activity(void);
isolet_status client_stop_workflow(void);
isolet_status client_tell_token(void);
isolet_status client_wait_forever(void);

isolet_status allocate(void);
isolet_status clock_ms(void);
isolet_status cpu_ms(void);
isolet_status environment(void);
isolet_status random_text(void);
isolet_status read_file(void);
isolet_status sleep_ms(void);
isolet_status spin(void);

/* Bytes as a list of numbers. */
yyjson_mut_val *numbers(isolet_bytes bytes);

/* The names of reasons, in the order of the contract; `none` without details. */
const char *reasons(bool has_details, uint32_t bits);

#endif
