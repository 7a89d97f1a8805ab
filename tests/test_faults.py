"""Every fault once without pytest: `fake_nova.faults.each`."""

from __future__ import annotations

import subprocess
import sys

import pytest

import fake_nova
from fake_nova.control import Control
from fake_nova.errors import ConfigurationError
from fake_nova.faults import each
from fake_nova.testing.fake_nova import FakeNova
from tests.testing.fault_client import IMAGES, BuggyClient, Client, GaveUp, use


def find_an_image(nova: Control) -> None:
    assert Client(nova.url, nova.login).find("image1")


def send_once(nova: Control) -> None:
    Client(nova.url, nova.login).send("GET", IMAGES, None, 60)


def test_a_good_client_copes_with_each_fault() -> None:
    grid = each(lambda nova: use(Client(nova.url, nova.login)), auth_strategy="keystone", cells=["*list:*"])
    assert [*grid.outcomes] == [
        f"glance.images.list:{kind}"
        for kind in ("503", "500", "429", "reset", "cut", "malformed", "expired", "slow", "stale")
    ]
    assert {outcome.verdict for outcome in grid.outcomes.values()} == {"passed"}
    assert grid.failures == {}


def test_a_failure_raises_an_error_with_the_grid() -> None:
    with pytest.raises(AssertionError) as error_info:
        each(lambda nova: use(BuggyClient(nova.url, nova.login)), cells=["*create:reset", "*create:503"])
    lines = str(error_info.value).splitlines()
    assert lines[0].endswith("<lambda>: 2 runs, 1 failed")
    assert lines[1].split() == [
        *["503", "500", "429", "reset", "cut", "malformed", "expired", "slow", "stale"]
    ]
    assert lines[2].split() == ["glance.images.create", "passed", "-", "-", "twice", *"-----"]
    assert lines[3:] == [
        "glance.images.create:reset twice: glance.images.create succeeded 2 times (without the fault 1)"
    ]


def test_a_run_may_raise_the_exceptions_that_it_survives() -> None:
    grid = each(send_once, survives=ConnectionResetError, cells=["glance.*:*t"], check=False)
    verdicts = {cell: outcome.verdict for cell, outcome in grid.outcomes.items()}
    assert verdicts == {"glance.images.list:reset": "survived", "glance.images.list:cut": "raised"}


def test_an_exception_group_is_survived_if_each_of_its_exceptions_is() -> None:
    def send_in_group(nova: Control) -> None:
        try:
            send_once(nova)
        except ConnectionResetError as error:
            raise ExceptionGroup("tasks", [error, *extra_errors]) from None

    extra_errors: list[Exception] = []
    cell = "glance.images.list:reset"
    assert each(send_in_group, survives=OSError, cells=[cell]).outcomes[cell].verdict == "survived"
    extra_errors.append(GaveUp())
    assert each(send_in_group, survives=OSError, cells=[cell], check=False).outcomes[cell].verdict == "raised"


def test_a_fault_that_no_request_meets_is_shown() -> None:
    numbers = iter(range(2))

    def send_only_once(nova: Control) -> None:
        client = Client(nova.url, nova.login)
        if next(numbers) == 0:
            client.find("image1")

    grid = each(send_only_once, cells=["glance.images.list:500"])
    assert grid.outcomes["glance.images.list:500"].verdict == "not met"
    assert grid.headline.endswith(": 1 run, 1 not met")


def test_each_run_may_use_a_scope_of_a_server_elsewhere() -> None:
    with FakeNova(auth_strategy="keystone") as server:
        grid = each(find_an_image, remote=Control(server.url), cells=["*:429"])
        assert not server.emulator.scopes()
    assert [outcome.verdict for outcome in grid.outcomes.values()] == ["passed", "passed"]


def test_the_error_of_the_run_without_a_fault_is_raised() -> None:
    with pytest.raises(GaveUp):
        each(lambda nova: Client(nova.url, {**nova.login, "user_domain_id": ""}).request("GET", "/", tries=0))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"cells": ["images.list"]}, 'cells: invalid value (got "images.list"); expected an operation and a'),
        ({"cells": ["images.shwo:500"]}, "cells: no run (got no operation that fits); expected"),
        (
            {"max_runs": 1},
            "each fault: too many runs (got 15, for 2 operations); expected at most 1. Raise max",
        ),
        (
            {"remote": Control("http://127.0.0.1:1"), "dialect": "nova"},
            "each: a setting of the server itself (got 'dialect'); expected none",
        ),
    ],
)
def test_wrong_arguments_are_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigurationError) as error_info:
        each(find_an_image, **options)  # type: ignore[arg-type]
    assert str(error_info.value).startswith(message)


def test_the_name_works_after_a_plain_import_and_without_pytest() -> None:
    code = "import sys, fake_nova; fake_nova.faults.each; print('pytest' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
    assert fake_nova.faults.each is each
