"""Control works the same for a server in this process, for an external one and for a scope."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import requests

from fake_nova.control import AdminError, Control, Unreachable
from fake_nova.errors import ConfigurationError
from fake_nova.testing.evidence import Evidence
from fake_nova.testing.failure_report import build_report
from fake_nova.testing.fake_nova import FakeNova

CIRROS = "70a599e0-31e7-49b7-b260-868f441e862b"


@pytest.fixture(scope="module")
def shared_server() -> Iterator[FakeNova]:
    with FakeNova(fixtures=("default",)) as server:
        yield server


@pytest.fixture(params=["in this process", "elsewhere", "a scope of its own"])
def nova(request: pytest.FixtureRequest, shared_server: FakeNova) -> Iterator[Control]:
    shared_server.reset()
    if request.param == "in this process":
        yield shared_server
    elif request.param == "elsewhere":
        yield Control(shared_server.url)
    else:
        with shared_server.scope() as scope:
            yield scope


def get(nova: Control, path: str = "/images/detail") -> Any:
    return requests.get(nova.compute_url + path, timeout=60)


def statuses(nova: Control) -> dict[str, str]:
    return {image["name"]: image["status"] for image in get(nova).json()["images"]}


def test_images_can_be_added_changed_and_removed(nova: Control) -> None:
    image = nova.images.add(name="a", size=5)
    assert nova.images.get(image["id"]) == image
    assert nova.images.change(image["id"], name="b", tags=["x"])["name"] == "b"
    assert nova.images.set_status(image["id"], "killed")["status"] == "killed"
    assert statuses(nova)["b"] == "ERROR"
    nova.images.forget(image["id"])
    with pytest.raises(AdminError) as error_info:
        nova.images.get(image["id"])
    assert error_info.value.status == 404
    assert error_info.value.message == (
        f'image: unknown id or name (got "{image["id"]}"); expected the id or name of an existing image'
    )


def test_an_image_is_found_by_its_name(nova: Control) -> None:
    image = nova.images.add(name="nightly build 7 ü")
    name = image["name"] or ""
    assert nova.images.get(name) == image
    assert nova.images.change(name, min_ram=5)["id"] == image["id"]
    assert nova.images.set_status(name, "killed")["id"] == image["id"]
    assert nova.images.begin(name, "slow")["id"] == image["id"]
    assert nova.images.history(name) == nova.images.history(image["id"])
    nova.images.forget(name)
    with pytest.raises(AdminError, match="404: image: unknown id or name"):
        nova.images.get(name)


def test_adding_several_images_is_atomic(nova: Control) -> None:
    images = nova.images.add_all([{"name": "a"}, {"name": "b"}])
    assert [image["name"] for image in images] == ["a", "b"]
    before = nova.images.all()
    with pytest.raises(
        AdminError, match=r"images\[1\].size: invalid value \(got -1\); expected a whole number"
    ):
        nova.images.add_all([{"name": "c"}, {"size": -1}])
    with pytest.raises(AdminError, match=r"409: id: already in use \(got .*\); expected an id"):
        nova.images.add_all([{"name": "c"}, {"id": before[0]["id"]}])
    assert nova.images.all() == before


def test_generated_images_follow_the_seed_and_the_template(nova: Control) -> None:
    first = nova.images.generate(3, seed=9, status="queued")
    assert {image["status"] for image in first} == {"queued"}
    nova.reset()
    assert nova.images.generate(3, seed=9, status="queued") == first


def test_generated_servers_follow_the_seed_and_the_template(nova: Control) -> None:
    first = nova.servers.generate(20, seed=9, status="SHUTOFF", metadata={"k": "v"})
    assert {(server["status"], server["vm_state"], server["power_state"]) for server in first} == {
        ("SHUTOFF", "stopped", 4)
    }
    assert [server["metadata"] for server in first] == [{"k": "v"}] * 20
    assert len({server["name"] for server in first}) == 20
    assert len({server["flavor"]["name"] for server in first}) > 1
    with pytest.raises(
        AdminError, match="409: seed: its servers exist already \\(got 9\\); expected another seed"
    ):
        nova.servers.generate(1, seed=9)
    nova.reset()
    assert nova.servers.generate(20, seed=9, status="SHUTOFF", metadata={"k": "v"}) == first


def test_generated_servers_have_the_owner_user_and_flavor_of_the_template(nova: Control) -> None:
    (server,) = nova.servers.generate(1, owner="service", user="admin", flavor="m1.large", address="10.0.0.9")
    (own_server,) = nova.servers.generate(1, seed=1)
    assert (server["user"], server["flavor"]["name"]) == ("admin", "m1.large")
    assert server["addresses"]["private"][0]["address"] == "10.0.0.9"
    assert own_server["owner"] == nova.project_id != server["owner"]
    shown = requests.get(f"{nova.compute_url}/servers/{own_server['id']}", timeout=60).json()["server"]
    assert (shown["status"], shown["metadata"]["role"]) == ("ACTIVE", own_server["name"].partition("-")[0])


def test_reset_restores_the_seed_or_empties_the_cloud(nova: Control) -> None:
    nova.reset("empty")
    assert nova.health()["images"] == 0
    nova.reset()
    assert nova.health()["images"] == 6
    with pytest.raises(AdminError, match=r'to: invalid value \(got "yesterday"\); expected seed or empty'):
        nova.reset("yesterday")  # type: ignore[arg-type]  # a mistake on purpose


def test_datetimes_are_accepted_and_a_plan_follows_the_clock(nova: Control) -> None:
    nova.clock.freeze(datetime(2031, 1, 1, tzinfo=UTC))
    image = nova.images.add(name="nightly", plan="slow", created_at=datetime(2031, 1, 1, tzinfo=UTC))
    assert image["created_at"] == "2031-01-01T00:00:00Z"
    nova.clock.advance(2)
    assert statuses(nova)["nightly"] == "SAVING"
    nova.clock.advance(5)
    assert nova.clock.now() == datetime(2031, 1, 1, 0, 0, 7, tzinfo=UTC)
    assert statuses(nova)["nightly"] == "ACTIVE"
    assert [version["by"] for version in nova.images.history(image["id"])][1:] == [{"plan": "slow"}] * 2
    assert nova.clock.mode() == "frozen"
    nova.clock.auto()
    assert nova.clock.mode() == "auto"
    nova.clock.real()
    assert nova.clock.now().year < 2031


def test_plans_can_be_defined_and_assigned_to_new_images(nova: Control) -> None:
    nova.plans.define("own", [{"status": "queued", "looks": 1}, {"status": "killed"}])
    nova.plans.use("slow")
    nova.plans.assign("own", name="mine-*")
    nova.plans.assign("instant", name="mine-2")
    images = nova.images.add_all([{"name": "mine-1"}, {"name": "mine-2"}, {"name": "other"}])
    assert [image["status"] for image in images] == ["queued", "active", "queued"]
    assert statuses(nova)["mine-1"] == "SAVING"
    assert statuses(nova)["mine-1"] == "ERROR"
    nova.plans.use(None)
    assert nova.plans.all()["default"] is None
    assert nova.images.begin(CIRROS, "fails")["status"] == "queued"


def test_faults_are_added_by_keyword(nova: Control) -> None:
    fault = nova.faults.add(operation="images.detail", nth=2, status=503, retry_after=1, owner="me")
    assert [get(nova).status_code for _ in range(3)] == [200, 503, 200]
    assert [(entry["matched"], entry["met"]) for entry in nova.faults.all()] == [(2, 1)]
    nova.faults.remove(fault["id"])
    nova.faults.add(status=503)
    nova.faults.add(status=500, owner="me")
    nova.faults.clear(owner="me")
    assert len(nova.faults.all()) == 1
    nova.faults.clear()
    assert nova.faults.all() == []
    with pytest.raises(AdminError, match=r"effect\.colour: unknown key"):
        nova.faults.add(colour="red")  # type: ignore[call-arg]  # a mistake on purpose


def test_requests_can_be_counted_expected_and_awaited(nova: Control) -> None:
    get(nova, "/images?limit=1")
    get(nova, "/images/nope")
    assert nova.requests.count(operation="images.*") == 2
    assert nova.requests.count(status=404, method="GET", path="*/nope") == 1
    nova.requests.expect(1, operation="images.list", query="limit=1")
    assert nova.requests.wait(operation="images.show")["status"] == 404
    with pytest.raises(TimeoutError, match=r"requests: no match within 0.01 seconds"):
        nova.requests.wait(0.01, operation="images.delete")
    with pytest.raises(AssertionError) as error_info:
        nova.requests.expect(2, operation="images.list", query="limit=2")
    assert str(error_info.value).splitlines()[0] == (
        "requests: wrong count for operation=images.list query=limit=2 (got 0); expected 2"
    )
    assert 'images?limit=1 -> 200: query is "limit=1"' in str(error_info.value)
    nova.requests.clear()
    assert nova.requests.all() == []


def test_a_snapshot_can_be_restored_and_compared(nova: Control) -> None:
    nova.images.add(name="first")
    nova.snapshot()
    nova.images.add(name="second")
    assert [image["name"] for image in nova.changes("snapshot")["added"]] == ["second"]
    nova.restore()
    assert [image["name"] for image in nova.changes()["added"]] == ["first"]
    with nova.kept():
        nova.images.add(name="third")
        assert len(nova.images.all()) == 8
    assert len(nova.images.all()) == 7


def test_explain_complaints_and_export_work(nova: Control) -> None:
    explanation = nova.explain("/v2.1/images?name=image1")
    assert explanation["listed"] == 1
    nova.faults.add(status=503, path="/never")
    assert nova.complaints() == ["fault-1 never triggered"]
    assert nova.export().startswith("settings:\n  dialect: huaweicloud\n")


def credentials_of(nova: Control) -> dict[str, Any]:
    """Return the body of a login with the credentials of *nova*."""
    login = nova.login
    user = {"name": login["username"], "password": login["password"], "domain": {"id": "default"}}
    identity = {"methods": ["password"], "password": {"user": user}}
    return {"auth": {"identity": identity, "scope": {"project": {"id": nova.login["project_id"]}}}}


def test_a_client_can_log_in_with_the_credentials_of_control(nova: Control) -> None:
    response = requests.post(f"{nova.auth_url}/auth/tokens", json=credentials_of(nova), timeout=60)
    assert nova.project_id == nova.login["project_id"]
    assert response.status_code == 201
    assert nova.environment["OS_AUTH_URL"] == nova.auth_url
    assert nova.environment["OS_USERNAME"] == nova.login["username"]


def test_the_compute_url_has_the_project_of_the_login_under_keystone(tmp_path: Path) -> None:
    fixture = tmp_path / "cloud.yaml"
    fixture.write_text(
        "projects: [{id: aa, name: first}, {id: bb, name: second}]\n"
        "users: [{name: zoe, password: zoe-secret, project: second}]\n"
    )
    with FakeNova(fixtures=(str(fixture),), auth_strategy="keystone") as server:
        for nova in (server, Control(server.url)):
            assert nova.project_id == nova.login["project_id"] == "bb"
            assert nova.compute_url == f"{server.url}/v2.1/bb"
            token = requests.post(
                f"{nova.auth_url}/auth/tokens", json=credentials_of(nova), timeout=60
            ).headers["X-Subject-Token"]
            url = f"{nova.compute_url}/images"
            assert requests.get(url, headers={"X-Auth-Token": token}, timeout=60).status_code == 200


def test_a_cloud_without_users_has_the_first_project(tmp_path: Path) -> None:
    fixture = tmp_path / "cloud.yaml"
    fixture.write_text("projects: [{id: aa, name: first}]\nusers: []\n")
    with FakeNova(fixtures=(str(fixture),)) as server:
        assert server.project_id == "aa"


def test_a_scope_is_isolated_and_closes_at_the_end_of_its_block(shared_server: FakeNova) -> None:
    shared_server.reset()
    with (
        shared_server.scope(dialect="nova", database="sqlite") as first,
        Control(shared_server.url).scope() as second,
    ):
        first.images.add(name="mine")
        first.faults.add(status=503)
        assert get(first).status_code == 503
        assert get(second).status_code == 200
        assert "mine" not in statuses(second)
        assert (first.health()["dialect"], second.health()["dialect"]) == ("nova", "huaweicloud")
        assert (first.health()["database"], second.health()["database"]) == ("sqlite", "mariadb")
    with pytest.raises(AdminError, match="scope: not open"):
        first.health()


def test_a_loaded_document_changes_what_a_reset_restores() -> None:
    with FakeNova(fixtures=("default",)) as server:
        server.load("images: [{name: more}]")
        assert server.health()["images"] == 7
        server.load("images: [{name: only}]", replace=True)
        server.reset()
        assert [image["name"] for image in server.images.all()] == ["only"]


@pytest.mark.parametrize("image_id", [None, "", 7])
def test_an_invalid_id_is_rejected_without_a_request(nova: Control, image_id: Any) -> None:
    for ask in (nova.images.get, nova.images.forget, nova.images.history, nova.faults.remove, nova.restore):
        with pytest.raises(
            ValueError, match=r"path: invalid segment \(got .*\); expected text that is not empty"
        ):
            ask(image_id)


def test_an_unreachable_server_is_reported_with_its_url(unused_url: str) -> None:
    with pytest.raises(Unreachable, match=f"{unused_url}: .*refused"):
        Control(unused_url).health()


@pytest.mark.parametrize("path", ["/v2.1", "/nonsense"])
def test_waiting_ends_at_once_at_a_url_that_is_no_fake_nova(nova: Control, path: str) -> None:
    with pytest.raises(Unreachable, match=r"no fake_nova responds there \(got [34]0\d, .*without a path"):
        Control(nova.url + path).wait(seconds=10**6)


def test_waiting_ends_at_once_at_a_port_without_tls(nova: Control) -> None:
    url = nova.url.replace("http:", "https:")
    with pytest.raises(
        ConfigurationError, match=r"url: no TLS connection to .*Begin the URL with http://, or "
    ):
        Control(url).wait(seconds=10**6)


def test_requests_in_flight_count_and_are_reported(nova: Control) -> None:
    nova.faults.add(operation="images.detail", delay=60)
    threads = [Thread(target=get, args=(nova,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    while nova.faults.all()[0]["met"] < 3 or not all(entry["fault"] for entry in nova.requests.all()):
        pass
    nova.requests.expect(3, operation="images.detail")
    with pytest.raises(
        AssertionError, match=r"near: GET \S+/images/detail -> no response yet: status is \"\""
    ):
        nova.requests.expect(3, operation="images.detail", status=200)
    report = build_report(Evidence(nova), "state.yaml", failure_text="", is_verbose=False)
    assert report.count("      -> no response yet × 3, fault-1") == 1  # noqa: RUF001  # as printed
    assert nova.complaints() == []
    nova.reset()
    for thread in threads:
        thread.join()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda nova: nova.faults.add(operations="images.list", status=503),
            "effect.operations: * (is it operation?)",
        ),
        (
            lambda nova: nova.faults.add(tims=1, status=503),
            "effect.tims: * and its match has * (is it times?)",
        ),
        (
            lambda nova: nova.faults.add(operation="image.list", status=503),
            "*operation: * (is it images.list?)",
        ),
        (lambda nova: nova.images.add(names="x"), "*names: unknown key; expected one of: * (is it name?)"),
        (lambda nova: nova.images.add(plan="slwo"), "plan: unknown plan * (is it slow?)"),
        (lambda nova: nova.requests.all(operation="images.lst"), "operation: * (is it images.list?)"),
    ],
)
def test_an_error_about_an_unknown_word_names_the_most_similar_one(
    call: Callable[[FakeNova], object], message: str
) -> None:
    with FakeNova() as nova, pytest.raises(AdminError) as caught:
        call(nova)
    assert fnmatchcase(caught.value.message, f"*{message}")


def test_servers_are_added_changed_and_forgotten(nova: Control) -> None:
    server = nova.servers.add(name="db", status="SHUTOFF")
    assert server["vm_state"] == "stopped"
    assert nova.servers.change(server["id"], status="ACTIVE", metadata={"k": "v"})["task_state"] is None
    assert nova.servers.get(server["id"])["metadata"] == {"k": "v"}
    assert [each["name"] for each in nova.servers.all()] == ["db", "web-1"]
    assert nova.servers.begin(server["id"], "slow", "reboot")["status"] == "REBOOT"
    assert nova.servers.begin(server["id"], "fails")["status"] == "BUILD"
    nova.plans.use_for_servers("instant")
    assert (nova.plans.all()["servers"], nova.plans.all()["default"]) == ("instant", None)
    nova.servers.forget(server["id"])
    assert nova.servers.history(server["id"])[-1]["server"] is None
    with pytest.raises(AdminError, match="unknown id"):
        nova.servers.get(server["id"])
