"""The view of the images: what it shows, and that each action does what its curl command says."""

from __future__ import annotations

import json
import shlex
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from fake_nova.testing.fake_nova import FakeNova
from tests.page.conftest import ScreenOpener
from tests.page.screen import NARROW, WIDE, Screen

HOSTILE = (
    "<img src=x onerror=alert(1)>",
    '"><script>alert(1)</script>',
    "'-alert(1)-'",
    "a\u202egnp.exe\u202c",
    "tab\tand\nline",
    "x" * 255,
    "\u2066isolated",
    "{{7*7}}${7*7}",
)


def open_image(screen: Screen, name: str) -> Any:
    """Open the details of an image, and return their panel."""
    screen.page.locator(".rows .row", has_text=name).first.click()
    screen.page.wait_for_selector(".panel .action")
    return screen.page.locator(".panel")


def run(command: str) -> Any:
    """Send the request of a curl command as the page shows it, and return the JSON of its response."""
    words = shlex.split(command)
    assert words[:2] == ["curl", "-s"]
    (url,) = (word for word in words if word.startswith("http"))
    body = words[words.index("-d") + 1] if "-d" in words else None
    method = words[words.index("-X") + 1] if "-X" in words else "POST" if body else "GET"
    data = None if body is None else body.encode()
    with urlopen(Request(url, data, method=method), timeout=5) as response:
        return json.load(response)


def test_rows_have_both_statuses_and_change_by_themselves(open_screen: ScreenOpener, nova: FakeNova) -> None:
    screen = open_screen("images")
    row = screen.page.locator(".rows .row", has_text="web-1-nightly")
    row.wait_for()
    assert row.locator(".cell").all_text_contents()[1:3] == ["saving", "SAVING  50 %"]
    nova.images.set_status("web-1-nightly", "killed")
    row.get_by_text("ERROR").wait_for()
    nova.images.add(name="appears")
    screen.page.locator(".rows .row", has_text="appears").wait_for()
    nova.images.forget("appears")
    screen.page.locator(".rows .row", has_text="appears").wait_for(state="detached")


def test_the_filter_knows_all_fields(open_screen: ScreenOpener) -> None:
    page = open_screen("images").page
    rows = page.locator(".rows .row")
    rows.first.wait_for()
    for text, count in (("GOLDEN", 1), ("os_distro=debian", 1), ("public active", 4), ("nothing like it", 0)):
        page.get_by_label("Filter images").fill(text)
        page.get_by_text(f"{count} of 6 images").wait_for()
        assert rows.count() == count
    page.get_by_text("No image matches the filter.").wait_for()


def test_details_have_all_fields_both_answers_and_the_history(
    open_screen: ScreenOpener, nova: FakeNova
) -> None:
    nova.images.set_status("golden", "saving")
    nova.images.set_status("golden", "active")
    screen = open_screen("images")
    panel = open_image(screen, "golden")
    text = panel.inner_text()
    image = nova.images.get("golden")
    for value in (image["id"], str(image["size"]), "os_distro = debian", "GET /image/v2/images/"):
        assert value in text
    panel.get_by_text("GET /v2.1/").wait_for()
    assert '"status": "ACTIVE"' in panel.locator("pre", has_text="OS-EXT-IMG-SIZE").inner_text()
    assert panel.locator(".history strong").all_inner_texts() == [
        "admin.images.status",
        "admin.images.status",
        "from the fixtures",
    ]
    assert panel.locator(".history del").all_inner_texts() == ["saving", "active"]
    assert screen.page.url.endswith(f"#images/{image['id']}")
    screen.page.reload()
    panel.get_by_role("heading", name="golden").wait_for()


def test_a_status_is_set_by_the_form_and_by_its_command(open_screen: ScreenOpener, nova: FakeNova) -> None:
    screen = open_screen("images")
    panel = open_image(screen, "golden")
    panel.get_by_label("New status").select_option("killed")
    command = panel.locator(".action code").first.inner_text()
    panel.get_by_role("button", name="Set").click()
    screen.page.get_by_text("golden is killed.").wait_for()
    assert nova.images.get("golden")["status"] == "killed"
    panel.locator("p .badge", has_text="ERROR").wait_for()
    nova.images.set_status("golden", "active")
    assert run(command)["status"] == "killed"


def test_a_plan_is_started_and_moves_the_image(open_screen: ScreenOpener, nova: FakeNova) -> None:
    nova.clock.freeze()
    screen = open_screen("images")
    panel = open_image(screen, "golden")
    panel.get_by_label("Plan to follow from now").select_option("slow")
    command = panel.locator(".action code").nth(1).inner_text()
    panel.get_by_role("button", name="Start").click()
    panel.get_by_text("Follows the plan").wait_for()
    assert nova.images.get("golden")["status"] == "queued"
    nova.clock.advance(100)
    panel.locator("p .badge", has_text="ACTIVE").wait_for()
    assert run(command)["status"] == "queued"


