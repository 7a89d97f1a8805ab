"""The view of the faults."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from fake_nova.documents.fault import DETAILS, EffectSchema
from fake_nova.testing.fake_nova import FakeNova
from tests.page.conftest import ScreenOpener
from tests.page.screen import Screen, send


def fault_documents(nova: FakeNova) -> list[Any]:
    return [(fault["match"], fault["effect"]) for fault in nova.faults.all()]


def test_a_fault_is_put_in_force_and_triggers(open_screen: ScreenOpener, nova: FakeNova) -> None:
    screen = open_screen("faults")
    form = screen.page.locator("form")
    form.get_by_label("Operation").fill("images.show")
    form.get_by_label("Method").select_option("GET")
    form.get_by_label("Retry-After").fill("7")
    body = '{"match":{"operation":"images.show","method":"GET"},"effect":{"status":503,"retry_after":7},"times":1}'
    expect(form.locator("code")).to_have_text(f"curl -s {nova.url}/_admin/faults -d '{body}'")
    screen.press("Put in force")
    expect(screen.row("fault-1")).to_contain_text("in force")
    (fault,) = nova.faults.all()
    assert (fault["effect"], fault["times"]) == ({"status": 503, "retry_after": 7}, 1)
    assert send(nova, "GET", "/v2.1/images/mine") == 503
    expect(screen.row("fault-1")).to_contain_text("over")
    expect(screen.page.locator(".triggers")).to_contain_text("GET /v2.1/images/mine")
    screen.page.locator(".triggers a").click()
    expect(screen.page.locator(".panel h2")).to_have_text("GET /v2.1/images/mine")


@pytest.mark.parametrize(
    ("kind", "fields", "effect"),
    [
        ("token: expired", {}, {"token": "expired"}),
        ("connection: reset", {"Delay before": "0.5"}, {"delay": 0.5, "connection": "reset"}),
        ("body: malformed", {}, {"body": "malformed"}),
        ("stale", {"For how long": "30"}, {"stale": 30}),
        ("stall", {}, {"stall": 10}),
        ("status", {"Message": "<b>no</b>"}, {"status": 503, "message": "<b>no</b>"}),
        ("delay alone", {"Delay before": "2"}, {"delay": 2}),
    ],
)
def test_the_form_has_the_fields_of_each_effect(
    open_screen: ScreenOpener, nova: FakeNova, kind: str, fields: dict[str, str], effect: dict[str, Any]
) -> None:
    screen = open_screen("faults")
    screen.page.get_by_label("Effect").select_option(kind)
    for label, value in fields.items():
        screen.page.get_by_label(label).fill(value)
    screen.press("Put in force")
    expect(screen.row("fault-1")).to_be_visible()
    assert fault_documents(nova) == [({}, effect)]


def test_the_form_knows_all_operations_and_effects(open_screen: ScreenOpener, nova: FakeNova) -> None:
    screen = open_screen("faults")
    screen.page.get_by_label("Effect").wait_for()
    operations = screen.page.eval_on_selector_all("datalist option", "all => all.map(each => each.value)")
    assert "images.show" in operations
    assert "tokens.issue" in operations
    values = screen.page.eval_on_selector_all(
        "select[name=effect] option", "all => all.map(each => each.value)"
    )
    assert {value.partition(":")[0] for value in values} == {
        *(set(EffectSchema().fields) - set(DETAILS) - {"delay"}),
        "delay alone",
    }


def test_a_match_by_header_is_json(open_screen: ScreenOpener, nova: FakeNova) -> None:
    screen = open_screen("faults")
    more = screen.page.get_by_label("More of the match")
    more.fill('{"header": ')
    expect(screen.page.get_by_role("alert")).to_contain_text("More of the match: not JSON")
    more.fill('{"header": {"User-Agent": "client*"}}')
    screen.press("Put in force")
    expect(screen.row("fault-1")).to_contain_text('header: {"User-Agent":"client*"}')
    assert send(nova, "GET", "/v2.1/flavors") == 503


def test_an_unknown_operation_is_an_error_in_the_form(open_screen: ScreenOpener, nova: FakeNova) -> None:
    screen = open_screen("faults")
    screen.page.get_by_label("Operation").fill("images.shwo")
    screen.press("Put in force")
    expect(screen.page.get_by_role("alert")).to_contain_text("match.operation: unknown operation")
    assert nova.faults.all() == []


def test_faults_are_removed_one_by_one_and_together(open_screen: ScreenOpener, nova: FakeNova) -> None:
    for number in range(3):
        nova.faults.add(status=500, path=f"/{number}")
    screen = open_screen("faults")
    screen.row("fault-2").get_by_role("button", name="Remove").click()
    expect(screen.page.get_by_text("fault-2 is removed.")).to_be_visible()
    assert [fault["id"] for fault in nova.faults.all()] == ["fault-1", "fault-3"]
    screen.press("Remove all faults")
    expect(screen.page.get_by_text("None: every request is answered")).to_be_visible()
    assert nova.faults.all() == []


def tab_to(screen: Screen, element: Any) -> None:
    """Press the tabulator key until an element has the focus."""
    element.wait_for()
    for _ in range(40):
        screen.page.keyboard.press("Tab")
        if element.evaluate("each => each === document.activeElement"):
            return
    raise AssertionError("the tabulator key does not reach the element")


def test_a_fault_is_put_in_force_with_the_keyboard_alone(open_screen: ScreenOpener, nova: FakeNova) -> None:
    screen = open_screen("start")
    keyboard = screen.page.keyboard
    tab_to(screen, screen.page.locator("nav a[href='#faults']"))
    keyboard.press("Enter")
    tab_to(screen, screen.page.get_by_label("Operation"))
    keyboard.type("images.list")
    keyboard.press("Tab")
    keyboard.type("GET")
    tab_to(screen, screen.button("Put in force"))
    keyboard.press("Enter")
    expect(screen.row("fault-1")).to_contain_text("operation: images.list, method: GET")
    assert send(nova, "GET", "/v2.1/images") == 503
