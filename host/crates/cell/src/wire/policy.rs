//! What a component may do in a cell. What only the worker looks at stays with it: what is granted of Temporal's client
//! beyond that anything is, and how attempts are stopped.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use activity::{
    ClientGrant, DirectoryGrant, Grants, HeldSecret, HttpGrant, HttpLimits, IdentityGrant, Limits, MetricsGrant,
    PathPrefix, SandboxFailureKind, Secret, SharedLimits,
};
use egress::WireOrigin;

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
    #[prost(message, repeated, tag = "6")]
    http: Vec<WireHttpGrant>,
    #[prost(message, repeated, tag = "7")]
    secrets: Vec<WireSecret>,
    #[prost(message, optional, tag = "8")]
    identity: Option<WireIdentityGrant>,
    #[prost(uint64, optional, tag = "9")]
    scratch: Option<u64>,
    #[prost(message, optional, tag = "10")]
    tenant: Option<WireSharedLimits>,
}

#[derive(Clone, Copy, PartialEq, prost::Message)]
pub(crate) struct WireSharedLimits {
    #[prost(uint64, tag = "1")]
    requests: u64,
    #[prost(uint64, tag = "2")]
    egress: u64,
    #[prost(uint64, tag = "3")]
    ingress: u64,
    #[prost(bool, tag = "4")]
    is_counted: bool,
    #[prost(uint64, tag = "5")]
    disk: u64,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct WireIdentityGrant {
    #[prost(string, repeated, tag = "1")]
    audiences: Vec<String>,
    #[prost(message, optional, tag = "2")]
    ttl: Option<Span>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct WireHttpGrant {
    #[prost(message, optional, tag = "1")]
    servers: Option<WireOrigin>,
    /// The segments of the path, without encoding.
    #[prost(string, repeated, tag = "2")]
    path: Vec<String>,
    #[prost(string, repeated, tag = "3")]
    methods: Vec<String>,
    #[prost(string, optional, tag = "4")]
    idempotency_header: Option<String>,
    #[prost(bool, tag = "5")]
    is_counted: bool,
    #[prost(bool, tag = "6")]
    trace_context: bool,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct WireSecret {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "2")]
    value: String,
    #[prost(message, repeated, tag = "3")]
    servers: Vec<WireOrigin>,
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
    #[prost(message, optional, tag = "13")]
    http: Option<WireHttpLimits>,
    #[prost(bool, tag = "14")]
    is_counted: bool,
    #[prost(uint64, tag = "15")]
    disk: u64,
}

#[derive(Clone, Copy, PartialEq, prost::Message)]
pub(crate) struct WireHttpLimits {
    #[prost(uint64, tag = "1")]
    requests: u64,
    #[prost(uint64, tag = "2")]
    headers: u64,
    #[prost(uint64, tag = "3")]
    request_body: u64,
    #[prost(uint64, tag = "4")]
    response_body: u64,
    #[prost(message, optional, tag = "5")]
    connect_timeout: Option<Span>,
    #[prost(message, optional, tag = "6")]
    response_timeout: Option<Span>,
    #[prost(message, optional, tag = "7")]
    read_timeout: Option<Span>,
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
    /// A policy as it is sent.
    pub(crate) fn new(policy: &activity::Policy) -> Self {
        use std::os::unix::ffi::OsStrExt as _;
        let Grants { environment, directories, scratch, client, http, secrets, identity, metrics } = &policy.grants;
        let directory = |DirectoryGrant { host, guest, writable }: &DirectoryGrant| Directory {
            host: host.as_os_str().as_bytes().to_vec(),
            guest: guest.clone(),
            writable: *writable,
        };
        Self {
            limits: Some(policy.limits.clone().send()),
            environment: environment.clone().into_iter().collect(),
            directories: directories.iter().map(directory).collect(),
            scratch: *scratch,
            tenant: Some(policy.tenant.send()),
            client: client.is_some(),
            metrics: *metrics == MetricsGrant::Granted,
            http: http.iter().cloned().map(HttpGrant::send).collect(),
            secrets: secrets.iter().map(WireSecret::new).collect(),
            identity: identity.clone().map(IdentityGrant::send),
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
        let http = self.http.into_iter().map(HttpGrant::receive).collect::<Result<_, _>>()?;
        let grants = Grants {
            environment: self.environment.into_iter().collect(),
            directories: self.directories.into_iter().map(directory).collect(),
            scratch: self.scratch,
            client: self.client.then(|| Arc::new(ClientGrant::default())),
            http,
            secrets: self.secrets.into_iter().map(WireSecret::receive).collect::<Result<_, _>>()?,
            identity: IdentityGrant::optional(self.identity)?,
            metrics: if self.metrics { MetricsGrant::Granted } else { MetricsGrant::Refused },
        };
        let limits = Limits::required(self.limits, "limits")?;
        let tenant = SharedLimits::required(self.tenant, "limits of the tenant")?;
        Ok(activity::Policy { limits, grants, tenant, ..activity::Policy::default() })
    }
}

impl WireSecret {
    fn new((name, held): (&String, &HeldSecret)) -> Self {
        let servers = held.servers.iter().map(WireOrigin::new).collect();
        Self { name: name.clone(), value: held.value.reveal().to_owned(), servers }
    }

