"""axe-core, put into a page by the debugger: the page's own policy stays in force."""

import json

from tests.services import ROOT

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
RUN = """axe.run(document, {resultTypes: ["violations"], runOnly: %s})
    .then((found) => found.violations)"""
STILL = """() => Promise.all([
    document.fonts.ready,
    ...document.getAnimations()
        .filter((one) => one.effect.getTiming().iterations !== Infinity)
        .map((one) => one.finished.catch(() => null)),
])"""


async def find_violations(page):
    """What axe finds wrong with a page: rule, how bad, and the elements."""
    session = await page.context.new_cdp_session(page)
    try:
        await _evaluate(session, AXE.read_text() + "\ntrue")
        return await _evaluate(session, RUN % json.dumps(TAGS))
    finally:
        await session.detach()


async def _evaluate(session, expression):
    asked = {"expression": expression, "awaitPromise": True, "returnByValue": True}
    answer = await session.send("Runtime.evaluate", asked)
    assert "exceptionDetails" not in answer, answer
    return answer["result"].get("value")


async def assert_accessible(page):
    """Fail on anything that axe finds, with the elements concerned."""
    await settle(page)
    found = await find_violations(page)
    lines = [
        f"{one['id']} ({one['impact']}): {one['help']}: {node['html'][:200]}"
        for one in found
        for node in one["nodes"]
    ]
    assert lines == [], f"{page.url}\n" + "\n".join(lines)


async def settle(page):
    """Return when fonts are there and nothing moves any more: colours are as they stay."""
    await page.evaluate(STILL)
