"""The frame of the page: the address, the theme, the scope, the admin token, and polls."""

from __future__ import annotations

import logging

import pytest

from fake_nova.testing.fake_nova import FakeNova
from tests.page.conftest import ScreenOpener
from tests.page.screen import NARROW, VIEWS, WIDE, Screen


def names(screen: Screen) -> list[str]:
    return list(screen.page.locator(".rows .row bdi").all_inner_texts())


@pytest.mark.parametrize("view", VIEWS)
def test_each_view_has_an_address_a_title_and_a_heading(open_screen: ScreenOpener, view: str) -> None:
    screen = open_screen(view)
    link = screen.page.locator("nav a[aria-current=page]")
    assert link.get_attribute("href") == f"#{view}"
    assert screen.page.title() == f"{link.inner_text()} \N{EN DASH} fake_nova"
    assert screen.page.locator("h1").count() == 1


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
@pytest.mark.parametrize("view", ["start", "images", "servers"])
@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_axe_finds_no_serious_issue(
    open_screen: ScreenOpener, view: str, color_scheme: str, viewport: dict[str, int]
) -> None:
    screen = open_screen(view, color_scheme=color_scheme, viewport=viewport)
    if view != "start":
        screen.page.locator(".toolbar button").click()
        screen.page.locator(".rows .row").first.click()
        screen.page.wait_for_selector(".panel .action")
    assert screen.serious_issues() == []
    assert screen.overflow() == 0


def test_an_unknown_view_is_the_first_screen(open_screen: ScreenOpener) -> None:
    assert open_screen("nope").page.locator("nav a[aria-current=page]").inner_text() == "Start"


def test_the_theme_follows_the_system_or_the_button(open_screen: ScreenOpener) -> None:
    page = open_screen("start", color_scheme="dark").page
    ground = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(ground)
    page.get_by_role("button", name="Theme: as the system").click()
    assert page.evaluate(ground) != dark
    page.reload()
    page.get_by_role("button", name="Theme: light").click()
    assert page.evaluate(ground) == dark


def test_the_page_shows_the_scope_that_somebody_chooses(nova: FakeNova, open_screen: ScreenOpener) -> None:
    with nova.scope() as scope:
        scope.images.add(name="of the scope")
        screen = open_screen("images")
        screen.page.wait_for_selector(".rows .row")
        assert "of the scope" not in names(screen)
        screen.page.get_by_label("Scope", exact=True).select_option(scope.project_id)
        screen.page.get_by_text("of the scope", exact=True).wait_for()
    screen.page.get_by_text("of the scope", exact=True).wait_for(state="detached")  # the scope is closed
    screen.page.get_by_text("golden", exact=True).wait_for()


def test_the_admin_token_is_asked_for_and_stays_in_the_tab(open_screen: ScreenOpener) -> None:
    with FakeNova(fixtures=("default",), admin_token="to-ken") as server:
        screen = open_screen("images", server=server)
        urls: list[str] = []
        screen.page.on("request", lambda request: urls.append(request.url))
        for token in ("wrong", "to-ken"):
            screen.page.get_by_label("Token", exact=True).fill(token)
            screen.page.get_by_role("button", name="Use the token").click()
            if token == "wrong":
                screen.page.get_by_text("The server did not accept this token.").wait_for()
        screen.page.wait_for_selector(".rows .row")
        screen.page.reload()
        screen.page.locator(".rows .row").first.click()
        command = screen.page.locator(".panel .action code").first.inner_text()
        assert '-H "Authorization: Bearer $FAKE_NOVA_ADMIN_TOKEN"' in command
        assert "to-ken" not in screen.page.content() + "".join(urls)
        assert screen.page.evaluate("localStorage.length + document.cookie.length") <= 1  # the theme
        assert "to-ken" not in screen.page.evaluate("JSON.stringify(localStorage)")


def test_a_tab_that_nobody_sees_does_not_poll(open_screen: ScreenOpener) -> None:
    page = open_screen("images").page
    page.clock.install()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.evaluate(
        "Object.defineProperty(document, 'hidden', {get: () => true, configurable: true});"
        "document.dispatchEvent(new Event('visibilitychange'))"
    )
    page.clock.run_for(2_000)
    requests.clear()
    page.clock.run_for(10_000)
    assert requests == []
    with page.expect_request("**/_admin/changes*"):
        page.evaluate("delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))")


def test_the_page_says_that_the_server_is_gone(open_screen: ScreenOpener) -> None:
    with FakeNova(fixtures=("default",)) as server:
        screen = open_screen("images", server=server)
        screen.page.wait_for_selector(".rows .row")
        screen.page.route("**/_admin/changes*", lambda route: route.abort())
        screen.page.get_by_text("No response", exact=True).wait_for()
        screen.page.unroute("**/_admin/changes*")
        screen.page.get_by_text("Live", exact=True).wait_for()
    screen.problems[:] = [problem for problem in screen.problems if "ERR_FAILED" not in problem]


def test_the_access_log_stays_short_while_the_page_is_open(
    open_screen: ScreenOpener, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "fake_nova.access")
    with FakeNova(fixtures=("default",), access_log="text") as server:
        page = open_screen("faults", server=server).page
        page.get_by_role("button", name="Put in force").click()
        page.get_by_role("button", name="Remove", exact=True).wait_for()
    lines = [record.getMessage() for record in caplog.records if record.name == "fake_nova.access"]
    assert [line.split(" ")[1:3] for line in lines] == [["POST", "/_admin/faults"]]
