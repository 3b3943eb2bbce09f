"""The module `ssl` of the sandbox. TLS is the host's: it makes the connections and verifies every certificate.

What would make verification weaker is accepted and has no effect; what asks for something that the host does not do,
such as certificates of one's own, is an error.
"""

from __future__ import annotations

import os
import sys
from enum import Enum, IntEnum, IntFlag
from typing import Any, NamedTuple

from .sockets import Socket
from .tls_errors import (
    CertificateError,
    SSLCertVerificationError,
    SSLEOFError,
    SSLError,
    SSLSyscallError,
    SSLWantReadError,
    SSLWantWriteError,
    SSLZeroReturnError,
)

_HOSTS = "TLS is the host's, which verifies with its own certificates"


class VerifyMode(IntEnum):
    CERT_NONE = 0
    CERT_OPTIONAL = 1
    CERT_REQUIRED = 2


class TLSVersion(IntEnum):
    MINIMUM_SUPPORTED = -2
    SSLv3 = 768
    TLSv1 = 769
    TLSv1_1 = 770
    TLSv1_2 = 771
    TLSv1_3 = 772
    MAXIMUM_SUPPORTED = -1


class VerifyFlags(IntFlag):
    VERIFY_DEFAULT = 0
    VERIFY_CRL_CHECK_LEAF = 0x4
    VERIFY_CRL_CHECK_CHAIN = 0xC
    VERIFY_X509_STRICT = 0x20
    VERIFY_X509_TRUSTED_FIRST = 0x8000
    VERIFY_X509_PARTIAL_CHAIN = 0x80000


class Options(IntFlag):
    OP_ALL = 0x80000050
    OP_NO_SSLv2 = 0
    OP_NO_SSLv3 = 0x2000000
    OP_NO_TLSv1 = 0x4000000
    OP_NO_TLSv1_1 = 0x10000000
    OP_NO_TLSv1_2 = 0x8000000
    OP_NO_TLSv1_3 = 0x20000000
    OP_NO_COMPRESSION = 0x20000
    OP_NO_TICKET = 0x4000
    OP_NO_RENEGOTIATION = 0x40000000
    OP_CIPHER_SERVER_PREFERENCE = 0x400000
    OP_SINGLE_DH_USE = 0
    OP_SINGLE_ECDH_USE = 0
    OP_LEGACY_SERVER_CONNECT = 0x4
    OP_IGNORE_UNEXPECTED_EOF = 0x80
    OP_ENABLE_MIDDLEBOX_COMPAT = 0x100000


class _SSLMethod(IntEnum):
    PROTOCOL_TLS = 2
    PROTOCOL_SSLv23 = 2
    PROTOCOL_TLSv1 = 3
    PROTOCOL_TLSv1_1 = 4
    PROTOCOL_TLSv1_2 = 5
    PROTOCOL_TLS_CLIENT = 16
    PROTOCOL_TLS_SERVER = 17


class Purpose(Enum):
    SERVER_AUTH = "1.3.6.1.5.5.7.3.1"
    CLIENT_AUTH = "1.3.6.1.5.5.7.3.2"


for _each in (VerifyMode, VerifyFlags, Options, _SSLMethod):
    globals().update(_each.__members__)

SSL_ERROR_SSL, SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE, SSL_ERROR_SYSCALL, SSL_ERROR_EOF = 1, 2, 3, 5, 8
SSL_ERROR_ZERO_RETURN = 6

# Of the age that libraries ask for.
OPENSSL_VERSION = "OpenSSL 3.0.0 (the host's TLS in its place)"
OPENSSL_VERSION_INFO = (3, 0, 0, 0, 0)
OPENSSL_VERSION_NUMBER = 0x30000000
HAS_SNI = HAS_ALPN = HAS_ECDH = HAS_TLSv1_2 = HAS_TLSv1_3 = HAS_NEVER_CHECK_COMMON_NAME = True
HAS_NPN = HAS_SSLv2 = HAS_SSLv3 = HAS_TLSv1 = HAS_TLSv1_1 = HAS_PSK = False
CHANNEL_BINDING_TYPES: list[str] = []


class SSLSocket(Socket):
    """A connection over the host's TLS."""

    def version(self) -> str | None:
        return None

    def cipher(self) -> None:
        return None

    def selected_alpn_protocol(self) -> str | None:
        return None

    def getpeercert(self, binary_form: bool = False) -> Any:
        raise SSLError(f"there is no certificate to look at: {_HOSTS}")


