"""`POST /_admin/reload`: the fixture files are loaded again, as a reset to a new seed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fake_nova import Control
from fake_nova.control import AdminError
from fake_nova.testing.fake_nova import FakeNova
from tests.conftest import Cloud

PROJECT = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "cloud.yaml"
    path.write_text("images: [{name: one}]\n")
    return path


@pytest.fixture
def edited_cloud(file: Path) -> Cloud:
    """A cloud whose fixture file was edited after the start."""
    cloud = Cloud(private=True, fixtures=(str(file),))
    file.write_text(f"projects: [{{id: {PROJECT}, name: new}}]\nimages: [{{name: one}}, {{name: two}}]\n")
    return cloud


def names(cloud: Cloud, query: str = "") -> list[str]:
    return sorted(image["name"] for image in cloud.get(f"/_admin/images{query}")["images"])


def test_a_reload_resets_the_cloud_to_the_edited_files(edited_cloud: Cloud) -> None:
    edited_cloud.ask("POST", "/_admin/images", json={"name": "added"})
    edited_cloud.ask("POST", "/_admin/faults", json={"effect": {"status": 503}})
    edited_cloud.ask("PUT", "/_admin/clock", json={"mode": "frozen"})
    response = edited_cloud.ask("POST", "/_admin/reload")
    assert (response.status_code, response.get_json()) == (200, {"images": 2})
    assert names(edited_cloud) == ["one", "two"]
    health = edited_cloud.get("/_admin/health")
    assert (health["faults"], health["clock"], health["fixture_errors"]) == ([], "real", [])
    assert edited_cloud.emulator.cloud.directory.first_project.id == PROJECT
    edited_cloud.ask("POST", "/_admin/images", json={"name": "added"})
    edited_cloud.ask("POST", "/_admin/reset")
    assert names(edited_cloud) == ["one", "two"]


def test_a_reload_drops_documents_that_came_by_http(edited_cloud: Cloud) -> None:
    edited_cloud.ask("POST", "/_admin/fixtures", data="images: [{name: sent}]")
    assert names(edited_cloud) == ["one", "sent"]
    edited_cloud.ask("POST", "/_admin/reload")
    assert names(edited_cloud) == ["one", "two"]


def test_scopes_keep_their_clouds_and_their_seeds(edited_cloud: Cloud) -> None:
    scope = edited_cloud.ask("POST", "/_admin/scopes", json={}).get_json()
    query = f"?scope={scope['project']['id']}"
    edited_cloud.ask("POST", f"/_admin/images{query}", json={"name": "added"})
    edited_cloud.ask("POST", "/_admin/reload")
    assert names(edited_cloud, query) == ["added", "one"]
    edited_cloud.ask("POST", f"/_admin/reset{query}")
    assert names(edited_cloud, query) == ["one"]
    login = edited_cloud.get(f"/_admin/environment{query}")["login"]
    assert login["username"] == scope["user"]["name"]
    new_scope = edited_cloud.ask("POST", "/_admin/scopes", json={}).get_json()
    assert names(edited_cloud, f"?scope={new_scope['project']['id']}") == ["one", "two"]


def test_a_scope_cannot_be_reloaded(edited_cloud: Cloud) -> None:
    scope = edited_cloud.ask("POST", "/_admin/scopes", json={}).get_json()["project"]["id"]
    response = edited_cloud.ask("POST", f"/_admin/reload?scope={scope}")
    assert response.status_code == 400
    assert "scope: keeps the fixtures that it was opened with" in response.text
    assert names(edited_cloud) == ["one"]


@pytest.mark.parametrize("problem", ["content", "gone", "no permission"])
def test_a_bad_file_changes_nothing_until_it_is_mended(
    file: Path, edited_cloud: Cloud, caplog: pytest.LogCaptureFixture, problem: str, monkeypatch: Any
) -> None:
    edited_cloud.ask("POST", "/_admin/images", json={"name": "added"})
    text, expected = file.read_text(), f"{file}: no such file or folder"
    if problem == "content":
        file.write_text("images:\n  - status: actve\n  - size: -1\n")
        expected = f"{file}:2:5: images[0].status: invalid value"
    elif problem == "gone":
        file.unlink()
    else:
        expected = f"{file}: cannot be read (Permission denied)"

        def refuse(path: Path, stat: Any = Path.stat, **options: Any) -> object:
            if path == file:
                raise PermissionError(13, "Permission denied")
            return stat(path, **options)

        monkeypatch.setattr(Path, "stat", refuse)
    response = edited_cloud.ask("POST", "/_admin/reload")
    monkeypatch.undo()
    assert response.status_code == 400
    assert response.get_json()["badRequest"]["message"].startswith(expected)
    assert names(edited_cloud) == ["added", "one"]
    health = edited_cloud.get("/_admin/health")
    assert health["status"] == "ok"
    assert health["fixture_errors"][0].startswith(expected)
    assert len(health["fixture_errors"]) == (2 if problem == "content" else 1)
    assert caplog.messages == [f"fixtures not reloaded: {line}" for line in health["fixture_errors"]]
    file.write_text(text)
    assert edited_cloud.ask("POST", "/_admin/reload").status_code == 200
    assert edited_cloud.get("/_admin/health")["fixture_errors"] == []


def test_a_control_reloads_the_shared_cloud(file: Path) -> None:
    with FakeNova(fixtures=(str(file),)) as nova:
        file.write_text("images: [{name: two}]\n")
        with Control(nova.url).scope() as scope:
            with pytest.raises(AdminError, match="scope: keeps the fixtures"):
                scope.reload()
            nova.reload()
            assert [image["name"] for image in nova.images.all()] == ["two"]
            assert [image["name"] for image in scope.images.all()] == ["one"]
        file.write_text("images: [{nam: x}]\n")
        with pytest.raises(AdminError, match=r"cloud\.yaml:1:\d+: images\[0\]\.nam: unknown key"):
            nova.reload()


def test_the_plugin_sees_that_a_test_reloaded_its_cloud(edited_cloud: Cloud) -> None:
    before = edited_cloud.get("/_admin/health")["loaded"]
    edited_cloud.ask("POST", "/_admin/reload")
    assert edited_cloud.get("/_admin/health")["loaded"] == before + 1
