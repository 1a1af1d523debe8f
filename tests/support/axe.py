"""What axe finds wrong with a page for people who do not see, hear or point."""

from __future__ import annotations

from typing import Literal

from playwright.sync_api import Page
from pytest_playwright_axe import Axe

# Our pages have no frames. The package's own way to run takes them apart all the same and puts them together in a
# second page: five times as long as asking axe itself.
_SOURCE = Axe(use_minified_file=True).axe_path.read_text(encoding="utf-8")
_RUN = """() => axe.run(document, {iframes: false, resultTypes: ["violations"]}).then(({violations}) =>
  violations.flatMap(({id, nodes}) => nodes.map(({html}) => `${id}: ${html}`)))"""

LOOKS: tuple[tuple[Literal["light", "dark"], int], ...] = (("light", 1280), ("dark", 390))

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
    """Fail when axe finds a violation, naming rule and elements, or when the page is wider than its window.

    The page is checked as it stands, in light on a desk and in dark on a phone.
    """
    before = page.viewport_size
    for scheme, width in LOOKS:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 900})
        if not page.evaluate("'axe' in window"):
            page.evaluate(_SOURCE)
        wrong = page.evaluate(_RUN)
        assert not wrong, f"axe, {scheme}, {width} px:\n" + "\n".join(wrong)
        spills = page.evaluate(_SPILLS)
        assert not spills, f"{page.url} is wider than its window of {width} px by:\n" + "\n".join(spills)
    page.emulate_media(color_scheme="null")
    if before:
        page.set_viewport_size(before)
