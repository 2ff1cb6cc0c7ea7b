"""OpenSSL's side of the module ssl, without TLS: contexts that can be configured, and certificates kept.

The sandbox opens no sockets, so nothing could be encrypted. What works is what
programs do before they connect: constants, exceptions, SSLContext with its
settings and their errors, MemoryBIO, random bytes. Making a connection raises
SSLError.
"""

import errno as _errno
import os as _os

OPENSSL_VERSION = "OpenSSL 3.0.0 (its constants; the WASI sandbox has no TLS)"
OPENSSL_VERSION_INFO = _OPENSSL_API_VERSION = (3, 0, 0, 0, 0)
OPENSSL_VERSION_NUMBER = 0x30000000

HAS_SNI = HAS_ECDH = HAS_ALPN = HAS_TLSv1_2 = HAS_TLSv1_3 = HAS_PSK = HAS_TLS_UNIQUE = True
HAS_NPN = HAS_SSLv2 = HAS_SSLv3 = HAS_TLSv1 = HAS_TLSv1_1 = False

CERT_NONE, CERT_OPTIONAL, CERT_REQUIRED = range(3)
ENCODING_PEM, ENCODING_DER = 1, 2

HOSTFLAG_ALWAYS_CHECK_SUBJECT = 0x1
HOSTFLAG_NO_WILDCARDS = 0x2
HOSTFLAG_NO_PARTIAL_WILDCARDS = 0x4
HOSTFLAG_MULTI_LABEL_WILDCARDS = 0x8
HOSTFLAG_SINGLE_LABEL_SUBDOMAINS = 0x10
HOSTFLAG_NEVER_CHECK_SUBJECT = 0x20

OP_ALL = 0x80000050
OP_CIPHER_SERVER_PREFERENCE = 0x400000
OP_ENABLE_KTLS = 0x8
OP_ENABLE_MIDDLEBOX_COMPAT = 0x100000
OP_IGNORE_UNEXPECTED_EOF = 0x80
OP_LEGACY_SERVER_CONNECT = 0x4
OP_NO_COMPRESSION = 0x20000
OP_NO_RENEGOTIATION = 0x40000000
OP_NO_SSLv2 = OP_SINGLE_DH_USE = OP_SINGLE_ECDH_USE = 0
OP_NO_SSLv3 = 0x2000000
OP_NO_TICKET = 0x4000
OP_NO_TLSv1 = 0x4000000
OP_NO_TLSv1_1 = 0x10000000
OP_NO_TLSv1_2 = 0x8000000
OP_NO_TLSv1_3 = 0x20000000

PROTOCOL_SSLv23 = PROTOCOL_TLS = 2
PROTOCOL_TLSv1, PROTOCOL_TLSv1_1, PROTOCOL_TLSv1_2 = 3, 4, 5
PROTOCOL_TLS_CLIENT, PROTOCOL_TLS_SERVER = 16, 17

PROTO_MINIMUM_SUPPORTED, PROTO_MAXIMUM_SUPPORTED = -2, -1
PROTO_SSLv3, PROTO_TLSv1, PROTO_TLSv1_1, PROTO_TLSv1_2, PROTO_TLSv1_3 = range(0x300, 0x305)

SSL_ERROR_SSL, SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE, SSL_ERROR_WANT_X509_LOOKUP = range(1, 5)
SSL_ERROR_SYSCALL, SSL_ERROR_ZERO_RETURN, SSL_ERROR_WANT_CONNECT, SSL_ERROR_EOF = range(5, 9)
SSL_ERROR_INVALID_ERROR_CODE = 10

VERIFY_DEFAULT = 0
VERIFY_CRL_CHECK_LEAF = 0x4
VERIFY_CRL_CHECK_CHAIN = 0xC
VERIFY_X509_STRICT = 0x20
VERIFY_ALLOW_PROXY_CERTS = 0x40
VERIFY_X509_TRUSTED_FIRST = 0x8000
VERIFY_X509_PARTIAL_CHAIN = 0x80000

ALERT_DESCRIPTION_CLOSE_NOTIFY = 0
ALERT_DESCRIPTION_UNEXPECTED_MESSAGE = 10
ALERT_DESCRIPTION_BAD_RECORD_MAC = 20
ALERT_DESCRIPTION_RECORD_OVERFLOW = 22
ALERT_DESCRIPTION_DECOMPRESSION_FAILURE = 30
ALERT_DESCRIPTION_HANDSHAKE_FAILURE = 40
ALERT_DESCRIPTION_BAD_CERTIFICATE = 42
ALERT_DESCRIPTION_UNSUPPORTED_CERTIFICATE = 43
ALERT_DESCRIPTION_CERTIFICATE_REVOKED = 44
ALERT_DESCRIPTION_CERTIFICATE_EXPIRED = 45
ALERT_DESCRIPTION_CERTIFICATE_UNKNOWN = 46
ALERT_DESCRIPTION_ILLEGAL_PARAMETER = 47
ALERT_DESCRIPTION_UNKNOWN_CA = 48
ALERT_DESCRIPTION_ACCESS_DENIED = 49
ALERT_DESCRIPTION_DECODE_ERROR = 50
ALERT_DESCRIPTION_DECRYPT_ERROR = 51
ALERT_DESCRIPTION_PROTOCOL_VERSION = 70
ALERT_DESCRIPTION_INSUFFICIENT_SECURITY = 71
ALERT_DESCRIPTION_INTERNAL_ERROR = 80
ALERT_DESCRIPTION_USER_CANCELLED = 90
ALERT_DESCRIPTION_NO_RENEGOTIATION = 100
ALERT_DESCRIPTION_UNSUPPORTED_EXTENSION = 110
ALERT_DESCRIPTION_CERTIFICATE_UNOBTAINABLE = 111
ALERT_DESCRIPTION_UNRECOGNIZED_NAME = 112
ALERT_DESCRIPTION_BAD_CERTIFICATE_STATUS_RESPONSE = 113
ALERT_DESCRIPTION_BAD_CERTIFICATE_HASH_VALUE = 114
ALERT_DESCRIPTION_UNKNOWN_PSK_IDENTITY = 115

