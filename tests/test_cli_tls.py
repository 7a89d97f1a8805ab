"""The commands `wait` and `env` for a server that speaks TLS: they find its CA file, and say what is wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from fake_nova import cli
from fake_nova.cli.greeting import startup_banner, startup_banner_as_json
from fake_nova.testing.fake_nova import FakeNova
from tests.conftest import Cloud
from tests.serving.command import Command
from tests.test_cli import run_for_errors


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Use a folder of the test for caches, and no variables with other CA certificates."""
    for name in ("OS_CACERT", "REQUESTS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "cache" / "fake_nova").mkdir(parents=True)
    return tmp_path / "cache" / "fake_nova"


@pytest.fixture
def nova(tmp_path: Path) -> Iterator[FakeNova]:
    """A server whose CA file is at no default place."""
    with FakeNova(fixtures=("default",), tls="self-signed", tls_ca_file=tmp_path / "ca.pem") as server:
        yield server


def default_file(nova: FakeNova, cache: Path) -> Path:
    return cache / f"ca-{urlsplit(nova.url).port}.pem"


def exported_ca(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run `env`, and return the CA file that it exports."""
    assert cli.main(["env", *arguments]) == 0, capsys.readouterr()
    lines = capsys.readouterr().out.splitlines()
    (line,) = [line for line in lines if "OS_CACERT" in line]
    return line.removeprefix("export OS_CACERT=")


def test_the_ca_file_is_that_of_the_option_or_the_variable_or_the_default_place_or_os_cacert(
    nova: FakeNova, cache: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ca_file = str(nova.ca_file)
    other = str(cache / "other.pem")
    Path(other).write_bytes(Path(ca_file).read_bytes())
    for name in ("REQUESTS_CA_BUNDLE", "OS_CACERT"):
        monkeypatch.setenv(name, ca_file)
        assert exported_ca(capsys, "--url", nova.url) == ca_file
        monkeypatch.setenv(name, other)
    default_file(nova, cache).write_bytes(Path(ca_file).read_bytes())
    assert exported_ca(capsys, "--url", nova.url) == str(default_file(nova, cache))
    monkeypatch.setenv("FAKE_NOVA_TLS_CA_FILE", ca_file)
    assert exported_ca(capsys, "--url", nova.url) == ca_file
    monkeypatch.chdir(cache)
    assert exported_ca(capsys, "--url", nova.url, "--tls-ca-file", "other.pem") == other
    assert cli.main(["wait", "--url", nova.url, "--tls-ca-file", "other.pem"]) == 0


def test_env_unsets_a_ca_file_if_the_server_speaks_http(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OS_CACERT", "/no/ca.pem")
    with FakeNova(fixtures=("default",)) as nova:
        assert cli.main(["env", "--url", nova.url]) == 0
    assert "unset OS_CACERT" in capsys.readouterr().out.splitlines()


@pytest.mark.parametrize("variables", [{"TLS": "self-signed"}, {"TLS_CERT": "a.pem", "TLS_KEY": "a.key"}])
def test_the_variables_of_a_server_with_tls_lead_the_health_check_to_https(
    nova: FakeNova, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]
) -> None:
    more = {"PORT": str(urlsplit(nova.url).port), "TLS_CA_FILE": str(nova.ca_file)}
    for name, value in {**variables, **more}.items():
        monkeypatch.setenv(f"FAKE_NOVA_{name}", value)
    assert cli.main(["wait", "--timeout", "2"]) == 0


def test_a_server_of_an_unknown_ca_is_reported_at_once(
    nova: FakeNova, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in ("wait", "env"):
        code, (line,) = run_for_errors(capsys, command, "--url", nova.url)
        assert code == 2
        assert line.startswith(f'fake-nova: url: no TLS connection to "{nova.url}" ([SSL: CERTIFICATE_VERIFY')
        assert line.endswith("or name the file with the CA certificate, as in OS_CACERT.")


def test_wait_waits_for_the_ca_file(
    nova: FakeNova, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(tmp_path / "none.pem")
    options = ["--url", nova.url, "--tls-ca-file", path]
    assert run_for_errors(capsys, "wait", *options, "--timeout", "0") == (
        1,
        [
            f"fake-nova: {nova.url}: not ready after 0 seconds ({path}: No such file or directory); "
            "expected a running server"
        ],
    )
    assert run_for_errors(capsys, "env", *options) == (2, [f"fake-nova: {path}: No such file or directory"])


def test_a_ca_file_without_a_certificate_is_refused(
    nova: FakeNova, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "text"
    path.write_text("no PEM")
    assert run_for_errors(capsys, "wait", "--url", nova.url, "--tls-ca-file", str(path)) == (
        2,
        [f'fake-nova: tls_ca_file: no certificate in PEM (got "{path}"); expected a CA certificate'],
    )


def test_a_url_with_http_of_a_port_with_tls_is_refused(
    nova: FakeNova, capsys: pytest.CaptureFixture[str]
) -> None:
    url = nova.url.replace("https", "http")
    code, (line,) = run_for_errors(capsys, "wait", "--url", url)
    assert code == 2
    assert 'got 400, "This port speaks TLS, not HTTP: use a URL that begins with https://' in line


@pytest.mark.parametrize("server", ["gunicorn", "granian"])
def test_the_url_file_leads_to_the_ca_file(
    cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], server: str
) -> None:
    path = str(tmp_path / "url")
    with Command("--tls", "self-signed", "--server", server, "--url-file", path) as command:
        assert cli.main(["wait", "--url-file", path, "--pid", str(command.process.pid)]) == 0
        assert Path(path).read_text() == f"{command.url}\n"
        assert exported_ca(capsys, "--url-file", path) == command.ca_file
        assert command.end() == (0, "")
    assert list(cache.iterdir()) == []


def test_a_server_with_a_certificate_of_its_own_removes_the_ca_file_of_an_earlier_one(
    nova: FakeNova, cache: Path, tmp_path: Path, free_port: int
) -> None:
    stale_file = cache / f"ca-{free_port}.pem"
    stale_file.write_bytes(Path(str(nova.ca_file)).read_bytes())
    server = nova._tls
    assert server is not None
    with server.server.files() as files:
        options = ("--tls-cert", str(files.chain), "--tls-key", str(files.key), "--port", str(free_port))
        with Command(*options, "--tls-ca-file", str(nova.ca_file)) as command:
            assert command.ca_file == nova.ca_file
            assert not stale_file.exists()


def test_the_greeting_says_which_ca_certificate_clients_trust() -> None:
    url, ca_file = "https://127.0.0.1:8774", "/tmp/my ca.pem"
    emulator = Cloud(auth_strategy="keystone").emulator
    lines = startup_banner(url, emulator, ca_file)
    assert lines[2] == (
        f"try    eval \"$(fake-nova env --url {url} --tls-ca-file '{ca_file}')\" && openstack image list"
    )
    assert f"export OS_CACERT='{ca_file}'" in lines
    greeting = json.loads(startup_banner_as_json(url, emulator, ca_file))
    assert (greeting["url"], greeting["environment"]["OS_CACERT"]) == (url, ca_file)
    anonymous = Cloud(fixtures=("empty",)).emulator
    assert f"export OS_CACERT='{ca_file}'" in startup_banner(url, anonymous, ca_file)


def test_a_ca_file_that_is_something_else_is_not_overwritten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mine.pem"
    path.write_text("mine")
    options = ["--port", "0", "--tls", "self-signed", "--tls-ca-file", str(path)]
    assert run_for_errors(capsys, "serve", *options) == (
        2,
        [
            f'fake-nova: tls_ca_file: contains something else (got "{path}"); '
            "expected a new file, or one that fake_nova has written"
        ],
    )
    assert path.read_text() == "mine"


def test_without_a_home_folder_a_ca_file_is_needed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def no_home() -> None:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(Path, "home", no_home)
    assert run_for_errors(capsys, "serve", "--port", "0", "--tls", "self-signed") == (
        2,
        ["fake-nova: tls_ca_file: this user has no home folder for a default; expected the name of a file"],
    )
