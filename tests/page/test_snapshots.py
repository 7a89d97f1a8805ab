"""The views of the snapshots and of the scopes."""

from __future__ import annotations

from playwright.sync_api import expect

from fake_nova.testing.fake_nova import FakeNova
from tests.page.conftest import ScreenOpener


def test_a_state_is_saved_compared_and_restored(open_screen: ScreenOpener, nova: FakeNova) -> None:
    screen = open_screen("snapshots")
    screen.page.get_by_label("Name").fill("before <it>")
    screen.press("Save the present state")
    expect(screen.row("before <it>")).to_contain_text("6")
    nova.images.set_status("golden", "killed")
    nova.images.add(name="new one")
    screen.page.get_by_label("From").select_option("before <it>")
    screen.press("Compare")
    result = screen.page.locator(".comparison")
    expect(result).to_contain_text("Added: 1 image")
    expect(result).to_contain_text("new one")
    expect(result).to_contain_text('status: "active" → "killed"')
    screen.row("before <it>").get_by_role("button", name="Restore").click()
    screen.wait_until(lambda: nova.images.get("golden")["status"], "active")
    assert len(nova.images.all()) == 6
    screen.press("Compare")
    expect(result).to_have_text("The two states are the same.")


def test_servers_flavors_and_key_pairs_are_compared(open_screen: ScreenOpener, nova: FakeNova) -> None:
    screen = open_screen("snapshots")
    screen.press("Save the present state")
    expect(screen.row("before").locator("td[data-column=Servers]")).to_have_text("1")
    (web,) = nova.servers.all()
    nova.servers.change(web["id"], status="SHUTOFF")
    nova.servers.add(name="db <2>")
    nova.load("keypairs: [{name: laptop, user: demo}]\nflavors: [{name: big}]")
    screen.press("Compare")
    result = screen.page.locator(".comparison")
    expect(result).to_contain_text("Added: 1 server")
    expect(result).to_contain_text('status: "ACTIVE" → "SHUTOFF"')
    expect(result).to_contain_text("Added: 1 flavor")
    expect(result).to_contain_text("laptop of demo")
    result.get_by_role("link", name="db <2>").click()
    expect(screen.page.locator(".panel h2")).to_have_text("db <2>")


def test_two_snapshots_are_compared(open_screen: ScreenOpener, nova: FakeNova) -> None:
    nova.images.add(name="first")
    screen = open_screen("snapshots")
    for name in ("one", "two"):
        screen.page.get_by_label("Name").fill(name)
        screen.press("Save the present state")
        expect(screen.row(name)).to_be_visible()
        nova.images.forget("first")
        nova.images.add(name="first", status="queued")
    screen.page.get_by_label("From").select_option("two")
    screen.page.get_by_label("To").select_option("seed")
    screen.press("Compare")
    expect(screen.page.locator(".comparison")).to_contain_text("Removed: 1 image")


def test_a_snapshot_is_deleted_but_not_the_initial_state(open_screen: ScreenOpener, nova: FakeNova) -> None:
    screen = open_screen("snapshots")
    screen.press("Save the present state")
    row = screen.row("before")
    row.get_by_role("button", name="Delete").click()
    expect(screen.page.locator("tbody tr")).to_have_count(1)
    expect(screen.row("seed").get_by_role("button")).to_have_text(["Restore"])


def test_a_scope_is_opened_shown_and_closed(open_screen: ScreenOpener, nova: FakeNova) -> None:
    screen = open_screen("scopes")
    screen.page.get_by_label("Project's id").fill("abc123")
    screen.page.get_by_label("Dialect").select_option("nova")
    screen.press("Open the scope")
    row = screen.row("abc123")
    expect(row).to_contain_text("nova")
    (scope,) = nova.emulator.scopes()
    assert scope.project.id == "abc123"
    variables = screen.page.get_by_label("the variables of a client", exact=True)
    expect(variables).to_contain_text(f"export OS_PASSWORD={scope.user.password}")
    nova.emulator.cloud_for_scope("abc123").images.forget(nova.images.get("golden")["id"])
    row.get_by_role("button", name="Show its cloud").click()
    expect(screen.page.locator("h1")).to_have_text("Images")
    expect(screen.page.locator(".count")).to_have_text("5 images")
    screen.open("scopes")
    expect(screen.row("abc123")).to_contain_text("shown")
    screen.row("abc123").get_by_role("button", name="Close").click()
    expect(screen.page.get_by_text("None. All projects share one cloud.")).to_be_visible()
    assert nova.emulator.scopes() == ()


def test_an_invalid_project_is_an_error_in_the_form(open_screen: ScreenOpener, nova: FakeNova) -> None:
    screen = open_screen("scopes")
    screen.page.get_by_label("Project's id").fill("A B")
    screen.press("Open the scope")
    expect(screen.page.get_by_role("alert")).to_contain_text("project: ")
    assert nova.emulator.scopes() == ()
