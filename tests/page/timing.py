"""How long the page takes to show many images, and to filter them, for ``scripts/bench page``."""

from __future__ import annotations

import json
import sys
from statistics import median
from typing import Any

from playwright.sync_api import sync_playwright

from tests.page.screen import BROWSER_OPTIONS, WIDE, chromium

ROUNDS = 5

#: Remembers when the first row came into the document, in milliseconds since the navigation began.
_OBSERVER = """
new MutationObserver((_, observer) => {
  if (!document.querySelector(".rows .row")) return;
  observer.disconnect();
  window.firstRow = performance.now();
}).observe(document, {childList: true, subtree: true});
"""

#: Types a text, and returns how long each key takes until the browser has drawn its rows.
_TYPING = """
async (text) => {
  const input = document.querySelector("input[type=search]");
  const drawn = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  const times = [];
  for (const character of text) {
    await drawn();
    const start = performance.now();
    input.value += character;
    input.dispatchEvent(new Event("input", {bubbles: true}));
    await drawn();
    times.push(performance.now() - start);
  }
  return times;
}
"""


def measure(browser: Any, url: str) -> tuple[float, float]:
    """Return the seconds to the first rows, and those of the slowest key."""
    context = browser.new_context(viewport=WIDE)
    page = context.new_page()
    page.add_init_script(_OBSERVER)
    page.goto(f"{url}/_admin/#images")
    page.wait_for_selector(".rows .row")
    first_row = page.evaluate("window.firstRow")
    slowest_key = max(page.evaluate(_TYPING, "debian ac"))
    context.close()
    return first_row / 1000, slowest_key / 1000


def main() -> None:
    """Measure a server whose URL is the only argument, and print the medians as JSON."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=BROWSER_OPTIONS)
        rows, keys = zip(*(measure(browser, sys.argv[1]) for _ in range(ROUNDS)), strict=True)
        browser.close()
    sys.stdout.write(json.dumps({"rows": median(rows), "key": median(keys)}))


if __name__ == "__main__":
    main()
