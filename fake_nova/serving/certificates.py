"""The certificate of a server that speaks TLS: from files, or a new one that trustme makes."""

from __future__ import annotations

import ssl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from ipaddress import ip_address
from pathlib import Path
from typing import Final, NamedTuple, NoReturn

from fake_nova.errors import ConfigurationError
from fake_nova.settings import Settings
from fake_nova.support.messages import quote_path, quote_python

#: The beginning of a file with a new CA certificate, so that no other file is overwritten.
_CA_HEAD: Final = b"# The CA certificate of a fake_nova with --tls self-signed; each start makes a new one.\n"

#: The names of this machine that a self-signed certificate is for.
_LOCAL_NAMES: Final = ("localhost", "127.0.0.1", "::1")


class CertificateFiles(NamedTuple):
    """The files of a certificate, in PEM.

    Attributes:
        chain: the certificate, and those between it and its CA.
        key: its private key, without a passphrase.
    """

    chain: Path
    key: Path


class Certificate:
    """The certificate of a server.

    Attributes:
        ca: the content of the file with the CA certificate, if that is new; None if a file has it already.
    """

    ca: bytes | None = None

    def __init__(self, files: CertificateFiles) -> None:
        self._files: Final = files

    @contextmanager
    def files(self) -> Iterator[CertificateFiles]:
        """Return a context manager with its files, which are there until the end of the block."""
        yield self._files


class _NewCertificate(Certificate):
    """A certificate that is in the memory of this process only."""

    def __init__(self, ca: bytes, chain: bytes, key: bytes) -> None:
        self.ca = ca
        self._chain: Final = chain
        self._key: Final = key

    @contextmanager
    def files(self) -> Iterator[CertificateFiles]:
        """Return a context manager that writes the files to a private folder, and removes it at the end.

        Raises:
            ConfigurationError: if no folder for temporary files is writable.
        """
        try:
            folder = tempfile.TemporaryDirectory(prefix="fake-nova-")
        except OSError as error:
            raise ConfigurationError(
                f"tls: no folder for the key is writable (got {quote_python(error.strerror)}); "
                "expected one in the variable TMPDIR, or --tls-cert and --tls-key"
            ) from error
        with folder as name:
            files = CertificateFiles(Path(name, "chain.pem"), Path(name, "key.pem"))
            files.chain.write_bytes(self._chain)
            files.key.write_bytes(self._key)
            yield files


def load_certificate(settings: Settings) -> Certificate:
    """Return the certificate that the settings name, or a new one.

    Args:
        settings: settings with which the server speaks TLS.

    Raises:
        ConfigurationError: if they name both, or only a certificate or a key; or if trustme is missing.
    """
    if settings.tls_cert is None and settings.tls_key is None:
        return _new_certificate(settings)
    if settings.tls != "off":
        raise ConfigurationError(
            f"tls: cannot be combined with tls_cert and tls_key (got {quote_python(settings.tls)}); "
            "expected a certificate of yours, or a new one"
        )
    if settings.tls_key is None:
        raise ConfigurationError(
            f"tls_cert: no key beside it (got {quote_path(settings.tls_cert)}); "
            "expected tls_key too, with the key of this certificate"
        )
    if settings.tls_cert is None:
        raise ConfigurationError(
            f"tls_key: no certificate beside it (got {quote_path(settings.tls_key)}); "
            "expected tls_cert too, with the certificate of this key"
        )
    for name in ("tls_cert", "tls_key", "tls_ca_file"):
        if getattr(settings, name) is not None:
            _check_readable(name, getattr(settings, name))
    return Certificate(CertificateFiles(Path(settings.tls_cert), Path(settings.tls_key)))


def check_overwritable(path: str) -> None:
    """Check that a new CA certificate may be written to a file: nothing else is there.

    Raises:
        ConfigurationError: if the file contains something else.
    """
    with suppress(OSError):
        if Path(path).stat().st_size and not Path(path).read_bytes().startswith(_CA_HEAD):
            raise ConfigurationError(
                f"tls_ca_file: contains something else (got {quote_path(path)}); "
                "expected a new file, or one that fake_nova has written"
            )


def _check_readable(name: str, path: str) -> None:
    """Check that a setting names a file that can be read; the errors of OpenSSL do not say which."""
    try:
        Path(path).read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigurationError(
            f"{name}: cannot be read: {reason} (got {quote_path(path)}); expected a file in PEM"
        ) from error


def _new_certificate(settings: Settings) -> Certificate:
    """Return a new certificate of a new CA for this machine, the host, and the allowed host names.

    Raises:
        ConfigurationError: if trustme is not installed, or no certificate can have one of these names.
    """
    try:
        import trustme  # noqa: PLC0415  # an extra
    except ImportError as error:
        raise ConfigurationError(
            f"tls: trustme is not installed (got {quote_python(settings.tls)}); "
            "expected the extra: pip install 'fake_nova[tls]'"
        ) from error
    authority = trustme.CA(organization_name="fake_nova")
    names = dict.fromkeys((*_LOCAL_NAMES, *map(_without_zone, (settings.host, *settings.allowed_host))))
    try:
        leaf = authority.issue_cert(*names)
    except ValueError as error:
        raise ConfigurationError(
            f"tls: no certificate can have such a name: {error} (got {quote_python(settings.host)}); "
            "expected a host name or an address"
        ) from error
    chain = b"".join(blob.bytes() for blob in leaf.cert_chain_pems)
    return _NewCertificate(_CA_HEAD + authority.cert_pem.bytes(), chain, leaf.private_key_pem.bytes())


def _without_zone(host: str) -> str:
    """Return a host without the zone of an IPv6 address, which no certificate can have."""
    address = host.partition("%")[0]
    try:
        return str(ip_address(address))
    except ValueError:
        return host


def load_into(context: ssl.SSLContext, files: CertificateFiles) -> None:
    """Load a certificate and its key into a context.

    Raises:
        ConfigurationError: if a file is no PEM, the key does not fit, or it has a passphrase.
    """
    try:
        context.load_cert_chain(files.chain, files.key, _refuse_passphrase)
    except ssl.SSLError as error:
        certificate = quote_path(files.chain)
        key = quote_path(files.key)
        if error.reason == "KEY_VALUES_MISMATCH":
            message = f"tls_key: does not fit the certificate (got {key}); expected the key of {certificate}"
        elif _has_certificate(files.chain):
            message = f"tls_key: no private key in PEM (got {key}); expected the key of {certificate}"
        else:
            message = f"tls_cert: no certificate in PEM (got {certificate}); expected BEGIN CERTIFICATE in it"
        raise ConfigurationError(message) from error
    except _PassphraseError as error:
        raise ConfigurationError(
            f"tls_key: has a passphrase (got {quote_path(files.key)}); expected a key without one, "
            "such as openssl pkey writes"
        ) from error


class _PassphraseError(Exception):
    """A key has a passphrase; without an exception OpenSSL would ask for it on the terminal."""


def _refuse_passphrase() -> NoReturn:
    raise _PassphraseError


def _has_certificate(path: Path) -> bool:
    """Return whether a file contains a certificate."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except ssl.SSLError:
        return False
    return True
