//! What the worker answers by HTTP: at one address, and what is configured to have another one there, too.

use std::{collections::BTreeMap, io, net::SocketAddr, path::Path, sync::Arc, time::Duration};

use admin::Asked;
use anyhow::{Context as _, anyhow};
use axum::Router;
use identity::Issuer;
use page::{Access, Answers, History, Looker, Page, Recent};
use rustix::process::geteuid;
use tokio::{net::TcpListener, sync::mpsc, task::JoinSet};
use web::Limits;

use super::measuring::Metrics;
use crate::{
    config::{settings::Settings, web::WebSettings},
    exit::{Exit, OrCure as _, OrExit as _, Problem},
    files,
};

/// What clients may take.
const LIMITS: Limits = Limits {
    what: "what the worker answers by HTTP",
    clients: 64,
    time: Duration::from_secs(10),
    head_time: Duration::from_secs(2),
    // A token, and where to go with it.
    body: 8 << 10,
};

/// The largest file with a token.
const LARGEST_TOKEN: u64 = 4 << 10;

/// What is answered by HTTP, as long as this is there.
#[derive(Debug, Default)]
pub(crate) struct Web {
    /// Where all of it is, if it is anywhere.
    pub(crate) url: Option<String>,
    /// Where Prometheus finds the metrics, if it does.
    pub(crate) metrics: Option<String>,
    /// What is told of attempts, if there is a page to tell it.
    pub(crate) recent: Option<Arc<Recent>>,
    tasks: JoinSet<()>,
}

/// What there is to answer with.
pub(crate) struct Known<'a> {
    /// Asks how the worker is.
    pub(crate) asks: mpsc::Sender<Asked>,
    /// What measures.
    pub(crate) metrics: &'a Metrics,
    /// Who issues identity tokens, if anybody does.
    pub(crate) issuer: Option<&'a Issuer>,
    /// Where Temporal's page is, unless the configuration says so.
    pub(crate) ui: Option<&'a String>,
}

impl Web {
    /// Answers from now on where `settings` want it. Must be called on a runtime.
    ///
    /// # Errors
    /// When an address can't be had, or the token not be read.
    pub(crate) async fn start(settings: &Settings, known: Known<'_>) -> Result<Self, Problem> {
        let mut web = Self::default();
        let exporter = known.metrics.exporter();
        let mut routers = BTreeMap::new();
        let own = settings.web.address.as_deref();
        let keys = known.issuer.map(identity::router);
        // What stands at an address of its own is what an operator wants to be reached from elsewhere than all the rest.
        let of_metrics = settings.metrics.address.as_deref().zip(exporter.map(page::metrics));
        let of_keys = settings.identity.as_ref().and_then(|identity| identity.address.as_deref()).zip(keys.clone());
        for (address, router) in of_metrics.into_iter().chain(of_keys).filter(|(address, _)| Some(*address) != own) {
            let others: Router = routers.remove(address).unwrap_or_default();
            routers.insert(address, others.merge(router));
        }
        if let Some(address) = own {
            let router = web.router(&settings.web, &known)?;
            routers.insert(address, router.merge(keys.unwrap_or_default()));
        }
        for (address, router) in routers {
            let listener = listen(address).await?;
            let at = listener.local_addr().or_exit(Exit::Other)?;
            web.tasks.spawn(web::serve(listener, LIMITS, router));
            web.tell(settings, address, at);
        }
        let metrics = web.url.as_ref().filter(|_| exporter.is_some()).map(|url| format!("{url}/metrics"));
        web.metrics = web.metrics.take().or(metrics);
        Ok(web)
    }

    /// Answers no more.
    pub(crate) async fn end(mut self) {
        self.tasks.shutdown().await;
    }

    fn router(&mut self, settings: &WebSettings, known: &Known<'_>) -> Result<Router, Problem> {
        let looker = Arc::new(Looker::new(known.asks.clone(), geteuid().as_raw()));
        let access = settings.token_file.as_deref().map(access).transpose()?;
        let page = access.map(|access| {
            let (recent, history) = (Arc::<Recent>::default(), Arc::new(History::new(Arc::clone(&looker))));
            self.recent = Some(Arc::clone(&recent));
            self.tasks.spawn(Arc::clone(&history).run());
            let temporal_ui = settings.temporal_ui.as_ref().or(known.ui);
            Page::new(Arc::clone(&looker), access, (recent, history), temporal_ui.cloned())
        });
        Ok(page::router(Answers { looker, metrics: known.metrics.exporter(), page }))
    }

    /// Notes and tells what is answered at `address`, which is `at` this one, and to whom.
    fn tell(&mut self, settings: &Settings, address: &str, at: SocketAddr) {
        let url = format!("http://{at}");
        let is_own = settings.web.address.as_deref() == Some(address);
        if is_own {
            let page = if self.recent.is_some() { " and, with the token, status and the web page" } else { "" };
            tracing::info!("health{page} at {url}");
            self.url = Some(url.clone());
        }
        let has_keys = settings.identity.as_ref().is_some_and(|identity| identity.address.as_deref() == Some(address));
        if has_keys {
            tracing::info!("the keys of identity tokens are at {url}/.well-known/jwks.json");
        }
        let has_metrics = settings.metrics.address.as_deref() == Some(address);
        if has_metrics {
            self.metrics = Some(format!("{url}/metrics"));
        }
        if (is_own || has_metrics) && !at.ip().is_loopback() {
            let token = if is_own && self.recent.is_some() { ", and the token is sent as it is" } else { "" };
            tracing::warn!(
                "{at} can be reached from other machines: whoever reaches it reads health and metrics without a token{token}; \
                 let only those reach it who may, and a proxy with TLS"
            );
        }
    }
}

/// Whom the token in the file at `path` lets in.
pub(super) fn access(path: &Path) -> Result<Access, Problem> {
    let file = path.to_owned();
    Access::new(Arc::new(move || files::read_text(&file, LARGEST_TOKEN)))
        .with_context(|| format!("failed to take the token in {} for status and the web page", path.display()))
        .or_exit(Exit::Usage)
        .or_cure("put 16 random characters or more in the file that web.token-file names, such as `openssl rand -hex 32` prints")
}

async fn listen(address: &str) -> Result<TcpListener, Problem> {
    TcpListener::bind(address).await.map_err(|error| {
        let told = format!("failed to answer by HTTP at {address}");
        match error.kind() {
            io::ErrorKind::AddrInUse => Problem::new(Exit::PortInUse, anyhow!("{told}: another program has the port"))
                .cure("stop it, or name another port"),
            _ => Problem::new(Exit::Usage, anyhow::Error::new(error).context(told))
                .cure("name an address of this machine, as HOST:PORT"),
        }
    })
}
