//! Why a guest did not return: by what wasmtime says, by what its limits say, and by what it said itself.
//!
//! The texts reach the caller of the activity. They name limits and what the guest did, and nothing of the host.

use std::{collections::HashSet, error::Error, sync::Arc};

use activity::{KillReason, SandboxFailure, SandboxFailureKind, shown};
use capabilities::{Fault, Outlet, Policy};
use wasmtime::{FrameInfo, PoolConcurrencyLimitError, Trap, WasmBacktrace};

use crate::{
    config::BACKTRACE_FRAMES,
    limiter::Denied,
    meter::{Meter, Stop},
    stack::stack_trace,
    text::{Bytes, reason},
};

/// How a guest came to an end without returning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stopped {
    /// It was killed.
    Killed(KillReason),
    /// It failed.
    Failed(SandboxFailure),
    /// What it exports has other types than it should: these.
    OtherTypes(String),
}

/// What is needed to tell why a guest did not return.
pub(crate) struct Verdict {
    pub(crate) policy: Arc<Policy>,
    pub(crate) outlet: Arc<Outlet>,
    pub(crate) meter: Arc<Meter>,
    /// Whether it is called with values and returns some, which count with what it passes to the host.
    pub(crate) returns_values: bool,
}

/// An access beyond this is one to a stack that has grown below zero.
const WRAPPED_STACK: u64 = (1 << 32) - (1 << 20);

/// How Go's runtime ends a program whose stack, which it keeps itself, is used up.
const GO_STACK_OVERFLOW: &str = "fatal error: stack overflow";

/// How Go's `os.Exit` tells its code, which the exit of WASI does not pass on; a parenthesis follows it.
const GO_EXIT: &str = "fatal error: os.Exit(";

/// How many functions a recursion may consist of to be seen as one.
const RECURSING_FUNCTIONS: usize = 4;

/// How wasmtime says where an access to memory failed: its type for that is its own.
const MEMORY_FAULT: &str = "memory fault at wasm address 0x";

/// More than that takes.
const LONGEST_FAULT: usize = 128;

impl Verdict {
    /// Why the call that returned `error` failed. `denied` is what the limiter last refused.
    pub(crate) fn classify(&self, error: &wasmtime::Error, denied: Option<Denied>) -> Stopped {
        let trap = error.downcast_ref::<Trap>().copied();
        if trap == Some(Trap::Interrupt) {
            return match self.meter.stop() {
                Some(Stop::Killed(reason)) => Stopped::Killed(reason),
                Some(Stop::CpuLimit) | None => self.cpu_limit(),
            };
        }
        let fault = Fault::find(error);
        let failure = if let Some(fault) = fault.filter(|fault| denied.is_none() || !matches!(fault, Fault::Exited(_)))
        {
            self.fault(fault)
        } else if let Some(denied) = denied {
            // A guest that gets no memory usually aborts, in its language's own way.
            self.denied(denied)
        } else if let Some(trap) = trap {
            self.trap(trap, error)
        } else if error.is::<PoolConcurrencyLimitError>() {
            let text =
                "every sandbox of the worker is in use: let it run fewer attempts at once, or give it more slots";
            self.because(SandboxFailureKind::Load, text.to_owned())
        } else {
            let reason = reason(error);
            self.because(SandboxFailureKind::Trap, format!("the guest broke the contract: {reason}"))
        };
        Stopped::Failed(SandboxFailure { stack_trace: stack_trace(error), ..failure })
    }

    /// A failure that has nothing to do with the guest's code.
    pub(crate) fn failure(&self, kind: SandboxFailureKind, message: String) -> Stopped {
        Stopped::Failed(self.because(kind, message))
    }

    /// Refuses what the guest returned, being `what` of `size` bytes, if that is too large.
    ///
    /// # Errors
    /// When it is.
    pub(crate) fn check_result(&self, what: &str, size: usize) -> Result<(), Stopped> {
        let limit = self.policy.limits.result;
        if size <= limit {
            return Ok(());
        }
        let text = format!(
            "the {what} has {} and its limit is {}: return less, or raise `limits.result`",
            Bytes(size as u64),
            Bytes(limit as u64)
        );
        Err(self.failure(SandboxFailureKind::OutputLimit, text))
    }

    /// Refuses what the guest returned, which was not encoded to its end, because it is too large.
    pub(crate) fn too_large(&self) -> Stopped {
        let limit = Bytes(self.policy.limits.result as u64);
        let text = format!(
            "what the guest returned has more than its limit of {limit}: return less, or raise `limits.result`"
        );
        self.failure(SandboxFailureKind::OutputLimit, text)
    }

    fn cpu_limit(&self) -> Stopped {
        let limit = self.policy.limits.cpu_time.unwrap_or_default();
        let text = format!("the guest used more processor time than its limit of {limit:?}: raise `limits.cpu-time`");
        self.failure(SandboxFailureKind::CpuLimit, text)
    }

    fn denied(&self, denied: Denied) -> SandboxFailure {
        let limits = &self.policy.limits;
        let text = match denied {
            Denied::Memory => {
                let limit = Bytes(limits.memory);
                format!("the guest asked for more memory than its limit of {limit}: raise `limits.memory`")
            }
            Denied::Table => {
                let limit = limits.table_elements;
                format!(
                    "the guest asked for more table elements than its limit of {limit}: raise `limits.table-elements`"
                )
            }
        };
        self.because(SandboxFailureKind::MemoryLimit, text)
    }

