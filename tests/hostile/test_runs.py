"""Runs against hostile peers: bounded time and memory, the right verdict, and a record that nothing escapes from."""

from __future__ import annotations

import csv
import html.parser
import re
from pathlib import Path
from typing import Final

import pytest
from jsonschema import Draft202012Validator

from tests.hostile.playing import Played, play
from tests.hostile.registry import NOT_USABLE, Step, all_hostile
from tests.plugin.runs import results_schema

TIMEOUT_S: Final = 0.3
SECONDS: Final = 45.0
GROWTH_BYTES: Final = 500 << 20
RAW: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\u202a-\u202e\u2066-\u2069]")
PLAYED: Final = (
    "silent at once",
    "silent after the data of a store",
    "trickles after the association request, a byte each 0.9 time-outs",
    "reads slowly after the command of a store",
    "floods with PDUs after the data",
    "one command without end",
    "pending responses in step with the time-out",
    "an instance of 2 GB",
    "a PDU of 4 GiB at once",
    "sequences in sequences in an identifier",
    "random bytes after the data, seed 1",
    "a web server",
    "another request's response",
    "resets after the association request",
    "evil names in an A-ASSOCIATE-AC",
    "evil UIDs in an A-ASSOCIATE-AC",
    "an evil error comment",
    "evil matches",
)
"""Those that each say something of their own; the table plays all."""


class Elements(html.parser.HTMLParser):
    """What a browser would make of a page: names of elements, and whether an image of the peer's is among them."""

    def __init__(self) -> None:
        super().__init__()
        self.evil: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.evil += [f"{tag} {key}" for key, _ in attrs if key == "onerror"]


@pytest.mark.parametrize("name", PLAYED)
def test_run(name: str, tmp_path: Path) -> None:
    hostile = all_hostile()[name]
    played = play(hostile, tmp_path, timeout_s=TIMEOUT_S, revival_s=TIMEOUT_S)
    assert played.exit_code in hostile.exits, played.output
    assert played.seconds < SECONDS
    assert played.peak_bytes - played.idle_bytes < GROWTH_BYTES
    assert "ERROR" not in played.verdicts
    assert "Traceback" not in played.output
    assert RAW.search(played.output) is None
    if hostile.step is not Step.RELEASE:
        assert "PASS" not in played.verdicts
    if NOT_USABLE in hostile.exits:
        assert "hint:" in played.output
    _is_readable(played)


def _is_readable(played: Played) -> None:
    Draft202012Validator(results_schema()).validate(played.results)
    assert RAW.search((played.folder / "results.json").read_text(encoding="ascii")) is None
    pages = list(played.folder.glob("*.html"))
    assert pages
    for path in pages:
        text = path.read_text(encoding="utf-8")
        page = Elements()
        page.feed(text)
        assert page.evil == []
        assert RAW.search(text) is None
    with (played.folder / "instances.csv").open(newline="", encoding="utf-8") as file:
        assert all(RAW.search(cell) is None for row in csv.reader(file) for cell in row)


def test_every_hostile_peer_is_described() -> None:
    peers = all_hostile().values()
    assert len(peers) > 60
    assert all(peer.does and peer.does.endswith(".") and peer.exits for peer in peers)
    assert set(PLAYED) <= all_hostile().keys()
