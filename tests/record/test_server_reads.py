"""Reads of the servers API that the record does not have, as the same Nova 34.0.0 on MariaDB answered them."""

from __future__ import annotations

import pytest

from tests.conftest import Cloud
from tests.record import servers_cloud

#: The path of a list of the servers of all projects for admins.
ALL = "/v2.1/servers?all_tenants=1"


@pytest.fixture(scope="module")
def recorded_cloud(tmp_path_factory: pytest.TempPathFactory) -> Cloud:
    """The cloud of the record."""
    path = tmp_path_factory.mktemp("record") / "fixture.json"
    path.write_text(servers_cloud.fixture(), encoding="utf-8")
    return Cloud(
        private=True, fixtures=(str(path),), dialect="nova", database="mariadb", auth_strategy="keystone"
    )


def summary_of(cloud: Cloud, user: str, path: str, version: str) -> str:
    """Return the names of the servers in a response, or the message of an error."""
    response = cloud.ask("GET", path, user, headers={"OpenStack-API-Version": f"compute {version}"})
    body = response.get_json()
    if response.status_code == 200:
        servers = body["servers"] if "servers" in body else [body["server"]]
        return " ".join(server["name"] for server in servers)
    (error,) = body.values()
    assert error["code"] == response.status_code
    return f"{response.status_code} {error['message']}"


WEB, MINE, LOCKED = map(servers_cloud.server_id, ("web", "mine", "locked"))
PLAIN_IMAGE = servers_cloud.recorded_cloud()["images"][0]["id"]
BY_LOCK = "/v2.1/servers?locked=true&sort_key=locked_by"
OTHER, STUDIO = (servers_cloud.recorded_cloud()["projects"][name] for name in ("other", "studio"))


