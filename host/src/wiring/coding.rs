//! How a worker's payloads are coded: keys and secrets are read here, once, before the first poll.

use std::{collections::BTreeMap, sync::Arc};

use activity::PayloadCodec;
use codec::{Authorization, Chain, CodecServer, CodecServerSettings, Encryption, Key, KeyRing, Zlib};
use worker::PayloadCoding;

use crate::{
    config::{
        codec::CodecStep,
        settings::{CodecSettings, WorkerSettings},
    },
    exit::{Exit, Problem, failed_to},
};

/// The coding of a worker on `namespace`.
///
/// # Errors
/// When a key or secret is not where the settings say, or is none.
pub(crate) fn coding(settings: &WorkerSettings, namespace: &str) -> Result<PayloadCoding, Problem> {
    let codec = codec(&settings.codec, namespace).map_err(|error| {
        let cure = error.cure().map(str::to_owned);
        Problem { exit: Exit::Usage, cure, error: failed_to(error) }
    })?;
    Ok(PayloadCoding::new(codec, settings.encode_failure_attributes))
}

fn codec(settings: &CodecSettings, namespace: &str) -> Result<Option<Arc<dyn PayloadCodec>>, codec::Error> {
    let mut codecs = Vec::with_capacity(settings.order.len());
    for step in &settings.order {
        codecs.push(step_codec(*step, settings, namespace)?);
    }
    Ok(match codecs.len() {
        0 | 1 => codecs.pop(),
        _ => Some(Arc::new(Chain::new(codecs))),
    })
}

fn step_codec(
    step: CodecStep,
    settings: &CodecSettings,
    namespace: &str,
) -> Result<Arc<dyn PayloadCodec>, codec::Error> {
    Ok(match step {
        CodecStep::Zlib => Arc::new(Zlib::new(settings.max_size)),
        CodecStep::Encryption => {
            let keys = settings.keys.iter().map(|(id, source)| Ok((id.clone(), Key::read(id, source)?)));
            let keys = keys.collect::<Result<BTreeMap<_, _>, codec::Error>>()?;
            let keys = KeyRing::new(settings.active_key.clone().unwrap_or_default(), keys)?;
            Arc::new(Encryption::new(keys, settings.max_size))
        }
        CodecStep::Server => {
            let variable = settings.authorization_env.as_deref();
            Arc::new(CodecServer::new(CodecServerSettings {
                endpoint: settings.endpoint.clone().unwrap_or_default(),
                namespace: namespace.to_owned(),
                authorization: variable.map(Authorization::from_environment).transpose()?,
                timeout: settings.timeout,
                limit: settings.max_size,
            })?)
        }
    })
}