    fn receive(self) -> Result<(String, HeldSecret), Broken> {
        let servers = self.servers.into_iter().map(WireOrigin::origin).collect::<Result<_, _>>();
        let servers = servers.map_err(|_| Broken("origin"))?;
        Ok((self.name, HeldSecret { value: Secret::new(self.value), servers }))
    }
}

impl Crosses for IdentityGrant {
    type Message = WireIdentityGrant;

    fn send(self) -> WireIdentityGrant {
        WireIdentityGrant { audiences: self.audiences, ttl: Some(self.ttl.send()) }
    }

    fn receive(message: WireIdentityGrant) -> Result<Self, Broken> {
        Ok(Self { audiences: message.audiences, ttl: Duration::required(message.ttl, "lifetime of tokens")? })
    }
}

impl Crosses for HttpGrant {
    type Message = WireHttpGrant;

    fn send(self) -> WireHttpGrant {
        let Self { servers, path, methods, idempotency_header, trace_context, is_counted } = self;
        let (servers, path) = (Some(WireOrigin::new(&servers)), path.segments().to_vec());
        WireHttpGrant { servers, path, methods, idempotency_header, is_counted, trace_context }
    }

    fn receive(message: WireHttpGrant) -> Result<Self, Broken> {
        let WireHttpGrant { servers, path, methods, idempotency_header, is_counted, trace_context } = message;
        let servers = servers.ok_or(Broken("origin"))?.origin().map_err(|_| Broken("origin"))?;
        let path = PathPrefix::of_segments(path);
        Ok(Self { servers, path, methods, idempotency_header, trace_context, is_counted })
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
            disk: self.disk,
            values: self.values as u64,
            http: Some(self.http.send()),
            is_counted: self.is_counted,
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
            disk: message.disk,
            values: size(message.values)?,
            http: HttpLimits::required(message.http, "limit of HTTP requests")?,
            is_counted: message.is_counted,
            retryable: message.retryable.into_iter().map(kind).collect::<Result<BTreeMap<_, _>, Broken>>()?,
        })
    }
}

impl Crosses for SharedLimits {
    type Message = WireSharedLimits;

    fn send(self) -> WireSharedLimits {
        let Self { requests, egress, ingress, disk, is_counted } = self;
        WireSharedLimits { requests: requests as u64, egress, ingress, disk, is_counted }
    }

    fn receive(message: WireSharedLimits) -> Result<Self, Broken> {
        let WireSharedLimits { requests, egress, ingress, disk, is_counted } = message;
        let requests = usize::try_from(requests).map_err(|_| Broken("limit"))?;
        Ok(Self { requests, egress, ingress, disk, is_counted })
    }
}

impl Crosses for HttpLimits {
    type Message = WireHttpLimits;

    fn send(self) -> WireHttpLimits {
        WireHttpLimits {
            requests: self.requests as u64,
            headers: self.headers as u64,
            request_body: self.request_body,
            response_body: self.response_body,
            connect_timeout: Some(self.connect_timeout.send()),
            response_timeout: Some(self.response_timeout.send()),
            read_timeout: Some(self.read_timeout.send()),
        }
    }

    fn receive(message: WireHttpLimits) -> Result<Self, Broken> {
        let size = |size: u64| usize::try_from(size).map_err(|_| Broken("limit"));
        Ok(Self {
            requests: size(message.requests)?,
            headers: size(message.headers)?,
            request_body: message.request_body,
            response_body: message.response_body,
            connect_timeout: Duration::required(message.connect_timeout, "timeout")?,
            response_timeout: Duration::required(message.response_timeout, "timeout")?,
            read_timeout: Duration::required(message.read_timeout, "timeout")?,
        })
    }
}