class SSLObject:
    """There is none: the host hands out no TLS without a request."""


class MemoryBIO:
    """Of no use here: see `SSLObject`."""


class SSLContext:
    """What a library asks for of TLS."""

    # Whatever is set: the host verifies.
    verify_mode = property(lambda self: VerifyMode.CERT_REQUIRED, lambda self, value: None)
    check_hostname = property(lambda self: True, lambda self, value: None)

    def __init__(self, protocol: int | None = None) -> None:
        self.protocol = _SSLMethod.PROTOCOL_TLS_CLIENT if protocol is None else protocol
        self.options = Options.OP_ALL
        self.verify_flags = VerifyFlags.VERIFY_X509_TRUSTED_FIRST
        self.maximum_version = TLSVersion.MAXIMUM_SUPPORTED
        self.post_handshake_auth = False
        self.hostname_checks_common_name = False
        self.keylog_filename = None
        self.sni_callback = None
        self._minimum_version = TLSVersion.TLSv1_2

    @property
    def minimum_version(self) -> int:
        return self._minimum_version

    @minimum_version.setter
    def minimum_version(self, version: int) -> None:
        if version == TLSVersion.TLSv1_3:
            raise SSLError("TLS is the host's, of version 1.2 or newer: version 1.3 can't be asked for")

    def load_default_certs(self, purpose: Purpose = Purpose.SERVER_AUTH) -> None:
        pass

    def set_default_verify_paths(self) -> None:
        pass

    def load_verify_locations(self, cafile: Any = None, capath: Any = None, cadata: Any = None) -> None:
        # The certificates of everyone are those of the host, too.
        if capath or cadata or (cafile and not is_everyones(cafile)):
            raise SSLError(f"certificates of one's own can't be loaded: {_HOSTS}")

    def load_cert_chain(self, *_: Any, **__: Any) -> None:
        raise SSLError(f"client certificates can't be loaded: {_HOSTS}")

    def set_alpn_protocols(self, protocols: Any) -> None:
        pass

    def set_ciphers(self, ciphers: str) -> None:
        pass

    def get_ca_certs(self, binary_form: bool = False) -> list[Any]:
        return []

    def cert_store_stats(self) -> dict[str, int]:
        return {"x509": 0, "crl": 0, "x509_ca": 0}

    def wrap_socket(self, sock: Any, *_: Any, **__: Any) -> SSLSocket:
        if not isinstance(sock, Socket):
            raise SSLError(f"TLS is there for HTTP requests alone: {_HOSTS}")
        sock.connection.is_tls = True
        return SSLSocket(sock.connection, sock.gettimeout(), sock.sends_until_connected)

    def wrap_bio(self, *_: Any, **__: Any) -> SSLObject:
        raise SSLError(f"TLS is there for HTTP requests alone: {_HOSTS}")


def create_default_context(
    purpose: Purpose = Purpose.SERVER_AUTH, *, cafile: Any = None, capath: Any = None, cadata: Any = None
) -> SSLContext:
    context = SSLContext()
    context.load_verify_locations(cafile, capath, cadata)
    return context


def _create_unverified_context(*_: Any, **__: Any) -> SSLContext:
    return SSLContext()


_create_default_https_context = create_default_context
_create_stdlib_context = _create_unverified_context


def is_everyones(path: Any) -> bool:
    """Whether certificates are those that the package certifi has of all public authorities."""
    certifi = sys.modules.get("certifi")
    return certifi is not None and os.fspath(path) == certifi.where()


class DefaultVerifyPaths(NamedTuple):
    """Where OpenSSL would look for certificates: where there are none."""

    cafile: str | None = None
    capath: str | None = None
    openssl_cafile_env: str = "SSL_CERT_FILE"
    openssl_cafile: str = "/usr/lib/ssl/cert.pem"
    openssl_capath_env: str = "SSL_CERT_DIR"
    openssl_capath: str = "/usr/lib/ssl/certs"


def get_default_verify_paths() -> DefaultVerifyPaths:
    return DefaultVerifyPaths()


def RAND_bytes(count: int) -> bytes:
    return os.urandom(count)


def RAND_status() -> bool:
    return True
