"""The watcher of fixture files: which changes load them again."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from fake_nova.cloud.emulator import Emulator
from fake_nova.documents.loading import start_from_fixtures
from fake_nova.documents.watcher import FixtureWatcher
from fake_nova.settings import Settings


def fixture(*names: str) -> str:
    return "images: [" + ", ".join(f"{{name: {name}}}" for name in names) + "]\n"


class Watched:
    """A folder of fixtures with an emulator and a watcher, whose looks a test takes itself."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.write("a.yaml", fixture("one"))
        self.watcher = FixtureWatcher((str(folder),))
        self.emulator = Emulator(Settings(fixtures=(str(folder),)))
        start_from_fixtures(self.emulator)
        self.first_cloud = self.emulator.cloud

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)

    def names(self) -> list[str | None]:
        """Look at the files until a change has settled, and return the names of the images."""
        self.watcher.poll(self.emulator)
        self.watcher.poll(self.emulator)
        return sorted((image.name for image in self.emulator.cloud.images.all()), key=str)


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    return Watched(tmp_path)


def replace_as_editors_do(folder: Path) -> None:
    (folder / ".a.yaml.swp").write_text(fixture("one", "two"))
    (folder / ".a.yaml.swp").rename(folder / "a.yaml")


@pytest.mark.parametrize(
    ("change", "names"),
    [
        (lambda folder: (folder / "a.yaml").write_text(fixture("one", "two")), ["one", "two"]),
        (replace_as_editors_do, ["one", "two"]),
        (lambda folder: (folder / "b.yaml").write_text(fixture("two")), ["one", "two"]),
        (lambda folder: (folder / "b.json").write_text('{"images": [{"name": "two"}]}'), ["one", "two"]),
    ],
    ids=["written", "replaced", "new file", "new JSON file"],
)
def test_a_change_loads_the_fixtures_again(
    watched: Watched, change: Callable[[Path], object], names: list[str]
) -> None:
    change(watched.folder)
    assert watched.names() == names


def test_a_file_that_is_deleted_or_renamed_is_seen(watched: Watched) -> None:
    watched.write("b.yaml", fixture("two"))
    assert watched.names() == ["one", "two"]
    (watched.folder / "b.yaml").rename(watched.folder / "b.txt")
    assert watched.names() == ["one"]
    (watched.folder / "b.txt").rename(watched.folder / "c.yml")
    assert watched.names() == ["one", "two"]
    (watched.folder / "a.yaml").unlink()
    assert watched.names() == ["two"]


def test_a_file_whose_time_alone_changes_is_not_loaded_again(watched: Watched) -> None:
    os.utime(watched.folder / "a.yaml", (1, 1))
    watched.write("notes.txt", "not a fixture")
    watched.names()
    assert watched.emulator.cloud is watched.first_cloud


def test_a_file_is_loaded_when_it_is_complete(watched: Watched) -> None:
    watched.write("a.yaml", "images: [{name: ")
    watched.watcher.poll(watched.emulator)
    watched.write("a.yaml", fixture("one", "two"))
    watched.watcher.poll(watched.emulator)
    assert watched.emulator.fixture_errors == ()
    assert watched.emulator.cloud is watched.first_cloud
    assert watched.names() == ["one", "two"]


def test_a_change_between_the_creation_of_the_watcher_and_its_start_is_seen(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(fixture("one"))
    watcher = FixtureWatcher((str(tmp_path),))
    emulator = Emulator(Settings(fixtures=(str(tmp_path),)))
    start_from_fixtures(emulator)
    (tmp_path / "a.yaml").write_text(fixture("two"))
    watcher.poll(emulator)
    watcher.poll(emulator)
    assert [image.name for image in emulator.cloud.images.all()] == ["two"]


def test_an_invalid_file_is_reported_once_and_changes_nothing(
    watched: Watched, caplog: pytest.LogCaptureFixture
) -> None:
    watched.write("a.yaml", "images: [{name: one, status: actve}]\n")
    assert watched.names() == watched.names() == ["one"]
    assert watched.emulator.cloud is watched.first_cloud
    (line,) = watched.emulator.fixture_errors
    assert line.startswith(f'{watched.folder}/a.yaml:1:22: images[0].status: invalid value (got "actve")')
    assert caplog.messages == [f"fixtures not reloaded: {line}"]
    watched.write("a.yaml", fixture("two"))
    assert watched.names() == ["two"]
    assert watched.emulator.fixture_errors == ()


def test_files_that_are_gone_are_an_error_until_they_are_back(watched: Watched) -> None:
    (watched.folder / "a.yaml").unlink()
    assert watched.names() == ["one"]
    assert "no fixture file in this folder" in str(watched.emulator.fixture_errors)
    watched.write("a.yaml", fixture("two"))
    assert watched.names() == ["two"]
    assert watched.emulator.fixture_errors == ()


def test_too_many_faults_in_all_files_together_change_nothing(watched: Watched) -> None:
    for name in ("a.yaml", "b.yaml"):
        watched.write(name, "faults: [" + "{effect: {status: 503}}, " * 600 + "]\n")
    assert watched.names() == ["one"]
    assert watched.emulator.fixture_errors == ("faults: too many (got 1200); expected at most 1000",)
    assert not watched.emulator.cloud.faults.all_faults
