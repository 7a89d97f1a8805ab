"""Logins and the use of tokens in the default cloud, in addition to the record."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fake_nova.app import create_app
from fake_nova.cloud.emulator import Emulator
from fake_nova.documents.loading import start_from_fixtures
from fake_nova.images import timestamps
from fake_nova.settings import Settings
from tests.conftest import Cloud

TOKENS = "/identity/v3/auth/tokens"
BY_ID, BY_NAME = {"id": "default"}, {"name": "Default"}
DEMO = "9c53a566cb3443ab910cf0daebca90c4"
DEMO_PROJECT = {"id": DEMO, "name": "demo"}
SERVICE, ADMIN = "d9ebe43510414ef590a4aa158605329e", "5f705771bb3e4e8fa4b0c6a0a4f4c6a1"


@pytest.fixture
def cloud() -> Cloud:
    return Cloud(auth_strategy="keystone")


def password(
    name: str = "demo", domain: Any = BY_ID, secret: str = "demo-secret", **user: Any
) -> dict[str, Any]:
    credentials = (
        {"name": name, "domain": domain, "password": secret} if not user else {**user, "password": secret}
    )
    return {"methods": ["password"], "password": {"user": credentials}}


def project(name: str = "demo", domain: Any = BY_ID) -> dict[str, Any]:
    return {"project": {"name": name, "domain": domain}}


def log_in(cloud: Cloud, identity: Any, scope: Any = None, query: str = "") -> Any:
    auth = {"identity": identity} if scope is None else {"identity": identity, "scope": scope}
    return cloud.ask("POST", TOKENS + query, json={"auth": auth})


def token_of(response: Any) -> dict[str, str]:
    assert response.status_code == 201, response.text
    return {"X-Auth-Token": response.headers["X-Subject-Token"]}


@pytest.mark.parametrize("user_domain", [BY_ID, BY_NAME])
@pytest.mark.parametrize("project_domain", [BY_ID, BY_NAME])
def test_domains_are_accepted_by_name_and_by_id_in_any_combination(
    cloud: Cloud, user_domain: Any, project_domain: Any
) -> None:
    response = log_in(cloud, password(domain=user_domain), project(domain=project_domain))
    token = response.get_json()["token"]
    assert token["project"] == {"id": DEMO, "name": "demo", "domain": {"id": "default", "name": "Default"}}
    assert [role["name"] for role in token["roles"]] == ["member", "reader"]
    assert cloud.ask("GET", "/v2.1/images", headers=token_of(response)).status_code == 200


def test_a_user_and_a_project_are_accepted_by_id(cloud: Cloud) -> None:
    first = log_in(cloud, password()).get_json()["token"]
    response = log_in(cloud, password(id=first["user"]["id"]), {"project": {"id": DEMO}})
    assert response.get_json()["token"]["project"]["name"] == "demo"


def test_a_token_lives_for_an_hour_by_default(cloud: Cloud) -> None:
    for lifetime in (3600, 90):
        token = log_in(Cloud(auth_strategy="keystone", token_lifetime=lifetime), password()).get_json()[
            "token"
        ]
        issued_at, expires_at = (timestamps.parse(token[name]) for name in ("issued_at", "expires_at"))
        assert expires_at - issued_at == timedelta(seconds=lifetime)


def test_an_unscoped_token_lists_projects_and_can_be_rescoped(cloud: Cloud) -> None:
    login_response = log_in(cloud, password())
    assert not {"project", "roles", "catalog"} & set(login_response.get_json()["token"])
    projects = cloud.ask("GET", "/identity/v3/auth/projects", headers=token_of(login_response)).get_json()[
        "projects"
    ]
    assert [listed_project["id"] for listed_project in projects] == [DEMO]
    by_token = {"methods": ["token"], "token": {"id": token_of(login_response)["X-Auth-Token"]}}
    scoped_token = log_in(cloud, by_token, {"project": {"id": DEMO}}).get_json()["token"]
    assert scoped_token["methods"] == ["password", "token"]
    assert scoped_token["expires_at"] == login_response.get_json()["token"]["expires_at"]
    assert scoped_token["audit_ids"][1:] == login_response.get_json()["token"]["audit_ids"]
    assert {entry["type"] for entry in scoped_token["catalog"]} == {"compute", "identity", "image"}


def test_the_catalogue_can_be_omitted(cloud: Cloud) -> None:
    assert "catalog" not in log_in(cloud, password(), project(), "?nocatalog").get_json()["token"]


def test_the_catalogue_has_the_address_that_the_client_used(cloud: Cloud) -> None:
    auth = {"identity": password(), "scope": project()}
    response = cloud.ask("POST", TOKENS, json={"auth": auth}, headers={"Host": "cloud.example.com:8443"})
    urls = {
        (entry["type"], endpoint["interface"]): endpoint["url"]
        for entry in response.get_json()["token"]["catalog"]
        for endpoint in entry["endpoints"]
    }
    assert len(urls) == 9
    assert urls["compute", "public"] == "http://cloud.example.com:8443/v2.1"
    assert urls["identity", "admin"] == "http://cloud.example.com:8443/identity/v3/"
    assert urls["image", "internal"] == "http://cloud.example.com:8443/image"


@pytest.mark.parametrize(
    ("identity", "scope", "hint"),
    [
        (password(secret="wrong"), None, "The password of user demo is wrong."),
        (password(secret=""), None, "The password of user demo is wrong."),
        (
            password("nobody"),
            None,
            'No user has the name "nobody"; existing users: "demo", "service", "admin".',
        ),
        (
            password(id="demo"),
            None,
            'No user has the id "demo"; existing users: "c019bede65e651338004dbd4982c40fe", "77b68972350e55798f098af212f937b3", "3df025ec83db5bd99688ad733c033e0c".',
        ),
        (
            password(domain={"id": "other"}),
            None,
            'The user\'s domain has the id "other"; existing ones: "default".',
        ),
        (
            password(),
            project("nothing"),
            'No project has the name "nothing"; existing projects: "demo", "service", "admin".',
        ),
        (
            password(),
            {"project": {"id": "demo"}},
            f'No project has the id "demo"; existing projects: "{DEMO}", "{SERVICE}", "{ADMIN}".',
        ),
        (password(), project("service"), "User demo has no role in project service, only in demo."),
        (
            password(),
            project(domain={"name": "Other"}),
            'The project\'s domain has the name "Other"; existing ones: "Default".',
        ),
        (password(), {"domain": {"id": "default"}}, "User demo has no role in domain Default, only in demo."),
        (password(), {"OS-TRUST:trust": {"id": "x"}}, "Trusts are not supported."),
        ({"methods": ["external"], "external": {}}, None, "External authentication is not supported."),
        (password(), {"system": {"all": True}}, "User demo has no role in the system; an admin has one."),
        ({"methods": []}, None, "The request names no authentication method."),
    ],
)
def test_every_failed_login_is_the_same_401_and_a_hint_gives_the_reason(
    cloud: Cloud, caplog: pytest.LogCaptureFixture, identity: Any, scope: Any, hint: str
) -> None:
    caplog.set_level(logging.INFO, "fake_nova.hints")
    response = log_in(cloud, identity, scope)
    assert response.headers["X-Fake-Nova-Hint"] == hint
    assert caplog.messages == [f"POST {TOKENS}: {hint}"]
    assert response.status_code == 401
    message = "The request you have made requires authentication."
    assert response.get_json() == {"error": {"code": 401, "message": message, "title": "Unauthorized"}}
    assert response.headers["WWW-Authenticate"] == 'Keystone uri="http://localhost/identity/v3"'


@pytest.mark.parametrize("methods", [1, True, {}, "password", None, [1], [[]]])
@pytest.mark.parametrize("method_data", [1, {"user": 1}, {"user": {"name": 1}}, [], None])
def test_values_of_the_wrong_type_are_a_400(cloud: Cloud, methods: Any, method_data: Any) -> None:
    response = log_in(cloud, {"methods": methods, "password": method_data, "token": method_data})
    assert response.status_code == 400


@pytest.mark.parametrize(
    ("identity", "scope", "message"),
    [
        ({"methods": ["password"]}, None, "password in identity"),
        ({"methods": ["password"], "password": {}}, None, "user in None"),
        (
            {"methods": ["password"], "password": {"user": {"name": "demo", "password": "x"}}},
            None,
            "domain in user",
        ),
        (password(), {"project": {"name": "demo"}}, "domain in project"),
        (password(), {}, "system, project, domain, OS-TRUST:trust or unscoped in scope"),
        (
            password(),
            {**project(), "unscoped": {}},
            "system, project, domain, OS-TRUST:trust or unscoped in scope",
        ),
    ],
)
def test_a_missing_field_is_a_400_that_names_it(
    cloud: Cloud, identity: Any, scope: Any, message: str
) -> None:
    response = log_in(cloud, identity, scope)
    assert response.status_code == 400
    assert response.get_json()["error"]["message"].startswith(f"Expecting to find {message}. ")


@pytest.mark.parametrize(
    ("body", "headers", "message"),
    [
        ("[]", {"Content-Type": "application/json"}, "valid JSON in request body"),
        ("{", {"Content-Type": "application/json"}, "valid JSON in request body"),
        ('{"auth": {}}', {"Content-Type": "text/plain"}, "application/json in Content-Type header"),
        ("{}", {"Content-Type": "application/json"}, "auth in request body"),
    ],
)
def test_a_body_that_is_not_a_json_object_is_a_400(
    cloud: Cloud, body: str, headers: Any, message: str
) -> None:
    response = cloud.ask("POST", TOKENS, data=body, headers=headers)
    assert response.status_code == 400
    assert response.get_json()["error"]["message"].startswith(f"Expecting to find {message}. ")


def test_a_user_can_show_check_and_revoke_its_token(cloud: Cloud) -> None:
    user_headers = token_of(log_in(cloud, password(), project()))
    headers = {**user_headers, "X-Subject-Token": user_headers["X-Auth-Token"]}
    response = cloud.ask("GET", TOKENS, headers=headers)
    assert response.get_json()["token"]["user"]["name"] == "demo"
    checked = cloud.ask("HEAD", TOKENS, headers=headers)
    assert (checked.status_code, checked.data) == (200, b"")
    assert checked.headers["X-Subject-Token"] == user_headers["X-Auth-Token"]
    assert cloud.ask("DELETE", TOKENS, headers=headers).status_code == 204
    assert cloud.ask("GET", TOKENS, headers=headers).status_code == 401
    assert cloud.ask("GET", "/v2.1/images", headers=user_headers).status_code == 401


def test_a_fault_tells_the_check_of_a_token_from_its_display(cloud: Cloud) -> None:
    user_headers = token_of(log_in(cloud, password(), project()))
    headers = {**user_headers, "X-Subject-Token": user_headers["X-Auth-Token"]}
    fault = {"match": {"operation": "tokens.check"}, "effect": {"status": 503}}
    assert cloud.ask("POST", "/_admin/faults", json=fault).status_code == 201
    statuses = [cloud.ask(method, TOKENS, headers=headers).status_code for method in ("HEAD", "GET")]
    assert statuses == [503, 200]


def test_only_an_admin_can_see_another_users_token(cloud: Cloud) -> None:
    user_headers = token_of(log_in(cloud, password(), project()))
    service_headers = token_of(
        log_in(cloud, password("service", secret="service-secret"), project("service"))
    )
    admin = token_of(log_in(cloud, password("admin", secret="admin-secret"), project("admin")))
    subject = {"X-Subject-Token": user_headers["X-Auth-Token"]}
    assert cloud.ask("GET", TOKENS, headers={**service_headers, **subject}).status_code == 403
    assert cloud.ask("GET", TOKENS, headers={**admin, **subject}).status_code == 200
    assert cloud.ask("GET", TOKENS, headers=service_headers).status_code == 403
    assert cloud.ask("GET", TOKENS, headers=admin).status_code == 404


@pytest.mark.parametrize("method", ["application_credential", "mapped", "external", "ec2credential", "x"])
@pytest.mark.parametrize(
    "payload",
    [
        *(None, 5, "x", [], {}, {"id": None}, {"id": 5}, {"id": {}}, {"name": 5, "user": "x"}),
        {"name": "n", "user": {}},
        {"name": "n", "user": {"domain": {"id": "default"}}},
        {"name": "n", "user": {"name": 5, "domain": "x"}},
        {"name": "n", "user": {"name": "nobody", "domain": {"id": "default"}}},
        {"name": "n", "user": {"name": "demo", "domain": {"name": "Default"}}},
    ],
)
def test_unsupported_login_methods_are_refused(cloud: Cloud, method: str, payload: Any) -> None:
    response = log_in(cloud, {"methods": [method], method: payload}, None)
    assert response.status_code in (400, 401, 404)
    assert set(response.get_json()["error"]) <= {"code", "message", "title", "identity"}


def test_a_users_projects_are_visible_to_the_user_and_to_an_admin(cloud: Cloud) -> None:
    user_id = log_in(cloud, password(), project()).get_json()["token"]["user"]["id"]
    user_headers = token_of(log_in(cloud, password(), project()))
    service_headers = token_of(
        log_in(cloud, password("service", secret="service-secret"), project("service"))
    )
    admin = token_of(log_in(cloud, password("admin", secret="admin-secret"), project("admin")))
    path = f"/identity/v3/users/{user_id}/projects"
    for headers in (user_headers, admin):
        body = cloud.ask("GET", path, headers=headers).get_json()
        assert [entry["id"] for entry in body["projects"]] == [DEMO]
        assert body["links"]["self"] == f"http://localhost{path}"
    assert cloud.ask("GET", f"{path}?name=x", headers=user_headers).get_json()["projects"] == []
    response = cloud.ask("GET", path, headers=service_headers)
    assert response.status_code == 403
    assert response.get_json()["error"]["message"].endswith("identity:list_user_projects.")
    unknown_user_response = cloud.ask("GET", "/identity/v3/users/x/projects", headers=admin)
    assert (unknown_user_response.status_code, unknown_user_response.get_json()["error"]["message"]) == (
        404,
        "Could not find user: x.",
    )
    assert cloud.ask("DELETE", path, headers=user_headers).headers["Allow"] == "GET, HEAD, OPTIONS"


def test_a_request_with_invalid_json_is_in_the_journal(cloud: Cloud) -> None:
    cloud.ask("POST", TOKENS, data="{", headers={"Content-Type": "application/json"})
    (entry,) = cloud.get("/_admin/requests")["requests"]
    assert (entry["method"], entry["path"], entry["status"]) == ("POST", TOKENS, 400)


def test_an_invalid_token_is_a_404_that_gives_the_reason(cloud: Cloud) -> None:
    user_headers = token_of(log_in(cloud, password(), project()))
    expired_token = token_of(log_in(cloud, password(), project()))["X-Auth-Token"]
    cloud.ask("DELETE", TOKENS, headers={**user_headers, "X-Subject-Token": expired_token})
    messages = {
        expired_token: "Failed to validate token",
        expired_token[:-1]: "Could not recognize Fernet token",
        "garbage": "Could not recognize Fernet token",
        "": "No token in the request",
    }
    for text, message in messages.items():
        show_response = cloud.ask("GET", TOKENS, headers={**user_headers, "X-Subject-Token": text})
        login_response = log_in(cloud, {"methods": ["token"], "token": {"id": text}})
        for response in (show_response, login_response):
            assert (response.status_code, response.get_json()["error"]["message"]) == (404, message)
    surrogate_response = log_in(cloud, {"methods": ["token"], "token": {"id": "\ud800"}})
    assert surrogate_response.get_json()["error"]["message"] == "Could not recognize Fernet token"


def test_only_an_admin_can_list_projects(cloud: Cloud) -> None:
    user_headers = token_of(log_in(cloud, password(), project()))
    admin = token_of(log_in(cloud, password("admin", secret="admin-secret"), project("admin")))
    projects_url = "/identity/v3/projects"
    assert cloud.ask("GET", projects_url, headers=user_headers).status_code == 403
    assert len(cloud.ask("GET", projects_url, headers=admin).get_json()["projects"]) == 3
    service = f"{projects_url}/d9ebe43510414ef590a4aa158605329e"
    assert cloud.ask("GET", service, headers=user_headers).status_code == 403
    assert cloud.ask("GET", service, headers=admin).get_json()["project"]["name"] == "service"
    assert cloud.ask("GET", f"{projects_url}/nope", headers=admin).status_code == 404


@pytest.mark.parametrize("query", ["page_size=", "property-sort=order%09"])
def test_a_wrong_query_is_refused_before_an_unscoped_token(cloud: Cloud, query: str) -> None:
    unscoped_headers = token_of(log_in(cloud, password()))
    response = cloud.ask("GET", f"/v2.1/images/detail?{query}", headers=unscoped_headers)
    assert response.status_code == 400


def test_an_unscoped_token_cannot_read_images(cloud: Cloud) -> None:
    unscoped_headers = token_of(log_in(cloud, password()))
    response = cloud.ask("GET", "/v2.1/images", headers=unscoped_headers)
    assert response.status_code == 403
    assert response.get_json()["forbidden"]["message"] == (
        "HTTP 403 Forbidden: You are not authorized to complete get_images action."
    )
    scoped_url_response = cloud.ask("GET", f"/v2.1/{DEMO}/images", headers=unscoped_headers)
    assert scoped_url_response.status_code == 400
    assert scoped_url_response.get_json()["badRequest"]["message"].endswith(
        "doesn't match Context's project_id 'None'"
    )


@pytest.mark.parametrize("scope", [{"system": {"all": True}}, {"domain": {"id": "default"}}])
def test_an_admins_token_for_no_project_permits_nothing_in_nova_and_glance(scope: Any) -> None:
    cloud = Cloud(private=True, auth_strategy="keystone", dialect="nova")
    users = "users: [{name: root, password: p, domains: [{domain: default, roles: [admin]}], system_roles: [admin]}]"
    cloud.ask("POST", "/_admin/fixtures", data=users)
    response = log_in(cloud, password("root", secret="p"), scope)
    image = cloud.emulator.cloud.images.all()[0].id
    answers = {
        ("GET", "/v2.1/images"): 403,
        ("GET", f"/v2.1/{DEMO}/images"): 400,
        ("GET", f"/v2.1/images/{image}"): 404,
        ("GET", "/image/v2/images"): 403,
        ("GET", f"/image/v2/images/{image}"): 404,
        ("POST", "/image/v2/images"): 403,
        ("GET", "/image/v2/info/stores"): 200,
    }
    for (method, path), status in answers.items():
        reply = cloud.ask(method, path, headers=token_of(response), json={} if method == "POST" else None)
        assert reply.status_code == status, path


class MovableClock:
    def __init__(self) -> None:
        self.time = datetime(2024, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time


def test_an_expired_token_is_refused_everywhere() -> None:
    clock = MovableClock()
    emulator = Emulator(Settings(auth_strategy="keystone"), clock)
    start_from_fixtures(emulator)
    http = create_app(emulator).test_client()
    response = http.post(TOKENS, json={"auth": {"identity": password(), "scope": project()}})
    headers = token_of(response)
    assert http.get("/v2.1/images", headers=headers).status_code == 200
    clock.time += timedelta(hours=1)
    assert http.get("/v2.1/images", headers=headers).status_code == 401
    identity = {"methods": ["token"], "token": {"id": headers["X-Auth-Token"]}}
    assert http.post(TOKENS, json={"auth": {"identity": identity}}).status_code == 404


def test_a_token_counts_under_noauth_too() -> None:
    cloud = Cloud(auth_strategy="noauth")
    service_headers = token_of(
        log_in(cloud, password("service", secret="service-secret"), project("service"))
    )
    hidden_response = cloud.ask(
        "POST", "/_admin/images", json={"name": "x", "owner": "service", "visibility": "private"}
    )
    url = f"/v2.1/images/{hidden_response.get_json()['id']}"
    assert cloud.ask("GET", url).status_code == 404
    assert cloud.ask("GET", url, headers=service_headers).status_code == 200


def test_only_dialect_huaweicloud_has_logins_by_api_v2(cloud: Cloud) -> None:
    by_name = {"tenantName": "demo", "passwordCredentials": {"username": "demo", "password": "demo-secret"}}
    access = cloud.ask("POST", "/identity/v2.0/tokens", json={"auth": by_name}).get_json()["access"]
    assert access["token"]["tenant"]["id"] == DEMO
    compute = next(entry for entry in access["serviceCatalog"] if entry["type"] == "compute")
    assert compute["endpoints"][0]["publicURL"] == "http://localhost/v2.1"
    assert compute["endpoints"][0]["region"] == "RegionOne"
    by_token = {"tenantId": DEMO, "token": {"id": access["token"]["id"]}}
    second_access = cloud.ask("POST", "/identity/v2.0/tokens", json={"auth": by_token}).get_json()["access"]
    headers = {"X-Auth-Token": second_access["token"]["id"]}
    assert cloud.ask("GET", f"/v2.1/{DEMO}/images", headers=headers).status_code == 200
    assert cloud.get("/identity/v2.0")["version"]["id"] == "v2.0"
    wrong_password = {"tenantName": "demo", "passwordCredentials": {"username": "demo", "password": "x"}}
    assert cloud.ask("POST", "/identity/v2.0/tokens", json={"auth": wrong_password}).status_code == 401
    nova_cloud = Cloud(auth_strategy="keystone", dialect="nova")
    assert nova_cloud.ask("POST", "/identity/v2.0/tokens", json={"auth": by_name}).status_code == 404


def test_api_v2_logs_in_by_user_id(cloud: Cloud) -> None:
    user_id = log_in(cloud, password()).get_json()["token"]["user"]["id"]
    by_id = {"tenantId": DEMO, "passwordCredentials": {"userId": user_id, "password": "demo-secret"}}
    access = cloud.ask("POST", "/identity/v2.0/tokens", json={"auth": by_id}).get_json()["access"]
    assert access["user"]["name"] == "demo"
    by_id["passwordCredentials"] = {"userId": "demo", "password": "demo-secret"}
    assert cloud.ask("POST", "/identity/v2.0/tokens", json={"auth": by_id}).status_code == 401


@pytest.mark.parametrize(("dialect", "versions"), [("huaweicloud", ["v3.14", "v2.0"]), ("nova", ["v3.14"])])
def test_the_root_lists_every_version_that_exists(dialect: str, versions: list[str]) -> None:
    cloud = Cloud(auth_strategy="keystone", dialect=dialect)
    response = cloud.ask("GET", "/identity/")
    entries = response.get_json()["versions"]["values"]
    assert (response.status_code, [version["id"] for version in entries]) == (300, versions)
    for version in entries:
        url = version["links"][0]["href"]
        assert cloud.get(url)["version"] == version
    assert cloud.ask("GET", "/identity/v2.0").status_code == (200 if "v2.0" in versions else 404)


def test_api_v2_lists_the_callers_project_as_its_tenant(cloud: Cloud) -> None:
    path = "/identity/v2.0/tenants"
    tenant = {"id": DEMO, "name": "demo", "description": "", "enabled": True}
    for scope in (project(), None):  # clients list tenants with an unscoped token
        user_headers = token_of(log_in(cloud, password(), scope))
        response = cloud.ask("GET", path, headers=user_headers)
        assert (response.status_code, response.get_json()) == (
            200,
            {"tenants": [tenant], "tenants_links": []},
        )
    for headers in ({}, {"X-Auth-Token": "nope"}):
        assert cloud.ask("GET", path, headers=headers).status_code in (401, 404)
        assert "tenants" not in cloud.ask("GET", path, headers=headers).get_json()
    nova_cloud = Cloud(auth_strategy="keystone", dialect="nova")
    assert nova_cloud.ask("GET", path, "demo").status_code == 404


def test_a_hint_names_only_the_first_ten_users() -> None:
    document = {"users": [{"name": f"u{n}", "password": "x", "project": "demo"} for n in range(500)]}
    cloud = Cloud(private=True, auth_strategy="keystone")
    cloud.ask("POST", "/_admin/fixtures?replace=true", json={**document, "projects": [DEMO_PROJECT]})
    hint = log_in(cloud, password("nobody")).headers["X-Fake-Nova-Hint"]
    first = ", ".join(f'"u{n}"' for n in range(10))
    assert hint.startswith(f'No user has the name "nobody"; existing users: {first}')
    assert '"u10"' not in hint


def test_domains_and_the_system_are_listed_as_possible_scopes(cloud: Cloud) -> None:
    user_headers, admins = (
        token_of(log_in(cloud, password(name, secret=f"{name}-secret"))) for name in ("demo", "admin")
    )
    base_url = "http://localhost/identity/v3/auth"
    for headers, systems in ((user_headers, []), (admins, [{"all": True}])):
        domains = cloud.ask("GET", "/identity/v3/auth/domains", headers=headers)
        assert domains.get_json() == {
            "domains": [],
            "links": {"next": None, "self": f"{base_url}/domains", "previous": None},
        }
        system = cloud.ask("GET", "/identity/v3/auth/system", headers=headers)
        assert system.get_json() == {"system": systems, "links": {"self": f"{base_url}/system"}}
    for path in ("domains", "system"):
        assert cloud.ask("GET", f"/identity/v3/auth/{path}").status_code == 401
        assert cloud.ask("HEAD", f"/identity/v3/auth/{path}", headers=user_headers).status_code == 200
        response = cloud.ask("POST", f"/identity/v3/auth/{path}", headers=user_headers)
        assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")


@pytest.mark.parametrize(
    ("headers", "hint"),
    [
        ({}, "No token was sent; get one from POST /identity/v3/auth/tokens."),
        (
            {"X-Auth-Token": "made-up"},
            "The token was not issued here, or it has expired, was revoked, or was forgotten by a reset.",
        ),
    ],
)
def test_a_refused_token_has_a_hint(cloud: Cloud, headers: dict[str, str], hint: str) -> None:
    response = cloud.ask("GET", "/identity/v3/auth/projects", headers=headers)
    assert (response.status_code, response.headers["X-Fake-Nova-Hint"]) == (401, hint)


def test_a_wrong_method_is_a_405_with_an_allow_header(cloud: Cloud) -> None:
    response = cloud.ask("PUT", TOKENS)
    assert response.status_code == 405
    assert response.get_json() == {"message": "The method is not allowed for the requested URL."}
    assert response.headers["Allow"] == "DELETE, GET, HEAD, OPTIONS, POST"
    page = cloud.ask("POST", "/identity/")
    assert page.status_code == 405
    assert "<h1>Method Not Allowed</h1>" in page.text


@pytest.mark.parametrize(
    ("path", "allow"),
    [
        ("/identity/", "GET, HEAD, OPTIONS"),
        ("/identity/v3", "GET, HEAD, OPTIONS"),
        ("/identity/v3/auth/system", "GET, HEAD, OPTIONS"),
        (TOKENS, "DELETE, GET, HEAD, OPTIONS, POST"),
    ],
)
def test_options_lists_the_methods_of_a_path(cloud: Cloud, path: str, allow: str) -> None:
    response = cloud.ask("OPTIONS", path)
    assert (response.status_code, response.text, response.headers["Allow"]) == (200, "", allow)


def test_options_of_an_unknown_path_is_empty(cloud: Cloud) -> None:
    response = cloud.ask("OPTIONS", "/identity/v3/nothing")
    assert (response.status_code, dict(response.headers)) == (200, {"Content-Length": "0"})


def test_a_password_is_in_no_response_log_or_error(cloud: Cloud, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    user = {"name": "demo", "domain": BY_ID, "password": "demo-secret"}
    responses = [
        log_in(cloud, password(), project()),
        log_in(cloud, {"password": {"user": user}}),
        log_in(cloud, {"methods": ["password"], "password": {"user": {**user, "id": 5}}}),
        log_in(cloud, {"methods": ["password"], "password": [user]}),
        log_in(cloud, password(), {"project": 1}),
        cloud.ask("POST", TOKENS, json={"auth": [user]}),
        cloud.ask("GET", "/_admin/health"),
    ]
    assert [response.status_code for response in responses] == [201, 400, 400, 400, 400, 400, 200]
    for response in responses:
        assert "demo-secret" not in response.text
    assert "demo-secret" not in caplog.text
    assert "gAAAA" not in caplog.text
