//! What a component may do in a cell. What only the worker looks at stays with it: what is granted of Temporal's client
//! beyond that anything is, and how attempts are stopped.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use activity::{ClientGrant, DirectoryGrant, Grants, HttpLimits, Limits, MetricsGrant, SandboxFailureKind};

use super::{
    Broken,
    values::{Crosses, Span},
};

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Policy {
    #[prost(message, optional, tag = "1")]
    limits: Option<WireLimits>,
    #[prost(map = "string, string", tag = "2")]
    environment: std::collections::HashMap<String, String>,
    #[prost(message, repeated, tag = "3")]
    directories: Vec<Directory>,
    #[prost(bool, tag = "4")]
    client: bool,
    #[prost(bool, tag = "5")]
    metrics: bool,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct WireLimits {
    #[prost(uint64, tag = "1")]
    memory: u64,
    #[prost(uint64, tag = "2")]
    table_elements: u64,
    #[prost(message, optional, tag = "3")]
    cpu_time: Option<Span>,
    #[prost(uint64, tag = "4")]
    host_buffer: u64,
    #[prost(uint64, tag = "5")]
    resources: u64,
    #[prost(uint64, tag = "6")]
    result: u64,
    #[prost(uint64, tag = "7")]
    heartbeat: u64,
    #[prost(uint64, tag = "8")]
    log_line: u64,
    #[prost(uint32, tag = "9")]
    log_rate: u32,
    #[prost(uint64, tag = "10")]
    random: u64,
    #[prost(map = "uint32, bool", tag = "11")]
    retryable: std::collections::HashMap<u32, bool>,
    #[prost(uint64, tag = "12")]
    values: u64,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Directory {
    /// As the system writes it, which may be no text.
    #[prost(bytes = "vec", tag = "1")]
    host: Vec<u8>,
    #[prost(string, tag = "2")]
    guest: String,
    #[prost(bool, tag = "3")]
    writable: bool,
}

impl Policy {
    /// A policy as it is sent. HTTP requests are not among what a cell can do.
    pub(crate) fn new(policy: &activity::Policy) -> Self {
        use std::os::unix::ffi::OsStrExt as _;
        let Grants { environment, directories, client, http: _, metrics } = &policy.grants;
        let directory = |DirectoryGrant { host, guest, writable }: &DirectoryGrant| Directory {
            host: host.as_os_str().as_bytes().to_vec(),
            guest: guest.clone(),
            writable: *writable,
        };
        Self {
            limits: Some(policy.limits.clone().send()),
            environment: environment.clone().into_iter().collect(),
            directories: directories.iter().map(directory).collect(),
            client: client.is_some(),
            metrics: *metrics == MetricsGrant::Granted,
        }
    }

    /// The policy as it arrives.
    ///
    /// # Errors
    /// When it makes no sense.
    pub(crate) fn receive(self) -> Result<activity::Policy, Broken> {
        use std::os::unix::ffi::OsStringExt as _;
        let directory = |Directory { host, guest, writable }| DirectoryGrant {
            host: std::ffi::OsString::from_vec(host).into(),
            guest,
            writable,
        };
        let grants = Grants {
            environment: self.environment.into_iter().collect(),
            directories: self.directories.into_iter().map(directory).collect(),
            client: self.client.then(|| Arc::new(ClientGrant::default())),
            http: Vec::new(),
            metrics: if self.metrics { MetricsGrant::Granted } else { MetricsGrant::Refused },
        };
        let limits = Limits::required(self.limits, "limits")?;
        Ok(activity::Policy { limits, grants, ..activity::Policy::default() })
    }
}

impl Crosses for Limits {
    type Message = WireLimits;

    fn send(self) -> WireLimits {
        WireLimits {
            memory: self.memory,
            table_elements: self.table_elements,
            cpu_time: self.cpu_time.map(Duration::send),
            host_buffer: self.host_buffer as u64,
            resources: self.resources as u64,
            result: self.result as u64,
            heartbeat: self.heartbeat as u64,
            log_line: self.log_line as u64,
            log_rate: self.log_rate,
            random: self.random,
            values: self.values as u64,
            retryable: self.retryable.into_iter().map(|(kind, retryable)| (kind.send(), retryable)).collect(),
        }
    }

    fn receive(message: WireLimits) -> Result<Self, Broken> {
        let size = |size: u64| usize::try_from(size).map_err(|_| Broken("limit"));
        let kind = |(kind, retryable)| Ok((SandboxFailureKind::receive(kind)?, retryable));
        Ok(Self {
            memory: message.memory,
            table_elements: message.table_elements,
            cpu_time: Duration::optional(message.cpu_time)?,
            host_buffer: size(message.host_buffer)?,
            resources: size(message.resources)?,
            result: size(message.result)?,
            heartbeat: size(message.heartbeat)?,
            log_line: size(message.log_line)?,
            log_rate: message.log_rate,
            random: message.random,
            values: size(message.values)?,
            http: HttpLimits::default(),
            retryable: message.retryable.into_iter().map(kind).collect::<Result<BTreeMap<_, _>, Broken>>()?,
        })
    }
}
