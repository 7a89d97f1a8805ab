"""Below a prefix a service responds as at its own path, with links that begin with the prefix."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from fake_nova.wire.endpoints import strip_prefix
from fake_nova.wire.request import PREFIX_KEY
from tests.conftest import Cloud

PREFIXES = ("compute=/compute", "compute=/os/nova", "image=/os/glance", "identity=/keystone")
GOLDEN = "d4b6e2c3-2a8f-4b54-9b66-1f2d3c4e5a61"
DEMO = "9c53a566cb3443ab910cf0daebca90c4"


@pytest.fixture
def cloud() -> Cloud:
    return Cloud(prefix=PREFIXES, auth_strategy="keystone", dialect="nova")


@pytest.mark.parametrize(
    ("path", "own_path", "prefix"),
    [
        ("/compute", "", "/compute"),
        ("/compute/", "/", "/compute"),
        ("//compute//v2.1/images", "//v2.1/images", "/compute"),
        ("compute/v2.1", "/v2.1", "/compute"),
        ("/os/nova/v2.1/images", "/v2.1/images", "/os/nova"),
        ("/os//nova/v2", "/v2", "/os/nova"),
        ("/os/glance/v2/images", "/image/v2/images", "/os/glance"),
        ("/keystone", "/identity", "/keystone"),
        ("/keystone/v3/", "/identity/v3/", "/keystone"),
        ("/compute/compute/v2.1", "/compute/v2.1", "/compute"),
        ("/compute/imagery", "/imagery", "/compute"),
    ],
)
def test_a_path_below_a_prefix_becomes_the_services_own(path: str, own_path: str, prefix: str) -> None:
    environ = strip_prefix({"PATH_INFO": path, "SCRIPT_NAME": "/m"}, PREFIXES)
    assert (environ["PATH_INFO"], environ[PREFIX_KEY].path) == (own_path, prefix)
    assert environ["SCRIPT_NAME"] == (
        "/m" if own_path.startswith(("/image/", "/identity")) else f"/m{prefix}"
    )


@pytest.mark.parametrize(
    "path",
    [
        "/v2.1/images",
        "/computer/v2.1",
        "/os",
        "/os/nova2",
        "/keystonev3",
        "/Compute/v2.1",
        "/compute/_admin/images",
        "/compute/identity/v3",
        "/os/nova//image/v2/images",
        "",
        "*",
    ],
)
def test_another_path_does_not_change(path: str) -> None:
    environ = {"PATH_INFO": path}
    assert strip_prefix(environ, PREFIXES) is environ


@pytest.mark.parametrize("prefix", ["/compute", "/os/nova", ""])
def test_links_of_nova_begin_with_the_prefix_of_the_request(cloud: Cloud, prefix: str) -> None:
    root = f"http://localhost{prefix}"
    page = cloud.get(f"{prefix}/v2.1/{DEMO}/images?limit=1", "demo")
    (image,) = page["images"]
    assert [link["href"] for link in image["links"]] == [
        f"{root}/v2.1/{DEMO}/images/{image['id']}",
        f"{root}/{DEMO}/images/{image['id']}",
        f"http://localhost/os/glance/images/{image['id']}",
    ]
    assert page["images_links"][0]["href"].startswith(f"{root}/v2.1/{DEMO}/images?")
    versions = cloud.get(f"{prefix}/")["versions"]
    assert [version["links"][0]["href"] for version in versions] == [f"{root}/v2/", f"{root}/v2.1/"]
    choices = cloud.get(f"{prefix}/images")["choices"]
    assert choices[1]["links"][0]["href"] == f"{root}/v2.1/images"


def test_a_page_is_not_shared_between_prefixes(cloud: Cloud) -> None:
    pages = [
        cloud.ask("GET", f"{prefix}/v2.1/images/detail?limit=1", "demo").text
        for prefix in ("", "/compute", "", "/os/nova", "/compute")
    ]
    assert pages[0] == pages[2]
    assert (
        pages[1]
        == pages[4]
        == pages[0]
        .replace("localhost/v2.1", "localhost/compute/v2.1")
        .replace(f"localhost/images/{GOLDEN}", f"localhost/compute/images/{GOLDEN}")
    )


def test_dialect_huaweicloud_has_the_prefix_in_its_alternate_link() -> None:
    cloud = Cloud(prefix=PREFIXES)
    (image,) = cloud.get("/compute/v2.1/images?limit=1")["images"]
    assert image["links"][2]["href"] == f"http://localhost/compute/images/{image['id']}"


@pytest.mark.parametrize(("prefix", "path"), [("/os/glance", "/os/glance"), ("/image", "/image")])
def test_links_of_glance_begin_with_the_prefix_of_the_request(cloud: Cloud, prefix: str, path: str) -> None:
    response = cloud.ask("POST", f"{prefix}/v2/images", "demo", json={"name": "new"})
    assert response.headers["Location"] == f"http://localhost{path}/v2/images/{response.json['id']}"
    assert cloud.ask("GET", f"{prefix}/v2", "demo").headers["Location"] == f"http://localhost{path}/v2/"
    values = {"import_from": "https://example.com/x", "import_from_format": "raw", "image_properties": {}}
    task = cloud.ask("POST", f"{prefix}/v2/tasks", "admin", json={"type": "import", "input": values})
    assert task.headers["Location"] == f"http://localhost{path}/v2/tasks/{task.json['id']}"
    links = {version["links"][0]["href"] for version in cloud.get(prefix)["versions"]}
    assert links == {f"http://localhost{path}/v2/"}
    page = cloud.get(f"{prefix}/v2/images?limit=1", "demo")
    assert page["next"].startswith("/v2/images?")  # Glance's links in bodies have no host


@pytest.mark.parametrize("prefix", ["/keystone", "/identity"])
def test_links_of_keystone_begin_with_the_prefix_of_the_request(cloud: Cloud, prefix: str) -> None:
    root = f"http://localhost{prefix}"
    versions = cloud.ask("GET", prefix)
    assert versions.headers["Location"] == f"{root}/v3/"
    assert cloud.get(f"{prefix}/v3")["version"]["links"][0]["href"] == f"{root}/v3/"
    document = cloud.get(f"{prefix}/v3/regions", "demo")
    assert document["links"]["self"] == f"{root}/v3/regions"
    assert document["regions"][0]["links"]["self"] == f"{root}/v3/regions/RegionOne"
    assert cloud.ask("GET", f"{prefix}/v3/regions").headers["WWW-Authenticate"] == f'Keystone uri="{root}/v3"'
    assert cloud.ask("PATCH", f"{prefix}/v3/regions", "demo").status_code == 405


@pytest.mark.parametrize("path", ["/compute/v2.1/images", "/v2.1/images", "/os/glance/v2/images"])
def test_a_401_names_the_prefix_of_keystone(cloud: Cloud, path: str) -> None:
    challenge = cloud.ask("GET", path).headers["WWW-Authenticate"]
    assert challenge == 'Keystone uri="http://localhost/keystone"'


def test_a_path_below_a_mount_has_mount_and_prefix(cloud: Cloud) -> None:
    environ = {"SCRIPT_NAME": "/cloud"}
    response = cloud.ask("GET", "/compute/v2.1/images?limit=1", "demo", environ_overrides=environ)
    (image,) = response.json["images"]
    assert image["links"][0]["href"].startswith("http://localhost/cloud/compute/v2.1/images/")
    assert image["links"][2]["href"].startswith("http://localhost/cloud/os/glance/images/")


@pytest.mark.parametrize(
    "path", ["/compute/identity/v3", "/compute/image/v2/images", "/compute/_admin/health"]
)
def test_no_other_service_responds_below_a_prefix_of_nova(cloud: Cloud, path: str) -> None:
    assert list(cloud.get(path)) == ["choices"]


def last_entry(cloud: Cloud) -> dict[str, Any]:
    entry: dict[str, Any] = cloud.get("/_admin/requests")["requests"][-1]
    return entry


@pytest.mark.parametrize(
    ("method", "path", "operation"),
    [
        ("GET", "/compute/v2.1/images/detail", "images.detail"),
        ("GET", "/os/nova/v2.1/images", "images.list"),
        ("GET", "/os/glance/v2/images", "glance.images.list"),
        ("GET", "/keystone/v3/auth/projects", "auth.projects"),
        ("GET", "/compute/v2.1/nothing", ""),
        ("GET", "/v2.1/images", "images.list"),
    ],
)
def test_the_journal_has_the_clients_path_and_the_operation(
    cloud: Cloud, method: str, path: str, operation: str
) -> None:
    cloud.ask(method, path, "demo")
    entry = last_entry(cloud)
    assert (entry["path"], entry["operation"]) == (path, operation)


def test_a_token_in_a_path_below_a_prefix_is_not_recorded(cloud: Cloud) -> None:
    cloud.ask("GET", "/keystone/v2.0/tokens/secret", "demo")
    assert last_entry(cloud)["path"] == "/keystone/v2.0/tokens/***"


@pytest.mark.parametrize("pattern", ["/compute/v2.1/images/*", "/v2.1/images/*"])
def test_a_fault_matches_the_path_with_and_without_the_prefix(cloud: Cloud, pattern: str) -> None:
    fault = {"match": {"path": pattern}, "effect": {"status": 503}}
    assert cloud.ask("POST", "/_admin/faults", json=fault).status_code == 201
    assert cloud.ask("GET", "/compute/v2.1/images/detail", "demo").status_code == 503
    assert cloud.ask("GET", "/compute/v2.1/images", "demo").status_code == 200


def test_a_fault_matches_the_operation_below_a_prefix(cloud: Cloud) -> None:
    fault = {"match": {"operation": "glance.images.list"}, "effect": {"status": 503}}
    assert cloud.ask("POST", "/_admin/faults", json=fault).status_code == 201
    assert cloud.ask("GET", "/os/glance/v2/images", "demo").status_code == 503


def test_hints_and_logs_have_the_clients_path(caplog: pytest.LogCaptureFixture) -> None:
    cloud = Cloud(prefix=PREFIXES, access_log="json")
    with caplog.at_level(logging.INFO):
        response = cloud.ask("GET", "/compute/v2.1/image")
    assert "is it /images?" in response.headers["X-Fake-Nova-Hint"]
    hint, access = (record.getMessage() for record in caplog.records)
    assert hint.startswith("GET /compute/v2.1/image: ")
    assert json.loads(access)["path"] == "/compute/v2.1/image"


def test_a_prefix_that_comes_twice_gets_no_hint_to_add_it(cloud: Cloud) -> None:
    hint = cloud.ask("GET", "/compute/compute/v2.1/images").headers["X-Fake-Nova-Hint"]
    assert hint == "No service has this path; the path begins with a version, such as /v2.1."


@pytest.mark.parametrize("path", ["/compute/v2.1/images?status=SAVING", "/os/glance/v2/images?status=queued"])
def test_a_list_below_a_prefix_can_be_explained(cloud: Cloud, path: str) -> None:
    document = cloud.get(f"/_admin/explain?path={path}", "demo")
    assert document["status"] == 200
    assert {image["rule"] for image in document["images"]} >= {"status"}


def test_web_pages_may_use_a_service_below_its_prefix() -> None:
    cloud = Cloud(prefix=PREFIXES, cors=("https://a.example.com",))
    response = cloud.ask("GET", "/keystone/v3", headers={"Origin": "https://a.example.com"})
    assert response.headers["Access-Control-Allow-Origin"] == "https://a.example.com"
    assert "X-Subject-Token" in response.headers["Access-Control-Expose-Headers"]


def test_a_scope_is_found_below_a_prefix(cloud: Cloud) -> None:
    project = cloud.ask("POST", "/_admin/scopes", json={"project": "ab" * 16}).json["project"]["id"]
    cloud.ask("POST", f"/_admin/images?scope={project}", json={"name": "only here", "visibility": "public"})
    login = cloud.get(f"/_admin/environment?scope={project}")["login"]
    user = {"name": login["username"], "password": login["password"], "domain": {"id": "default"}}
    identity = {"methods": ["password"], "password": {"user": user}}
    auth = {"identity": identity, "scope": {"project": {"id": project}}}
    token = cloud.ask("POST", "/keystone/v3/auth/tokens", json={"auth": auth}).headers["X-Subject-Token"]
    images = cloud.get(f"/compute/v2.1/{project}/images?name=only here", headers={"X-Auth-Token": token})
    assert [image["name"] for image in images["images"]] == ["only here"]


def test_routes_of_users_see_the_path_as_it_came(cloud: Cloud) -> None:
    application: Any = cloud.http.application
    application.add_url_rule("/compute/hello", view_func=lambda: "hello")
    assert cloud.ask("GET", "/compute/hello").text == "hello"
    assert "images" in cloud.get("/compute/v2.1/images", "demo")