    fn fault(&self, fault: Fault) -> SandboxFailure {
        let limits = &self.policy.limits;
        let output = |text| self.because(SandboxFailureKind::OutputLimit, text);
        match fault {
            Fault::HeartbeatTooLarge { size } => output(format!(
                "the details of a heartbeat have {} and their limit is {}: record less, or raise `limits.heartbeat`",
                Bytes(size as u64),
                Bytes(limits.heartbeat as u64)
            )),
            Fault::TooManyResources => output(format!(
                "the guest holds more resources than its limit of {}: drop some, or raise `limits.resources`",
                limits.resources
            )),
            Fault::RandomTooLarge => output(format!(
                "the guest asked for more random bytes at once than its limit of {}: raise `limits.random`",
                Bytes(limits.random)
            )),
            Fault::BufferTooLarge if self.returns_values => output(format!(
                "the guest returned values that take more of the host's memory than its limit of {}, or passed as much to \
                 the host at once: return less, or raise `limits.values` and `limits.result`",
                Bytes(limits.values as u64)
            )),
            Fault::BufferTooLarge => output(format!(
                "the guest passed more data to the host at once than its limit of {}: pass less, or raise \
                 `limits.host-buffer`",
                Bytes(limits.host_buffer as u64)
            )),
            Fault::HeadersTooLarge => output(format!(
                "the guest made HTTP headers with more than their limit of {}: send less, or raise \
                 `limits.http-headers`",
                Bytes(limits.http.headers as u64)
            )),
            Fault::NoAttempt => {
                let text = "the guest did outside of an activity what only an attempt can do: there is no attempt";
                self.because(SandboxFailureKind::Trap, text.to_owned())
            }
            Fault::WorkflowOnly => {
                let text = "the guest called what only the code of a workflow may: there is no workflow in an activity";
                self.because(SandboxFailureKind::Trap, text.to_owned())
            }
            Fault::Exited(code) => self.exit(code),
        }
    }

    /// An exit: a language's runtime that ends the program says why on standard error.
    fn exit(&self, code: i32) -> SandboxFailure {
        let said = self.outlet.panic_message();
        let told = |said: &String| said.strip_prefix(GO_EXIT)?.strip_suffix(')')?.parse::<i32>().ok();
        if let Some(code) = said.as_ref().and_then(told) {
            return self.because(SandboxFailureKind::Trap, format!("the guest exited with code {code}"));
        }
        let kind = match &said {
            Some(said) if said.starts_with(GO_STACK_OVERFLOW) => SandboxFailureKind::StackOverflow,
            _ => SandboxFailureKind::Trap,
        };
        let said = said.map(|said| format!(": {said}")).unwrap_or_default();
        self.because(kind, format!("the guest exited with code {code}{said}"))
    }

    fn trap(&self, trap: Trap, error: &wasmtime::Error) -> SandboxFailure {
        if trap == Trap::StackOverflow || (trap == Trap::MemoryOutOfBounds && is_wrapped_stack(error)) {
            let text = "the guest's stack is used up: recurse less deeply, or build the guest with a larger stack";
            return self.because(SandboxFailureKind::StackOverflow, text.to_owned());
        }
        if let Some(panic) = self.outlet.panic_message() {
            return self.because(SandboxFailureKind::Trap, format!("the guest panicked: {panic}"));
        }
        let reason = trap.to_string();
        let reason = reason.strip_prefix("wasm trap: ").unwrap_or(&reason);
        self.because(SandboxFailureKind::Trap, format!("the guest trapped: {reason}"))
    }

    fn because(&self, kind: SandboxFailureKind, message: String) -> SandboxFailure {
        let failure = SandboxFailure::new(kind, message);
        let retryable = self.policy.limits.retryable.get(&kind).copied().unwrap_or(failure.retryable);
        SandboxFailure { retryable, ..failure }
    }
}

/// Whether an access out of bounds is one to a stack that is used up.
///
/// Compiled code of Rust and C keeps its addressable values on a stack of its own, at the low end of memory and growing
/// down. Used up, it goes on below zero, which is the top of the address space. The address is not known for accesses to
/// many bytes at once; there, a backtrace that is nothing but a recursion tells.
fn is_wrapped_stack(error: &wasmtime::Error) -> bool {
    if let Some(address) = fault_address(error) {
        return WRAPPED_STACK <= address;
    }
    error.downcast_ref::<WasmBacktrace>().is_some_and(|backtrace| {
        let frames = backtrace.frames();
        let functions: HashSet<_> = frames.iter().map(FrameInfo::func_index).collect();
        BACKTRACE_FRAMES.get() <= frames.len() && functions.len() <= RECURSING_FUNCTIONS
    })
}

/// Where an access to memory failed: what stands between the trap and the backtrace, if anything does. The backtrace
/// itself is never taken for it.
fn fault_address(error: &wasmtime::Error) -> Option<u64> {
    let causes: Vec<&dyn Error> = error.chain().collect();
    let backtraces = usize::from(error.is::<WasmBacktrace>());
    let fault = causes.iter().skip(backtraces).rev().nth(1)?;
    let text = shown::bounded(fault, LONGEST_FAULT);
    let address = text.strip_prefix(MEMORY_FAULT)?.split(' ').next()?;
    u64::from_str_radix(address, 16).ok()
}
