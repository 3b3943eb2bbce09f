//! Failures that have no name in Temporal: a guest that trapped, hit a limit or could not be run.

use std::fmt;

use crate::{ApplicationFailure, Failure, FailureKind};

/// What stopped the guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SandboxFailureKind {
    /// The guest trapped or broke the contract.
    Trap,
    /// The guest's stack was used up.
    StackOverflow,
    /// The guest asked for more memory or table space than its limit.
    MemoryLimit,
    /// The guest used more processor time than its limit.
    CpuLimit,
    /// The attempt was killed after its deadline and grace.
    Deadline,
    /// A result, heartbeat, host buffer or resource beyond its limit.
    OutputLimit,
    /// The guest used what it was not granted.
    Denied,
    /// The component could not be loaded or started.
    Load,
    /// The process that ran the attempt came to an end.
    Lost,
    /// An operator has blocked it.
    Blocked,
}

impl SandboxFailureKind {
    /// Every kind.
    pub const ALL: [Self; 10] = [
        Self::Trap,
        Self::StackOverflow,
        Self::MemoryLimit,
        Self::CpuLimit,
        Self::Deadline,
        Self::OutputLimit,
        Self::Denied,
        Self::Load,
        Self::Lost,
        Self::Blocked,
    ];

    /// The application failure type that is reported.
    pub fn failure_type(self) -> &'static str {
        match self {
            Self::Trap => "SandboxTrap",
            Self::StackOverflow => "SandboxStackOverflow",
            Self::MemoryLimit => "SandboxMemoryLimit",
            Self::CpuLimit => "SandboxCpuLimit",
            Self::Deadline => "SandboxDeadline",
            Self::OutputLimit => "SandboxOutputLimit",
            Self::Denied => "SandboxDenied",
            Self::Load => "SandboxLoad",
            Self::Lost => "SandboxLost",
            Self::Blocked => "SandboxBlocked",
        }
    }

    /// Whether it is retried unless configured otherwise: what would fail the same way again is not.
    pub fn is_retryable_by_default(self) -> bool {
        matches!(self, Self::Trap | Self::Deadline | Self::OutputLimit | Self::Load | Self::Lost | Self::Blocked)
    }
}

impl fmt::Display for SandboxFailureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.failure_type())
    }
}

/// Why a guest was stopped. The texts reach the caller of the activity, so they name nothing of the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SandboxFailure {
    /// What stopped it.
    pub kind: SandboxFailureKind,
    /// Which limit, its value and where to raise it; or what the guest did.
    pub message: String,
    /// The guest's own stack; empty when there is none.
    pub stack_trace: String,
    /// Whether the attempt is retried.
    pub retryable: bool,
}

impl SandboxFailure {
    /// A failure of `kind` with its default retryability.
    pub fn new(kind: SandboxFailureKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), stack_trace: String::new(), retryable: kind.is_retryable_by_default() }
    }
}

impl From<SandboxFailure> for Failure {
    fn from(failure: SandboxFailure) -> Self {
        let fields = ApplicationFailure {
            failure_type: failure.kind.failure_type().to_owned(),
            non_retryable: !failure.retryable,
            ..ApplicationFailure::default()
        };
        Self { stack_trace: failure.stack_trace, ..Self::new(failure.message, FailureKind::Application(fields)) }
    }
}
