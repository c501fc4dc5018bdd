"""The README's quick start, run as it stands: curl, Python and JavaScript, one after the other on one service."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.api.served import ADMIN, ROOT, Served
from tests.browser.conftest import browser, page
from tests.clients.test_javascript import elsewhere

__all__ = ["browser", "elsewhere", "page"]

README = (ROOT / "README.md").read_text(encoding="utf-8")
ADDRESS, TOKEN = "http://127.0.0.1:8470", "dl_…"

pytestmark = pytest.mark.browser


def block(language: str, served: Served) -> str:
    """Return the code of a language, for this service."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    assert ADDRESS in found
    return str(found).replace(ADDRESS, served.url).replace(TOKEN, ADMIN)


def test_the_quick_start_does_what_it_says(tmp_path: Path, page: Page, elsewhere: str) -> None:
    with Served(tmp_path / "data") as served:
        curled = run(["sh", "-e", "-c", block("sh", served)], PATH=path_with_curl(tmp_path))
        code = block("python", served)
        printed = run([sys.executable, "-c", code], PYTHONPATH=str(ROOT / "clients" / "python"))
        page.goto(elsewhere)
        lines: list[str] = []
        page.on("console", lambda said: lines.append(said.text))
        script = block("js", served).replace("./dateline.js", f"{elsewhere}/dateline.js")
        script = re.sub(r"^import (\{.*\}) from (.*);$", r"const \1 = await import(\2);", script, flags=re.MULTILINE)
        page.evaluate(f"async () => {{ {script} }}")

    assert '"text":"by the end of March 2027"' in curled
    assert '"latest":"2027-03-31"' in curled
    assert '"verified":true' in curled
    assert printed == "June 2027 moved by 91 days\n"
    assert lines == ["announcement.made ../2027-03", "announcement.rescheduled 2027-06"]


def run(command: list[str], **environment: str) -> str:
    ran = subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def path_with_curl(folder: Path) -> str:
    """Return a PATH on which there is a curl: the machine's, or where it has none, one that does what is asked here."""
    present = os.environ["PATH"]
    if shutil.which("curl"):
        return present
    stand_in = folder / "curl"
    stand_in.write_text(f"#!{sys.executable}\n{Path(__file__).with_name('curl.py').read_text(encoding='utf-8')}")
    stand_in.chmod(0o755)
    return f"{folder}:{present}"
