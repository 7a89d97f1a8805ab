"""Servers and applications without pytest's fixtures, their settings, and clients in the same process."""

from __future__ import annotations

from pathlib import Path
from typing import Any, assert_type

import httpx
import pytest
import requests
from flask import Flask

from fake_nova import Control, FakeNova, FakeNovaError, Settings, ThreadServer, create_app
from fake_nova.control import AdminError, HttpTransport, Login, Unreachable
from fake_nova.control.explanations import Explanation
from fake_nova.control.types import ScopeOptions, SettingOptions, StoredImage
from fake_nova.httpx_transport import AsyncInProcessTransport, InProcessTransport, async_client, client
from fake_nova.requests_adapter import InProcessAdapter, session

URL = "http://fake-nova.test"


def test_settings_are_accepted_as_values_and_as_text(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("images: []")
    create_app(
        fixtures=[tmp_path / "a.yaml"], hints=False, threads=4, head_timeout=2, allowed_host=("a.test",)
    )
    create_app(fixtures=str(tmp_path / "a.yaml"), hints="no", threads="4", head_timeout="2.5", dialect=None)


def test_a_server_in_a_block() -> None:
    settings: SettingOptions = {"dialect": "nova", "auth_strategy": "keystone", "port": 0}
    with FakeNova(**settings) as nova:
        assert_type(nova, FakeNova)
        assert_type(nova.url, str)
        assert_type(nova.compute_url, str)
        assert_type(nova.auth_url, str)
        assert_type(nova.environment, dict[str, str])
        assert_type(nova.login, Login)
        assert_type(nova.login["project_id"], str)
        assert_type(nova.app, Flask)
        assert_type(nova.server, ThreadServer | None)
        assert_type(nova.is_stopped, bool)


def test_the_control_of_a_server(nova: FakeNova) -> None:
    with Control(nova.url, timeout=5) as control:
        assert_type(control, Control)
        control.wait(seconds=5)
        assert_type(control.health(), dict[str, Any])
        assert_type(control.load("images: [{name: x}]"), list[StoredImage])
        control.reset(to="empty")
        control.snapshot("before")
        assert_type(control.changes(since="before"), dict[str, Any])
        control.restore("before")
        assert_type(control.export(), str)
        assert_type(control.complaints(), list[str])
        assert_type(control.explain("/v2.1/images"), Explanation)


def test_a_dialect_may_have_other_rows(nova: FakeNova) -> None:
    with FakeNova(dialect="nova,order=oldest_first") as other:
        assert other.health()["dialect"] == "nova,order=oldest_first"
    with nova.scope(dialect="nova,limit=capped") as scope:
        assert scope.health()["dialect"] == "nova,limit=capped"


def test_a_scope_is_a_control(nova: FakeNova) -> None:
    options: ScopeOptions = {"dialect": "nova"}
    with nova.scope(**options) as scope:
        assert_type(scope, Control)
        assert_type(scope.project_id, str)
        assert_type(scope.scope_id, str | None)


def test_errors_have_a_base_class(nova: FakeNova, unused_url: str) -> None:
    with pytest.raises(FakeNovaError) as error_info:
        nova.images.get("nobody")
    assert isinstance(error_info.value, AdminError)
    assert_type(error_info.value.status, int)
    assert_type(error_info.value.message, str)
    with pytest.raises(Unreachable) as unreachable:
        Control(unused_url, transport=HttpTransport(unused_url, 0.1)).health()
    assert_type(unreachable.value.is_refused, bool)


def test_clients_of_requests_in_the_same_process() -> None:
    app = assert_type(create_app(fixtures=("default",)), Flask)
    with assert_type(session(app, URL), requests.Session) as client_session:
        assert client_session.get(f"{URL}/v2.1/images").status_code == 200
    own_session = requests.Session()
    own_session.mount(URL, InProcessAdapter(app))
    assert own_session.get(f"{URL}/healthcheck").status_code == 200


def test_clients_of_httpx_in_the_same_process() -> None:
    app = create_app()
    with assert_type(client(app, URL), httpx.Client) as http:
        assert http.get("/healthcheck").status_code == 200
    assert_type(async_client(app, URL), httpx.AsyncClient)
    httpx.Client(transport=InProcessTransport(app)).close()
    httpx.AsyncClient(transport=AsyncInProcessTransport(app))


def test_settings_have_values() -> None:
    settings = Settings(dialect="nova")
    assert_type(settings.port, int)
    assert_type(settings.fixtures, tuple[str, ...])
    assert_type(settings.hints, bool)
    assert_type(settings.head_timeout, float)
