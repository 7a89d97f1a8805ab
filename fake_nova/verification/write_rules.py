"""The rules that need images or key pairs of one's own, as steps that follow each other.

All images are private, have no data or a few bytes, and have names that begin with `PREFIX`, as key pairs do.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple
from uuid import uuid4

from fake_nova.verification import views
from fake_nova.verification.questions import Question, Rule, View, query

PREFIX: Final = "fake-nova-verify-"

#: A public key whose private half nobody has.
_PUBLIC_KEY: Final = (
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGZha2Utbm92YSB2ZXJpZnksIG5vIHByaXZhdGUga2V5 fake-nova-verify"
)

_PATCH: Final = "application/openstack-images-v2.1-json-patch"


class OwnImages(NamedTuple):
    """The images and key pairs of one run.

    Attributes:
        run: a text that names of no other run have.
        cafe: the id of an image whose name has an accent.
        plain: the id of an image with the same name without the accent.
        capital: the id of an image with the same name in capitals.
    """

    run: str
    cafe: str
    plain: str
    capital: str

    def names(self) -> dict[str, str]:
        """Return id -> name."""
        stem = f"{PREFIX}{self.run}"
        return {self.cafe: f"{stem}-café", self.plain: f"{stem}-cafe", self.capital: f"{stem}-CAFÉ"}

    def ids(self) -> tuple[str, ...]:
        """Return all ids that a step may create."""
        return self.cafe, self.plain, self.capital, self.capital.upper()

    def keypairs(self) -> tuple[str, str]:
        """Return the names of the key pairs of the run."""
        return f"{PREFIX}{self.run}-1", f"{PREFIX}{self.run}-2"


def draw_images() -> OwnImages:
    """Return images with new ids. They have letters, so that capitals make another id."""
    ids = [f"{str(uuid4())[:-2]}ab" for _ in range(3)]
    return OwnImages(uuid4().hex[:12], *ids)


class Step(NamedTuple):
    """A step.

    Attributes:
        service: the service that is asked.
        rule: the name of the rule that the answer is about.
        question: the request.
        view: what is compared of the answer.
    """

    service: str
    rule: str
    question: Question
    view: View = views.whole

    def as_rule(self) -> Rule:
        """Return the rule of the step."""
        return Rule(self.rule, lambda _: (), self.view)


def _post(body: Any) -> Question:
    return Question("/v2/images", method="POST", body=json.dumps(body))


def _patch(image_id: str, *operations: dict[str, Any], content_type: str = _PATCH) -> Question:
    path, body = f"/v2/images/{image_id}", json.dumps(operations)
    return Question(path, method="PATCH", body=body, content_type=content_type)


def _new_image(images: OwnImages, image_id: str, **attributes: Any) -> dict[str, Any]:
    return {
        "id": image_id,
        "name": images.names()[image_id.lower()],
        "visibility": "private",
        "disk_format": "raw",
        "container_format": "bare",
        "fake_nova_verify": images.run,
        **attributes,
    }


def _creation(images: OwnImages) -> Iterator[Step]:
    first = _new_image(images, images.cafe, min_ram=512, min_disk=3, tags=["Red"], note="Some Text")
    for body in (first, _new_image(images, images.plain), _new_image(images, images.capital, min_ram=64)):
        yield Step("image", "create an image", _post(body))
    rejected: tuple[dict[str, Any], ...] = (
        {"min_ram": -1},
        {"name": f"{PREFIX}{'x' * 255}"},
        {"disk_format": "nope"},
        {"visibility": "secret"},
        {"status": "active"},
    )
    for attributes in rejected:
        step_body = {**_new_image(images, images.capital), **attributes}
        yield Step("image", "create an invalid image", _post(step_body))
    yield Step("image", "create an image with an id in use", _post(_new_image(images, images.capital)))
    upper = _new_image(images, images.capital.upper())
    yield Step("image", "create an image with an id in other capitals", _post(upper), views.refusal)


def _names(images: OwnImages) -> Iterator[Step]:
    names = images.names()
    yield Step("image", "a new image is queued", Question(f"/v2/images/{images.cafe}"), views.status)
    yield Step("compute", "a new image is queued", Question(f"/v2.1/images/{images.cafe}"), views.status)
    for service, path in (("image", "/v2/images"), ("compute", "/v2.1/images")):
        name = names[images.cafe]
        for rule, text in (
            ("names that differ in accents", names[images.plain]),
            ("names that differ in capitals", name.upper().replace("É", "é")),
            ("names that differ in blanks", f"{name}  "),
        ):
            yield Step(service, rule, Question(query(path, ("name", text))), views.content)
    run = ("fake_nova_verify", images.run)
    for value in ("Some Text", "SOME TEXT", "Some Text "):
        for key in ("note", "NOTE"):
            path = query("/v2/images", run, (key, value))
            yield Step("image", "properties that differ in capitals", Question(path), views.content)
    for tag in ("Red", "red"):
        path = query("/v2/images", run, ("tag", tag))
        yield Step("image", "tags that differ in capitals", Question(path), views.content)


def _patches(images: OwnImages) -> Iterator[Step]:
    image_id = images.cafe
    add = {"op": "add", "path": "/kind", "value": "a"}
    yield Step("image", "change an image", _patch(image_id, add))
    yield Step(
        "image", "change an image", _patch(image_id, {"op": "replace", "path": "/min_ram", "value": 1})
    )
    refusals: tuple[dict[str, Any], ...] = (
        {"op": "replace", "path": "/nothing", "value": "x"},
        {"op": "replace", "path": "/status", "value": "active"},
        {"op": "move", "path": "/kind", "from": "/note"},
        {"op": "replace", "path": "/min_ram", "value": "x"},
    )
    for operation in refusals:
        yield Step("image", "invalid change of an image", _patch(image_id, operation))
    other_type = _patch(image_id, add, content_type="application/json")
    yield Step("image", "change with another content type", other_type)
    yield Step("image", "change an image", _patch(image_id, {"op": "remove", "path": "/kind"}))


def _metadata(images: OwnImages) -> Iterator[Step]:
    path = f"/v2.1/images/{images.plain}/metadata"

    def write(method: str, target: str, body: Any) -> Question:
        return Question(path + target, method=method, body=json.dumps(body))

    yield Step("compute", "write metadata", write("POST", "", {"metadata": {"kind": "a", "foo": "b"}}))
    yield Step("compute", "write metadata", write("PUT", "/kind", {"meta": {"kind": "c"}}))
    yield Step("compute", "write metadata", Question(path))
    yield Step("compute", "write metadata", Question(f"{path}/foo", method="DELETE"))
    yield Step("compute", "delete an unknown key", Question(f"{path}/foo", method="DELETE"))
    invalid: tuple[tuple[str, str, Any], ...] = (
        ("PUT", "/kind", {"meta": {"other": "x"}}),
        ("POST", "", {"metadata": {"ü": "x"}}),
        ("POST", "", {"metadata": {"kind": 1}}),
        ("POST", "", {}),
    )
    for method, target, body in invalid:
        yield Step("compute", "invalid metadata", write(method, target, body))


def _data(images: OwnImages) -> Iterator[Step]:
    path = f"/v2/images/{images.plain}"
    upload = Question(
        f"{path}/file", method="PUT", body="fake-nova-verify", content_type="application/octet-stream"
    )
    yield Step("image", "upload data", upload)
    yield Step("image", "an image with data", Question(path), views.status)
    yield Step("image", "download data", Question(f"{path}/file"))
    yield Step("image", "upload data twice", upload)
    yield Step("compute", "an image with data", Question(f"/v2.1/images/{images.plain}"), views.status)


def _equal_keys(images: OwnImages) -> Iterator[Step]:
    """Yield what only some databases store; so it comes after all that shows an image."""
    rule = "keys that differ in capitals"
    operation = {"op": "add", "path": "/Note", "value": "x"}
    yield Step("image", rule, _patch(images.cafe, operation), views.refusal)
    path = f"/v2.1/images/{images.plain}/metadata"
    body = json.dumps({"metadata": {"KIND": "x"}})
    yield Step("compute", rule, Question(path, method="POST", body=body), views.refusal)


def _protection(images: OwnImages) -> Iterator[Step]:
    image_id = images.plain
    protect = {"op": "replace", "path": "/protected", "value": True}
    yield Step("image", "protect an image", _patch(image_id, protect))
    for service, path in (("image", "/v2/images"), ("compute", "/v2.1/images")):
        yield Step(service, "delete a protected image", Question(f"{path}/{image_id}", method="DELETE"))
    yield Step("image", "protect an image", _patch(image_id, {**protect, "value": False}))


def _removal(images: OwnImages) -> Iterator[Step]:
    image_id = images.plain
    for service, path, each in (("compute", "/v2.1/images", image_id), ("image", "/v2/images", images.cafe)):
        target = Question(f"{path}/{each}")
        yield Step(service, "delete an image", target._replace(method="DELETE"))
        yield Step(service, "a deleted image", target)
        yield Step(service, "a deleted image", target._replace(method="DELETE"))
        yield Step(service, "a deleted image as marker", Question(query(path, ("marker", each))))
    yield Step("image", "create an image with a deleted id", _post(_new_image(images, image_id)))


def _in_second_version(question: Question) -> Question:
    """Return a question in microversion 2.2, in which the answers about key pairs get other statuses."""
    return question._replace(headers=(("OpenStack-API-Version", "compute 2.2"),))


def _keypairs(images: OwnImages) -> Iterator[Step]:
    first, second = images.keypairs()

    def create(keypair: dict[str, str]) -> Question:
        return Question("/v2.1/os-keypairs", method="POST", body=json.dumps({"keypair": keypair}))

    def target(name: str) -> Question:
        return Question(f"/v2.1/os-keypairs/{name}")

    for invalid in ({}, {"name": first, "public_key": "nope"}, {"name": first, "type": "ssh", "x": "y"}):
        yield Step("compute", "create an invalid key pair", create(invalid))
    yield Step("compute", "create a key pair", create({"name": first, "public_key": _PUBLIC_KEY}))
    later = _in_second_version(create({"name": second, "public_key": _PUBLIC_KEY, "type": "ssh"}))
    yield Step("compute", "create a key pair", later)
    again = create({"name": first, "public_key": _PUBLIC_KEY})
    yield Step("compute", "create a key pair twice", again)
    yield Step("compute", "a key pair of one's own", target(first), views.status)
    yield Step("compute", "delete a key pair", target(first)._replace(method="DELETE"))
    yield Step("compute", "delete a key pair", _in_second_version(target(second)._replace(method="DELETE")))
    yield Step("compute", "a deleted key pair", target(first))
    yield Step("compute", "a deleted key pair", target(first)._replace(method="DELETE"))


#: The parts of the sequence, in order.
_PARTS: Final[tuple[Callable[[OwnImages], Iterator[Step]], ...]] = (
    _creation,
    _names,
    _patches,
    _metadata,
    _data,
    _protection,
    _equal_keys,
    _removal,
    _keypairs,
)


def steps(images: OwnImages) -> list[Step]:
    """Return all steps."""
    return [step for part in _PARTS for step in part(images)]
