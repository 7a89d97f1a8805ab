"""The health checks of Glance and Keystone (measured with oslo.middleware 8.2)."""

from __future__ import annotations

import pytest

from tests.conftest import Cloud

PATHS = ("/image/healthcheck", "/identity/healthcheck")
BODIES = {"/image/healthcheck": b"OK", "/identity/healthcheck": b""}

HTML = """<HTML>
<HEAD><TITLE>Healthcheck Status</TITLE></HEAD>
<BODY>

<H2>Result of {count} checks:</H2>
<TABLE bgcolor="#ffffff" border="1">
<TBODY>
<TR>

<TH>
Reason
</TH>
</TR>
{rows}
</TBODY>
</TABLE>
<HR></HR>

</BODY>
</HTML>"""


@pytest.fixture
def cloud() -> Cloud:
    return Cloud(auth_strategy="keystone")


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", PATHS)
def test_every_method_says_that_the_service_is_healthy(cloud: Cloud, path: str, method: str) -> None:
    for end in ("", "/", "/x"):
        response = cloud.ask(method, path + end)
        assert (response.status_code, response.data) == (200, BODIES[path])
        assert response.headers["Content-Type"] == "text/plain; charset=UTF-8"
        assert "Vary" not in response.headers


@pytest.mark.parametrize("path", PATHS)
def test_head_is_a_204(cloud: Cloud, path: str) -> None:
    response = cloud.ask("HEAD", path)
    assert response.status_code == 204
    assert "Content-Type" not in response.headers


@pytest.mark.parametrize("path", PATHS)
def test_the_body_of_the_request_does_not_matter(cloud: Cloud, path: str) -> None:
    headers = {"Content-Type": "application/json"}
    assert cloud.ask("POST", path, data="{x", headers=headers).status_code == 200


def test_only_keystone_sends_a_request_id(cloud: Cloud) -> None:
    sent_ids = ["x-openstack-request-id" in cloud.ask("GET", path).headers for path in PATHS]
    assert sent_ids == [False, True]


@pytest.mark.parametrize(
    "accept", ["text/plain", "*/*", "image/png", "", "no type", "application/json;q=0.1, */*"]
)
def test_plain_text_is_the_default(cloud: Cloud, accept: str) -> None:
    assert cloud.ask("GET", "/image/healthcheck", headers={"Accept": accept}).data == b"OK"


@pytest.mark.parametrize("accept", ["application/json", "application/*", "text/html;q=0.5, application/json"])
def test_a_client_can_ask_for_json(cloud: Cloud, accept: str) -> None:
    response = cloud.ask("GET", "/image/healthcheck", headers={"Accept": accept})
    assert response.headers["Content-Type"] == "application/json"
    assert response.data == b'{\n    "detailed": false,\n    "reasons": [\n        "OK"\n    ]\n}'
    keystone_response = cloud.ask("GET", "/identity/healthcheck", headers={"Accept": accept})
    assert keystone_response.data == b'{\n    "detailed": false,\n    "reasons": []\n}'


def test_a_browser_gets_html(cloud: Cloud) -> None:
    glance_response, keystone_response = (
        cloud.ask("GET", path, headers={"Accept": "text/html"}) for path in PATHS
    )
    rows = "<TR>\n\n    <TD>OK</TD>\n\n</TR>"
    assert glance_response.text == HTML.format(count=1, rows=rows)
    assert glance_response.headers["Content-Type"] == "text/html; charset=UTF-8"
    assert keystone_response.text == HTML.format(count=0, rows="")


@pytest.mark.parametrize("path", ["/image/healthcheckx", "/identity/healthcheckx"])
def test_a_longer_name_is_no_health_check(cloud: Cloud, path: str) -> None:
    assert cloud.ask("GET", path).status_code in (300, 404)
