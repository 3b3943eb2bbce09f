//! `[tenants.workers.codec]` as it is written.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::config::{
    quantity::{ByteSize, Span},
    section::section,
};

section! {
    /// What happens to payloads between Temporal and the guests, so that the server stores only what is compressed or
    /// encrypted. Guests never see keys, nor anything encoded. docs/payloads.md tells how to use each.
    RawCodec {
        /// what encodes, in this order: `"zlib"` compresses, `"encryption"` encrypts with AES-256-GCM, `"server"` has a codec
        /// server do it; decoding goes the other way round
        order: Vec<RawCodecStep>, unset "nothing", example "[\"zlib\", \"encryption\", \"server\"]";
        /// the most bytes that a list of payloads may have once it is decompressed or decrypted, or comes back from the codec server
        max_size: Option<ByteSize> = ByteSize(16 << 20), within ByteSize(4 << 10), ByteSize(4 << 30);
        /// which keys encrypt and decrypt
        encryption: RawEncryption, table RawEncryption;
        /// a codec server
        server: RawCodecServer, table RawCodecServer;
    }
}

/// One way of coding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RawCodecStep {
    /// Compression.
    Zlib,
    /// Encryption.
    Encryption,
    /// A codec server.
    Server,
}

section! {
    /// For "encryption".
    RawEncryption {
        /// the id of the key that encrypts
        active: Option<String>, unset "no key", example "\"2026-07\"";
        /// all keys that decrypt, each with its `id` and either `file` or `env`, the file or environment variable that holds
        /// it: 32 bytes, as they are or in base64 or hexadecimal
        keys: Vec<RawKey>, unset "none",
            example "[{ id = \"2026-07\", file = \"/run/secrets/key-2026-07\" }, { id = \"2026-01\", env = \"KEY_2026_01\" }]";
    }
}

/// A key, by where it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct RawKey {
    pub id: Option<String>,
    pub file: Option<PathBuf>,
    pub env: Option<String>,
}

section! {
    /// For "server".
    RawCodecServer {
        /// where the codec server is: it is sent POST requests to `/encode` and `/decode` below that; `{namespace}` stands
        /// for the worker's namespace
        endpoint: Option<String>, unset "no codec server", example "\"http://localhost:8081\"";
        /// how long a request may take
        // A heartbeat before and one after it, the report of an attempt waits for three requests, and all of them must fit
        // into a shutdown.
        timeout: Option<Span> = Span::secs(5), within Span::millis(100), Span::secs(10);
        /// the environment variable with the value of the header `authorization` that it wants
        authorization_env: Option<String>, unset "no authorization", example "\"CODEC_AUTHORIZATION\"";
    }
}
