"""The class SSLContext inherits from: the settings of connections, and the certificates they would trust."""

import binascii
import errno
import os
import re

import _ssl

_PROTOCOLS = (_ssl.PROTOCOL_TLS, _ssl.PROTOCOL_TLSv1_2, _ssl.PROTOCOL_TLS_CLIENT, _ssl.PROTOCOL_TLS_SERVER)
_FLEXIBLE = (_ssl.PROTOCOL_TLS, _ssl.PROTOCOL_TLS_CLIENT, _ssl.PROTOCOL_TLS_SERVER)
_VERSIONS = range(_ssl.PROTO_MINIMUM_SUPPORTED, 0), range(_ssl.PROTO_TLSv1_2, _ssl.PROTO_TLSv1_3 + 1)
_OPTIONS = (1 << 64) - 1
_STATS = (
    "number", "connect", "connect_good", "connect_renegotiate", "accept", "accept_good",
    "accept_renegotiate", "hits", "misses", "timeouts", "cache_full",
)
_CURVES = ("prime256v1", "secp256r1", "secp384r1", "secp521r1", "X25519", "X448")


def _failed(reason, library="PEM"):
    error = _ssl.SSLError(_ssl.SSL_ERROR_SSL, f"[{library}: {reason}] {reason.replace('_', ' ').lower()}")
    error.library, error.reason = library, reason
    return error


def _pem(text, *kinds):
    """The contents of the blocks of these kinds in a text."""
    found = []
    for kind in kinds:
        for body in re.findall(f"-----BEGIN {kind}-----(.*?)-----END {kind}-----".encode(), text, re.S):
            try:
                found.append(binascii.a2b_base64(body))
            except binascii.Error:
                raise _failed("BAD_BASE64_DECODE") from None
    return found


def _der(data):
    """The certificates of a sequence of them: each is tag 0x30, its length, and that many bytes."""
    found = []
    while data:
        if len(data) < 2 or data[0] != 0x30:
            raise _failed("NOT_ENOUGH_DATA", "ASN1")
        size, start = data[1], 2
        if size & 0x80:
            start += size & 0x7F
            size = int.from_bytes(data[2:start], "big")
        if start + size > len(data):
            raise _failed("NOT_ENOUGH_DATA", "ASN1")
        found.append(data[:start + size])
        data = data[start + size:]
    return found


def _is_authority(certificate):
    """Whether the extension basicConstraints says so."""
    _, found, rest = certificate.partition(b"\x06\x03\x55\x1d\x13")
    rest = rest.removeprefix(b"\x01\x01\xff")
    return bool(found) and rest[:1] == b"\x04" and b"\x01\x01\xff" in rest[2:2 + rest[1]]


def _read(path):
    with open(path, "rb") as file:
        return file.read()


