"""Random sequences of requests for servers and their snapshots, compared with a model made of dicts."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from tests.conftest import Cloud

SERVERS: Final = "/v2.1/servers"
IMAGE: Final = "70a599e0-31e7-49b7-b260-868f441e862b"
NAMES: Final = st.sampled_from(["a", "b", "Ünïcödé", "with blank"])

#: Plans "slow" and "fails": a step ends 2 seconds after the start, and the next one 7 seconds after it.
FIRST_STEP: Final = 2
LAST_STEP: Final = 7

#: The flavor "1", which all servers here have.
CORES: Final = 1
MEMORY: Final = 512


class Work(NamedTuple):
    """What an action does: the vm_states that allow it, its task_states, and the vm_states afterwards."""

    before: tuple[str, ...]
    tasks: tuple[str, str]
    finished: str
    failed: str | None = None


WORKS: Final = {
    "os-stop": Work(("active", "error"), ("powering-off", "powering-off"), "stopped"),
    "os-start": Work(("stopped",), ("powering-on", "powering-on"), "active"),
    "pause": Work(("active",), ("pausing", "pausing"), "paused"),
    "unpause": Work(("paused",), ("unpausing", "unpausing"), "active"),
    "suspend": Work(("active",), ("suspending", "suspending"), "suspended"),
    "resume": Work(("suspended",), ("resuming", "resuming"), "active"),
    "rescue": Work(("active", "stopped", "error"), ("rescuing", "rescuing"), "rescued", "error"),
    "unrescue": Work(("rescued",), ("unrescuing", "unrescuing"), "active"),
}
BOOT: Final = Work((), ("scheduling", "spawning"), "active", "error")
CAPTURED: Final = ("active", "stopped", "paused", "suspended")

Model = dict[str, dict[str, Any]]


class EmulatedServers(RuleBasedStateMachine):
    """The emulator and a model of it: each server's state, work, name and metadata, and each snapshot's status."""

    servers = Bundle("servers")
    images = Bundle("images")

    def __init__(self) -> None:
        super().__init__()
        self.cloud = Cloud(private=True, fixtures=("empty",))
        self.model: Model = {}
        self.image_model: Model = {}
        self.plan = "slow"
        assert self.ask("PUT", "/_admin/clock", {"mode": "frozen"}).status_code == 200
        assert self.ask("POST", "/_admin/images", {"id": IMAGE, "name": "base"}).status_code == 201

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        return self.cloud.ask(method, path, json=body)

    def act(self, server: str, action: str, params: Any = None) -> Any:
        return self.ask("POST", f"{SERVERS}/{server}/action", {action: params})

    def start(self, server: str, work: Work) -> None:
        """Let the work on a server begin in the model."""
        self.model[server].update(work=work, plan=self.plan, elapsed=0.0)
        if self.plan == "instant":
            self.end(self.model[server])

    def end(self, server: dict[str, Any]) -> None:
        is_done = server["plan"] != "fails"
        vm_state = server["work"].finished if is_done else server["work"].failed
        server.update(work=None, vm_state=vm_state or server["vm_state"])

    def is_idle(self, server: str) -> bool:
        captures = (each["server"] for each in self.image_model.values() if each["plan"] is not None)
        return self.model[server]["work"] is None and server not in captures

    @rule(name=st.sampled_from(["slow", "fails", "instant"]))
    def an_admin_chooses_a_plan(self, name: str) -> None:
        assert self.ask("PUT", "/_admin/plans", {"default": name}).status_code == 200
        self.plan = name

    @initialize(target=servers)
    def there_is_a_server(self) -> Any:
        self.an_admin_chooses_a_plan("instant")
        server = self.a_client_boots_a_server("first")
        self.an_admin_chooses_a_plan("slow")
        return server

    @rule(target=servers, name=NAMES)
    def a_client_boots_a_server(self, name: str) -> Any:
        body = {"server": {"name": name, "imageRef": IMAGE, "flavorRef": "1"}}
        response = self.ask("POST", SERVERS, body)
        assert response.status_code == (202 if len(self.model) < 10 else 403)  # the quota
        if response.status_code == 403:
            return multiple()
        server: str = response.get_json()["server"]["id"]
        self.model[server] = {"name": name, "vm_state": "building", "metadata": {}}
        self.start(server, BOOT)
        return server

    @rule(server=servers, number=st.integers(0, 2 * len(WORKS)))
    def a_client_acts_on_a_server(self, server: str, number: int) -> None:
        vm_state = self.model[server]["vm_state"]
        sensible_actions = [name for name, work in WORKS.items() if vm_state in work.before]
        actions = [*WORKS, *(sensible_actions or [*WORKS]) * len(WORKS)]
        action = actions[number]
        status = self.act(server, action).status_code
        if not self.is_idle(server) or vm_state not in WORKS[action].before:
            assert status == 409
        else:
            assert status == (200 if action == "rescue" else 202)
            self.start(server, WORKS[action])

    @rule(target=images, server=servers)
    def a_client_takes_a_snapshot(self, server: str) -> Any:
        response = self.act(server, "createImage", {"name": "shot"})
        if not self.is_idle(server) or self.model[server]["vm_state"] not in CAPTURED:
            assert response.status_code == 409
        else:
            assert response.status_code == 202
            image: str = response.headers["Location"].rpartition("/")[2]
            self.image_model[image] = {
                "server": server,
                "plan": self.plan,
                "elapsed": 0.0,
                "status": "queued",
            }
            if self.plan == "instant":
                self.image_model[image].update(plan=None, status="active")
            return image
        return multiple()

    @rule(server=servers, key=st.sampled_from("xy"), value=st.text("äb ", max_size=3))
    def a_client_sets_metadata(self, server: str, key: str, value: str) -> None:
        status = self.ask("POST", f"{SERVERS}/{server}/metadata", {"metadata": {key: value}}).status_code
        if self.model[server]["vm_state"] not in CAPTURED:
            assert status == 409
        else:
            assert status == 200
            self.model[server]["metadata"][key] = value

    @rule(server=consumes(servers))
    def a_client_deletes_a_server(self, server: str) -> None:
        assert self.ask("DELETE", f"{SERVERS}/{server}").status_code == 204
        assert self.ask("GET", f"{SERVERS}/{server}").status_code == 404
        del self.model[server]

    @rule(image=consumes(images))
    def a_client_deletes_an_image(self, image: str) -> None:
        status = self.ask("DELETE", f"/v2.1/images/{image}").status_code
        assert status == (204 if self.image_model.pop(image, None) else 404)

    @rule(seconds=st.sampled_from([60, 0.5, 1, 2, 5]))
    def time_passes(self, seconds: float) -> None:
        assert self.ask("PUT", "/_admin/clock", {"advance": seconds}).status_code == 200
        for server in self.model.values():
            if server["work"] is not None:
                server["elapsed"] += seconds
                if server["elapsed"] >= LAST_STEP:
                    self.end(server)
        for image_id, image in list(self.image_model.items()):
            self.advance_image(image_id, image, seconds)

    def advance_image(self, image_id: str, image: dict[str, Any], seconds: float) -> None:
        """Let a snapshot age. Without its server it is deleted when its upload would begin."""
        if image["plan"] is None:
            return
        is_orphan = image["status"] == "queued" and image["server"] not in self.model
        image["elapsed"] += seconds
        is_over = image["elapsed"] >= LAST_STEP
        if (is_orphan and image["elapsed"] >= FIRST_STEP) or (is_over and image["plan"] == "fails"):
            del self.image_model[image_id]
        elif is_over:
            image.update(plan=None, status="active")
        elif image["elapsed"] >= FIRST_STEP:
            image["status"] = "saving"

    @rule()
    def a_restore_undoes_what_happened_since(self) -> None:
        assert self.ask("POST", "/_admin/snapshots", {"name": "now"}).status_code == 201
        assert self.ask("PUT", "/_admin/clock", {"advance": 60}).status_code == 200
        assert self.ask("GET", SERVERS).status_code == 200  # what is due is done
        assert self.ask("POST", "/_admin/snapshots/now/restore").status_code == 200

    @rule()
    def the_cloud_goes_on_after_its_export_is_loaded(self) -> None:
        exported = self.cloud.get("/_admin/export?format=json")
        assert self.ask("POST", "/_admin/fixtures?replace=true", exported).status_code == 201

    def teardown(self) -> None:
        """A reset leaves nothing."""
        assert self.ask("POST", "/_admin/reset", {"to": "empty"}).status_code == 200
        self.model, self.image_model = {}, {}
        self.lists_equal_the_model()
        self.the_images_equal_the_model()
        self.the_limits_count_the_servers()

    @invariant()
    def lists_equal_the_model(self) -> None:
        servers = {each["id"]: each for each in self.cloud.get(f"{SERVERS}/detail")["servers"]}
        assert {
            key: (each["name"], each["OS-EXT-STS:vm_state"], each["metadata"])
            for key, each in servers.items()
        } == {key: (each["name"], each["vm_state"], each["metadata"]) for key, each in self.model.items()}
        for key, server in self.model.items():
            task = servers[key]["OS-EXT-STS:task_state"]
            if server["work"] is not None:
                assert task == server["work"].tasks[server["elapsed"] >= FIRST_STEP]
            else:
                assert (task is None) == self.is_idle(key), task

    @invariant()
    def the_images_equal_the_model(self) -> None:
        images = self.cloud.get("/image/v2/images?name=shot")["images"]
        statuses = {image["id"]: image["status"] for image in images}
        assert statuses == {key: image["status"] for key, image in self.image_model.items()}

    @invariant()
    def the_limits_count_the_servers(self) -> None:
        limits = self.cloud.get("/v2.1/limits")["limits"]["absolute"]
        used = [limits[f"total{name}Used"] for name in ("Instances", "Cores", "RAM")]
        assert used == [len(self.model), CORES * len(self.model), MEMORY * len(self.model)]

    @invariant()
    def pages_show_each_server_once(self) -> None:
        ids, path = [], f"{SERVERS}?limit=3"
        while path:
            page = self.cloud.get(path)
            ids += [server["id"] for server in page["servers"]]
            links = page.get("servers_links", [{"href": ""}])
            path = links[0]["href"].removeprefix("http://localhost")
        assert sorted(ids) == sorted(self.model)


TestEmulatedServers = EmulatedServers.TestCase
TestEmulatedServers.settings = settings(max_examples=30, stateful_step_count=25, deadline=None)
