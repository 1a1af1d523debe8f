"""What axe finds wrong with a page for people who do not see, hear or point."""

from __future__ import annotations

from playwright.sync_api import Page
from pytest_playwright_axe import Axe

# Our pages have no frames, and only what is wrong is worth describing: half the time.
OPTIONS = {"iframes": False, "resultTypes": ["violations"]}

_SPILLS = """() => {
  const edge = document.documentElement.clientWidth;
  const wider = document.documentElement.scrollWidth - edge;
  if (wider <= 0) return [];
  const right = (one) => {
    const box = one.getBoundingClientRect();
    return Math.max(box.right, box.left + one.scrollWidth);
  };
  const spilling = [...document.body.querySelectorAll("*")].filter((one) => right(one) > edge);
  return [`${wider} px in all`, ...spilling.map((one) => `${right(one) - edge} px: ${one.outerHTML.slice(0, 160)}`)];
}"""


def accessible(page: Page) -> None:
    """Fail when axe finds a violation, naming rule and elements, or when the page is wider than its window."""
    found = Axe(use_minified_file=True).run(
        page, options=OPTIONS, html_report_generated=False, json_report_generated=False
    )
    wrong = [f"{one['id']}: {node['html']}" for one in found["violations"] for node in one["nodes"]]
    assert not wrong, "axe:\n" + "\n".join(wrong)
    wide = page.evaluate(_SPILLS)
    assert not wide, f"{page.url} is wider than its window by:\n" + "\n".join(wide)
