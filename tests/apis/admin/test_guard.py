"""Access control of the admin API."""

from __future__ import annotations

import json
from typing import Any

import pytest
from werkzeug.test import EnvironBuilder, run_wsgi_app

from fake_nova.app import create_app
from fake_nova.control import AdminError, Control
from fake_nova.errors import ConfigurationError
from fake_nova.settings import Settings, refuse_unprotected_admin
from fake_nova.testing.fake_nova import FakeNova
from tests.conftest import Cloud

RESET = "/_admin/reset"


def status_of(cloud: Cloud, path: str = RESET, method: str = "POST", **headers: str) -> int:
    status: int = cloud.ask(method, path, headers=headers).status_code
    return status


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "localhost:8774"},
        {"Host": "127.0.0.1:8774"},
        {"Host": "[::1]:8774"},
        {"Host": "192.168.0.7"},
        {"Host": "fake-nova:8774"},
        {"Host": "nova.localhost"},
        {"Host": "fake-nova.staging:8774"},  # a Kubernetes service: the name with its namespace and domain
        {"Host": "fake-nova.staging.svc:8774"},
        {"Host": "fake-nova.staging.svc.cluster.local."},
        {"Host": "fake-nova.ci.svc.internal"},
        {"Host": "localhost:8774", "Origin": "http://localhost:8774"},
        {"Host": "localhost:8774", "Sec-Fetch-Site": "same-origin"},
        {"Host": "localhost:8774", "Sec-Fetch-Site": "none"},
    ],
)
def test_requests_from_the_same_site_are_accepted(cloud: Cloud, headers: dict[str, str]) -> None:
    assert status_of(cloud, **headers) == 200


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        (
            {"Host": "rebound.example.com:8774"},
            'Host: public name (got "rebound.example.com:8774"), refused to prevent DNS rebinding; expected ',
        ),
        (
            {"Host": "127.0.0.1.nip.io"},
            'Host: public name (got "127.0.0.1.nip.io"), refused to prevent DNS rebinding',
        ),
        ({"Host": "evil.com"}, 'Host: public name (got "evil.com"), refused to prevent DNS rebinding'),
        ({"Host": "nova.dev"}, 'Host: public name (got "nova.dev"), refused to prevent DNS rebinding'),
        ({"Host": "evil.com."}, 'Host: public name (got "evil.com."), refused to prevent DNS rebinding'),
        ({"Origin": "https://example.com"}, 'Origin: another site (got "https://example.com"); expected '),
        ({"Origin": "null"}, 'Origin: another site (got "null")'),
        ({"Origin": "http://localhost:9999"}, 'Origin: another site (got "http://localhost:9999")'),
        ({"Sec-Fetch-Site": "cross-site"}, 'Sec-Fetch-Site: a page of another site (got "cross-site")'),
        ({"Sec-Fetch-Site": "same-site"}, 'Sec-Fetch-Site: a page of another site (got "same-site")'),
    ],
)
def test_requests_from_other_sites_are_refused(cloud: Cloud, headers: dict[str, str], message: str) -> None:
    cloud.ask("POST", "/_admin/images", json={"name": "mine"})
    response = cloud.ask("POST", RESET, headers=headers)
    assert response.status_code == 403
    assert response.get_json()["forbidden"]["message"].startswith(message)
    assert status_of(cloud, "/_admin/images", "GET", **headers) == 403
    assert status_of(cloud, "/v2.1/images", "GET", **headers) == 200  # Nova's API has no such guard
    assert len(cloud.get("/_admin/images")["images"]) == 7


def test_an_invalid_host_is_refused(cloud: Cloud) -> None:
    environ = EnvironBuilder(RESET, method="POST", headers=[("Host", "[zz")]).get_environ()
    content, status, _ = run_wsgi_app(cloud.http.application, environ)
    assert status.startswith("403 ")
    assert json.loads(b"".join(content))["forbidden"]["message"].startswith(
        'Host: public name (got "[zz"), refused to prevent DNS rebinding'
    )


def test_only_the_configured_hosts_are_allowed() -> None:
    cloud = Cloud(allowed_host=("ci.example.com", "evil.example.com"))
    for host in ("ci.example.com", "evil.example.com:8774", "Evil.Example.com."):
        assert status_of(cloud, Host=host) == 200, host
    for host in ("example.com", "other.example.com", "www.evil.example.com", "evil.example.com.org"):
        assert status_of(cloud, Host=host) == 403, host
    assert status_of(cloud, Host="evil.example.com", Origin="https://evil.example.org") == 403


def test_a_public_admin_api_accepts_every_host_but_no_other_site() -> None:
    cloud = Cloud(admin="public")
    for host in ("evil.com", "127.0.0.1.nip.io", "a_b.com"):
        assert status_of(cloud, Host=host) == 200, host
    assert status_of(cloud, Host="evil.com", Origin="https://example.com") == 403


def test_an_admin_token_is_required_once_it_is_set() -> None:
    cloud = Cloud(admin_token="open sesame")
    invalid_headers = (
        "Bearer nope",
        "Bearer open sesame too",
        "Bearer open",
        "Bearer",
        "Basic open sesame",
        "open sesame",
    )
    for headers in ({}, *({"Authorization": text} for text in invalid_headers)):
        response = cloud.ask("POST", RESET, headers=headers)
        assert response.status_code == 401
        assert response.headers["WWW-Authenticate"] == "Bearer"
        assert "Authorization: not the admin token" in response.get_json()["unauthorized"]["message"]
    valid_headers = {"Authorization": "Bearer open sesame"}
    assert status_of(cloud, **valid_headers) == 200
    assert status_of(cloud, **valid_headers, Host="nova.example.com", Origin="https://ci.example.com") == 200
    assert status_of(cloud, "/v2.1/images", "GET") == 200


def test_control_sends_the_admin_token() -> None:
    with FakeNova(admin_token="secret") as nova:
        assert nova.health()["images"] == 6
        with Control(nova.url, token="secret").scope() as scope:
            assert scope.health()["images"] == 6
        with pytest.raises(AdminError, match="401: Authorization: not the admin token"):
            Control(nova.url).health()


def test_the_admin_api_can_be_turned_off() -> None:
    cloud = Cloud(admin="off")
    for path in (RESET, "/_admin/health", "/_admin"):
        response = cloud.ask("POST", path)
        assert response.status_code == 404
        assert "--admin off" in response.get_json()["itemNotFound"]["message"]
    assert status_of(cloud, "/v2.1/images", "GET") == 200
    assert status_of(cloud, "/healthcheck", "GET") == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7"])
def test_a_public_address_requires_a_token_or_an_explicit_setting(host: str) -> None:
    with pytest.raises(
        ConfigurationError, match=rf"host: others can reach this address .*\(got \"{host}\"\)"
    ):
        refuse_unprotected_admin(Settings(host=host))
    with pytest.raises(ConfigurationError, match="--admin-token"):
        FakeNova(host=host)
    for admin_settings in ({"admin_token": "x"}, {"admin": "public"}, {"admin": "off"}):
        settings: dict[str, Any] = {"host": host, **admin_settings}
        refuse_unprotected_admin(Settings(**settings))
    for local in ("127.0.0.1", "localhost", "::1", "127.0.0.2"):
        refuse_unprotected_admin(Settings(host=local))


def test_an_application_on_another_server_is_guarded_too() -> None:
    http = create_app(fixtures=("empty",)).test_client()
    assert http.post(RESET, headers={"Origin": "https://example.com"}).status_code == 403
