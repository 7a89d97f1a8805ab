"""What the emulator refuses, type checkers reject: keywords, keys, words and values."""

from __future__ import annotations

from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

import fake_nova
from fake_nova import FakeNova, MakeFakeNova, create_app
from fake_nova.control import AdminError, Unreachable
from fake_nova.control.types import CloudOptions, NewImage, PlanStep
from fake_nova.errors import ConfigurationError

CIRROS = "70a599e0-31e7-49b7-b260-868f441e862b"


def test_a_misspelt_keyword_is_rejected(nova: FakeNova) -> None:
    with pytest.raises(AdminError, match="unknown key"):
        nova.images.add(nam="x")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    with pytest.raises(AdminError, match="unknown key"):
        nova.images.add_all([{"nam": "x"}])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    with pytest.raises(AdminError, match="unknown key"):
        nova.images.generate(1, nam="x")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    with pytest.raises(AdminError, match="unknown key"):
        nova.images.change(CIRROS, staus="killed")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    with pytest.raises(AdminError, match="unknown key"):
        nova.flavors.add(nam="x")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    with pytest.raises(AdminError, match="unknown key"):
        nova.quotas.change(nova.project_id, core=1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    with pytest.raises(AdminError, match="unknown key"):
        nova.plans.assign("slow", nam="x")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    with pytest.raises(AdminError, match="unknown key"):
        nova.faults.add(oops=1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    with pytest.raises(AdminError, match="unknown key"):
        nova.scope(dialct="nova")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def test_a_misspelt_criterion_is_rejected(nova: FakeNova) -> None:
    with pytest.raises(AdminError, match="unknown parameter"):
        nova.requests.all(statu=200)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    with pytest.raises(AdminError, match="unknown parameter"):
        nova.requests.count(statu=200)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    with pytest.raises(AdminError, match="unknown parameter"):
        nova.requests.expect(1, statu=200)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    with pytest.raises(AdminError, match="unknown parameter"):
        nova.requests.wait(0, statu=200)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def test_a_misspelt_setting_is_rejected() -> None:
    with pytest.raises(ConfigurationError, match="dialct: unknown setting"):
        FakeNova(dialct="nova")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    with pytest.raises(ConfigurationError, match="dialct: unknown setting"):
        create_app(dialct="nova")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    with pytest.raises(ConfigurationError, match="database: invalid value"):
        FakeNova(database="mysql")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    with pytest.raises(ConfigurationError, match="port: invalid value"):
        create_app(port=[])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def test_a_wrong_value_is_rejected(nova: FakeNova) -> None:
    with pytest.raises(AdminError, match="status: invalid value"):
        nova.images.set_status(CIRROS, "ERROR")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    with pytest.raises(AdminError, match="status: invalid value"):
        nova.images.add(status="ERROR")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    with pytest.raises(AdminError, match="size: invalid value"):
        nova.images.add(size="5")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    with pytest.raises(AdminError, match="tags: not a list"):
        nova.images.add(tags="x")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    with pytest.raises(AdminError, match="properties: invalid value"):
        nova.images.add(properties={"hw_cores": 4})  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType]
    with pytest.raises(AdminError, match="connection: invalid value"):
        nova.faults.add(connection="rest")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    with pytest.raises(AdminError, match="status: missing"):
        nova.plans.define("own", [{"looks": 1}])  # type: ignore[typeddict-item]  # pyright: ignore[reportArgumentType]
    with pytest.raises(AdminError, match="database: invalid value"):
        nova.scope(database="mysql")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    with pytest.raises(AdminError, match="to: invalid value"):
        nova.reset("sed")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def test_a_misspelt_key_of_a_returned_document_is_rejected(nova: FakeNova) -> None:
    fault = nova.faults.add(status=503)
    nova.requests.clear()
    with pytest.raises(HTTPError) as error_info:
        urlopen(f"{nova.compute_url}/images")
    error_info.value.close()
    (request,) = nova.requests.all()
    with pytest.raises(KeyError):
        nova.images.get(CIRROS)["minRam"]  # type: ignore[typeddict-item]  # pyright: ignore[reportGeneralTypeIssues]
    with pytest.raises(KeyError):
        fault["hits"]  # type: ignore[typeddict-item]  # pyright: ignore[reportGeneralTypeIssues]
    with pytest.raises(KeyError):
        request["user"]  # type: ignore[typeddict-item]  # pyright: ignore[reportGeneralTypeIssues]
    with pytest.raises(KeyError):
        nova.plans.all()["default_plan"]  # type: ignore[typeddict-item]  # pyright: ignore[reportGeneralTypeIssues]


def test_a_misspelt_key_of_a_document_in_a_variable_is_rejected(nova: FakeNova) -> None:
    image: NewImage = {"nam": "x"}  # type: ignore[typeddict-unknown-key]  # pyright: ignore[reportAssignmentType]
    with pytest.raises(AdminError, match="unknown key"):
        nova.images.add(**image)
    steps: list[PlanStep] = [{"stattus": "active"}]  # type: ignore[typeddict-item]  # pyright: ignore[reportAssignmentType]
    with pytest.raises(AdminError, match="unknown key"):
        nova.plans.define("own", steps)


@pytest.mark.parametrize("status", ["killed"])
def test_a_text_of_any_kind_is_no_status(nova: FakeNova, status: str) -> None:
    nova.images.set_status(CIRROS, status)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def test_a_misspelt_method_is_rejected(nova: FakeNova) -> None:
    with pytest.raises(AttributeError):
        nova.image.add(name="x")  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(AttributeError):
        nova.clock.forward(5)  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(AttributeError):
        nova.faults.append(status=503)  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]


def test_an_argument_at_a_wrong_place_is_rejected(nova: FakeNova) -> None:
    with pytest.raises(TypeError):
        nova.images.add("x")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    with pytest.raises(TypeError):
        fake_nova.Control()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def test_misuse_of_the_fixtures_is_rejected(
    fake_nova: fake_nova.Control, make_fake_nova: MakeFakeNova
) -> None:
    with pytest.raises(AdminError, match="unknown key"):
        fake_nova.images.add(nam="x")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    with pytest.raises(ConfigurationError, match="unexpected option"):
        make_fake_nova(dialct="nova").__enter__()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    with pytest.raises(ConfigurationError, match="database: invalid value"):
        make_fake_nova(database="mysql").__enter__()  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    options: CloudOptions = {"clok": "auto"}  # type: ignore[typeddict-unknown-key]  # pyright: ignore[reportAssignmentType]
    with pytest.raises(ConfigurationError, match="unexpected option"):
        make_fake_nova(**options).__enter__()


def test_an_error_has_a_status_and_no_code(nova: FakeNova) -> None:
    with pytest.raises(AdminError) as error_info:
        nova.images.get("nobody")
    with pytest.raises(AttributeError):
        _ = error_info.value.code  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
    assert not isinstance(error_info.value, Unreachable)
