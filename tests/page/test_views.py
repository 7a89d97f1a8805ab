"""All views that show clocks, faults, requests, snapshots and scopes: accessible, unbroken by hostile texts, fluid."""

from __future__ import annotations

import re
from random import Random
from typing import Any, Final
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from fake_nova.testing.fake_nova import FakeNova
from tests.page.conftest import ScreenOpener
from tests.page.screen import NARROW, VIEWS, WIDE, Screen, send

#: The views of this module, each with a selector that waits for its content.
CONTENTS: Final = {
    "requests": ".rows .row",
    "clock": ".followers li",
    "faults": ".triggers li",
    "snapshots": "tbody tr",
    "scopes": "tbody tr",
}
SIZES: Final = pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])


@pytest.fixture
def busy_nova(nova: FakeNova) -> FakeNova:
    """A server on which each view has something to show."""
    nova.clock.freeze()
    nova.images.add(name="planned", plan="slow")
    nova.faults.add(status=503, operation="images.show", times=1)
    nova.faults.add(delay=1, path="/never", seconds=60, owner="somebody")
    for path in ("/v2.1/images?status=ERROR", "/v2.1/images/nope", "/v2.1/flavors"):
        send(nova, "GET", path)
    send(nova, "POST", "/_admin/snapshots", {"name": "before"})
    send(nova, "POST", "/_admin/scopes", {})
    return nova


@SIZES
@pytest.mark.parametrize("color_scheme", ["light", "dark"])
@pytest.mark.parametrize("view", CONTENTS)
def test_axe_finds_no_serious_issue(
    open_screen: ScreenOpener, busy_nova: FakeNova, view: str, color_scheme: str, viewport: Any
) -> None:
    screen = open_screen(view, color_scheme=color_scheme, viewport=viewport)
    expect(screen.page.locator(CONTENTS[view]).first).to_be_visible()
    if view == "requests":
        screen.row("status=ERROR").click()
        expect(screen.page.locator(".explanation")).to_be_visible()
    for summary in screen.page.locator("summary").all():
        summary.click()
    if view == "snapshots":
        screen.press("Compare")
        expect(screen.page.locator(".comparison")).to_contain_text("planned")
    assert screen.serious_issues() == []
    assert screen.overflow() == 0
    clipped = "all => all.filter(each => each.scrollWidth > each.clientWidth).map(each => each.textContent)"
    assert screen.page.eval_on_selector_all("button", clipped) == []


#: Parts of hostile texts: markup, quotes, templates, control and bidi characters, and texts without a break.
PARTS: Final = (
    "<script>window.isHostile = true</script>",
    "<img src=x onerror='window.isHostile=true'>",
    '"><svg onload="window.isHostile=true">',
    "javascript:window.isHostile=true",
    "</textarea></option></style>",
    "'\"`${7*7}{{7*7}}&lt;&amp;&#60;",
    "\u202e\u2066\u200f\u061c",
    "\x00\x1b[31m\x7f\t\r\n",
    "\u0627\u0644\u0639\u0631\u0628\u064a\u0629",
    "a" * 90,
    "W\u0300\u0301\u0302" * 12,
    "\u3042" * 40,
    "%s%n%00../..//#?&=;",
)

#: Characters that must not stand in the page as they are.
UNPRINTABLE: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def draw_text(random: Random, max_chars: int, forbidden: str = "") -> str:
    text = "".join(random.sample(PARTS, random.randint(1, 4)))[:max_chars]
    return "".join(character for character in text if character not in forbidden) or "x"