_DEFAULT_CIPHERS = (
    "@SECLEVEL=2:ECDH+AESGCM:ECDH+CHACHA20:ECDH+AES:DHE+AES:!aNULL:!eNULL:!aDSS:!SHA1:!AESCCM"
)


# --- exceptions ----------------------------------------------------------------

class SSLError(OSError):
    """An error occurred in the SSL implementation."""

    __module__ = "ssl"

    def __str__(self):
        return self.strerror if isinstance(self.strerror, str) else str(self.args)


def _error(name, bases, doc):
    return type(name, bases, {"__module__": "ssl", "__doc__": doc})


SSLCertVerificationError = _error(
    "SSLCertVerificationError", (SSLError, ValueError), "A certificate could not be verified.")
SSLZeroReturnError = _error(
    "SSLZeroReturnError", (SSLError,), "SSL/TLS session closed cleanly.")
SSLWantReadError = _error(
    "SSLWantReadError", (SSLError,), "Non-blocking SSL socket needs to read more data")
SSLWantWriteError = _error(
    "SSLWantWriteError", (SSLError,), "Non-blocking SSL socket needs to write more data")
SSLSyscallError = _error(
    "SSLSyscallError", (SSLError,), "System error when attempting SSL operation.")
SSLEOFError = _error(
    "SSLEOFError", (SSLError,), "SSL/TLS connection terminated abruptly.")


def _refuse(*args, **kwargs):
    raise SSLError(_errno.ENOTSUP, "no TLS connection can be made in the WASI sandbox")


# --- random bytes, objects, paths --------------------------------------------------

def RAND_bytes(n, /):
    """Generate n cryptographically strong pseudo-random bytes."""
    if n < 0:
        raise ValueError("num must be positive")
    return _os.urandom(n)


def RAND_status():
    """Whether the source of random bytes is seeded, which the host's always is."""
    return True


def RAND_add(string, entropy, /):
    """Take part in the randomness: the host's needs none."""
    if not isinstance(string, str):
        memoryview(string)
    float(entropy)


# Extended key usages, as OpenSSL knows them: the only objects that ssl itself asks for.
_OBJECTS = (
    (129, "serverAuth", "TLS Web Server Authentication", "1.3.6.1.5.5.7.3.1"),
    (130, "clientAuth", "TLS Web Client Authentication", "1.3.6.1.5.5.7.3.2"),
    (131, "codeSigning", "Code Signing", "1.3.6.1.5.5.7.3.3"),
    (132, "emailProtection", "E-mail Protection", "1.3.6.1.5.5.7.3.4"),
    (133, "timeStamping", "Time Stamping", "1.3.6.1.5.5.7.3.8"),
)


def txt2obj(txt, name=False):
    """Look up an object by its OID or, with name, by its short or long name."""
    for found in _OBJECTS:
        if txt in (found[1:] if name else found[3:]):
            return found
    raise ValueError(f"unknown object '{txt[:100]}'")


def nid2obj(nid, /):
    """Look up an object by its number in OpenSSL."""
    if nid < 0:
        raise ValueError("NID must be positive")
    for found in _OBJECTS:
        if nid == found[0]:
            return found
    raise ValueError(f"unknown NID {nid}")


def get_default_verify_paths():
    """Where certificates are looked for; nothing is there until a folder is granted."""
    return "SSL_CERT_FILE", "/usr/lib/ssl/cert.pem", "SSL_CERT_DIR", "/usr/lib/ssl/certs"


# --- buffers ---------------------------------------------------------------------

class MemoryBIO:
    """Bytes in memory, between TLS and whoever carries them."""

    __module__ = "_ssl"

    def __init__(self):
        self._bytes = bytearray()
        self._ended = False

    @property
    def pending(self):
        """The number of bytes pending in the memory BIO."""
        return len(self._bytes)

    @property
    def eof(self):
        """Whether the memory BIO is at EOF."""
        return self._ended and not self._bytes

    def read(self, size=-1, /):
        """Read up to size bytes, or all of them."""
        count = len(self._bytes) if size < 0 else min(size, len(self._bytes))
        taken = bytes(self._bytes[:count])
        del self._bytes[:count]
        return taken

    def write(self, b, /):
        """Write the bytes and return their number."""
        if self._ended:
            raise SSLError("cannot write() after write_eof()")
        view = memoryview(b).cast("B")
        self._bytes += view
        return len(view)

    def write_eof(self):
        """Let eof be true when all bytes have been read."""
        self._ended = True


class _OfConnections:
    """What only a connection makes, so it is never made here."""

    def __new__(cls, *args, **kwargs):
        raise TypeError(f"cannot create '_ssl.{cls.__name__}' instances")


class SSLSession(_OfConnections):
    pass


class Certificate(_OfConnections):
    pass


class _SSLSocket(_OfConnections):
    pass


from _ssl.context import _SSLContext
