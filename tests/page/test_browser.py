"""The tests' own browser: it sees the problems that a page has."""

from __future__ import annotations

from typing import Any

from fake_nova.testing.fake_nova import FakeNova
from tests.page.screen import Screen


def test_problems_of_a_page_are_recorded(browser: Any, nova: FakeNova) -> None:
    context = browser.new_context()
    screen = Screen(nova, context)
    screen.page.goto(f"{nova.url}/_admin/health")
    screen.page.evaluate("console.error('broken'); alert('executed'); fetch('/none')")
    screen.page.evaluate("setTimeout(() => { throw Error('lost'); })")
    screen.page.evaluate("fetch('http://127.0.0.1:9/', {mode: 'no-cors'}).catch(() => null)")
    context.close()
    kinds = {problem.partition(":")[0] for problem in screen.problems}
    assert kinds == {"console", "dialog", "exception", "request to another host"}


def test_issues_and_overflow_of_a_page_are_recorded(browser: Any, nova: FakeNova) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 500})
    screen = Screen(nova, context)
    screen.page.goto(f"{nova.url}/_admin/health")
    screen.page.evaluate("document.body.innerHTML = '<button></button><p style=\"width: 500px\">wide</p>'")
    assert [issue for issue in screen.serious_issues() if issue.startswith("button-name:")]
    assert screen.overflow() > 100
    context.close()
