//! Why a worker could not start, or had to stop.

/// Why a worker could not start, or had to stop. Each text names the thing and fits after "failed to"; what to do about
/// it is [`Error::cure`].
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// Temporal's environment configuration (profile file and variables) is not usable.
    #[error("read Temporal's environment configuration: {reason}")]
    Configuration {
        /// What is wrong.
        reason: String,
    },
    /// Nothing answers at the address.
    #[error("reach the Temporal server at {address}: {reason}")]
    Unreachable {
        /// Host and port.
        address: String,
        /// What happened.
        reason: String,
    },
    /// Server and worker do not agree on TLS.
    #[error("agree on TLS with the Temporal server at {address}: {reason}")]
    Tls {
        /// Host and port.
        address: String,
        /// What happened.
        reason: String,
    },
    /// The server does not let the worker in.
    #[error("authenticate with the Temporal server at {address}: {reason}")]
    Unauthenticated {
        /// Host and port.
        address: String,
        /// What the server said.
        reason: String,
    },
    /// The server answered with another error.
    #[error("use the Temporal server at {address}: it answered {code}: {reason}")]
    Server {
        /// Host and port.
        address: String,
        /// The gRPC status code.
        code: String,
        /// What the server said.
        reason: String,
    },
    /// The namespace does not exist.
    #[error("use namespace {namespace:?} of the Temporal server at {address}: there is none of that name")]
    NamespaceNotFound {
        /// The namespace.
        namespace: String,
        /// Host and port.
        address: String,
    },
    /// Another program has the port of the metrics.
    #[error("serve metrics at {address}: another program has the port")]
    MetricsPortInUse {
        /// The address.
        address: std::net::SocketAddr,
    },
    /// Metrics can't be exported as they should be.
    #[error("export metrics to {to}: {reason}")]
    MetricExporter {
        /// The address or URL.
        to: String,
        /// What is wrong.
        reason: String,
    },
    /// The worker's settings contradict each other or what the worker can do.
    #[error("start a worker on task queue {task_queue:?}: {reason}")]
    Settings {
        /// The task queue.
        task_queue: String,
        /// Which setting, and what it may be.
        reason: String,
    },
    /// The memory budget has no room for even one slot of the task queue.
    #[error(
        "reserve memory for task queue {task_queue:?}: one slot needs {slot} bytes and tenant {tenant:?} can have {left} bytes \
         of the memory budget of {budget} bytes"
    )]
    MemoryBudget {
        /// The task queue.
        task_queue: String,
        /// Whose it is.
        tenant: String,
        /// Bytes of one slot.
        slot: u64,
        /// Bytes that the tenant can have: what others are not guaranteed, and its own limit.
        left: u64,
        /// Bytes of the whole budget.
        budget: u64,
    },
    /// Temporal's core does not take the worker.
    #[error("start a worker on task queue {task_queue:?} of namespace {namespace:?}: {reason}")]
    Registration {
        /// The namespace.
        namespace: String,
        /// The task queue.
        task_queue: String,
        /// What core said.
        reason: String,
    },
    /// The server refused a poll for good, so the worker has stopped.
    #[error("go on polling task queue {task_queue:?} of namespace {namespace:?}: the server answered {code}: {reason}")]
    PollRefused {
        /// The namespace.
        namespace: String,
        /// The task queue.
        task_queue: String,
        /// The gRPC status code.
        code: String,
        /// What that means.
        refusal: Refusal,
        /// What the server said.
        reason: String,
    },
    /// The worker stopped, but not all of its attempts could be brought to an end.
    #[error(
        "stop the worker on task queue {task_queue:?} cleanly: {abandoned} of its attempts did not end in time and \
         were left to the server's timeouts"
    )]
    Abandoned {
        /// The task queue.
        task_queue: String,
        /// How many.
        abandoned: usize,
    },
}

/// What a server's refusal of polls means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The worker is not, or no longer, let in.
    NotAllowed,
    /// The namespace is gone.
    NoNamespace,
    /// It knows no polls: it is no Temporal server, or one of another time.
    NotTemporal,
    /// Something else.
    Other,
}

impl Error {
    /// What to do about it, where something can be done.
    pub fn cure(&self) -> Option<String> {
        const LET_IN: &str = "check TEMPORAL_API_KEY or the client certificate, and what they are allowed to do";
        const LOG: &str = "see the server's log";
        let cure = match self {
            Self::Configuration { .. } => "correct the profile file or the TEMPORAL_* variables",
            Self::Unreachable { .. } => {
                "start one with `temporal server start-dev`, or name another with TEMPORAL_ADDRESS"
            }
            Self::Tls { .. } => {
                "check TEMPORAL_TLS, TEMPORAL_TLS_SERVER_CA_CERT_PATH, TEMPORAL_TLS_SERVER_NAME and the client \
                 certificate"
            }
            Self::Unauthenticated { .. } => LET_IN,
            Self::Server { .. } => LOG,
            Self::NamespaceNotFound { namespace, .. } => {
                return Some(format!(
                    "create it with `temporal operator namespace create --namespace {namespace}`, or name another with \
                     TEMPORAL_NAMESPACE"
                ));
            }
            Self::MetricsPortInUse { .. } => "stop it, or name another port",
            Self::MemoryBudget { .. } => {
                "raise the budget or the tenant's limit on memory, lower what other tenants are guaranteed, or lower the memory limit \
                 of the queue's components"
            }
            Self::PollRefused { refusal, .. } => match refusal {
                Refusal::NotAllowed => LET_IN,
                Refusal::NoNamespace => "check that the namespace still exists",
                Refusal::NotTemporal => "check that the address is a Temporal server's, and its version",
                Refusal::Other => LOG,
            },
            Self::MetricExporter { .. }
            | Self::Settings { .. }
            | Self::Registration { .. }
            | Self::Abandoned { .. } => return None,
        };
        Some(cure.to_owned())
    }
}
