"""Messages show the path of a file whole, because its end says which file it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from fake_nova import Control, FakeNova
from fake_nova.cli import main
from fake_nova.cli.server_files import ServerFile
from fake_nova.cli.url_file import read_url
from fake_nova.errors import ConfigurationError
from fake_nova.recording.fixture_writer import FixtureFile


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / ("long-" * 16)
    folder.mkdir()
    (folder / "text").write_text("no certificate")
    (folder / "bytes").write_bytes(b"\xff")
    return folder


@pytest.mark.parametrize(
    ("use", "name"),
    [
        (lambda path: ServerFile(path, "--url-file"), "absent/file"),
        (FixtureFile, "absent/file"),
        (read_url, "bytes"),
        (lambda path: Control("https://fake-nova.test", ca_file=path).health(), "text"),
        (lambda path: FakeNova(tls="self-signed", tls_ca_file=path), "absent/file"),
    ],
    ids=["server file", "record", "URL file", "CA of a client", "CA of a server"],
)
def test_an_error_shows_the_whole_path(use: Callable[[str], object], name: str, folder: Path) -> None:
    path = str(folder / name)
    with pytest.raises(ConfigurationError) as error_info:
        use(path)
    assert f'(got "{path}")' in str(error_info.value)


@pytest.mark.parametrize(
    ("command", "name"),
    [(("env", "--url-file"), "absent"), (("verify", "--since"), "text")],
    ids=["env", "verify"],
)
def test_a_command_shows_the_whole_path(
    command: tuple[str, ...], name: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(folder / name)
    assert main((*command, path)) != 0
    assert f'(got "{path}"' in capsys.readouterr().err
