"""What can be wrong with a page that answers: for eyes, ears, hands, small screens, and in each language."""

from __future__ import annotations

from functools import cache
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from babel.messages.pofile import read_po

from hub.render.translations import FOLDER
from tests.browser.visitor import Visitor

# Off by itself: what is pressed is 24 px wide and tall, or as far from its neighbours (WCAG 2.5.8).
AXE = {"rules": {"target-size": {"enabled": True}}}
# Every visible text and every label; what is marked as another language is meant to be.
TEXTS = """() => {
  const own = document.documentElement.lang.slice(0, 2), found = [];
  const foreign = (node) => { const e = node.closest("[lang]"); return e && e.lang.slice(0, 2) !== own; };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    if (parent.closest("script, style, code, pre, kbd, textarea, [data-theirs]") || foreign(parent)) continue;
    found.push(node.textContent.replace(/\\s+/g, " ").trim());
  }
  for (const e of document.querySelectorAll("[aria-label], [title], [placeholder]")) {
    if (foreign(e)) continue;
    for (const name of ["aria-label", "title", "placeholder"])
      if (e.hasAttribute(name)) found.push(e.getAttribute(name).trim());
  }
  return [...new Set(found.filter(Boolean))];
}"""
# Wider than what holds it, and not meant to be scrolled there; or taller than a page that scrolls inside.
OVERFLOW = """() => [document.documentElement, ...document.querySelectorAll("main, .body, .bar")]
  .filter((e) => e.scrollWidth > e.clientWidth + 1 && !getComputedStyle(e).overflowX.match(/auto|scroll/))
  .map((e) => `${e.tagName}.${e.className} is ${e.scrollWidth - e.clientWidth} px too wide`)
  .concat(document.querySelector(".app") && document.documentElement.scrollHeight > innerHeight + 1
    ? [`the page is ${document.documentElement.scrollHeight - innerHeight} px taller than its frame`] : [])"""


def faults(visitor: Visitor, status: int = 200, path: str = "") -> list[str]:
    """Open a page, or look at the one that is open, and say what is wrong with it."""
    found: list[str] = []
    if path and (answered := visitor.go(path)) != status:
        found.append(f"answers {answered}")
    page = visitor.page
    lang = page.locator("html").get_attribute("lang")
    if lang != {"zh": "zh-CN", "en": "en"}[visitor.language]:
        found.append(f"is in {lang}")
    found += page.evaluate(OVERFLOW)
    texts = page.evaluate(TEXTS)
    found += [f"not translated: {text}" for text in texts if text in _foreign(visitor.language)]
    found += [_violation(one) for one in Axe().run(page, options=AXE).response["violations"]]
    found += visitor.errors + visitor.strangers
    visitor.errors.clear()
    visitor.strangers.clear()
    return found


def _violation(one: dict[str, Any]) -> str:
    nodes = "; ".join(f"{node['target']} {node['failureSummary']}" for node in one["nodes"][:4])
    return f"{one['id']}: {one['help']}: {nodes}"


@cache
def _foreign(language: str) -> frozenset[str]:
    """The texts of the other language's catalogue that mean something else here, or nothing."""
    with (FOLDER / "zh" / "LC_MESSAGES" / "messages.po").open("rb") as lines:
        pairs = [(entry.id, entry.string) for entry in read_po(lines, locale="zh")]
    plain = [(one, other) for one, other in pairs if isinstance(one, str) and isinstance(other, str)]
    ours = {pair[language == "zh"] for pair in plain}
    return frozenset({pair[language != "zh"] for pair in plain} - ours - {""})
