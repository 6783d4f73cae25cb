"""What can be measured of a page: its contrast, and what axe finds wrong with it."""

from __future__ import annotations

SERIOUS = ("serious", "critical")

# Every text below a node with its colour and the ground it stands on, as the browser computed them.
_CONTRASTS = """
root => {
  const parse = text => { const n = text.match(/[\\d.]+/g).map(Number); return n.length < 4 ? [...n, 1] : n; };
  const over = (top, below) => [0, 1, 2].map(i => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
  const light = c => { const [r, g, b] = c.slice(0, 3).map(v => { v /= 255;
    return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126*r + 0.7152*g + 0.0722*b; };
  const ground = node => { const layers = []; let at = node;
    while (at) { layers.push(parse(getComputedStyle(at).backgroundColor)); at = at.parentElement; }
    return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255, 1]); };
  const found = [];
  const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) { const text = walk.currentNode.textContent.trim(); const node = walk.currentNode.parentElement;
    if (!text || !node.offsetParent) continue;
    const back = ground(node), ink = over(parse(getComputedStyle(node).color), back);
    const [a, b] = [light(ink), light(back)].sort((x, y) => y - x);
    found.push([text.slice(0, 60), (a + 0.05) / (b + 0.05)]); }
  return found;
}
"""


def contrasts(locator) -> list[tuple[str, float]]:
    """Every visible text below an element with its contrast to what lies behind it (WCAG asks for 4.5)."""
    return [tuple(pair) for pair in locator.evaluate(_CONTRASTS)]


def serious(page) -> list[str]:
    """What axe finds that keeps somebody from using the page."""
    from axe_playwright_python.base import AXE_SCRIPT

    page.evaluate(AXE_SCRIPT)
    found = page.evaluate("axe.run()")["violations"]
    return [
        f"{rule['id']}: {node['html'][:150]}"
        for rule in found
        if rule["impact"] in SERIOUS
        for node in rule["nodes"]
    ]
