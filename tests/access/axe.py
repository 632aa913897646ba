"""Asks axe-core about the page as it stands. What axe cannot decide is listed in `JUDGED`, each with its reason."""

from __future__ import annotations

import importlib.resources
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page

SOURCE = (importlib.resources.files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")

RUN = """
async ([tags, rules, only]) => {
  // Letters are what others wrote, and their frame runs no script, so axe is not asked in there.
  const found = await axe.run(
    { exclude: [["#mail"]] },
    { runOnly: only.length ? only : { type: "tag", values: tags }, rules: only.length ? {} : rules, iframes: false,
      resultTypes: ["violations", "incomplete"] },
  );
  const numbers = (colour) => (colour.match(/[\\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
  const over = (top, below, alpha) => top.slice(0, 3).map((part, at) => part * alpha + below[at] * (1 - alpha));
  const light = (colour) => [0.2126, 0.7152, 0.0722].reduce((sum, weight, at) => {
    const part = colour[at] / 255;
    return sum + weight * (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  }, 0);
  // What lies behind a text is the nearest box around it that is painted: nothing here is laid over pictures.
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const [r, g, b, alpha = 1] = numbers(getComputedStyle(at).backgroundColor);
      if (alpha > 0.99) return [r, g, b];
      if (alpha) return over([r, g, b], behind(at.parentElement), alpha);
    }
    return [255, 255, 255];
  };
  const contrast = (target) => {
    const element = document.querySelector(target);
    const style = element && getComputedStyle(element);
    if (!element) return 0;
    let alpha = numbers(style.color)[3] ?? 1;
    for (let at = element; at; at = at.parentElement) alpha *= Number(getComputedStyle(at).opacity);
    const paper = behind(element);
    const [high, low] = [light(over(numbers(style.color), paper, alpha)), light(paper)].sort((a, b) => b - a);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    return (high + 0.05) / (low + 0.05) / (large ? 3 : 4.5);
  };
  // An open menu lies over things that are as large as ever once it is shut.
  const menu = document.querySelector("details.menu[open] > .pop");
  const beneath = (rule, target) => rule === "target-size" && menu && !menu.contains(document.querySelector(target));
  const short = (rule) => rule.nodes.map((node) => ({
    rule: rule.id,
    why: beneath(rule.id, node.target.flat().join(" ")) ? "beneath a menu"
      : [...node.any, ...node.all, ...node.none].map((check) => check.data?.messageKey ?? check.id).join(" "),
    told: node.failureSummary,
    node: node.target.flat().join(" "),
    html: node.html.slice(0, 200),
    share: rule.id === "color-contrast" ? contrast(node.target.flat().join(" ")) : 0,
  }));
  const broken = found.violations.flatMap(short);
  const menus = (one) => one.why === "beneath a menu";
  return {
    violations: broken.filter((one) => !menus(one)),
    incomplete: [...found.incomplete.flatMap(short), ...broken.filter(menus)],
  };
}
"""


@dataclass(frozen=True)
class Finding:
    """One element and the rule it breaks, or may break. why: the checks that did not pass, or why axe cannot tell.
    share: of a contrast, how many times what is asked for."""

    rule: str
    why: str
    told: str
    node: str
    html: str
    share: float

    def __str__(self) -> str:
        return f"{self.rule} ({self.why}): {self.node}  {self.html}"


@dataclass(frozen=True)
class Answer:
    """What axe says of one page. incomplete: what it leaves to people."""

    violations: tuple[Finding, ...]
    incomplete: tuple[Finding, ...]

    def unjudged(self) -> Iterator[Finding]:
        """What nobody has looked at yet. A contrast that axe cannot see is measured; too little of it is unjudged."""
        return (one for one in self.incomplete if one.share < 1 and (one.rule, one.why) not in JUDGED)


def ask(page: Page, without: tuple[str, ...] = (), only: tuple[str, ...] = ()) -> Answer:
    """Run axe, without some rules, or with a few only."""
    if not page.evaluate("Boolean(globalThis.axe)"):
        page.evaluate(SOURCE)
    chosen = {name: {"enabled": False} for name in without}
    said: dict[str, list[dict[str, Any]]] = page.evaluate(RUN, [list(TAGS), chosen, list(only)])
    return Answer(
        tuple(Finding(**one) for one in said["violations"]), tuple(Finding(**one) for one in said["incomplete"])
    )


JUDGED: dict[tuple[str, str], str] = {
    ("frame-tested", "frame-tested"): "the letter itself: somebody else's words, in a frame that runs no script",
    ("target-size", "beneath a menu"): "an open menu lies over a part of it; shut, it is as large as the others",
}
"""(rule, why) -> what a person found who looked."""