def add_hostile_texts(nova: FakeNova, random: Random) -> None:
    """Give the server hostile names, properties, paths, user agents, plans, faults and snapshots."""
    statuses = []
    for number in range(6):
        image = {
            "name": draw_text(random, 255, "\x00"),
            "properties": {draw_text(random, 200, "\x00") + str(number): draw_text(random, 255, "\x00")},
            "tags": [draw_text(random, 200, "\x00")],
            "plan": "slow",
        }
        statuses.append(send(nova, "POST", "/_admin/images", image))
        path = "/v2.1/images/" + quote(draw_text(random, 200), safe="")
        query = "name=" + quote(draw_text(random, 200))
        agent = draw_text(random, 200, "\r\n").encode().decode("latin-1")
        send(nova, "GET", f"{path}?{query}", headers={"User-Agent": agent})
        send(nova, "PUT", f"{path}/metadata/k", {"meta": {"k": draw_text(random, 200)}})
        plan = quote(draw_text(random, 200, "/\x00"), safe="")
        send(nova, "PUT", f"/_admin/plans/{plan}", {"steps": [{"status": "active"}]})
        snapshot = {"name": draw_text(random, 200, "/")}
        statuses.append(send(nova, "POST", "/_admin/snapshots", snapshot))
        match = {"header": {"X-Odd": draw_text(random, 30, "*?")}, "path": "/" + draw_text(random, 90, "*?")}
        fault = {"match": match, "effect": {"status": 503, "message": draw_text(random, 300)}}
        statuses.append(send(nova, "POST", "/_admin/faults", {**fault, "owner": draw_text(random, 200)}))
    assert set(statuses) == {201}


def assert_text_is_harmless(screen: Screen) -> None:
    page = screen.page
    assert page.evaluate("window.isHostile ?? null") is None
    assert page.locator("main img, main svg, main script, main style, main iframe").count() == 0
    assert UNPRINTABLE.findall(page.evaluate("document.body.innerText")) == []
    assert screen.overflow() == 0


@SIZES
@pytest.mark.parametrize("seed", [1, 2])
def test_hostile_texts_are_text_and_break_no_layout(
    open_screen: ScreenOpener, nova: FakeNova, seed: int, viewport: Any
) -> None:
    nova.clock.freeze()
    add_hostile_texts(nova, Random(seed))
    screen = open_screen("requests", viewport=viewport)
    for view in VIEWS:
        screen.open(view)
        content = {**CONTENTS, "images": ".rows .row", "servers": ".rows .row", "faults": "tbody tr"}
        if view not in ("start", "scopes"):
            expect(screen.page.locator(content[view]).first).to_be_visible()
        assert_text_is_harmless(screen)
        if view == "snapshots":
            screen.press("Compare")
            expect(screen.page.locator(".comparison")).to_contain_text("Added: 6 images")
            assert_text_is_harmless(screen)
        if view == "requests":
            for index in range(4):
                screen.page.locator(".rows .row").nth(index).click()
                expect(screen.page.locator(".panel")).to_contain_text("Expect it in a test")
                assert_text_is_harmless(screen)


def test_a_thousand_requests_have_few_rows_in_the_document(open_screen: ScreenOpener, nova: FakeNova) -> None:
    for number in range(1000):
        send(nova, "GET", f"/v2.1/images/{number}")
    screen = open_screen("requests")
    expect(screen.page.locator(".count")).to_have_text("1,000 requests")
    assert screen.page.locator(".rows .row").count() < 60
    screen.page.get_by_label("Filter requests").fill("images/7")
    expect(screen.page.locator(".count")).to_have_text("111 of 1,000 requests")
    send(nova, "GET", "/v2.1/images/777777")
    expect(screen.row("images/777777")).to_be_visible()
    screen.page.get_by_label("Filter requests").fill("")
    screen.page.get_by_role("grid").focus()
    screen.page.keyboard.press("End")
    expect(screen.page.locator("[aria-selected=true]")).to_have_text(
        re.compile("/v2.1/images/1GET|GET/v2.1/images/1")
    )
    assert screen.page.locator(".rows .row").count() < 60


def test_ten_thousand_images_have_few_rows_in_the_document(open_screen: ScreenOpener, nova: FakeNova) -> None:
    nova.images.generate(10_000, seed=1)
    nova.images.add(name="the last one")
    screen = open_screen("images")
    expect(screen.page.locator(".count")).to_have_text("10,007 images")
    assert screen.page.locator(".rows .row").count() < 60
    screen.page.get_by_label("Filter images").fill("the last one")
    expect(screen.page.locator(".count")).to_have_text("1 of 10,007 images")
    assert screen.page.locator(".rows .row").count() == 1
