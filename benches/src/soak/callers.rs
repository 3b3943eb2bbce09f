//! Who calls what in the meantime.

use std::time::{Duration, Instant};

use futures_util::future::try_join_all;
use temporalio_common::protos::temporal::api::activity::v1::activity_execution_outcome::Value;

use super::GOOD;
use crate::{
    end_to_end::load::{self, Service},
    tenants_host::Host,
};

/// The hostile tenant's task queue.
pub(super) const EVIL: &str = "soak-evil";

/// What the hostile guest does, with which argument, in turns. A flood's second one is its time in milliseconds.
const ATTACKS: [(&str, &[&str]); 16] = [
    ("spin", &[]),
    ("memory_bomb", &[]),
    ("deep_recursion", &[]),
    ("resource_flood", &[]),
    ("unreachable", &[]),
    ("exit", &[]),
    ("never_woken", &[]),
    ("huge_result", &["8"]),
    ("huge_heartbeat", &["8"]),
    ("endless_instruments", &[]),
    ("flood", &["\"lines\"", "300"]),
    ("flood", &["\"heartbeats\"", "300"]),
    ("flood", &["\"metrics\"", "300"]),
    ("flood", &["\"client-calls\"", "300"]),
    ("stdout_flood", &["5000"]),
    ("heartbeat_flood", &["5000"]),
];

/// How long callers rest between two calls, so that whatever else there is has its time too.
const REST: Duration = Duration::from_millis(100);
/// How long a tenant stays that comes and goes, at most.
const STAY: Duration = Duration::from_secs(10);

/// What was called, and how often.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Called {
    pub(super) good: u64,
    pub(super) evil: u64,
    pub(super) guests: u64,
}

pub(super) struct Callers {
    service: Service,
    begun: Instant,
    time: Duration,
}

/// A good tenant's task queue.
pub(super) fn good(number: u32) -> String {
    format!("soak-good-{number}")
}

fn guest(number: u64) -> String {
    format!("soak-guest-{number}")
}

impl Callers {
    pub(super) fn new(service: &Service, time: Duration) -> Self {
        Self { service: service.clone(), begun: Instant::now(), time }
    }

    fn is_over(&self) -> bool {
        self.begun.elapsed() >= self.time
    }

    /// Calls until the time is over.
    ///
    /// # Errors
    /// When an activity of a good tenant ends otherwise than it should, or one of the hostile tenant does not end.
    pub(super) async fn run(&self) -> anyhow::Result<Called> {
        let good = try_join_all((0..GOOD).map(|number| self.call(good(number))));
        let (good, evil) = tokio::try_join!(good, self.attack())?;
        let guests = self.time.as_secs() / self.stay().as_secs().max(1);
        Ok(Called { good: good.iter().sum(), evil, guests })
    }

    async fn call(&self, queue: String) -> anyhow::Result<u64> {
        let (mut service, mut count) = (self.service.clone(), 0);
        while !self.is_over() {
            load::call(&mut service, &queue).await?;
            count += 1;
            tokio::time::sleep(REST).await;
        }
        Ok(count)
    }

    async fn attack(&self) -> anyhow::Result<u64> {
        let (mut service, mut count) = (self.service.clone(), 0);
        for (activity, arguments) in ATTACKS.iter().cycle() {
            if self.is_over() {
                break;
            }
            let input = arguments.iter().map(|argument| load::json(argument)).collect();
            let mut start = load::start_request(EVIL, activity, input)?;
            start.start_to_close_timeout = Some(Duration::from_secs(2).try_into()?);
            let outcome = load::run(&mut service, start).await?;
            anyhow::ensure!(
                matches!(outcome, Some(Value::Result(_) | Value::Failure(_))),
                "{activity} ended with {outcome:?}"
            );
            count += 1;
            tokio::time::sleep(REST).await;
        }
        Ok(count)
    }

    fn stay(&self) -> Duration {
        STAY.min(self.time / 10)
    }

    /// Adds a tenant, calls it, and removes it again, one after the other.
    ///
    /// # Errors
    /// When files can't be written, or a call does not come to its result.
    pub(super) async fn come_and_go(&self, host: &Host) -> anyhow::Result<()> {
        let mut service = self.service.clone();
        for number in 0.. {
            if self.is_over() {
                break;
            }
            let (name, begun) = (guest(number), Instant::now());
            host.add(&name)?;
            load::call(&mut service, &name).await?;
            tokio::time::sleep(self.stay().saturating_sub(begun.elapsed())).await;
            host.remove(&name)?;
        }
        Ok(())
    }
}
