//! What building projects needs, inside of this program: the files of the SDKs and the contract.

use std::{fs, io, path::Path};

use componentize::CONTRACT;
use sha2::{Digest as _, Sha256};

/// Files by their paths below the folder that they are written to, and below `$folder` of the repository.
macro_rules! files {
    ($folder:literal: $($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../../../", $folder, $path)))),*]
    };
}

/// The builder and what becomes part of every component.
const SDK: &[(&str, &str)] = files!["guest-sdk/python/":
    "isolet_app.py",
    "isolet_build/__init__.py",
    "isolet_build/__main__.py",
    "isolet_build/c.py",
    "isolet_build/casts.py",
    "isolet_build/check/__init__.py",
    "isolet_build/check/__main__.py",
    "isolet_build/check/activities.py",
    "isolet_build/check/checker.py",
    "isolet_build/check/found.py",
    "isolet_build/check/grants.py",
    "isolet_build/check/imports.py",
    "isolet_build/check/library.py",
    "isolet_build/check/missing.py",
    "isolet_build/check/modules.py",
    "isolet_build/check/reached.py",
    "isolet_build/clang.py",
    "isolet_build/compiler.py",
    "isolet_build/component.py",
    "isolet_build/discovery.py",
    "isolet_build/distribution.py",
    "isolet_build/events.py",
    "isolet_build/fetching.py",
    "isolet_build/floats.py",
    "isolet_build/image/__init__.py",
    "isolet_build/image/constants.py",
    "isolet_build/image/file.py",
    "isolet_build/image/free_lists.py",
    "isolet_build/image/heap.py",
    "isolet_build/image/holes.py",
    "isolet_build/image/immortal.py",
    "isolet_build/image/memory.py",
    "isolet_build/image/recursion.py",
    "isolet_build/installed.py",
    "isolet_build/layout.py",
    "isolet_build/leaving.py",
    "isolet_build/listed.py",
    "isolet_build/local.py",
    "isolet_build/making.py",
    "isolet_build/meson.py",
    "isolet_build/native.py",
    "isolet_build/numpy_headers.py",
    "isolet_build/packages.py",
    "isolet_build/pip.py",
    "isolet_build/places.py",
    "isolet_build/poetry.py",
    "isolet_build/recipes.py",
    "isolet_build/requirements.py",
    "isolet_build/retagged.py",
    "isolet_build/roots.py",
    "isolet_build/runtime.py",
    "isolet_build/rust.py",
    "isolet_build/settings.py",
    "isolet_build/source.py",
    "isolet_build/tree.py",
    "isolet_build/uv.py",
    "isolet_build/wasm.py",
    "isolet_build/wheel.py",
    "isolet_build/wheels.py",
    "isolet_guest/__init__.py",
    "isolet_guest/attempt.py",
    "isolet_guest/blame.py",
    "isolet_guest/bridge.py",
    "isolet_guest/build.py",
    "isolet_guest/constants.py",
    "isolet_guest/convert.py",
    "isolet_guest/converters.py",
    "isolet_guest/derivation.py",
    "isolet_guest/files/__init__.py",
    "isolet_guest/files/archive.py",
    "isolet_guest/files/opened.py",
    "isolet_guest/files/system.py",
    "isolet_guest/files/tree.py",
    "isolet_guest/http/__init__.py",
    "isolet_guest/http/aiohttp_transport.py",
    "isolet_guest/http/clients.py",
    "isolet_guest/http/connection.py",
    "isolet_guest/http/errors.py",
    "isolet_guest/http/exchange.py",
    "isolet_guest/http/httpcore_streams.py",
    "isolet_guest/http/importing.py",
    "isolet_guest/http/no_sockets.py",
    "isolet_guest/http/sockets.py",
    "isolet_guest/http/tls.py",
    "isolet_guest/http/tls_errors.py",
    "isolet_guest/http/waiting.py",
    "isolet_guest/http/wire.py",
    "isolet_guest/late.py",
    "isolet_guest/library.py",
    "isolet_guest/logs.py",
    "isolet_guest/loop.py",
    "isolet_guest/monitoring.py",
    "isolet_guest/patches.py",
    "isolet_guest/placement.py",
    "isolet_guest/project.py",
    "isolet_guest/registration.py",
    "isolet_guest/runner.py",
    "isolet_guest/start.py",
    "isolet_guest/survey.py",
    "isolet_guest/tracebacks.py",
    "isolet_guest/user.py",
    "isolet_guest/waits.py",
    "isolet_guest/warm_up.py",
    "overlay/temporalio/bridge/temporal_sdk_bridge.py",
];

/// The builder of JavaScript projects, and what becomes part of every one of their components.
const JS_SDK: &[(&str, &str)] = files!["guest-sdk/js/":
    "build/bundle.js",
    "build/client.js",
    "build/events.js",
    "build/imports.js",
    "build/install.js",
    "build/main.js",
    "build/names.js",
    "build/project.js",
    "build/protos.js",
    "build/types.js",
    "grpc/call.js",
    "grpc/channel.js",
    "grpc/credentials.js",
    "grpc/index.cjs",
    "grpc/modules.js",
    "grpc/stream.js",
    "guest/activities.js",
    "guest/attempt.js",
    "guest/cancellation.js",
    "guest/client.js",
    "guest/context.js",
    "guest/converter.js",
    "guest/failures.js",
    "guest/info.js",
    "guest/install.js",
    "guest/log.js",
    "guest/metrics.js",
    "guest/no_client.js",
    "guest/stacks.js",
    "node/absent.cjs",
    "node/assert.cjs",
    "node/assert_strict.cjs",
    "node/async_hooks.js",
    "node/buffer.js",
    "node/console.js",
    "node/constants.cjs",
    "node/crc32.js",
    "node/crypto.js",
    "node/crypto_ciphers.js",
    "node/crypto_constants.js",
    "node/crypto_derive.js",
    "node/crypto_hash.js",
    "node/crypto_keys.js",
    "node/crypto_pairs.js",
    "node/crypto_pem.js",
    "node/crypto_random.js",
    "node/crypto_sign.js",
    "node/deep_equal.js",
    "node/diagnostics_channel.js",
    "node/events.cjs",
    "node/events_on.js",
    "node/fs.cjs",
    "node/fs_arguments.js",
    "node/fs_constants.js",
    "node/fs_copy.js",
    "node/fs_errors.js",
    "node/fs_files.js",
    "node/fs_folders.js",
    "node/fs_handle.js",
    "node/fs_later.js",
    "node/fs_promises.cjs",
    "node/fs_refused.js",
    "node/fs_stats.js",
    "node/fs_streams.js",
    "node/http.js",
    "node/http_client.js",
    "node/http_common.js",
    "node/http_message.js",
    "node/http_request.js",
    "node/https.js",
    "node/inject.js",
    "node/modules.js",
    "node/net.cjs",
    "node/os.js",
    "node/path.js",
    "node/perf_hooks.js",
    "node/process.js",
    "node/promisify.js",
    "node/querystring.js",
    "node/readline.cjs",
    "node/readline_promises.cjs",
    "node/refuse.js",
    "node/stream.cjs",
    "node/stream_adapters.js",
    "node/stream_consumers.js",
    "node/stream_promises.js",
    "node/stream_web.js",
    "node/string_decoder.js",
    "node/timers.js",
    "node/timers_promises.js",
    "node/tls.cjs",
    "node/tty.js",
    "node/url.js",
    "node/url_legacy.js",
    "node/util.js",
    "node/util_types.js",
    "node/zlib.js",
    "package-lock.json",
    "package.json",
    "platform/abort.js",
    "platform/aes.js",
    "platform/attempt.js",
    "platform/begun.js",
    "platform/clone.js",
    "platform/compression.js",
    "platform/console.js",
    "platform/context.js",
    "platform/crypto.js",
    "platform/derive.js",
    "platform/encoding.js",
    "platform/environment.js",
    "platform/errors.js",
    "platform/events.js",
    "platform/fetch/blob.js",
    "platform/fetch/body.js",
    "platform/fetch/data_url.js",
    "platform/fetch/exchange.js",
    "platform/fetch/fetch.js",
    "platform/fetch/form_data.js",
    "platform/fetch/headers.js",
    "platform/fetch/multipart.js",
    "platform/fetch/request.js",
    "platform/fetch/response.js",
    "platform/fetch/status_texts.js",
    "platform/fetch/transfer.js",
    "platform/globals.js",
    "platform/host.js",
    "platform/index.js",
    "platform/inspect.js",
    "platform/inspect_needs.js",
    "platform/key_pairs.js",
    "platform/intl/collator.js",
    "platform/intl/date_time_format.js",
    "platform/intl/intl.js",
    "platform/intl/list_format.js",
    "platform/intl/number_format.js",
    "platform/intl/plural_rules.js",
    "platform/intl/relative_time_format.js",
    "platform/intl/segmenter.js",
    "platform/intl/zones.js",
    "platform/performance.js",
    "platform/process.js",
    "platform/random.js",
    "platform/readable.js",
    "platform/rejections.js",
    "platform/streams.js",
    "platform/subtle.js",
    "platform/subtle_pairs.js",
    "platform/table.js",
    "platform/text_streams.js",
    "platform/timers.js",
    "platform/url.js",
    "platform/user_timing.js",
];

/// The Rust SDK as cargo finds it: with the manifest of the workspace, from which its packages take versions, and with the
/// contract, which is a link in the repository.
const RUST_SDK: &[(&str, &str)] = files!["":
    "Cargo.toml",
    "guest-sdk/rust/Cargo.toml",
    "guest-sdk/rust/README.md",
    "guest-sdk/rust/macros/Cargo.toml",
    "guest-sdk/rust/macros/src/expand.rs",
    "guest-sdk/rust/macros/src/lib.rs",
    "guest-sdk/rust/macros/src/options.rs",
    "guest-sdk/rust/macros/src/signature.rs",
    "guest-sdk/rust/src/activity.rs",
    "guest-sdk/rust/src/attempt.rs",
    "guest-sdk/rust/src/bindings.rs",
    "guest-sdk/rust/src/cancellation.rs",
    "guest-sdk/rust/src/client.rs",
    "guest-sdk/rust/src/client/activities.rs",
    "guest-sdk/rust/src/client/call.rs",
    "guest-sdk/rust/src/client/completion.rs",
    "guest-sdk/rust/src/client/error.rs",
    "guest-sdk/rust/src/client/failure.rs",
    "guest-sdk/rust/src/client/host.rs",
    "guest-sdk/rust/src/client/options.rs",
    "guest-sdk/rust/src/client/tests.rs",
    "guest-sdk/rust/src/client/workflows.rs",
    "guest-sdk/rust/src/component.rs",
    "guest-sdk/rust/src/component/tests.rs",
    "guest-sdk/rust/src/context.rs",
    "guest-sdk/rust/src/convert.rs",
    "guest-sdk/rust/src/decode.rs",
    "guest-sdk/rust/src/duration.rs",
    "guest-sdk/rust/src/encode.rs",
    "guest-sdk/rust/src/error.rs",
    "guest-sdk/rust/src/executor.rs",
    "guest-sdk/rust/src/executor/tests.rs",
    "guest-sdk/rust/src/failure.rs",
    "guest-sdk/rust/src/futures.rs",
    "guest-sdk/rust/src/heap.rs",
    "guest-sdk/rust/src/host.rs",
    "guest-sdk/rust/src/http.rs",
    "guest-sdk/rust/src/http/blocking.rs",
    "guest-sdk/rust/src/http/body.rs",
    "guest-sdk/rust/src/http/error.rs",
    "guest-sdk/rust/src/http/request.rs",
    "guest-sdk/rust/src/http/response.rs",
    "guest-sdk/rust/src/http/tests.rs",
    "guest-sdk/rust/src/http/wasi.rs",
    "guest-sdk/rust/src/info.rs",
    "guest-sdk/rust/src/lib.rs",
    "guest-sdk/rust/src/log.rs",
    "guest-sdk/rust/src/metrics.rs",
    "guest-sdk/rust/src/metrics/host.rs",
    "guest-sdk/rust/src/metrics/values.rs",
    "guest-sdk/rust/src/panic_hook.rs",
    "guest-sdk/rust/src/proto.rs",
    "guest-sdk/rust/src/test.rs",
    "guest-sdk/rust/src/test/client.rs",
    "guest-sdk/rust/src/test/http.rs",
    "guest-sdk/rust/src/test/measurements.rs",
    "guest-sdk/rust/src/test/tests.rs",
    "guest-sdk/rust/src/value.rs",
    "guest-sdk/rust/src/waits.rs",
    "guest-sdk/rust/wit/cancellation.wit",
    "guest-sdk/rust/wit/client.wit",
    "guest-sdk/rust/wit/deps/clocks/monotonic-clock.wit",
    "guest-sdk/rust/wit/deps/http/outgoing-handler.wit",
    "guest-sdk/rust/wit/deps/http/types.wit",
    "guest-sdk/rust/wit/deps/io/error.wit",
    "guest-sdk/rust/wit/deps/io/poll.wit",
    "guest-sdk/rust/wit/deps/io/streams.wit",
    "guest-sdk/rust/wit/handler.wit",
    "guest-sdk/rust/wit/heartbeat.wit",
    "guest-sdk/rust/wit/info.wit",
    "guest-sdk/rust/wit/log.wit",
    "guest-sdk/rust/wit/metrics.wit",
    "guest-sdk/rust/wit/types.wit",
    "guest-sdk/rust/wit/world.wit",
];

/// The modules that Go projects are built with, and a file for Go itself.
const GO_SDK: &[(&str, &str)] = files!["guest-sdk/go/":
    "api/common/v1/payload.go",
    "api/enums/v1/enums.go",
    "api/go.mod",
    "api/serviceerror/serviceerror.go",
    "runtime/netpoll_wasip1.go",
    "sdk/activity/activity.go",
    "sdk/client/activity.go",
    "sdk/client/client.go",
    "sdk/client/errors.go",
    "sdk/client/workflow.go",
    "sdk/converter/composite.go",
    "sdk/converter/converter.go",
    "sdk/converter/parts.go",
    "sdk/converter/proto.go",
    "sdk/converter/value.go",
    "sdk/go.mod",
    "sdk/internal/attempt/attempt.go",
    "sdk/internal/attempt/context.go",
    "sdk/internal/attempt/field.go",
    "sdk/internal/attempt/log.go",
    "sdk/internal/attempt/metrics.go",
    "sdk/internal/attempt/run.go",
    "sdk/internal/failure/convert.go",
    "sdk/internal/failure/details.go",
    "sdk/internal/failure/errors.go",
    "sdk/internal/guest/client.go",
    "sdk/internal/guest/convert.go",
    "sdk/internal/guest/empty.s",
    "sdk/internal/guest/failures.go",
    "sdk/internal/guest/guest.go",
    "sdk/internal/guest/host.go",
    "sdk/internal/guest/logs.go",
    "sdk/internal/host/client.go",
    "sdk/internal/host/failure.go",
    "sdk/internal/host/host.go",
    "sdk/internal/host/info.go",
    "sdk/internal/http/body.go",
    "sdk/internal/http/empty.s",
    "sdk/internal/http/error.go",
    "sdk/internal/http/transport.go",
    "sdk/internal/jsontext/jsontext.go",
    "sdk/internal/metrics/metrics.go",
    "sdk/internal/registry/registry.go",
    "sdk/internal/wit/exports/export_isolet_activity_handler/handler.go",
    "sdk/internal/wit/exports/wit_exports/wit_exports.go",
    "sdk/internal/wit/imports/isolet_activity_cancellation/empty.s",
    "sdk/internal/wit/imports/isolet_activity_cancellation/wit_bindings.go",
    "sdk/internal/wit/imports/isolet_activity_cancellation_pollable/empty.s",
    "sdk/internal/wit/imports/isolet_activity_cancellation_pollable/wit_bindings.go",
    "sdk/internal/wit/imports/isolet_activity_client/empty.s",
    "sdk/internal/wit/imports/isolet_activity_client/wit_bindings.go",
    "sdk/internal/wit/imports/isolet_activity_handler/empty.s",
    "sdk/internal/wit/imports/isolet_activity_handler/wit_bindings.go",
    "sdk/internal/wit/imports/isolet_activity_heartbeat/empty.s",
    "sdk/internal/wit/imports/isolet_activity_heartbeat/wit_bindings.go",
    "sdk/internal/wit/imports/isolet_activity_info/empty.s",
    "sdk/internal/wit/imports/isolet_activity_info/wit_bindings.go",
    "sdk/internal/wit/imports/isolet_activity_log/empty.s",
    "sdk/internal/wit/imports/isolet_activity_log/wit_bindings.go",
    "sdk/internal/wit/imports/isolet_activity_metrics/empty.s",
    "sdk/internal/wit/imports/isolet_activity_metrics/wit_bindings.go",
    "sdk/internal/wit/imports/isolet_activity_types/empty.s",
    "sdk/internal/wit/imports/isolet_activity_types/wit_bindings.go",
    "sdk/internal/wit/imports/wasi_clocks_monotonic_clock/empty.s",
    "sdk/internal/wit/imports/wasi_clocks_monotonic_clock/wit_bindings.go",
    "sdk/internal/wit/imports/wasi_http_outgoing_handler/empty.s",
    "sdk/internal/wit/imports/wasi_http_outgoing_handler/wit_bindings.go",
    "sdk/internal/wit/imports/wasi_http_types/empty.s",
    "sdk/internal/wit/imports/wasi_http_types/wit_bindings.go",
    "sdk/internal/wit/imports/wasi_io_error/empty.s",
    "sdk/internal/wit/imports/wasi_io_error/wit_bindings.go",
    "sdk/internal/wit/imports/wasi_io_poll/empty.s",
    "sdk/internal/wit/imports/wasi_io_poll/wit_bindings.go",
    "sdk/internal/wit/imports/wasi_io_streams/empty.s",
    "sdk/internal/wit/imports/wasi_io_streams/wit_bindings.go",
    "sdk/internal/witpkg/LICENSE",
    "sdk/internal/witpkg/runtime/empty.s",
    "sdk/internal/witpkg/runtime/runtime.go",
    "sdk/internal/witpkg/types/option.go",
    "sdk/internal/witpkg/types/result.go",
    "sdk/internal/witpkg/types/tuple.go",
    "sdk/internal/witpkg/types/unit.go",
    "sdk/log/log.go",
    "sdk/temporal/error.go",
    "sdk/temporal/policy.go",
    "sdk/testsuite/fake.go",
    "sdk/testsuite/testsuite.go",
    "sdk/worker/component.go",
    "sdk/worker/http.go",
    "sdk/worker/native.go",
    "sdk/worker/propagate.go",
    "sdk/worker/worker.go",
    "sdk/workflow/workflow.go",
];

/// The SDK for C and C++.
const C_SDK: &[(&str, &str)] = files!["guest-sdk/c/":
    "bindings/isolet_bindings.c",
    "bindings/isolet_bindings.h",
    "include/isolet.h",
    "include/isolet.hpp",
    "include/isolet/activity.hpp",
    "include/isolet/attempt.hpp",
    "include/isolet/client.hpp",
    "include/isolet/failure.hpp",
    "include/isolet/http.hpp",
    "include/isolet/log.hpp",
    "include/isolet/metrics.hpp",
    "include/isolet/payload.hpp",
    "include/isolet/value.hpp",
    "src/activity.c",
    "src/attempt.c",
    "src/cancellation.c",
    "src/client.c",
    "src/convert.c",
    "src/decode.c",
    "src/failure.c",
    "src/http.c",
    "src/http.h",
    "src/http_error.c",
    "src/http_request.c",
    "src/internal.h",
    "src/log.c",
    "src/malloc.c",
    "src/memory.c",
    "src/metrics.c",
    "src/payload.c",
    "vendor/dlmalloc/malloc.inc",
    "vendor/yyjson/yyjson.c",
    "vendor/yyjson/yyjson.h",
];

/// The files that building projects of one language needs.
#[derive(Debug)]
pub(super) struct Files(&'static [&'static [(&'static str, &'static str)]]);

