"""The command `scripts/test-against-openstack` where something cannot be installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.against_openstack import __main__ as command
from tests.against_openstack import installation, mariadb


@pytest.fixture(autouse=True)
def no_signals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["test-against-openstack"])
    monkeypatch.setattr("signal.signal", lambda *_: None)


def test_without_the_services_it_warns_and_its_exit_code_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/dev/null")
    assert command.main() == command.CANNOT_INSTALL
    assert "WARNING: fake_nova is not compared with the real services" in capsys.readouterr().out


def test_without_mariadb_it_warns_and_compares_on_sqlite(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> str:
        raise installation.InstallationError("no apt-get here")

    monkeypatch.setattr(installation, "install", lambda: Path("environment"))
    monkeypatch.setattr(mariadb, "install", fail)
    databases = ["sqlite", "mariadb"]
    command.install(databases)
    assert databases == ["sqlite"]
    assert "WARNING: MariaDB is not compared: no apt-get here" in capsys.readouterr().out
    with pytest.raises(installation.InstallationError, match="no database is left"):
        command.install(["mariadb"])


def test_an_ordinary_user_reads_which_package_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mariadb, "find_program", lambda _: None)
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(installation.InstallationError, match="mariadb-server-core"):
        mariadb.install()


def test_the_lock_has_the_services_that_were_recorded() -> None:
    versions = installation.locked_versions()
    assert (versions["Keystone"], versions["Glance"], versions["Nova"]) == ("30.0.0", "33.0.0", "34.0.0")
    assert "--hash=sha256:" in installation.LOCK.read_text(encoding="utf-8")
