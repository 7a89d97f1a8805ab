"""The view of the requests: what clients sent, live."""

from __future__ import annotations

import re
import shlex
import subprocess

import pytest
from playwright.sync_api import expect

from fake_nova.control.types import AuthStrategy
from fake_nova.testing.fake_nova import FakeNova
from tests.page.conftest import ScreenOpener
from tests.page.screen import Screen, send


def shown_paths(screen: Screen) -> list[str]:
    """Return the paths in the table, the newest first."""
    return [str(text) for text in screen.page.locator(".rows .row .cell.mono").all_inner_texts()][::-1]


def test_requests_appear_while_they_arrive(open_screen: ScreenOpener, nova: FakeNova) -> None:
    screen = open_screen("requests")
    expect(screen.page.get_by_text("No client has sent a request")).to_be_visible()
    nova.faults.add(status=503, operation="images.show")
    send(nova, "GET", "/v2.1/images?limit=1")
    send(nova, "GET", "/v2.1/images/nope")
    row = screen.row("/v2.1/images/nope")
    (entry,) = nova.requests.all(status=503)
    for text in ("GET", "503", "ms", "client/1.0", "fault-1", entry["hint"] or "a hint"):
        expect(row).to_contain_text(text)
    assert sorted(shown_paths(screen)) == ["/v2.1/images/nope", "/v2.1/images?limit=1"]


def test_an_empty_journal_says_why_and_what_to_try(open_screen: ScreenOpener, nova: FakeNova) -> None:
    with nova.scope():
        screen = open_screen("requests")
        expect(screen.page.locator(".why")).to_contain_text("The server has 1 scope: ")
        command = screen.page.get_by_label("curl command of a request").first.inner_text()
        assert command == f"curl -gsi {nova.url}/v2.1/images"
        subprocess.run(shlex.split(command), check=True, capture_output=True)
        expect(screen.row("/v2.1/images")).to_be_visible()


def test_a_filter_leaves_the_requests_that_have_all_words(open_screen: ScreenOpener, nova: FakeNova) -> None:
    for path in ("/v2.1/images", "/v2.1/flavors", "/v2.1/images/nope"):
        send(nova, "GET", path)
    screen = open_screen("requests")
    expect(screen.row("/v2.1/flavors")).to_be_visible()
    screen.page.get_by_label("Filter requests").fill("404 IMAGES")
    assert shown_paths(screen) == ["/v2.1/images/nope"]
    expect(screen.page.locator(".count")).to_have_text("1 of 3 requests")
    screen.page.get_by_label("Filter requests").fill("volumes")
    expect(screen.page.locator(".empty")).to_have_text("No request matches this filter; 3 requests in all.")


def test_a_row_opens_to_the_whole_exchange(open_screen: ScreenOpener, nova: FakeNova) -> None:
    screen = open_screen("requests")
    screen.wait_until(lambda: nova.emulator.cloud.journal.exchanges.is_watched, expected=True)
    headers = {"X-Auth-Token": "secret-token", "X-Trace": "mine"}
    send(nova, "PUT", "/v2.1/images/nope/metadata/k", {"meta": {"k": "v"}}, headers)
    screen.row("/metadata/k").click()
    panel = screen.page.locator(".panel")
    expect(panel.locator("h2")).to_have_text("PUT /v2.1/images/nope/metadata/k")
    expect(panel.get_by_label("Body of the request").first).to_contain_text('"k": "v"')
    expect(panel.get_by_label("Body of the response").first).to_contain_text("itemNotFound")
    panel.get_by_text("Headers of the request").click()
    expect(panel.locator("dl.headers").first).to_contain_text("X-Trace")
    expect(panel.locator("dl.headers").first).to_contain_text("***")
    panel.get_by_text("Headers of the response").click()
    (entry,) = nova.requests.all()
    expect(panel.locator("dl.headers").nth(1)).to_contain_text(entry["request_id"])
    expect(panel.locator(".facts").first).to_contain_text(entry["operation"])
    assert "secret-token" not in screen.page.content()
    assert screen.page.url.endswith(f"#requests/{entry['number']}")


