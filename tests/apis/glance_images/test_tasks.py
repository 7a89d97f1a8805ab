"""The tasks of the image service, and what a failed import leaves behind (measured with Glance 33.0.0)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Cloud

BYTES = {"Content-Type": "application/octet-stream"}
TEXT = {"Accept": "text/plain"}
FAILURE = "Task failed due to Internal Error"


@pytest.fixture
def cloud() -> Cloud:
    """Return a cloud with both import methods, whose clock stands still."""
    cloud = Cloud(auth_strategy="keystone", import_methods="glance-direct,web-download")
    cloud.ask("PUT", "/_admin/clock", json={"mode": "frozen"})
    return cloud


def create_image(cloud: Cloud, user: str = "demo", **fields: Any) -> str:
    body = {"name": "new", "disk_format": "raw", "container_format": "bare", **fields}
    return str(cloud.ask("POST", "/image/v2/images", user, json=body).get_json()["id"])


def stage(cloud: Cloud, image_id: str, data: bytes = b"hello") -> None:
    url = f"/image/v2/images/{image_id}/stage"
    assert cloud.ask("PUT", url, "demo", data=data, headers=BYTES).status_code == 204


def start_import(cloud: Cloud, image_id: str, **body: Any) -> None:
    payload = {"method": {"name": "glance-direct"}, **body}
    response = cloud.ask("POST", f"/image/v2/images/{image_id}/import", "demo", json=payload)
    assert response.status_code == 202, response.text


def download(uri: str) -> dict[str, Any]:
    return {"method": {"name": "web-download", "uri": uri}}


def wait(cloud: Cloud, seconds: int = 2) -> None:
    cloud.ask("PUT", "/_admin/clock", json={"advance": seconds})


def import_state(cloud: Cloud, image_id: str) -> tuple[Any, ...]:
    image = cloud.get(f"/image/v2/images/{image_id}", "demo")
    properties = [image.get(f"os_glance_{name}") for name in ("importing_to_stores", "failed_import")]
    return (image["status"], image["size"], *properties, "os_glance_import_task" in image)


def tasks_of(cloud: Cloud, image_id: str, user: str = "demo") -> Any:
    return cloud.get(f"/image/v2/images/{image_id}/tasks", user)["tasks"]


def test_an_import_has_a_task_from_its_start_to_its_end(cloud: Cloud) -> None:
    image_id = create_image(cloud)
    stage(cloud, image_id)
    start_import(cloud, image_id)
    (row,) = tasks_of(cloud, image_id)
    assert (row["type"], row["status"], row["expires_at"]) == ("api_image_import", "processing", None)
    assert row["input"] == {
        "image_id": image_id,
        "import_req": {"method": {"name": "glance-direct"}},
        "backend": ["files"],
    }
    image = cloud.get(f"/image/v2/images/{image_id}", "demo")
    assert image["os_glance_import_task"] == row["id"]
    assert import_state(cloud, image_id) == ("importing", 5, "files", "", True)
    wait(cloud)
    assert import_state(cloud, image_id) == ("active", 5, "", "", False)
    task = cloud.get(f"/image/v2/tasks/{row['id']}", "admin")
    assert (task["status"], task["result"]) == ("success", {"image_id": image_id})
    assert task["message"] == "Copied 0 MiB"
    assert list(task) == [
        *("id", "input", "type", "status", "owner", "message", "result", "created_at", "updated_at", "self"),
        *("schema", "image_id", "request_id", "user_id", "expires_at"),
    ]
    assert task["request_id"].startswith("req-")


@pytest.mark.parametrize(
    ("options", "state"),
    [
        ({}, ("importing", 5, "", "files", False)),
        ({"all_stores_must_succeed": False}, ("queued", None, "", "files", False)),
    ],
)
def test_the_import_of_data_in_another_format_fails(
    cloud: Cloud, options: dict[str, Any], state: tuple[Any, ...]
) -> None:
    image_id = create_image(cloud, disk_format="qcow2")
    stage(cloud, image_id)
    start_import(cloud, image_id, **options)
    wait(cloud)
    assert import_state(cloud, image_id) == state
    (row,) = tasks_of(cloud, image_id)
    assert (row["status"], row["message"], row["result"]) == ("failure", FAILURE, None)


@pytest.mark.parametrize("uri", ["http://192.0.2.1/disk", "https://[2001:db8::1]/disk", "http://224.0.0.1/x"])
def test_a_download_from_where_nobody_is_queues_the_image_again(cloud: Cloud, uri: str) -> None:
    image_id = create_image(cloud)
    start_import(cloud, image_id, **download(uri))
    assert import_state(cloud, image_id) == ("importing", None, "files", "", True)
    wait(cloud)
    assert import_state(cloud, image_id) == ("queued", None, "", "files", False)
    start_import(cloud, image_id, **download("http://example.com/disk"))
    wait(cloud)
    assert import_state(cloud, image_id)[0] == "active"
    assert [row["status"] for row in tasks_of(cloud, image_id)] == ["failure", "success"]


@pytest.mark.parametrize(
    "uri",
    [
        *("http://disks.invalid/x", "http://localhost./x", "http://LOCALHOST/x", "http://127.0.0.2/x"),
        *("http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://169.254.169.254/", "http://[fe80::1]/"),
    ],
)
def test_hosts_that_the_filter_refuses_are_refused(cloud: Cloud, uri: str) -> None:
    url = f"/image/v2/images/{create_image(cloud)}/import"
    response = cloud.ask("POST", url, "demo", json=download(uri), headers=TEXT)
    assert response.status_code == 400
    assert f"URI for web-download does not pass filtering: {uri}" in response.text


def test_an_import_whose_plan_ends_otherwise_fails(cloud: Cloud) -> None:
    steps = [{"status": "importing", "seconds": 5}, {"status": "queued"}]
    cloud.ask("PUT", "/_admin/plans/import", json={"steps": steps})
    image_id = create_image(cloud)
    stage(cloud, image_id)
    start_import(cloud, image_id)
    wait(cloud, 5)
    assert import_state(cloud, image_id) == ("queued", None, "", "files", False)
    assert tasks_of(cloud, image_id)[0]["status"] == "failure"


def test_an_import_whose_plan_has_one_step_is_over_at_once(cloud: Cloud) -> None:
    cloud.ask("PUT", "/_admin/plans/import", json={"steps": [{"status": "active"}]})
    image_id = create_image(cloud)
    stage(cloud, image_id)
    start_import(cloud, image_id)
    assert import_state(cloud, image_id) == ("active", 5, "", "", False)
    assert tasks_of(cloud, image_id)[0]["status"] == "success"


def test_an_import_to_no_store_fails(cloud: Cloud) -> None:
    image_id = create_image(cloud)
    stage(cloud, image_id)
    start_import(cloud, image_id, stores=[])
    assert tasks_of(cloud, image_id)[0]["input"]["backend"] == []
    wait(cloud)
    assert import_state(cloud, image_id) == ("queued", None, "", "", False)
    assert tasks_of(cloud, image_id)[0]["status"] == "failure"


def test_the_task_of_an_image_that_was_deleted_or_changed_meanwhile_is_over(cloud: Cloud) -> None:
    images = [create_image(cloud) for _ in range(2)]
    for image_id in images:
        stage(cloud, image_id)
        start_import(cloud, image_id)
    cloud.ask("DELETE", f"/image/v2/images/{images[0]}", "demo")
    cloud.ask("PATCH", f"/_admin/images/{images[1]}", json={"status": "active"})
    tasks = [
        cloud.get(f"/image/v2/tasks?image_id={image_id}", "admin")["tasks"][0]["status"]
        for image_id in images
    ]
    assert tasks == ["failure", "success"]


def test_only_admins_and_the_owning_project_see_a_task(cloud: Cloud) -> None:
    image_id = create_image(cloud, visibility="community")
    stage(cloud, image_id)
    start_import(cloud, image_id)
    assert [len(tasks_of(cloud, image_id, user)) for user in ("demo", "admin", "service")] == [1, 1, 0]
    for method, path in (("GET", ""), ("GET", "/nope"), ("POST", ""), ("DELETE", "/nope")):
        response = cloud.ask(method, f"/image/v2/tasks{path}", "demo", headers=TEXT)
        assert response.status_code == 403
        assert "You are not authorized to complete tasks_api_access action." in response.text


def test_tasks_are_listed_in_pages_and_filtered(cloud: Cloud) -> None:
    images = [create_image(cloud) for _ in range(3)]
    for image_id in images:
        wait(cloud, 1)
        start_import(cloud, image_id, **download("http://192.0.2.1/disk"))
    wait(cloud)
    whole = cloud.get("/image/v2/tasks", "admin")
    assert (whole["first"], whole["schema"], "next" in whole) == ("/v2/tasks", "/v2/schemas/tasks", False)
    ids = [task["id"] for task in whole["tasks"]]
    first = cloud.get("/image/v2/tasks?limit=2&foo=a%20b", "admin")
    assert [task["id"] for task in first["tasks"]] == ids[:2]
    assert first["next"] == f"/v2/tasks?limit=2&foo=a+b&marker={ids[1]}"
    second = cloud.get(f"/image{first['next']}", "admin")
    assert [task["id"] for task in second["tasks"]] == ids[2:]
    oldest_first = cloud.get("/image/v2/tasks?sort_dir=asc&sort_key=created_at", "admin")
    assert [task["id"] for task in oldest_first["tasks"]] == ids[::-1]
    for query, count in (
        (f"image_id={images[0]}", 1),
        ("status=failure", 3),
        ("status=success", 0),
        ("status=", 0),
        ("type=import", 0),
        ("created_at=x", 0),
        ("limit=0", 0),
    ):
        assert len(cloud.get(f"/image/v2/tasks?{query}", "admin")["tasks"]) == count, query


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("limit=x", "limit param must be an integer"),
        ("limit=-1", "limit param must be positive"),
        ("marker=x", "Invalid marker format"),
        ("marker=", "Task with the given id  was not found"),
        ("sort_dir=x&limit=x", "Invalid sort direction: x"),
        ("sort_key=input", "Sort key supplied was not valid."),
        ("status=x", "Invalid status value: x"),
        ("type=api_image_import", "Invalid type value: api_image_import"),
    ],
)
def test_an_invalid_query_of_tasks_is_refused(cloud: Cloud, query: str, message: str) -> None:
    response = cloud.ask("GET", f"/image/v2/tasks?{query}", "admin", headers=TEXT)
    assert response.status_code == 400
    assert message in response.text


def test_tasks_are_listed_for_two_days(cloud: Cloud) -> None:
    image_id = create_image(cloud)
    start_import(cloud, image_id, **download("http://192.0.2.1/disk"))
    wait(cloud)
    wait(cloud, 48 * 3600 - 1)
    assert len(tasks_of(cloud, image_id)) == 1
    wait(cloud, 1)
    assert tasks_of(cloud, image_id) == cloud.get("/image/v2/tasks", "admin")["tasks"] == []


@pytest.mark.parametrize(
    ("kind", "values", "message"),
    [
        ("import", {"import_from": "http://192.0.2.1/"}, "Input does not contain 'import_from_format' field"),
        (
            "import",
            {"import_from": "http://192.0.2.1/", "import_from_format": "raw", "image_properties": {}},
            FAILURE,
        ),
        ("api_image_import", {}, "Input to api_image_import task is empty."),
        ("api_image_import", {"x": 1}, "Missing required 'image_id' field"),
        ("location_import", {"image_id": "x"}, "Input does not contain 'loc_url' field"),
    ],
)
def test_a_posted_task_is_pending_and_then_fails(
    cloud: Cloud, kind: str, values: dict[str, Any], message: str
) -> None:
    response = cloud.ask("POST", "/image/v2/tasks", "admin", json={"type": kind, "input": values})
    posted = response.get_json()
    assert (response.status_code, posted["status"], posted["message"]) == (201, "pending", "")
    assert response.headers["Location"].endswith(f"/image/v2/tasks/{posted['id']}")
    shown = cloud.get(f"/image/v2/tasks/{posted['id']}", "admin")
    assert (shown["status"], shown["message"]) == ("failure", message)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "Task 'type' is required"),
        ([], "Task 'type' is required"),
        (["type", "input"], "Unexpected body type. Expected list/dict."),
        ({"type": "import"}, "Task 'input' is required"),
        ({"type": "nope", "input": {}}, "'nope' is not one of ['import', 'api_image_import'"),
        ({"type": "import", "input": {}, "foo": 1}, "Additional properties are not allowed ('foo'"),
        ({"type": "import", "input": None}, "Invalid location: None"),
        ({"type": "import", "input": {"import_from": "file:///x"}}, "File based imports are not allowed."),
        ({"type": "import", "input": {"import_from": "ftp://h/x"}}, "The given uri is not valid."),
        ({"type": "import", "input": {"import_from": "http://h:81/"}}, "legacy import task does not pass"),
        ({"type": "api_image_import", "input": None}, "Task 'input' is required"),
        ({"type": "import", "input": {"import_from": 1}}, "Invalid location: 1"),
    ],
)
def test_an_invalid_task_is_refused(cloud: Cloud, body: object, message: str) -> None:
    response = cloud.ask("POST", "/image/v2/tasks", "admin", json=body, headers=TEXT)
    assert response.status_code == 400
    assert message in response.text


def test_a_task_cannot_be_deleted(cloud: Cloud) -> None:
    response = cloud.ask("DELETE", "/image/v2/tasks/nope", "admin", headers={"Accept": "text/html"})
    assert (response.status_code, response.headers["Allow"]) == (405, "GET")
    assert response.text.endswith("their expires_at property.\n </body>\n</html>")
    assert "The method DELETE is not allowed" not in response.text


def test_an_unknown_task_is_not_found(cloud: Cloud) -> None:
    response = cloud.ask("GET", "/image/v2/tasks/nope", "admin", headers=TEXT)
    assert (response.status_code, "Could not find task nope" in response.text) == (404, True)


def test_a_snapshot_keeps_tasks_and_a_reset_drops_them(cloud: Cloud) -> None:
    image_id = create_image(cloud)
    start_import(cloud, image_id, **download("http://192.0.2.1/disk"))
    cloud.ask("POST", "/_admin/snapshots", json={"name": "before"})
    wait(cloud)
    cloud.ask("POST", "/_admin/snapshots/before/restore")
    assert tasks_of(cloud, image_id)[0]["status"] == "processing"
    wait(cloud)
    assert tasks_of(cloud, image_id)[0]["status"] == "failure"
    cloud.ask("POST", "/_admin/reset")
    assert cloud.get("/image/v2/tasks", "admin")["tasks"] == []


def test_an_import_goes_on_where_its_export_is_loaded(cloud: Cloud, tmp_path: Path) -> None:
    image_id = create_image(cloud)
    start_import(cloud, image_id, **download("http://192.0.2.1/disk"))
    path = tmp_path / "export.yaml"
    path.write_bytes(cloud.ask("GET", "/_admin/export").data)
    second_cloud = Cloud(auth_strategy="keystone", fixtures=[str(path)])
    assert import_state(second_cloud, image_id) == ("importing", None, "files", "", True)
    assert tasks_of(second_cloud, image_id) == []
    wait(second_cloud)
    assert import_state(second_cloud, image_id) == ("queued", None, "", "files", False)


@pytest.mark.parametrize(("limit", "value"), [("MAX_TASKS", 2), ("MAX_INPUT_CHARS", 2 * len("{}"))])
def test_the_oldest_tasks_make_room(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, limit: str, value: int
) -> None:
    monkeypatch.setattr(f"fake_nova.cloud.tasks.{limit}", value)
    body = {"type": "api_image_import", "input": {}}
    ids = [cloud.ask("POST", "/image/v2/tasks", "admin", json=body).get_json()["id"] for _ in range(3)]
    assert list(cloud.emulator.cloud.tasks.by_id) == ids[1:]