/// For Python: the SDK, and the contract, which componentize-py makes bindings of.
pub(super) static PYTHON: Files = Files(&[SDK, CONTRACT]);

/// For JavaScript: the SDK. The contract is in its runtime.
pub(super) static JS: Files = Files(&[JS_SDK]);

/// For Rust: the SDK, with the contract.
pub(super) static RUST: Files = Files(&[RUST_SDK]);

/// For Go: the SDK, bindings of the contract and all.
pub(super) static GO: Files = Files(&[GO_SDK]);

/// For C and C++: the SDK. The contract is in the step from a module to a component.
pub(super) static C: Files = Files(&[C_SDK]);

impl Files {
    /// What tells one version of the files from another.
    pub(super) fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for (path, text) in self.all() {
            hash.update(path);
            hash.update([0]);
            hash.update(text);
            hash.update([0]);
        }
        hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    /// Writes the files below `folder`.
    ///
    /// # Errors
    /// When a file can't be written.
    pub(super) fn write(&self, folder: &Path) -> io::Result<()> {
        for (path, text) in self.all() {
            let path = folder.join(path);
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::write(path, text)?;
        }
        Ok(())
    }

    /// Where those whose names end so are.
    pub(super) fn with_ending(&self, ending: &str) -> impl Iterator<Item = &'static str> {
        self.all().map(|(path, _)| *path).filter(move |path| path.ends_with(ending))
    }

    fn all(&self) -> impl Iterator<Item = &'static (&'static str, &'static str)> {
        self.0.iter().copied().flatten()
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, path::PathBuf};

    use super::*;

    /// The files below a folder of the repository that end in `extension`, by their paths below `base`.
    fn present(base: &Path, folder: &str, extension: &str) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut folders = vec![base.join(folder)];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|each| each == extension) {
                    found.insert(path.strip_prefix(base).unwrap().display().to_string());
                }
            }
        }
        found
    }

    fn named(files: &[(&str, &str)]) -> BTreeSet<String> {
        files.iter().map(|(path, _)| (*path).to_owned()).collect()
    }

    #[test]
    fn every_file_is_included() {
        let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
        assert_eq!(named(SDK), present(&root.join("guest-sdk/python"), "", "py"));
        let mut js = present(&root.join("guest-sdk/js"), "", "js");
        js.extend(present(&root.join("guest-sdk/js"), "", "cjs"));
        js.extend(["package.json", "package-lock.json"].map(str::to_owned));
        assert_eq!(named(JS_SDK), js);
        let of_rust = |extension| present(&root, "guest-sdk/rust", extension);
        let mut rust: BTreeSet<String> = ["rs", "toml", "md", "wit"].into_iter().flat_map(of_rust).collect();
        rust.remove("guest-sdk/rust/wit/README.md");
        rust.insert("Cargo.toml".to_owned());
        assert_eq!(named(RUST_SDK), rust);
        let go = root.join("guest-sdk/go");
        let mut files: BTreeSet<_> = ["go", "mod", "s"].iter().flat_map(|ending| present(&go, "", ending)).collect();
        files.retain(|path| !path.ends_with("_test.go"));
        files.insert("sdk/internal/witpkg/LICENSE".to_owned());
        assert_eq!(named(GO_SDK), files);
        let c = ["c", "h", "hpp", "inc"].map(|ending| present(&root.join("guest-sdk/c"), "", ending));
        assert_eq!(named(C_SDK), c.into_iter().flatten().collect());
    }
}