def test_a_request_that_nobody_watched_says_so(open_screen: ScreenOpener, nova: FakeNova) -> None:
    send(nova, "GET", "/v2.1/images")
    screen = open_screen("requests/1")
    expect(screen.page.locator(".panel")).to_contain_text("Headers and response were not recorded")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/v2.1/images/detail?name=it%27s&limit=1", None),
        ("PUT", "/v2.1/images/x/metadata/k", {"meta": {"k": 'a "quoted" $HOME `text`'}}),
        ("DELETE", "/v2.1/images/%C3%A9%20%22", None),
    ],
)
def test_the_curl_command_of_a_request_sends_it_again(
    open_screen: ScreenOpener, nova: FakeNova, method: str, path: str, body: object
) -> None:
    screen = open_screen("requests")
    send(nova, method, path, body)
    screen.page.locator(".rows .row").first.click()
    code = screen.page.get_by_label("curl command of this request").first
    expect(screen.page.locator(".panel")).to_contain_text("Headers of the response")
    subprocess.run(["bash", "-c", code.inner_text()], check=True, capture_output=True)
    first, second = (dict(entry) for entry in nova.requests.all())
    same = ("method", "path", "query", "operation", "status", "body")
    assert [first[key] for key in same] == [second[key] for key in same]


def test_the_assertion_of_a_request_passes_in_a_test(open_screen: ScreenOpener, nova: FakeNova) -> None:
    screen = open_screen("requests")
    for _ in range(2):
        send(nova, "GET", "/v2.1/images/%C3%A9?x=%22")
    send(nova, "GET", "/v2.1/images")
    expect(screen.page.locator(".rows .row")).to_have_count(3)
    screen.page.locator(".rows .row", has_text="é").first.click()
    assertion = screen.page.get_by_label("pytest assertion").first.inner_text()
    assert assertion.startswith("fake_nova.requests.expect(2, method=")
    exec(assertion, {"fake_nova": nova})
    with pytest.raises(AssertionError):
        exec(assertion.replace("(2,", "(3,"), {"fake_nova": nova})


def test_commands_are_copied(open_screen: ScreenOpener, nova: FakeNova) -> None:
    send(nova, "GET", "/v2.1/images")
    screen = open_screen("requests/1", permissions=["clipboard-read", "clipboard-write"])
    for name in ("curl command of this request", "pytest assertion"):
        screen.page.get_by_role("button", name=f"Copy {name}").click()
        expect(screen.page.get_by_role("button", name=f"Copy {name}")).to_have_text("Copied")
        copied = screen.page.evaluate("navigator.clipboard.readText()")
        assert copied == screen.page.get_by_label(name, exact=True).first.inner_text()


@pytest.mark.parametrize("strategy", ["noauth", "keystone"])
def test_an_empty_list_says_why(open_screen: ScreenOpener, strategy: AuthStrategy) -> None:
    with FakeNova(fixtures=("default",), auth_strategy=strategy) as server:
        user = server.emulator.cloud.directory.first_user
        assert user is not None
        token = server.emulator.cloud.tokens.issue(user, user.project)[0]
        send(server, "GET", "/v2.1/images?status=ERROR", headers={"X-Auth-Token": token})
        send(server, "GET", "/v2.1/images", headers={"X-Auth-Token": token})
        screen = open_screen("requests/1", server)
        why = screen.page.locator(".explanation")
        expect(why).to_contain_text('status is "active"; asked for "killed"')
        expect(why).to_contain_text("golden")
        assert [entry["status"] for entry in server.requests.all()] == [200, 200]
        screen.open("requests/2")
        screen.press("Which images does it lack, and why?")
        expect(why).to_contain_text("As the cloud is now, the list has")


def test_a_journal_that_somebody_else_clears_empties(open_screen: ScreenOpener, nova: FakeNova) -> None:
    send(nova, "GET", "/v2.1/images")
    screen = open_screen("requests")
    expect(screen.row("/v2.1/images")).to_be_visible()
    nova.requests.clear()
    expect(screen.page.locator(".empty")).to_contain_text("No client has sent a request")
    nova.requests.clear()
    send(nova, "GET", "/v2.1/flavors")
    expect(screen.row("/v2.1/flavors")).to_be_visible()
    assert shown_paths(screen) == ["/v2.1/flavors"]


