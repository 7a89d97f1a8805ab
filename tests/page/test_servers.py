"""The view of the servers."""

from __future__ import annotations

from fake_nova.testing.fake_nova import FakeNova
from tests.page.conftest import ScreenOpener


def test_a_server_is_shown_changed_deleted_and_purged(open_screen: ScreenOpener, nova: FakeNova) -> None:
    page = open_screen("servers").page
    page.locator(".rows .row", has_text="web-1").click()
    panel = page.locator(".panel")
    panel.get_by_label("New status").select_option("SHUTOFF")
    panel.get_by_role("button", name="Set").click()
    page.get_by_text("web-1 is SHUTOFF.").wait_for()
    (server,) = nova.servers.all()
    assert server["status"] == "SHUTOFF"
    page.locator(".rows .row", has_text="SHUTOFF").wait_for()
    panel.get_by_text("Change fields").click()
    panel.get_by_label("Fields to change").fill('{"name": "renamed", "metadata": {"a": "b"}}')
    panel.get_by_role("button", name="Change").click()
    panel.get_by_role("heading", name="renamed").wait_for()
    assert nova.servers.all()[0]["metadata"] == {"a": "b"}
    panel.get_by_role("button", name="Delete").click()
    panel.get_by_role("button", name="Really delete?").click()
    page.get_by_text("renamed is deleted, as by a client.").wait_for()
    assert nova.servers.all()[0]["deleted"]
    panel.get_by_role("button", name="Purge").click()
    panel.get_by_role("button", name="Really purge?").click()
    page.get_by_text("This cloud has no servers.").wait_for()
    assert nova.servers.all() == []


def test_work_on_a_server_goes_by_a_plan(open_screen: ScreenOpener, nova: FakeNova) -> None:
    nova.clock.freeze()
    page = open_screen("servers").page
    page.locator(".rows .row", has_text="web-1").click()
    panel = page.locator(".panel")
    panel.get_by_label("Work").select_option("reboot")
    panel.get_by_label("Plan").select_option("fails")
    panel.get_by_role("button", name="Start").click()
    page.get_by_text("web-1 is REBOOT.").wait_for()
    nova.clock.advance(7)
    page.locator(".rows .row", has_text="ERROR").wait_for()
    assert nova.servers.all()[0]["status"] == "ERROR"


def test_a_server_is_added(open_screen: ScreenOpener, nova: FakeNova) -> None:
    page = open_screen("servers").page
    page.get_by_role("button", name="Add a server").click()
    page.get_by_label("Name", exact=True).fill("web-9")
    page.get_by_label("Status", exact=True).select_option("BUILD")
    page.get_by_role("button", name="Add", exact=True).click()
    page.locator(".panel").get_by_role("heading", name="web-9").wait_for()
    assert {server["name"]: server["status"] for server in nova.servers.all()}["web-9"] == "BUILD"
