"""The outcomes of operations: each is met by the line that it advises, and not without it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from fake_nova.apis import discover, router
from fake_nova.apis.admin.openapi_emulated import responses_of
from fake_nova.apis.admin.operation_errors import OPERATION_ERRORS, REFUSALS
from fake_nova.apis.admin.outcome_tables import OUTCOMES
from fake_nova.apis.admin.outcomes import PLAIN_CLOUD, Outcome
from fake_nova.dialects import DIALECTS, Dialect
from fake_nova.testing.fake_nova import LocalCloud
from fake_nova.testing.local_clouds import LocalCloudPool
from fake_nova.testing.pytest_clouds import _prepare_cloud
from tests.apis.admin.operation_calls import CALLS, IMAGE, OTHER_IMAGE, Client
from tests.conftest import HERE
from tests.record.comparison import cases as recorded_cases

#: Operation -> the outcomes that its calls meet without a line, besides those of a plain cloud.
PLAIN_OUTCOMES = {"keypairs.list": {"an empty list"}}


@cache
def pool() -> LocalCloudPool:
    return LocalCloudPool()


def open_cloud(**options: Any) -> LocalCloud:
    """Open a cloud as for a test whose marker has *options*, in which no delay takes time."""
    settings = {name: tuple(options.pop(name)) for name in ("fixtures",) if name in options}
    settings |= {name: options.pop(name) for name in ("auth_strategy",) if name in options}
    key = tuple(sorted(settings.items()))
    if not pool().is_loaded(key):
        pool().load(key, settings)
    nova = pool().open(key)
    nova.emulator.cloud.faults.delays_cancelled.set()
    if "fixtures" not in settings:
        leave_one_plain_image(nova)
    _prepare_cloud(nova, options)
    nova.start_coverage()
    return nova


def leave_one_plain_image(nova: LocalCloud) -> None:
    """Remove all images with anything special."""
    for image in nova.images.all():
        if image["id"] not in (IMAGE, OTHER_IMAGE):
            nova.images.forget(image["id"])
    nova.images.change(IMAGE, status="active")
    nova.images.change(OTHER_IMAGE, owner=nova.project_id)


def open_with(line: str) -> LocalCloud:
    """Open a cloud for a test into which *line* is pasted."""
    if not line.startswith("@"):
        nova = open_cloud()
        exec(line, {"fake_nova": nova})
        return nova
    mark = eval(line.removeprefix("@"), {"pytest": pytest})
    return open_cloud(**mark.kwargs)


def counts(nova: LocalCloud, operation: str) -> dict[str, int]:
    """Call an operation, and return the number of responses by outcome."""
    CALLS[operation](Client(nova.app))
    outcomes = nova.coverage()["operations"][operation]["outcomes"]
    return {outcome["outcome"]: outcome["count"] for outcome in outcomes}


@cache
def plain_outcomes(operation: str) -> tuple[set[str], dict[str, str]]:
    """Return the outcomes that the calls meet without a line, and the lines of all outcomes."""
    nova = open_cloud()
    plain = {name for name, count in counts(nova, operation).items() if count}
    outcomes = nova.coverage()["operations"][operation]["outcomes"]
    return plain, {outcome["outcome"]: outcome["line"] for outcome in outcomes}


def cases() -> list[Any]:
    return [
        pytest.param(operation, outcome, id=f"{operation}: {outcome.name}")
        for operation, outcomes in OUTCOMES.items()
        for outcome in outcomes
    ]


@pytest.mark.parametrize(("operation", "outcome"), cases())
def test_the_line_of_an_outcome_meets_it(operation: str, outcome: Outcome) -> None:
    _, lines = plain_outcomes(operation)
    nova = open_with(lines[outcome.name])
    assert counts(nova, operation)[outcome.name] > 0, lines[outcome.name]


@pytest.mark.parametrize("operation", OUTCOMES)
def test_nothing_but_the_success_is_met_without_a_line(operation: str) -> None:
    plain, _ = plain_outcomes(operation)
    successes = {outcome.name for outcome in OUTCOMES[operation] if outcome.line == PLAIN_CLOUD}
    refusals = {outcome.name for outcome in OUTCOMES[operation][:4] if operation in REFUSALS}
    assert plain <= successes | refusals | PLAIN_OUTCOMES.get(operation, set())
    assert plain


def test_the_tables_name_operations_that_faults_can_match() -> None:
    assert set(OPERATION_ERRORS) <= router().operations


@pytest.mark.parametrize("operation", OUTCOMES)
def test_the_names_of_the_outcomes_of_an_operation_differ(operation: str) -> None:
    names = [outcome.name for outcome in OUTCOMES[operation]]
    assert len(names) == len(set(names))


def recorded_errors() -> Iterator[tuple[str, int]]:
    """Yield the operation and the status of each error that the real services gave."""
    servers = json.loads((HERE / "record" / "servers.json").read_text(encoding="utf-8"))
    for case in (*recorded_cases(), *servers):
        path = case["path"].partition("?")[0].replace("{", "").replace("}", "")
        route = router().match(case["method"], path).route
        status = case.get("answer", {}).get("status", 0)
        if route is not None and status >= 400:
            yield route.operation, status


def test_the_tables_have_each_error_that_the_real_services_gave() -> None:
    errors = {(operation, status) for operation, status in recorded_errors() if operation in OPERATION_ERRORS}
    assert len(errors) > 60
    # The emulator refuses with another status what the real services fail at.
    listed = {(operation, status) for operation, row in OPERATION_ERRORS.items() for status in (*row, 500)}
    assert errors <= listed


def test_the_openapi_document_has_each_error_of_the_tables() -> None:
    for api in discover():
        for route in api.routes:
            if route.operation in OPERATION_ERRORS:
                documented = {status for status, _, _ in responses_of(api.service.name, route)}
                assert set(OPERATION_ERRORS[route.operation]) <= documented, route.operation


@pytest.mark.parametrize(
    ("dialect", "has_outcome"), [(DIALECTS["huaweicloud"], True), (DIALECTS["nova"], False)]
)
def test_an_outcome_is_left_out_in_a_dialect_in_which_it_cannot_happen(
    dialect: Dialect, has_outcome: bool
) -> None:
    outcomes = {outcome.name: outcome for outcome in OUTCOMES["images.detail"]}
    assert outcomes["a killed image"].is_possible(dialect) is has_outcome
    assert outcomes["a saving image"].is_possible(dialect)