class _SSLContext:
    """Settings of TLS connections."""

    __module__ = "_ssl"

    def __new__(cls, protocol, /):
        if protocol not in _PROTOCOLS:
            raise ValueError(f"invalid or unsupported protocol version {protocol}")
        self = super().__new__(cls)
        client = protocol == _ssl.PROTOCOL_TLS_CLIENT
        self._protocol = protocol
        self._options = (
            _ssl.OP_ALL | _ssl.OP_NO_SSLv3 | _ssl.OP_CIPHER_SERVER_PREFERENCE | _ssl.OP_NO_COMPRESSION
            | _ssl.OP_ENABLE_MIDDLEBOX_COMPAT | _ssl.OP_IGNORE_UNEXPECTED_EOF
        )
        self._verify_mode = _ssl.CERT_REQUIRED if client else _ssl.CERT_NONE
        self._check_hostname = client
        self._verify_flags = _ssl.VERIFY_X509_TRUSTED_FIRST
        self._minimum = _ssl.PROTO_TLSv1_2 if protocol in _FLEXIBLE else _ssl.PROTO_MINIMUM_SUPPORTED
        self._maximum = _ssl.PROTO_MAXIMUM_SUPPORTED
        self._host_flags = _ssl.HOSTFLAG_NO_PARTIAL_WILDCARDS
        self._callback = None
        self._sni_callback = self._keylog_filename = None
        self._num_tickets = 2
        self._post_handshake_auth = False
        self._certificates, self._crls = {}, {}
        return self

    protocol = property(lambda self: self._protocol)
    security_level = property(lambda self: 2)

    @property
    def options(self):
        return self._options

    @options.setter
    def options(self, value):
        if not 0 <= value <= _OPTIONS:
            raise OverflowError("options do not fit into 64 bits")
        self._options = int(value)

    @property
    def verify_mode(self):
        return self._verify_mode

    @verify_mode.setter
    def verify_mode(self, value):
        if value not in (_ssl.CERT_NONE, _ssl.CERT_OPTIONAL, _ssl.CERT_REQUIRED):
            raise ValueError("invalid value for verify_mode")
        if value == _ssl.CERT_NONE and self._check_hostname:
            raise ValueError("Cannot set verify_mode to CERT_NONE when check_hostname is enabled.")
        self._verify_mode = int(value)

    @property
    def check_hostname(self):
        return self._check_hostname

    @check_hostname.setter
    def check_hostname(self, value):
        self._check_hostname = bool(value)
        if value and self._verify_mode == _ssl.CERT_NONE:
            self._verify_mode = _ssl.CERT_REQUIRED

    @property
    def verify_flags(self):
        return self._verify_flags

    @verify_flags.setter
    def verify_flags(self, value):
        self._verify_flags = int(value)

    def _version(self, value):
        if self._protocol not in _FLEXIBLE:
            raise ValueError("The context's protocol doesn't support modification of highest and lowest "
                             "version.")
        if not any(value in versions for versions in _VERSIONS):
            raise ValueError(f"Unsupported TLS/SSL version {value:#x}")
        return int(value)

    @property
    def minimum_version(self):
        return self._minimum

    @minimum_version.setter
    def minimum_version(self, value):
        self._minimum = self._version(value)

    @property
    def maximum_version(self):
        return self._maximum

    @maximum_version.setter
    def maximum_version(self, value):
        self._maximum = self._version(value)

    @property
    def num_tickets(self):
        return self._num_tickets

    @num_tickets.setter
    def num_tickets(self, value):
        if value < 0:
            raise ValueError("value must be non-negative")
        if self._protocol != _ssl.PROTOCOL_TLS_SERVER:
            raise ValueError("SSLContext is not a server context.")
        self._num_tickets = value

    @property
    def post_handshake_auth(self):
        return self._post_handshake_auth

    @post_handshake_auth.setter
    def post_handshake_auth(self, value):
        self._post_handshake_auth = bool(value)

    @property
    def sni_callback(self):
        return self._sni_callback

    @sni_callback.setter
    def sni_callback(self, value):
        if self._protocol == _ssl.PROTOCOL_TLS_CLIENT:
            raise ValueError("sni_callback cannot be set on TLS_CLIENT context")
        if value is not None and not callable(value):
            raise TypeError("not a callable object")
        self._sni_callback = value

    @property
    def keylog_filename(self):
        return self._keylog_filename

    @keylog_filename.setter
    def keylog_filename(self, value):
        if value is not None:
            # It is opened for appending when it is set, so that an error is one now.
            with open(value, "a"):
                pass
        self._keylog_filename = value

    @property
    def _msg_callback(self):
        return self._callback

    @_msg_callback.setter
    def _msg_callback(self, value):
        self._callback = value

    def set_ciphers(self, cipherlist, /):
        if not cipherlist:
            raise _ssl.SSLError("No cipher can be selected.")

    def get_ciphers(self):
        """The ciphers of connections: there are none."""
        return []

    def _set_alpn_protocols(self, protos, /):
        memoryview(protos)

    def set_ecdh_curve(self, name, /):
        name = os.fsdecode(name)
        if name not in _CURVES:
            raise ValueError(f"unknown elliptic curve name {name!r}")

    def load_dh_params(self, path, /):
        if not _pem(_read(path), "DH PARAMETERS", "X9.42 DH PARAMETERS"):
            raise _failed("NO_START_LINE")

    def set_psk_client_callback(self, callback):
        self._check_psk(callback, _ssl.PROTOCOL_TLS_SERVER, "client")

    def set_psk_server_callback(self, callback, identity_hint=None):
        self._check_psk(callback, _ssl.PROTOCOL_TLS_CLIENT, "server")

    def _check_psk(self, callback, wrong, side):
        if self._protocol == wrong:
            raise _ssl.SSLError(f"Cannot add PSK {side} callback to a "
                                f"PROTOCOL_TLS_{'SERVER' if side == 'client' else 'CLIENT'} context")
        if callback is not None and not callable(callback):
            raise TypeError("callback must be callable")

    def load_cert_chain(self, certfile, keyfile=None, password=None):
        text = _read(certfile)
        keys = text if keyfile is None else _read(keyfile)
        if not _pem(text, "CERTIFICATE") or b"PRIVATE KEY-----" not in keys:
            error = _ssl.SSLError(_ssl.SSL_ERROR_SSL, "[SSL] PEM lib")
            error.library, error.reason = "SSL", None
            raise error

    def load_verify_locations(self, cafile=None, capath=None, cadata=None):
        if cafile is None and capath is None and cadata is None:
            raise TypeError("cafile, capath and cadata cannot be all omitted")
        if cadata is not None:
            self._trust_data(cadata)
        if cafile is not None:
            self._trust_file(cafile)
        if capath is not None:
            # OpenSSL looks into the folder when it verifies, not now.
            os.fspath(capath)

    def _trust_data(self, data):
        if not isinstance(data, str):
            certificates = _der(bytes(data))
        elif not data.isascii():
            raise ValueError("cadata should be an ASCII string or a bytes-like object")
        else:
            certificates = _pem(data.encode(), "CERTIFICATE")
            if not certificates:
                raise _ssl.SSLError(0, "no start line: cadata does not contain a certificate")
        self._certificates.update(dict.fromkeys(certificates))

    def _trust_file(self, path):
        text = _read(path)
        certificates = _pem(text, "CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE")
        crls = _pem(text, "X509 CRL")
        if not certificates and not crls:
            raise _failed("NO_CERTIFICATE_OR_CRL_FOUND", "X509")
        self._certificates.update(dict.fromkeys(certificates))
        self._crls.update(dict.fromkeys(crls))

    def set_default_verify_paths(self):
        """Trust what SSL_CERT_FILE or the usual file holds. As OpenSSL, with no error when there is none."""
        variable, usual, *_ = _ssl.get_default_verify_paths()
        path = os.environ.get(variable, usual)
        if os.path.isfile(path):
            try:
                self._trust_file(path)
            except OSError:
                pass

    def cert_store_stats(self):
        authorities = sum(map(_is_authority, self._certificates))
        return {"x509": len(self._certificates), "crl": len(self._crls), "x509_ca": authorities}

    def get_ca_certs(self, binary_form=False):
        authorities = list(filter(_is_authority, self._certificates))
        if authorities and not binary_form:
            raise _ssl.SSLError(errno.ENOTSUP, "certificates cannot be decoded in the WASI sandbox")
        return authorities

    def session_stats(self):
        return dict.fromkeys(_STATS, 0)

    def _wrap_socket(self, *args, **kwargs):
        _ssl._refuse()

    _wrap_bio = _wrap_socket
