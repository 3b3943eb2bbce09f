//! What counts of what a guest says: its bytes, and its elements.

use activity::{ELEMENT_COST, Failure, FailureKind, Payload, Priority, RetryPolicy, WorkflowExecution};

/// Elements (payloads, entries of metadata, failures of a chain) that count nothing by themselves: no activity that
/// means well has more. Each further one counts [`ELEMENT_COST`].
const FREE_ELEMENTS: usize = 256;

/// The size of what a guest says, added up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Size {
    bytes: usize,
    elements: usize,
}

impl Size {
    /// That of payloads.
    pub(crate) fn of_payloads<'a>(payloads: impl IntoIterator<Item = &'a Payload>) -> usize {
        let mut size = Self::default();
        size.add_payloads(payloads);
        size.total()
    }

    /// That of a failure and its causes: every text and payload.
    pub(crate) fn of_failure(failure: &Failure) -> usize {
        let mut size = Self::default();
        size.add_failure(failure);
        size.total()
    }

    /// What counts towards a limit.
    pub(crate) fn total(self) -> usize {
        self.bytes.saturating_add(ELEMENT_COST.saturating_mul(self.elements.saturating_sub(FREE_ELEMENTS)))
    }

    /// Adds an element with these texts.
    pub(crate) fn add_texts(&mut self, texts: &[&str]) {
        self.elements += 1;
        self.bytes += texts.iter().map(|text| text.len()).sum::<usize>();
    }

    /// Adds an encoded message.
    pub(crate) fn add_message(&mut self, bytes: usize, elements: usize) {
        self.bytes += bytes;
        self.elements = self.elements.saturating_add(elements);
    }

    pub(crate) fn add_payloads<'a>(&mut self, payloads: impl IntoIterator<Item = &'a Payload>) {
        for payload in payloads {
            self.elements += 1 + payload.metadata.len();
            self.bytes += payload.size();
        }
    }

    pub(crate) fn add_fields(&mut self, fields: &[(String, Payload)]) {
        for (name, value) in fields {
            self.add_texts(&[name]);
            self.add_payloads([value]);
        }
    }

    pub(crate) fn add_retry_policy(&mut self, policy: Option<&RetryPolicy>) {
        let types = policy.map(|policy| policy.non_retryable_error_types.as_slice()).unwrap_or_default();
        types.iter().for_each(|name| self.add_texts(&[name]));
    }

    pub(crate) fn add_priority(&mut self, priority: Option<&Priority>) {
        let key = priority.and_then(|priority| priority.fairness_key.as_deref());
        self.add_texts(&[key.unwrap_or_default()]);
    }

    pub(crate) fn add_failure(&mut self, failure: &Failure) {
        let mut next = Some(failure);
        while let Some(failure) = next {
            self.add_texts(&[&failure.message, &failure.stack_trace]);
            self.add_kind(&failure.kind);
            self.add_payloads(&failure.encoded_attributes);
            next = failure.cause.as_deref();
        }
    }

    fn add_kind(&mut self, kind: &FailureKind) {
        match kind {
            FailureKind::Application(fields) => {
                self.bytes += fields.failure_type.len();
                self.add_payloads(&fields.details);
            }
            FailureKind::Cancelled(details) => self.add_payloads(details),
            FailureKind::Timeout(fields) => self.add_payloads(&fields.last_heartbeat_details),
            FailureKind::Terminated | FailureKind::Server { .. } => {}
            FailureKind::Activity { activity_type, activity_id, identity } => {
                self.bytes += activity_type.len() + activity_id.len() + identity.len();
            }
            FailureKind::ChildWorkflow { workflow } => {
                let WorkflowExecution { namespace, workflow_id, run_id, workflow_type } = workflow;
                self.bytes += namespace.len() + workflow_id.len() + run_id.len() + workflow_type.len();
            }
            FailureKind::Other(name) => self.bytes += name.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_elements_count_by_their_bytes_alone() {
        let payload = Payload::encoded("x", vec![0; 91].into());
        assert_eq!(Size::of_payloads([&payload]), 100);
        assert_eq!(Size::of_payloads(&vec![payload.clone(); 128]), 12_800);
        let cause = Failure::application("abc", "");
        let failure = Failure {
            cause: Some(Box::new(cause)),
            encoded_attributes: Some(payload),
            ..Failure::application("", "d")
        };
        assert_eq!(Size::of_failure(&failure), 104);
    }

    #[test]
    fn many_empty_elements_count_what_the_host_holds_for_them() {
        let empty = vec![Payload::default(); 300_000];
        assert_eq!(Size::of_payloads(&empty), (300_000 - FREE_ELEMENTS) * ELEMENT_COST);
        let metadata = Payload { metadata: vec![(String::new(), bytes::Bytes::new()); 300_000], ..Payload::default() };
        assert!(Size::of_payloads([&metadata]) > 38_000_000);
        assert!(Size::of_failure(&Failure::new("", FailureKind::Cancelled(empty))) > 38_000_000);
    }
}
