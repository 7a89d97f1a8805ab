"""The view of the servers."""

from __future__ import annotations

from playwright.sync_api import expect

from fake_nova.testing.fake_nova import FakeNova
from tests.page.conftest import ScreenOpener
from tests.page.screen import send


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


def test_the_history_of_a_server_names_plans_and_requests(open_screen: ScreenOpener, nova: FakeNova) -> None:
    nova.clock.freeze()
    page = open_screen("servers").page
    page.locator(".rows .row", has_text="web-1").click()
    panel = page.locator(".panel")
    panel.get_by_role("heading", name="web-1").wait_for()
    (server,) = nova.servers.all()
    assert send(nova, "POST", f"/v2.1/servers/{server['id']}/action", {"os-stop": None}) == 202
    nova.clock.advance(60)
    expect(panel.locator(".history strong")).to_have_text(
        ["plan slow", "plan slow", "servers.action request 1", "from the fixtures"]
    )
    expect(panel.locator(".history li").first).to_contain_text("status: ACTIVE SHUTOFF")


def test_after_the_first_list_the_page_fetches_only_servers_that_changed(
    open_screen: ScreenOpener, nova: FakeNova
) -> None:
    nova.servers.generate(200, seed=5)
    screen = open_screen("servers")
    expect(screen.page.locator(".count")).to_have_text("201 servers")
    targets: list[str] = []
    screen.page.on("request", lambda request: targets.append(request.url.partition("/_admin/")[2]))
    nova.servers.add(name="db")
    expect(screen.row("db")).to_be_visible()
    (web,) = [server for server in nova.servers.all() if server["name"] == "web-1"]
    nova.servers.forget(web["id"])
    nova.servers.add(name="db-2")
    expect(screen.page.locator(".count")).to_have_text("202 servers")
    lists = [target for target in targets if target.startswith("servers")]
    assert lists
    assert [target for target in lists if not target.startswith("servers/changes?since=")] == []


def test_a_server_is_added(open_screen: ScreenOpener, nova: FakeNova) -> None:
    page = open_screen("servers").page
    page.get_by_role("button", name="Add a server").click()
    page.get_by_label("Name", exact=True).fill("web-9")
    page.get_by_label("Status", exact=True).select_option("BUILD")
    page.get_by_role("button", name="Add", exact=True).click()
    page.locator(".panel").get_by_role("heading", name="web-9").wait_for()
    assert {server["name"]: server["status"] for server in nova.servers.all()}["web-9"] == "BUILD"