@pytest.mark.parametrize(
    ("user", "path", "version", "summary"),
    [
        # A newline at the end of the path is dropped, whatever the route.
        ("ada", f"/v2.1/servers/{WEB}%0a", "2.1", "web"),
        ("ada", f"/v2.1/servers/{WEB}%0a%0a", "2.1", f"404 Instance {WEB}\n could not be found."),
        ("ada", f"/v2/{STUDIO}/servers/{WEB}%0a", "2.1", "web"),
        ("quinn", "/v2.1/servers/detail%0a", "2.1", "of-quinn"),
        # An id in capitals: the message has the id of the server that MariaDB finds.
        ("otto", f"/v2.1/servers/{WEB.upper()}", "2.1", f"404 Instance {WEB} could not be found."),
        # The marker is looked up even if nothing can be listed, but not if no status is valid.
        ("ada", "/v2.1/servers?limit=0&marker=nope", "2.104", "400 marker [nope] not found"),
        ("ada", "/v2/servers?sort_key=bogus&marker=nope", "2.1", "400 marker [nope] not found"),
        ("ada", "/v2.1/servers?status=bogus&marker=nope", "2.1", ""),
        ("ada", f"/v2.1/servers?marker={WEB}%20", "2.104", "plain"),
        # Words are read before rights are checked.
        (
            "ada",
            "/v2.1/servers?all_tenants=1&locked=",
            "2.104",
            "400 Unrecognized value '', acceptable values are: "
            "'0', '1', 'f', 'false', 'n', 'no', 'off', 'on', 't', 'true', 'y', 'yes'",
        ),
        # Directions are refused by what Nova asks for servers without a host, which it does not always ask.
        ("ada", "/v2.1/servers?sort_dir=up&limit=0", "2.104", ""),
        ("ada", "/v2.1/servers?sort_dir=asc&sort_dir=desc&ip=10", "2.1", ""),
        (
            "ada",
            f"/v2.1/servers?sort_dir=up&ip=10&marker={WEB}",
            "2.1",
            "400 Invalid input received: Unknown sort direction, must be 'desc' or 'asc'",
        ),
        ("admin", "/v2.1/servers?sort_dir=up&deleted=true", "2.104", ""),
        ("admin", "/v2.1/servers?sort_dir=asc&sort_dir=desc&status=DELETED", "2.104", ""),
        (
            "ada",
            "/v2.1/servers?sort_key=vcpus&sort_dir=asc&sort_dir=desc",
            "2.1",
            "400 Invalid input received: Sort direction size exceeds sort key size",
        ),
        # After the last server of a page, Nova reads on: a column that is NULL in the marker is not compared.
        ("ada", f"{BY_LOCK}&sort_dir=asc&marker={MINE}", "2.104", "locked-by-admin locked"),
        ("ada", f"{BY_LOCK}&sort_dir=desc&marker={LOCKED}", "2.104", "locked-by-admin"),
        ("ada", f"{BY_LOCK}&sort_dir=asc&marker={LOCKED}", "2.104", ""),
        # Two parameters that filter by one column: the last one counts.
        ("admin", f"{ALL}&tenant_id={STUDIO}&project_id={OTHER}", "2.104", "of-other"),
        ("admin", f"{ALL}&project_id=&tenant_id={OTHER}", "2.1", "of-other"),
        ("admin", "/v2.1/servers?name=nope&display_name=of", "2.104", "of-admin"),
        ("admin", "/v2.1/servers?image=nope&image_ref=&image_ref=", "2.1", ""),
        # Patterns are those of PCRE2 10.42.
        ("ada", "/v2.1/servers?name=[[:upper:]]", "2.1", "Web_3"),
        ("ada", "/v2.1/servers?name=^[[:upper:][:digit:]o-]", "2.1", "of-mona offloaded Web_3"),
        ("ada", "/v2.1/servers?name=e[^[:lower:]]$", "2.1", ""),
        ("ada", "/v2.1/servers?name=^[^[:lower:]].*[[:^lower:]]$", "2.1", "Web_3"),
        ("ada", "/v2.1/servers?name=e{,1}", "2.1", ""),
        # /v2 checks no query, and passes an admin's filters on.
        ("admin", "/v2/servers?instance_type_id=1", "2.1", "of-admin"),
        ("admin", "/v2/servers?instance_type_id=.", "2.1", ""),
        ("admin", "/v2/servers?not-tags=nope", "2.1", ""),
        ("admin", "/v2/servers?ip=", "2.1", ""),
        ("admin", "/v2/servers?limit=%D9%A1", "2.1", "of-admin"),
        ("admin", "/v2.1/servers?flavor=1%20", "2.104", "of-admin"),
    ],
)
def test_a_read_is_as_the_real_service_answered_it(
    recorded_cloud: Cloud, user: str, path: str, version: str, summary: str
) -> None:
    assert summary_of(recorded_cloud, user, path, version) == summary


@pytest.mark.parametrize(("path", "prefix"), [("/v2.1", "/v2.1"), ("/v2", f"/v2/{STUDIO}")])
def test_a_project_id_in_the_query_of_a_show_gets_into_its_links_on_v2_only(
    recorded_cloud: Cloud, path: str, prefix: str
) -> None:
    server = recorded_cloud.ask("GET", f"{path}/servers/{WEB}?x={STUDIO}", "ada").get_json()["server"]
    assert server["links"][0]["href"] == f"http://localhost{prefix}/servers/{WEB}"


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("/v2.1/images", 403, "HTTP 403 Forbidden: You are not authorized to complete get_images action."),
        (f"/v2.1/images/{PLAIN_IMAGE}", 404, "Image not found."),
        (f"/v2.1/images/{PLAIN_IMAGE}/metadata", 404, "Image not found."),
        ("/image/v2/images", 403, "You are not authorized to complete get_images action."),
        (f"/image/v2/images/{PLAIN_IMAGE}", 404, "The resource could not be found."),
        (f"/image/v2/images/{PLAIN_IMAGE}/file", 404, "The resource could not be found."),
    ],
)
def test_a_user_who_is_not_even_a_reader_sees_no_image(
    recorded_cloud: Cloud, path: str, status: int, message: str
) -> None:
    response = recorded_cloud.ask("GET", path, "norole", headers={"Accept": "application/json"})
    assert response.status_code == status
    assert message in response.text