def test_the_journal_can_be_cleared(open_screen: ScreenOpener, nova: FakeNova) -> None:
    send(nova, "GET", "/v2.1/images")
    screen = open_screen("requests")
    expect(screen.row("/v2.1/images")).to_be_visible()
    screen.press("Clear the journal")
    expect(screen.page.locator(".empty")).to_contain_text("No client has sent a request")
    assert nova.requests.all() == []
    message = screen.page.locator(".message")
    expect(message).to_contain_text(f"curl -s -X DELETE {nova.url}/_admin/requests")
    send(nova, "GET", "/v2.1/flavors")
    expect(screen.row("/v2.1/flavors")).to_be_visible()
    assert shown_paths(screen) == ["/v2.1/flavors"]


def test_after_a_reset_the_journal_begins_anew(open_screen: ScreenOpener, nova: FakeNova) -> None:
    for _ in range(3):
        send(nova, "GET", "/v2.1/images")
    screen = open_screen("requests")
    expect(screen.page.locator(".rows .row")).to_have_count(3)
    nova.reset()
    send(nova, "GET", "/v2.1/flavors")
    expect(screen.row("/v2.1/flavors")).to_be_visible()
    assert shown_paths(screen) == ["/v2.1/flavors"]


def test_a_request_in_flight_is_shown_and_then_its_response(
    open_screen: ScreenOpener, nova: FakeNova
) -> None:
    screen = open_screen("requests")
    nova.faults.add(delay=300, operation="images.list")
    screen.page.evaluate("void fetch('/v2.1/images').catch(() => null)")
    row = screen.row("/v2.1/images")
    expect(row).to_contain_text("…")
    expect(row).to_contain_text("fault-1")
    nova.emulator.cloud.faults.delays_cancelled.set()
    expect(row).to_contain_text("200")


def test_a_burst_of_requests_is_loaded_in_parts(open_screen: ScreenOpener, nova: FakeNova) -> None:
    send(nova, "GET", "/v2.1/first")
    screen = open_screen("requests")
    expect(screen.row("/v2.1/first")).to_be_visible()
    requests = []
    screen.page.on("request", lambda request: requests.append(request.url))
    for number in range(250):
        send(nova, "GET", f"/v2.1/{number}")
    expect(screen.page.locator(".count")).to_have_text("251 requests")
    expect(screen.page.locator(".gap")).to_be_hidden()
    assert [url for url in requests if "newest=" not in url and "/_admin/requests?" in url]


def test_requests_that_came_too_fast_can_be_loaded_at_once(open_screen: ScreenOpener, nova: FakeNova) -> None:
    send(nova, "GET", "/v2.1/first")
    screen = open_screen("requests")
    expect(screen.row("/v2.1/first")).to_be_visible()
    screen.page.clock.install()
    for number in range(250):
        send(nova, "GET", f"/v2.1/{number}")
    screen.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(screen.page.locator(".gap")).to_contain_text(re.compile(r"\d+ requests came too fast"))
    screen.press("Load them")
    expect(screen.page.locator(".count")).to_have_text("251 requests")
    expect(screen.page.locator(".gap")).to_be_hidden()


def test_the_table_is_used_with_the_keyboard(open_screen: ScreenOpener, nova: FakeNova) -> None:
    for number in range(60):
        send(nova, "GET", f"/v2.1/images/{number}")
    screen = open_screen("requests")
    expect(screen.page.locator(".count")).to_have_text("60 requests")
    keyboard = screen.page.keyboard
    screen.page.get_by_label("Filter requests").focus()
    keyboard.press("Tab")  # to the button
    keyboard.press("Tab")  # to the table
    keyboard.press("End")
    expect(screen.page.locator("[aria-selected=true]")).to_contain_text("/v2.1/images/0")
    expect(screen.page.locator("[aria-selected=true]")).to_be_in_viewport()
    keyboard.press("ArrowUp")
    keyboard.press("Enter")
    expect(screen.page.locator(".panel h2")).to_have_text("GET /v2.1/images/1")
    expect(screen.page.locator(".panel")).to_be_focused()
    keyboard.press("Escape")
    expect(screen.page.locator(".panel")).to_be_hidden()
    expect(screen.page.get_by_role("grid")).to_be_focused()
