//! Metrics in native tests: every value is kept.

use std::cell::RefCell;
use std::rc::Rc;

use super::{Backend, State};
use crate::metrics::{AttributeValue, MeasuredValue, MetricError, NewInstrument};

/// One value that an activity recorded.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Measurement {
    /// The metric's name.
    pub name: String,
    /// What it measures, for people.
    pub description: Option<String>,
    /// Its unit.
    pub unit: Option<String>,
    /// The value.
    pub value: MeasuredValue,
    /// The activity's own attributes.
    pub attributes: Vec<(String, AttributeValue)>,
}

/// An instrument of a native test.
#[derive(Debug)]
pub(crate) struct Handle {
    state: Rc<RefCell<State>>,
    instrument: NewInstrument,
}

impl Backend {
    /// Fails only where every host would: without a name.
    pub(crate) fn instrument(&self, instrument: NewInstrument) -> Result<Handle, MetricError> {
        if instrument.name.is_empty() {
            return Err(MetricError::Invalid("a metric needs a name".to_owned()));
        }
        Ok(Handle { state: Rc::clone(&self.state), instrument })
    }
}

impl Handle {
    pub(crate) fn record(&self, value: MeasuredValue, attributes: Vec<(String, AttributeValue)>) {
        let NewInstrument { kind: _, name, description, unit } = self.instrument.clone();
        self.state.borrow_mut().measurements.push(Measurement { name, description, unit, value, attributes });
    }
}
