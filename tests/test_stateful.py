"""Random sequences of admin and client actions, compared with a model made of dicts."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule

from fake_nova.images.status import NOVA_PROGRESS, NOVA_STATUS, ImageStatus
from tests.conftest import Cloud

STATUSES = st.sampled_from([status.value for status in ImageStatus])
NAMES = st.sampled_from(["a", "b", "Ünïcödé", "", "with blank", "%41&b=c"])
KEYS = st.sampled_from(["k", "os_distro", "k.with.dots", "K"])
VALUES = st.text("xyz é\"'<&", max_size=5).map(str.strip)

#: The plan "slow": seconds since its start -> status.
SLOW = ((2, "queued"), (7, "saving"))

Model = dict[str, dict[str, Any]]


class Emulated(RuleBasedStateMachine):
    """The emulator and a model of it, with the status, name, metadata and plan of each image."""

    images = Bundle("images")
    snapshots = Bundle("snapshots")

    def __init__(self) -> None:
        super().__init__()
        self.cloud = Cloud(fixtures=("empty",), database="sqlite")  # the model compares keys exactly
        self.home = self.cloud.emulator.cloud.default_project.id
        self.model: Model = {}
        self.saved_models: dict[str, Model] = {}
        self.faults: list[int] = []
        assert self.ask("PUT", "/_admin/clock", {"mode": "frozen"}) == 200

    def ask(self, method: str, path: str, body: Any = None) -> int:
        status: int = self.cloud.ask(method, path, json=body).status_code
        return status

    @rule(target=images, status=STATUSES, name=NAMES)
    def an_admin_adds_an_image(self, status: str, name: str) -> str:
        response = self.cloud.ask(
            "POST", "/_admin/images", json={"status": status, "name": name, "visibility": "private"}
        )
        assert response.status_code == 201
        image_id: str = response.get_json()["id"]
        self.model[image_id] = {"status": status, "name": name, "metadata": {}, "plan": None}
        return image_id

    @rule(target=images, name=NAMES)
    def an_admin_adds_an_image_with_a_plan(self, name: str) -> str:
        response = self.cloud.ask("POST", "/_admin/images", json={"name": name, "plan": "slow"})
        image_id: str = response.get_json()["id"]
        self.model[image_id] = {"status": "queued", "name": name, "metadata": {}, "plan": 0.0}
        return image_id

    @rule(images=st.lists(st.tuples(NAMES, st.booleans()), max_size=3))
    def an_admin_adds_several_images_with_one_invalid(self, images: list[Any]) -> None:
        documents = [{"name": name} for name, _ in images]
        assert self.ask("POST", "/_admin/images", {"images": [*documents, {"size": -1}]}) == 400

    @rule(image=images, status=STATUSES)
    def an_admin_sets_a_status(self, image: str, status: str) -> None:
        response_status = self.ask("PUT", f"/_admin/images/{image}/status", {"status": status})
        assert response_status == (200 if image in self.model else 404)
        if image in self.model:
            self.model[image].update(status=status, plan=None)

    @rule(image=consumes(images))
    def an_admin_removes_an_image(self, image: str) -> None:
        status = self.ask("DELETE", f"/_admin/images/{image}")
        assert status == (204 if self.model.pop(image, None) else 404)

    @rule(image=images)
    def a_client_deletes_an_image(self, image: str) -> None:
        status = self.ask("DELETE", f"/v2.1/images/{image}")
        assert status == (204 if self.is_visible(image) else 404)
        if self.is_visible(image):
            self.model[image].update(status="deleted", plan=None)

    @rule(image=images, key=KEYS, value=VALUES)
    def a_client_sets_metadata(self, image: str, key: str, value: str) -> None:
        status = self.ask("PUT", f"/v2.1/images/{image}/metadata/{key}", {"meta": {key: value}})
        assert status == (200 if self.is_visible(image) else 404)
        if self.is_visible(image):
            self.model[image]["metadata"][key] = value

    @rule(image=images, key=KEYS)
    def a_client_deletes_metadata(self, image: str, key: str) -> None:
        has_key = self.is_visible(image) and key in self.model[image]["metadata"]
        status = self.ask("DELETE", f"/v2.1/images/{image}/metadata/{key}")
        assert status == (204 if has_key else 404)
        if has_key:
            del self.model[image]["metadata"][key]

    @rule(seconds=st.sampled_from([0.5, 1, 2, 5, 60]))
    def time_passes(self, seconds: float) -> None:
        assert self.ask("PUT", "/_admin/clock", {"advance": seconds}) == 200
        for image in self.model.values():
            if image["plan"] is not None:
                image["plan"] += seconds
                image["status"] = next((s for end, s in SLOW if image["plan"] < end), "active")
                if image["status"] == "active":
                    image["plan"] = None

    @rule(target=snapshots, name=st.sampled_from(["one", "two"]))
    def an_admin_takes_a_snapshot(self, name: str) -> str:
        assert self.ask("POST", "/_admin/snapshots", {"name": name}) == 201
        self.saved_models[name] = deepcopy(self.model)
        return name

    @rule(name=snapshots)
    def an_admin_restores_a_snapshot(self, name: str) -> None:
        status = self.ask("POST", f"/_admin/snapshots/{name}/restore")
        assert status == (200 if name in self.saved_models else 404)
        if name in self.saved_models:
            self.model = deepcopy(self.saved_models[name])

    @rule(times=st.integers(1, 2))
    def an_admin_adds_a_fault(self, times: int) -> None:
        fault = {"match": {"path": "/v2.1/probe"}, "effect": {"status": 503}, "times": times}
        assert self.ask("POST", "/_admin/faults", fault) == 201
        self.faults.append(times)

    @rule()
    def a_client_triggers_the_fault(self) -> None:
        status = self.ask("GET", "/v2.1/probe")
        assert status == (503 if self.faults else 404)
        if self.faults:
            self.faults[0] -= 1
            self.faults = [remaining_count for remaining_count in self.faults if remaining_count]

    @rule(target=images, to=st.sampled_from(["seed", "empty"]))
    def an_admin_resets_the_cloud(self, to: str) -> Any:
        assert self.ask("POST", "/_admin/reset", {"to": to}) == 200
        self.model, self.saved_models, self.faults = {}, {}, []
        assert self.ask("PUT", "/_admin/clock", {"mode": "frozen"}) == 200
        return multiple()

    def is_visible(self, image: str) -> bool:
        return image in self.model and self.model[image]["status"] != "deleted"

    @invariant()
    def the_admin_api_equals_the_model(self) -> None:
        actual_statuses = {
            image["id"]: (image["status"], image["name"], image["properties"])
            for image in self.cloud.get("/_admin/images")["images"]
        }
        assert actual_statuses == {
            image_id: (image["status"], image["name"], image["metadata"])
            for image_id, image in self.model.items()
        }

    @invariant()
    def client_lists_equal_the_model(self) -> None:
        actual_images = {
            image["id"]: (image["status"], image["progress"], image["name"], image["metadata"])
            for image in self.cloud.get("/v2.1/images/detail")["images"]
        }
        expected_images = {
            image_id: (
                NOVA_STATUS.get(ImageStatus(image["status"]), "UNKNOWN"),
                NOVA_PROGRESS.get(ImageStatus(image["status"]), 0),
                image["name"],
                image["metadata"],
            )
            for image_id, image in self.model.items()
            if self.is_visible(image_id)
        }
        assert actual_images == expected_images


TestEmulated = Emulated.TestCase
TestEmulated.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
