//! What a tenant that wants ten times its memory comes to, and what its host holds meanwhile.

use std::time::Duration;

use anyhow::Context as _;
use futures_util::future::try_join_all;
use temporalio_common::protos::temporal::api::activity::v1::activity_execution_outcome::Value;

use crate::{
    end_to_end::{dev_server::DevServer, load},
    progress,
    report::{Limit, Section},
    sandboxes,
    settings::Settings,
    tenants_host::{Host, Worker},
};

/// The worker's memory budget, in MiB.
const BUDGET: u32 = 1024;
/// What each attempt may have of its own, in MiB; it takes all there is.
const EACH: u32 = 128;
/// Attempts under way that want it, ten times the budget together.
const ATTEMPTS: u32 = 10 * BUDGET / EACH;
/// What the host may hold beyond the budget, in MiB.
const BESIDE: f64 = 256.0;
/// How often its memory is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// Lets attempts take all memory that they get.
///
/// # Errors
/// When the server or the worker does not run.
pub(crate) async fn measure(server: &DevServer, settings: &Settings, section: &mut Section) -> anyhow::Result<()> {
    let host = Host::new(server, settings, &format!("engine.memory-budget = \"{BUDGET}MiB\""))?;
    let component = sandboxes::component(settings, "hostile")?;
    let limits = [format!("max-concurrent = {ATTEMPTS}"), format!("limits.memory = \"{EACH}MiB\"")];
    host.add_with("greedy", &component, limits.each_ref().map(String::as_str))?;
    let (worker, _) = host.start().await?;
    let mut peak = 0.0_f64;
    let typed = tokio::select! {
        typed = try_join_all((0..ATTEMPTS).map(|_| is_refused(server))) => typed?,
        () = watch(&worker, &mut peak) => return Ok(()),
    };
    let typed = typed.into_iter().filter(|is_typed| *is_typed).count();
    section.method.push(format!(
        "A tenant with {ATTEMPTS} attempts under way that each take all memory they get, up to {EACH} MiB, beside a memory \
         budget of {BUDGET} MiB: resident memory of the worker and its processes, looked at every {LOOK:?}.",
    ));
    progress::say(format!("  {typed} of {ATTEMPTS} greedy attempts failed as such, {peak:.0} MiB at most"));
    section.target(
        "greedy attempts that failed as SandboxMemoryLimit, of all",
        Limit::AtLeast(1.0, " ×"),
        f64::from(u32::try_from(typed)?) / f64::from(ATTEMPTS),
    );
    let most = f64::from(BUDGET) + BESIDE;
    section.target("resident memory beside greedy attempts", Limit::AtMost(most, " MiB"), peak);
    Ok(())
}

/// Whether an attempt that takes all memory fails as it should.
async fn is_refused(server: &DevServer) -> anyhow::Result<bool> {
    let start = load::start_request("greedy", "memory_bomb", Vec::new())?;
    let outcome = load::run(&mut server.service.clone(), start).await?.context("an attempt has no outcome")?;
    let Value::Failure(failure) = outcome else { return Ok(false) };
    Ok(format!("{failure:?}").contains("SandboxMemoryLimit"))
}

/// Keeps the most memory that the worker ever held, in MiB.
async fn watch(worker: &Worker, peak: &mut f64) {
    loop {
        // A process may end in between.
        let bytes = worker.memory().unwrap_or_default();
        #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
        let mebibytes = (bytes >> 10) as f64 / 1024.0;
        *peak = peak.max(mebibytes);
        tokio::time::sleep(LOOK).await;
    }
}
