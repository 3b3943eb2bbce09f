//! An observer that measures, and passes on what it hears.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use activity::{About, Meter, Observation, Observer};

use crate::{
    Labels, TenantSeries,
    attempts::{AttemptMetrics, kill_label},
    guest::GuestMetrics,
};

/// Measures the attempts of one task queue.
pub struct MeasuringObserver {
    meter: Arc<dyn Meter>,
    max_series: usize,
    tenant: Arc<TenantSeries>,
    /// Whose task queue it is; the component is filled in for each.
    queue: Labels,
    components: Mutex<HashMap<String, ComponentMetrics>>,
    next: Arc<dyn Observer>,
}

struct ComponentMetrics {
    attempts: AttemptMetrics,
    guests: GuestMetrics,
}

impl MeasuringObserver {
    /// One that measures on `meter` before it passes on to `next`. Guests of one component may have `max_series` series, of
    /// those that their tenant may have.
    pub fn new(
        meter: Arc<dyn Meter>,
        (max_series, tenant): (usize, Arc<TenantSeries>),
        queue: Labels,
        next: Arc<dyn Observer>,
    ) -> Self {
        Self { meter, max_series, tenant, queue, components: Mutex::default(), next }
    }

    fn measure(&self, about: About<'_>, observation: &Observation<'_>) {
        let info = about.info;
        // The component's new version has the same name, and its metrics go on.
        let component = about.component.map_or("", |component| component.name.as_str());
        let mut components = self.components();
        let ComponentMetrics { attempts, guests } = match components.get_mut(component) {
            Some(known) => known,
            None => components.entry(component.to_owned()).or_insert_with(|| self.component(component)),
        };
        match observation {
            Observation::Started => attempts.started(&info.task_token),
            Observation::Measured(measurements) => {
                measurements.iter().for_each(|measurement| guests.record(info, measurement));
            }
            Observation::LogLinesDropped(count) => attempts.log_lines_dropped(*count),
            Observation::Finished { reported, .. } if component.is_empty() => attempts.count(reported),
            Observation::Finished { reported, killed, stopped, usage } => {
                let killed = killed.map(|reason| kill_label(reason, *stopped));
                attempts.finished(&info.task_token, reported, killed, *usage);
            }
            Observation::Logged(_) | Observation::Heartbeat(_) | Observation::HeartbeatFailed(_) => {}
        }
    }

    fn component(&self, name: &str) -> ComponentMetrics {
        let labels = Labels { component: name.to_owned(), ..self.queue.clone() };
        ComponentMetrics {
            attempts: AttemptMetrics::new(Arc::clone(&self.meter), labels.clone()),
            guests: GuestMetrics::new(Arc::clone(&self.meter), labels, self.max_series, Arc::clone(&self.tenant)),
        }
    }

    fn components(&self) -> MutexGuard<'_, HashMap<String, ComponentMetrics>> {
        // At worst a panic elsewhere has left one value unrecorded.
        self.components.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for MeasuringObserver {
    fn observe(&self, about: About<'_>, observation: Observation<'_>) {
        if !matches!(observation, Observation::Logged(_)) {
            self.measure(about, &observation);
        }
        self.next.observe(about, observation);
    }
}
