//! Temporal's Python SDK, whose worker the tests compare Isolet with, and OpenTelemetry's for its tracing interceptor.

use std::path::PathBuf;

use crate::tools::pip;

/// The version that components bring, too: `guest-sdk/python/isolet_build/packages.py`.
const VERSION: &str = "1.35.0";

/// The version of OpenTelemetry's SDK.
const OPENTELEMETRY: &str = "1.45.2";

/// The folder of its packages, installed when it is missing.
///
/// # Errors
/// When it is missing and can't be installed.
pub(crate) fn ensure() -> anyhow::Result<PathBuf> {
    pip::install_library("opentelemetry-sdk", OPENTELEMETRY)?;
    pip::install_library("temporalio", VERSION)
}
