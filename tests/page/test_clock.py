"""The view of the clock and the plans."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from playwright.sync_api import expect

from fake_nova.testing.fake_nova import FakeNova
from tests.page.conftest import ScreenOpener
from tests.page.screen import Screen


def clock_of(nova: FakeNova) -> datetime:
    return nova.emulator.cloud.clock.now()


def mode_of(nova: FakeNova) -> str:
    return str(nova.emulator.cloud.clock.mode)


def form_of(screen: Screen, heading: str) -> Any:
    """Return the form with this heading."""
    return screen.page.locator("form", has=screen.page.get_by_role("heading", name=heading, exact=True))


def test_the_clock_is_frozen_advanced_and_released(open_screen: ScreenOpener, nova: FakeNova) -> None:
    screen = open_screen("clock")
    badge = screen.page.locator(".clock-mode")
    expect(badge).to_have_text("real")
    screen.press("Freeze")
    expect(badge).to_have_text("frozen")
    assert mode_of(nova) == "frozen"
    start = clock_of(nova)
    screen.press("+ 1 h")
    screen.wait_until(lambda: clock_of(nova), start + timedelta(hours=1))
    shown = f"{start + timedelta(hours=1):%Y-%m-%d %H:%M:%S}"
    expect(screen.page.locator(".clock-time")).to_contain_text(shown)
    screen.press("Automatic")
    expect(badge).to_have_text("auto")
    screen.press("Release")
    expect(badge).to_have_text("real")
    assert mode_of(nova) == "real"
    expect(screen.page.locator(".message").last).to_contain_text('/_admin/clock -d \'{"mode":"real"}\'')


def test_the_clock_is_set_to_a_time(open_screen: ScreenOpener, nova: FakeNova) -> None:
    screen = open_screen("clock")
    screen.page.get_by_text("Other times").click()
    screen.press("Set")
    expect(screen.page.locator(".clock-time")).to_contain_text("2031-05-06 07:08:09")
    assert f"{clock_of(nova):%Y-%m-%dT%H:%M:%S}" == "2031-05-06T07:08:09"
    screen.page.get_by_label("Seconds", exact=True).fill("90")
    screen.press("Advance")
    expect(screen.page.locator(".clock-time")).to_contain_text("2031-05-06 07:09:39")
    screen.page.get_by_label("Seconds", exact=True).fill("-1")
    expect(screen.page.get_by_role("alert").first).to_contain_text("expected a number from 0")


def test_images_move_with_the_clock(open_screen: ScreenOpener, nova: FakeNova) -> None:
    screen = open_screen("clock")
    screen.press("Freeze")
    form = form_of(screen, "Add an image that follows a plan")
    form.get_by_label("Name").fill("mine")
    form.get_by_label("Plan").select_option("fails")
    expect(form.locator("code")).to_contain_text('"plan":"fails"')
    form.get_by_role("button", name="Add the image").click()
    line = screen.page.locator(".followers li", has_text="mine")
    expect(line).to_contain_text("queued")
    expect(line).to_contain_text("saving in 2 s")
    screen.press("+ 10 s")
    expect(screen.page.locator(".followers")).to_be_hidden()
    assert nova.images.get("mine")["status"] == "killed"


def test_servers_move_with_the_clock(open_screen: ScreenOpener, nova: FakeNova) -> None:
    nova.clock.freeze()
    nova.servers.add(name="db", plan="slow")
    screen = open_screen("clock")
    line = screen.page.locator(".followers li", has_text="db")
    expect(line).to_contain_text("BUILD")
    expect(line).to_contain_text("boot, slow: saving in 2 s")
    screen.press("+ 10 s")
    expect(screen.page.locator(".followers")).to_be_hidden()
    assert nova.servers.all()[0]["status"] == "ACTIVE"
    assign = form_of(screen, "Plan of the work on servers")
    assign.get_by_label("Plan").select_option("fails")
    assign.get_by_role("button", name="Assign it to servers").click()
    expect(screen.row("fails")).to_contain_text("the work on servers")
    assert nova.plans.all()["servers"] == "fails"


def test_a_plan_is_defined_assigned_and_started(open_screen: ScreenOpener, nova: FakeNova) -> None:
    screen = open_screen("clock")
    define = form_of(screen, "Define a plan")
    define.get_by_label("Name").fill("two polls")
    define.get_by_label("Steps").fill('[{"status": "queued", "looks": 2}, {"status": "active"}]')
    define.get_by_role("button", name="Define the plan").click()
    expect(screen.row("two polls")).to_contain_text("queued for 2 polls → active")
    assign = form_of(screen, "Plan of all new images")
    assign.get_by_label("Plan").select_option("two polls")
    assign.get_by_role("button", name="Assign the plan").click()
    expect(screen.row("two polls")).to_contain_text("all without a plan")
    assert nova.plans.all()["default"] == "two polls"
    start = form_of(screen, "Start a plan for an image")
    start.get_by_label("Image").fill("golden")
    start.get_by_label("Plan").select_option("two polls")
    start.get_by_role("button", name="Start the plan").click()
    line = screen.page.locator(".followers li", has_text="golden")
    expect(line).to_contain_text("two polls: active after 2 more polls")
    start.get_by_label("Image").fill("no such image")
    start.get_by_role("button", name="Start the plan").click()
    expect(start.get_by_role("alert")).to_contain_text("no such image")
