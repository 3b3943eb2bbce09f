//! `wasi:http`: requests to the servers that are granted. What a guest asks for is checked here and sent by the
//! [`Network`] on a thread of the component's own; the guest waits, which costs no thread, and a kill ends the wait by dropping it.
//!
//! What an operator can change, a grant or a limit, is told to the guest in words, as an internal error; what befell a
//! request on its way by the error code for that.

mod body;
mod check;
mod counts;
mod error_code;
mod exchange;
mod failure;
mod network;
mod paced;
mod placeholders;
mod request_line;
mod tls;
mod traced;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use activity::{Excess, HttpLimits, Info, Secret};
use tokio::{sync::Semaphore, task::AbortHandle};
use wasmtime::component::Linker;
use wasmtime_wasi_http::{
    Error, RequestOptions, WasiBody, WasiHttp, WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks,
    p2::bindings::{LinkOptions, http as interfaces},
};

pub(crate) use self::counts::RequestCounts;
use self::{
    check::Checked,
    exchange::{Permission, Request, Timeouts},
    placeholders::Placeholders,
};
pub use self::{
    network::{Network, Networks, Outbound},
    tls::Roots,
};
use crate::{Capabilities, CapabilitiesView, Outlet, Policy, leave::Leave};

/// The most bytes of a request's body that the host takes at once. Two such pieces may wait for each request, whether
/// it is ever sent or not, so a guest can make its host hold as many as it has resources.
const BODY_CHUNK: usize = 16 << 10;

/// The state of `wasi:http` for one attempt.
pub(crate) struct HttpCtx {
    fields: WasiHttpCtx,
    sender: Sender,
}

/// Sends an attempt's requests.
struct Sender {
    policy: Arc<Policy>,
    /// `None` without the grant: most attempts send nothing, and begin sooner without it.
    granted: Option<Granted>,
    outlet: Arc<Outlet>,
    /// What the network does for this attempt; ended with it.
    sending: Vec<AbortHandle>,
}

/// What decides over the requests of an attempt that may send some.
struct Granted {
    leave: Leave,
    /// As many permits as requests may be in flight.
    room: Arc<Semaphore>,
    own: Own,
}

/// What is told of an attempt in its requests.
pub(crate) struct Own {
    pub(crate) info: Arc<Info>,
    /// Its tokens, by their audiences.
    pub(crate) identity: BTreeMap<String, Secret>,
}

impl HttpCtx {
    pub(crate) fn new(policy: Arc<Policy>, own: Own, leave: Leave, outlet: Arc<Outlet>) -> Self {
        let mut fields = WasiHttpCtx::new();
        fields.set_field_size_limit(policy.limits.http.headers);
        let granted = (!policy.grants.http.is_empty()).then(|| Granted {
            leave,
            room: Arc::new(Semaphore::new(policy.limits.http.requests.min(Semaphore::MAX_PERMITS))),
            own,
        });
        Self { fields, sender: Sender { policy, granted, outlet, sending: Vec::new() } }
    }
}

type Answer = Result<(http::Response<WasiBody>, Processed), Error>;
type Processed = Box<dyn Future<Output = Result<(), Error>> + Send>;

impl WasiHttpHooks for Sender {
    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Processed,
    ) -> Box<dyn Future<Output = Answer> + Send> {
        let response = match self.send(request, options.unwrap_or_default()) {
            Ok(response) => response,
            Err(refused) => {
                self.outlet.request_counts().refused();
                return Box::new(std::future::ready(Err(refused)));
            }
        };
        // The response is processed as the guest reads it, so nothing is left to wait for.
        Box::new(async move { Ok((response.await?, Box::new(std::future::ready(Ok(()))) as Processed)) })
    }

    fn p2_outgoing_body_chunk_size(&mut self) -> usize {
        BODY_CHUNK
    }
}

impl Sender {
    /// Begins to send a request, unless it is refused.
    fn send(
        &mut self,
        request: http::Request<WasiBody>,
        options: RequestOptions,
    ) -> Result<impl Future<Output = Result<http::Response<WasiBody>, Error>> + Send + 'static, Error> {
        let Checked { url, to, entry, beyond } =
            check::checked(&self.policy.grants.http, request.method(), request.uri(), request.headers())?;
        // Without a grant nothing comes this far.
        let Granted { leave, room, own } = self.granted.as_ref().ok_or(Error::ConfigurationError)?;
        may_send(leave)?;
        let network = self.policy.network.as_ref().ok_or(Error::ConfigurationError)?;
        let limits = self.policy.limits.http;
        let counts = self.outlet.request_counts();
        let permission = Permission {
            leave: leave.clone(),
            room: Arc::clone(room),
            limits,
            outlet: self.policy.limits.is_counted.then(|| Arc::clone(&self.outlet)),
            counts: Arc::clone(&counts),
        };
        let (mut parts, body) = request.into_parts();
        let may_identify = beyond.is_none();
        let placeholders =
            Placeholders { grants: &self.policy.grants, own, to: &to, limit: limits.headers, may_identify };
        placeholders.fill(&url, &mut parts.headers, entry.idempotency_header.as_deref())?;
        let begun = own
            .info
            .trace
            .as_ref()
            .and_then(|trace| traced::begin(&counts, trace, (&parts.method, &url, &to), entry, &mut parts.headers));
        if let Some(words) = beyond {
            self.outlet.would_refuse(Excess::HttpGrant, || words);
        }
        let request = Request {
            method: parts.method,
            url,
            to,
            headers: parts.headers,
            body,
            timeouts: timeouts(limits, options),
        };
        self.sending.retain(|task| !task.is_finished());
        let (response, task) = network.send(request, permission)?;
        self.sending.push(task);
        counts.began();
        Ok(async move {
            let response = response.await;
            counts.ended(&response);
            if let Some(begun) = begun {
                begun.ended(&response);
            }
            response
        })
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        self.sending.iter().for_each(AbortHandle::abort);
    }
}

/// The guest's own timeouts, as far as they are no longer than its limits.
fn timeouts(limits: HttpLimits, options: RequestOptions) -> Timeouts {
    let within = |asked: Option<Duration>, most: Duration| asked.map_or(most, |asked| asked.min(most));
    Timeouts {
        connect: within(options.connect_timeout, limits.connect_timeout),
        response: within(options.first_byte_timeout, limits.response_timeout),
        read: within(options.between_bytes_timeout, limits.read_timeout),
    }
}

/// Refuses what would be sent now, if it must not be.
fn may_send(leave: &Leave) -> Result<(), Error> {
    leave.to_send().map_err(|why| in_words(why.to_owned()))
}

/// An error that reaches the guest in words.
fn in_words(text: String) -> Error {
    Error::InternalError(Some(text))
}

/// Links what of `wasi:http` every component may import: sending requests, and what they consist of.
pub(crate) fn add_to_linker<T: CapabilitiesView>(l: &mut Linker<T>) -> wasmtime::Result<()> {
    interfaces::types::add_to_linker::<T, WasiHttp>(l, &LinkOptions::default().into(), view)?;
    interfaces::outgoing_handler::add_to_linker::<T, WasiHttp>(l, view)?;
    error_code::add_to_linker(l)?;
    request_line::add_to_linker(l)
}

fn view<T: CapabilitiesView>(state: &mut T) -> WasiHttpCtxView<'_> {
    let Capabilities { http, table, .. } = state.called();
    WasiHttpCtxView { hooks: &mut http.sender, table, ctx: &mut http.fields }
}

#[cfg(test)]
mod tests;
