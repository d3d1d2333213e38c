"""The web app: typed, in house style, tested, translated, and built as the server serves it."""

import json
import re
import subprocess

import pytest

from tests.contract.test_typescript import run_tool, strip_colours
from tests.services import ROOT
from tests.webapp.build import build_webapp

WEBAPP = ROOT / "webapp"
LANGUAGES = ("en", "vi", "es", "pt", "fr", "ar", "tr")
POLICY_BREAKERS = re.compile(r"<style|<script(?![^>]*\ssrc=)|\sstyle=|\son\w+=|javascript:|data:")


@pytest.fixture(scope="session")
def dist():
    return build_webapp()


def test_webapp_is_typed():
    run_tool("tsc", "--noEmit", folder=WEBAPP)


def test_webapp_passes_its_own_tests():
    said = run_tool("vitest", "run", "--reporter=dot", folder=WEBAPP)
    assert re.search(r"Tests\s+\d{2,} passed \(\d+\)", strip_colours(said)), said


def test_texts_are_complete_in_every_language_and_all_shown():
    command = ["node", WEBAPP / "tools" / "check-texts.mjs"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout
    assert "complete" in done.stdout
    folders = {path.name for path in (WEBAPP / "src" / "i18n").iterdir() if path.is_dir()}
    assert folders == set(LANGUAGES)


def test_page_needs_no_inline_script_or_style(dist):
    page = (dist / "index.html").read_text()
    assert "<!--meta-->" in page
    assert POLICY_BREAKERS.search(page) is None
    assert re.search(r'<script type="module"[^>]* src="/assets/index-[\w-]+\.js"></script>', page)


def test_everything_is_served_by_us(dist):
    page = (dist / "index.html").read_text()
    assert not re.findall(r'(?:src|href)="(?!/)[^"]*"', page)
    styles = "".join(path.read_text() for path in (dist / "assets").glob("*.css"))
    assert not re.findall(r"url\((?!/assets/)[^)]*\)", styles)


def test_service_worker_keeps_the_shell_and_no_answer_of_the_service(dist):
    worker = (dist / "sw.js").read_text()
    shell = json.loads(re.search(r"\[`?[\"/].*?\]", worker)[0].replace("`", '"'))
    assert shell[0] == "/"
    for path in shell[1:]:
        assert (dist / path.lstrip("/")).is_file()
    assert "/api" not in "".join(shell)
    assert "import" not in worker


def test_manifest_names_icons_that_are_there(dist):
    manifest = json.loads((dist / "manifest.webmanifest").read_text())
    assert {"name", "start_url", "display", "icons"} <= manifest.keys()
    assert {icon.get("purpose", "any") for icon in manifest["icons"]} == {"any", "maskable"}
    for icon in manifest["icons"]:
        assert (dist / icon["src"].lstrip("/")).is_file()


def test_lock_names_no_host_and_every_platform():
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    for name, package in packages.items():
        assert "://" not in package.get("resolved", "") + package.get("version", ""), name
        for optional in package.get("optionalDependencies", {}):
            at = f"{name}/node_modules/{optional}"
            assert at in packages or f"node_modules/{optional}" in packages, optional
