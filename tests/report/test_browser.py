"""report.html and evidence.html in a real browser: nothing of the target runs, and a phone need not scroll sideways."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.report.demo import make_report

_PROBE = """<!DOCTYPE html>
<iframe id="page" src="{name}" style="width:390px;height:800px"></iframe><pre id="found"></pre>
<script>
window.onload = () => setTimeout(() => {{
  const d = document.getElementById("page").contentDocument;
  d.querySelectorAll("#show_all_details").forEach((button) => button.click());
  setTimeout(() => {{
    const e = d.documentElement;
    const wide = [...d.querySelectorAll("body *")].filter((x) => {{
      const r = x.getBoundingClientRect();
      return r.width > 0 && r.right > e.clientWidth + 1 && !x.closest(".pc-scroll");
    }});
    const foreign = d.querySelectorAll("img[src=x], .pc script").length;
    const verdicts = d.querySelectorAll(".pc-v").length;
    document.getElementById("found").textContent =
      `probe: wide=${{wide.length}} sideways=${{e.scrollWidth > e.clientWidth}} ` +
      `foreign=${{foreign}} verdicts=${{verdicts}}`;
  }}, 800);
}}, 800);
</script>"""


@pytest.mark.needs_program("chromium")
@pytest.mark.parametrize("name", ["report.html", "evidence.html"])
def test_page_fits_a_phone_and_nothing_foreign_is_in_it(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "run"
    make_report(folder)
    probe = folder / "probe.html"
    probe.write_text(_PROBE.format(name=name))
    command = [
        "chromium",
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--allow-file-access-from-files",
        f"--user-data-dir={tmp_path / 'profile'}",
        "--window-size=600,900",
        "--virtual-time-budget=8000",
        "--dump-dom",
        probe.as_uri(),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    found = next(line for line in done.stdout.splitlines() if "probe: wide=" in line and "$" not in line)
    assert "wide=0 sideways=false foreign=0" in found
    assert "verdicts=0" not in found
