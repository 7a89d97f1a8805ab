"""The services of the setting ``catalog`` have their versions, empty lists, and 404 in their own form."""

from __future__ import annotations

import pytest

from fake_nova.apis import discover, router
from fake_nova.apis.empty_services import apis_of
from fake_nova.apis.empty_services.tables import SERVICES
from fake_nova.support.endpoints import ADDED_PATHS
from tests.conftest import Cloud

PROJECT = "9c53a566cb3443ab910cf0daebca90c4"

#: Path of each list -> the key of the list.
LISTS = [
    (f"{ADDED_PATHS[type]}{service.root}{collection.path}".replace("{project_id}", PROJECT), collection.key)
    for type, service in SERVICES.items()
    for collection in service.collections
    if collection.key
]


@pytest.fixture
def cloud() -> Cloud:
    return Cloud(catalog=tuple(SERVICES), auth_strategy="keystone")


def test_every_type_of_the_setting_has_its_table() -> None:
    assert list(SERVICES) == list(ADDED_PATHS)


@pytest.mark.parametrize(("path", "key"), LISTS)
def test_a_list_is_empty(cloud: Cloud, path: str, key: str) -> None:
    assert cloud.get(path, "demo") == {key: []}
    assert cloud.get(f"{path}/?limit=1", "demo") == {key: []}


def test_the_lists_that_clients_ask_for_exist() -> None:
    paths = {path for path, _ in LISTS}
    assert paths >= {
        "/networking/v2.0/networks",
        "/networking/v2.0/security-groups",
        f"/volume/v3/{PROJECT}/volumes/detail",
        f"/volume/v3/{PROJECT}/types",
        "/placement/resource_providers",
    }


@pytest.mark.parametrize(
    ("path", "status", "version", "link"),
    [
        ("/networking", 200, "v2.0", "/networking/v2.0/"),
        ("/networking/", 200, "v2.0", "/networking/v2.0/"),
        ("/volume", 300, "v3.0", "/volume/v3/"),
        ("/volume/", 300, "v3.0", "/volume/v3/"),
        ("/volume/v3", 200, "v3.0", "/volume/v3/"),
        ("/volume/v3/", 200, "v3.0", "/volume/v3/"),
        ("/placement", 200, "v1.0", None),
    ],
)
def test_versions_need_no_token(cloud: Cloud, path: str, status: int, version: str, link: str | None) -> None:
    response = cloud.ask("GET", path)
    (document,) = response.json["versions"]
    links = [each["href"] for each in document["links"] if each["rel"] == "self"]
    assert (response.status_code, document["id"]) == (status, version)
    assert links == ["" if link is None else f"http://localhost{link}"]


def test_swift_has_its_info_and_an_account_without_containers(cloud: Cloud) -> None:
    account = f"/object-store/v1/AUTH_{PROJECT}"
    assert "swift" in cloud.get("/object-store/info")
    listing = cloud.ask("GET", f"{account}?format=json", "demo")
    assert (listing.json, listing.headers["X-Account-Container-Count"]) == ([], "0")
    assert cloud.get(account, "demo", headers={"Accept": "application/json"}) == []
    for method in ("GET", "HEAD"):
        response = cloud.ask(method, account, "demo")
        assert (response.status_code, response.data) == (204, b"")


@pytest.mark.parametrize(
    ("method", "path", "error"),
    [
        ("GET", "/networking/v2.0/networks/x", "NeutronError"),
        ("POST", "/networking/v2.0/networks", "NeutronError"),
        ("GET", f"/volume/v3/{PROJECT}/volumes/x", "itemNotFound"),
        ("POST", f"/volume/v3/{PROJECT}/volumes", "itemNotFound"),
        ("GET", "/placement/resource_providers/x", "errors"),
    ],
)
def test_anything_else_is_not_found_in_the_services_form(
    cloud: Cloud, method: str, path: str, error: str
) -> None:
    response = cloud.ask(method, path, "demo", json={} if method == "POST" else None)
    assert (response.status_code, list(response.json)) == (404, [error])
    assert "only its versions and empty lists" in response.headers["X-Fake-Nova-Hint"]


def test_a_container_of_swift_is_not_found(cloud: Cloud) -> None:
    response = cloud.ask("GET", f"/object-store/v1/AUTH_{PROJECT}/c", "demo")
    assert (response.status_code, response.text[:6]) == (404, "<html>")


@pytest.mark.parametrize("path", ["/networking/v2.0/networks", "/placement/traits", "/volume/v3/x/nothing"])
def test_a_request_without_a_token_is_unauthorized(cloud: Cloud, path: str) -> None:
    response = cloud.ask("GET", path)
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == 'Keystone uri="http://localhost/identity"'


def test_noauth_needs_no_token() -> None:
    assert Cloud(catalog=("network",)).get("/networking/v2.0/networks") == {"networks": []}


def test_the_journal_has_the_operation(cloud: Cloud) -> None:
    for path in ("/networking/v2.0/security-groups", "/placement/nothing"):
        cloud.ask("GET", path, "demo")
    entries = cloud.get("/_admin/requests")["requests"]
    assert [entry["operation"] for entry in entries] == ["network.security_groups.list", ""]


def test_a_service_exists_only_with_the_setting(cloud: Cloud) -> None:
    assert "choices" in Cloud().get("/networking/v2.0/networks")
    assert "choices" in Cloud(catalog=("network",)).get("/placement")


def test_no_service_has_the_prefix_of_another() -> None:
    apis = (*discover(), *apis_of(SERVICES))
    owners: dict[str, set[str]] = {}
    for api in apis:
        for prefix in (*api.service.prefixes, *api.service.exact_paths):
            owners.setdefault(prefix, set()).add(api.service.name)
    shared_prefixes = {prefix for prefix, names in owners.items() if len(names) > 1}
    assert shared_prefixes == {"v2", "v2.1"}  # the version documents, and what is below them


def test_the_document_of_the_emulated_services_leaves_them_out(cloud: Cloud) -> None:
    paths = cloud.get("/_admin/openapi-emulated.json")["paths"]
    assert paths
    assert [path for path in paths if path.startswith(tuple(ADDED_PATHS.values()))] == []


def test_the_routers_of_equal_settings_are_the_same() -> None:
    assert router(("network",)) is router(("network",))
    assert router(("network",)) is not router()
