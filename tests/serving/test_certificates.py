"""Certificates of servers: from files, and new ones; errors say which file is wrong."""

from __future__ import annotations

import ssl
import subprocess
import sys
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
import trustme
from cryptography import x509

from fake_nova.errors import ConfigurationError
from fake_nova.serving.tls import ServerTls
from fake_nova.settings import Settings
from fake_nova.testing.fake_nova import FakeNova
from tests.serving.tls_clients import GET


class Files:
    """The files of two certificates of one CA, in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        authority = trustme.CA()
        authority.cert_pem.write_to_path(self.path("ca.pem"))
        for name in ("one", "two"):
            leaf = authority.issue_cert("127.0.0.1")
            leaf.private_key_pem.write_to_path(self.path(f"{name}.key"))
            leaf.cert_chain_pems[0].write_to_path(self.path(f"{name}.pem"))
        command = ["openssl", "pkcs8", "-topk8", "-passout", "pass:x"]
        paths = ["-in", self.path("one.key"), "-out", self.path("encrypted.key")]
        subprocess.run([*command, *paths], check=True, capture_output=True)
        (folder / "text").write_text("no PEM")

    def path(self, name: str) -> str:
        return str(self.folder / name)

    def settings(self, **names: str) -> Settings:
        """Return settings with the paths of files."""
        return Settings(**{f"tls_{name}": self.path(file) for name, file in names.items()})  # type: ignore[arg-type]  # texts


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def error_of(settings: Settings) -> str:
    with pytest.raises(ConfigurationError) as error_info:
        ServerTls(settings)
    return str(error_info.value)


def test_a_server_has_the_certificate_of_the_files(files: Files) -> None:
    options: Any = {"tls_cert": files.path("one.pem"), "tls_key": files.path("one.key")}
    with FakeNova(fixtures=("default",), tls_ca_file=files.path("ca.pem"), **options) as nova:
        assert nova.ca_file == nova.environment["OS_CACERT"] == files.path("ca.pem")
        assert '"images"' in GET["curl"](f"{nova.url}/v2.1/images", nova.ca_file)
    with FakeNova(fixtures=("default",), **options) as nova:
        assert nova.url.startswith("https://")
        assert nova.ca_file is None
        assert "OS_CACERT" not in nova.environment


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (
            {"cert": "one.pem"},
            'tls_cert: no key beside it (got "{}/one.pem"); expected tls_key too, with the key of this certificate',
        ),
        (
            {"key": "one.key"},
            'tls_key: no certificate beside it (got "{}/one.key"); expected tls_cert too, with the certificate of this key',
        ),
        (
            {"cert": "none", "key": "one.key"},
            'tls_cert: cannot be read: No such file or directory (got "{}/none"); expected a file in PEM',
        ),
        (
            {"cert": "one.pem", "key": "none"},
            'tls_key: cannot be read: No such file or directory (got "{}/none"); expected a file in PEM',
        ),
        (
            {"cert": "one.pem", "key": "two.key"},
            'tls_key: does not fit the certificate (got "{0}/two.key"); expected the key of "{0}/one.pem"',
        ),
        (
            {"cert": "text", "key": "one.key"},
            'tls_cert: no certificate in PEM (got "{}/text"); expected BEGIN CERTIFICATE in it',
        ),
        (
            {"cert": "one.pem", "key": "text"},
            'tls_key: no private key in PEM (got "{0}/text"); expected the key of "{0}/one.pem"',
        ),
        (
            {"cert": "one.pem", "key": "encrypted.key"},
            'tls_key: has a passphrase (got "{}/encrypted.key"); expected a key without one, such as openssl pkey writes',
        ),
        (
            {"cert": "one.pem", "key": "one.key", "ca_file": "none"},
            'tls_ca_file: cannot be read: No such file or directory (got "{}/none"); expected a file in PEM',
        ),
    ],
    ids=lambda value: " ".join(value.values()) if isinstance(value, dict) else "",
)
def test_a_wrong_file_is_named(files: Files, names: dict[str, str], message: str) -> None:
    assert error_of(files.settings(**names)) == message.format(files.folder)


def test_a_certificate_is_new_or_from_files_but_not_both(files: Files) -> None:
    settings = Settings(tls="self-signed", tls_cert=files.path("one.pem"), tls_key=files.path("one.key"))
    assert error_of(settings) == (
        'tls: cannot be combined with tls_cert and tls_key (got "self-signed"); expected a certificate of yours, or a '
        "new one"
    )


def test_without_trustme_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "trustme", None)
    assert error_of(Settings(tls="self-signed")) == (
        "tls: trustme is not installed (got \"self-signed\"); expected the extra: pip install 'fake_nova[tls]'"
    )


def names_in(tls: ServerTls) -> list[str]:
    """Return the names of a certificate."""
    with tls.files() as files:
        certificate = x509.load_pem_x509_certificate(files.chain.read_bytes())
    extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    return [str(name.value) for name in extension.value]


def test_a_new_certificate_is_for_this_machine_the_host_and_the_allowed_hosts() -> None:
    local_names = ["localhost", "127.0.0.1", "::1"]
    assert names_in(ServerTls(Settings(tls="self-signed"))) == local_names
    for host in ("nova.example.com", "10.0.0.7", "::"):
        assert names_in(ServerTls(Settings(tls="self-signed", host=host))) == [*local_names, host]
    settings = Settings(tls="self-signed", host="fe80::1%eth0", allowed_host=("fake-nova", "localhost"))
    assert names_in(ServerTls(settings)) == [*local_names, str(ip_address("fe80::1")), "fake-nova"]


def test_a_host_that_no_certificate_can_have_is_named() -> None:
    message = error_of(Settings(tls="self-signed", host="my_host"))
    assert message.startswith("tls: no certificate can have such a name: Codepoint U+005F")
    assert message.endswith('(got "my_host"); expected a host name or an address')


def test_a_new_certificate_satisfies_the_strict_rules_of_newer_pythons(tmp_path: Path) -> None:
    with FakeNova(fixtures=("default",), tls="self-signed", tls_ca_file=tmp_path / "ca.pem") as nova:
        assert nova.ca_file == str(tmp_path / "ca.pem")
        context = ssl.create_default_context(cafile=nova.ca_file)
        context.verify_flags |= ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN
        with urlopen(f"{nova.url}/healthcheck", context=context, timeout=60) as response:
            assert response.read() == b"OK"


def test_the_ca_file_replaces_one_of_an_earlier_server_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    for _ in range(2):
        with FakeNova(fixtures=("default",), tls="self-signed", tls_ca_file=path) as nova:
            assert GET["urllib"](f"{nova.url}/healthcheck", nova.ca_file) == "OK"
    path.write_text("mine")
    with pytest.raises(ConfigurationError) as error_info:
        FakeNova(fixtures=("default",), tls="self-signed", tls_ca_file=path)
    assert str(error_info.value) == (
        f'tls_ca_file: contains something else (got "{path}"); '
        "expected a new file, or one that fake_nova has written"
    )
    assert path.read_text() == "mine"


def test_a_key_without_a_writable_folder_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_folder(**_: object) -> None:
        raise FileNotFoundError(2, "No usable temporary directory found")

    monkeypatch.setattr("tempfile.TemporaryDirectory", no_folder)
    assert error_of(Settings(tls="self-signed")) == (
        'tls: no folder for the key is writable (got "No usable temporary directory found"); expected one in the '
        "variable TMPDIR, or --tls-cert and --tls-key"
    )
