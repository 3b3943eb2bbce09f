"""The errors of the module `ssl`."""

from __future__ import annotations


class SSLError(OSError):
    __module__ = "ssl"
    library: str | None = None
    reason: str | None = None


class SSLZeroReturnError(SSLError):
    __module__ = "ssl"


class SSLWantReadError(SSLError):
    __module__ = "ssl"


class SSLWantWriteError(SSLError):
    __module__ = "ssl"


class SSLSyscallError(SSLError):
    __module__ = "ssl"


class SSLEOFError(SSLError):
    __module__ = "ssl"


class SSLCertVerificationError(SSLError, ValueError):
    __module__ = "ssl"
    verify_code = 0
    verify_message = ""


CertificateError = SSLCertVerificationError