def test_fields_are_changed_and_an_error_names_the_field(open_screen: ScreenOpener, nova: FakeNova) -> None:
    screen = open_screen("images")
    panel = open_image(screen, "golden")
    panel.get_by_text("Change fields").click()
    panel.get_by_label("Size in bytes").fill("12")
    panel.get_by_label("Properties").fill('{"a": 1}')
    panel.get_by_role("button", name="Change").click()
    panel.locator(".problem", has_text="properties").wait_for()
    panel.get_by_label("Properties").fill('{"a": ')
    panel.locator(".problem", has_text="Properties (JSON): not JSON").wait_for()
    panel.get_by_label("Properties").fill('{"a": "1"}')
    command = panel.locator("details .action code").first.inner_text()
    assert '{"size":12,"properties":{"a":"1"}}' in command
    panel.get_by_role("button", name="Change").click()
    screen.page.get_by_text("golden is changed.").wait_for()
    image = nova.images.get("golden")
    assert (image["size"], image["properties"]) == (12, {"a": "1"})


def test_images_are_added(open_screen: ScreenOpener, nova: FakeNova) -> None:
    page = open_screen("images").page
    page.get_by_role("button", name="Add images").click()
    page.get_by_label("Name", exact=True).fill("batch")
    page.get_by_label("How many").fill("3")
    page.get_by_label("Status or plan").select_option("status:saving")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_text("3 images are added.").wait_for()
    page.locator(".rows .row", has_text="batch-3").wait_for()
    assert [nova.images.get(f"batch-{number}")["status"] for number in (1, 2, 3)] == ["saving"] * 3
    page.get_by_label("How many").fill("1")
    page.get_by_label("Status or plan").select_option("plan:slow")
    page.get_by_label("Properties").fill('{"os_distro": "debian"}')
    page.get_by_role("button", name="Add", exact=True).click()
    page.locator(".panel").get_by_text("Follows the plan").wait_for()
    assert nova.images.get("batch")["properties"] == {"os_distro": "debian"}


def test_an_image_is_deleted_and_purged_after_a_second_click(
    open_screen: ScreenOpener, nova: FakeNova
) -> None:
    screen = open_screen("images")
    panel = open_image(screen, "golden")
    image_id = nova.images.get("golden")["id"]
    panel.get_by_role("button", name="Delete").click()
    assert nova.images.get(image_id)["status"] == "active"
    panel.get_by_role("button", name="Really delete?").click()
    screen.page.get_by_text("golden is deleted, as by a client.").wait_for()
    with pytest.raises(HTTPError, match="404"):
        urlopen(f"{nova.compute_url}/images/{image_id}", timeout=5)
    assert nova.images.get(image_id)["status"] == "deleted"
    panel.get_by_role("button", name="Purge").click()
    panel.get_by_role("button", name="Really purge?").click()
    screen.page.get_by_text("golden is gone without a trace.").wait_for()
    assert image_id not in [image["id"] for image in nova.images.all()]


def test_the_keyboard_is_enough(open_screen: ScreenOpener) -> None:
    page = open_screen("images").page
    page.locator(".rows .row").first.wait_for()
    page.get_by_label("Filter images").focus()
    page.keyboard.press("Tab")  # the button
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('role')") == "grid"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.locator(".panel h2").wait_for()
    assert (
        page.locator("[aria-selected=true] bdi").first.inner_text() == page.locator(".panel h2").inner_text()
    )
    page.keyboard.press("Escape")
    assert page.locator(".panel").is_hidden()
    assert page.evaluate("document.activeElement.getAttribute('role')") == "grid"
    page.keyboard.press("End")
    assert page.locator("[aria-selected=true]").get_attribute("aria-rowindex") == "7"


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_hostile_texts_are_text(open_screen: ScreenOpener, nova: FakeNova, viewport: dict[str, int]) -> None:
    for text in HOSTILE:
        properties = {text[:60].strip() or "k": text}
        nova.images.add(name=text, properties=properties, tags=[text], owner=text)
        nova.servers.add(name=text, metadata={"k": text[:200]}, owner=text)
    for view, count in (("images", len(HOSTILE) + 6), ("servers", len(HOSTILE) + 1)):
        screen = open_screen(view, viewport=viewport)
        screen.page.get_by_text(f"{count} {view}").wait_for()
        for number in range(len(HOSTILE)):
            screen.page.locator(f".rows [aria-rowindex='{number + 2}']").click()
            screen.page.wait_for_selector(".panel .action code:not(:empty)")
            assert screen.overflow() == 0
            assert screen.page.locator(".panel img, .panel script, .rows img, .rows script").count() == 0
            assert "\u202e" not in screen.page.locator("main").inner_text()
        assert screen.page.get_by_text("a\\u202egnp.exe\\u202c").count() > 0
        assert screen.problems == []


def test_ten_thousand_images_are_in_the_table_but_few_in_the_document(
    open_screen: ScreenOpener, nova: FakeNova
) -> None:
    nova.images.generate(count=9_994)
    page = open_screen("images").page
    page.get_by_text("10,000 images").wait_for()
    assert page.locator(".rows .row").count() < 60
    assert page.get_by_role("grid").get_attribute("aria-rowcount") == "10001"
    page.get_by_role("grid").focus()
    page.keyboard.press("End")
    page.locator("[aria-rowindex='10001'][aria-selected=true]").wait_for()
    assert page.locator(".rows .row").count() < 60
    page.get_by_label("Filter images").fill("golden")
    page.get_by_text("1 of 10,000 images").wait_for()
