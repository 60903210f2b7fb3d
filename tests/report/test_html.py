"""What goes into report.html: complete, bounded, and inert whatever the target said."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from conformance.observation.exchanges import AssociationExchange
from conformance.observation.outcomes import Silence
from conformance.observation.stored import NotReadable
from conformance.observation.transcript import EventKind
from conformance.report import html
from conformance.verdict.finding import Verdict
from conformance.wire.items import ProposedContext
from conformance.wire.pdu import AbortPdu
from tests.evidence.samples import HOSTILE, a_finding, a_header, a_record, a_run, transcript_of
from tests.report.demo import demo_records, make_report

_PHRASES = {"a", "b", "br", "code", "meta", "span", "strong"}
_BLOCKS = {"dd", "details", "div", "dl", "dt", "h2", "h3", "li", "ol", "p", "pre", "summary", "ul"}
KNOWN_TAGS = _PHRASES | _BLOCKS | {"table", "tbody", "td", "th", "thead", "tr"}


class Page(HTMLParser):
    """The tags, attributes and text of a piece of HTML."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs
        if tag not in ("br", "meta"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def assert_inert(text: str) -> Page:
    """Every tag is one of ours and closed; no attribute runs anything; no control character is left."""
    page = Page(text)
    assert page.open == []
    assert page.tags <= KNOWN_TAGS
    for name, value in page.attributes:
        assert not name.startswith("on")
        assert name != "href" or (value or "").split("/")[0].replace(".", "").isalpha()
    assert not {"\x1b", "\0", "\u202e"} & set(text)
    text.encode("utf-8")
    return page


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:12]))
def test_hostile_strings_are_inert_everywhere(text: str) -> None:
    record = a_record(
        f"test_x[{text}]",
        findings=(a_finding(text, actual=text, note=text), a_finding(text, Verdict.PASS, actual=text)),
        text=text,
        title=text,
        topic=text,
        stimulus=(text,),
        error=text,
        capture=text,
        stored=((text, NotReadable(reason=text, channel=text)),),
    )
    header = a_header(command=text, claims={text: [text]}, target=dict.fromkeys(a_header()["target"], text))
    run = {**a_run([record], diagnosis=text), **header}
    row = assert_inert(html.row_html(record, header=header))
    assert "Acceptable" in row.text
    assert_inert(html.summary_html(run))
    cells = ["<td>Failed</td>", "<td></td>", "<td>1 ms</td>", "<td></td>"]
    assert_inert("".join(html.table_row_cells(record, cells=cells, nodeid=text)))
    assert "\x1b" not in html.report_title(header)


@pytest.mark.parametrize("text", HOSTILE[:8], ids=lambda text: ascii(text[:12]))
def test_record_that_nobody_cleaned_is_inert_too(text: str) -> None:
    def replaced(value: Any) -> Any:
        match value:
            case str():
                return text
            case dict():
                return {key: replaced(item) for key, item in value.items()}
            case list():
                return [replaced(item) for item in value]
        return value

    clean = a_record(findings=(a_finding(),))
    record = replaced(clean)
    for line, kept in zip(record["timeline"], clean["timeline"], strict=True):
        line["direction"] = kept["direction"]
    assert_inert(html.row_html(record))


def test_row_tells_stimulus_expectation_observation_negotiation_and_timeline() -> None:
    text = assert_inert(html.row_html(a_record(findings=(a_finding(note="why so"),)), header=a_header())).text
    for words in (
        "store one CT image of 200000 bytes",
        "a Warning of PS3.4 Table B.2-1",
        "status 0100H",
        "why so",
        "00 00 00 09 02 00 00 00 00 01",
        "edition 2020c",
        "CT Image Storage (1.2.840.10008.5.1.4.1.1.2)",
        "4 transfer-syntaxes-not-supported",
        "13 × P-DATA-TF",
        "0.050 s",
        "--pacs PACS@10.0.0.5:104 --pacs-seed 7",
    ):
        assert words in text


def heavy_record() -> dict[str, Any]:
    abort = AbortPdu(source=0, reason=0).encode()
    transcript = transcript_of([(i / 1000, EventKind.SENT, abort) for i in range(3000)], label="L" * 300)
    contexts = tuple(
        ProposedContext(context_id=i, abstract_syntax="1.2.840.10008." + "9" * 50, transfer_syntaxes=("1." * 30,) * 60)
        for i in range(1, 257, 2)
    )
    exchange = AssociationExchange(proposed=contexts, outcome=Silence(waited_s=1), transcript=transcript)
    findings = [
        a_finding(f"STA-{i:02d}", verdict, actual=f"{i} " + "<&>" * 900, note="<&>" * 900)
        for verdict in (Verdict.FAIL, Verdict.PASS)
        for i in range(50)
    ]
    return a_record(
        findings=findings,
        associations=(exchange,) * 9,
        transcripts=(transcript,) * 5,
        stimulus=["<&>" * 900] * 90,
        notes=["<&>" * 900] * 90,
        error="<&>" * 3000,
    )


def test_row_is_bounded_and_still_whole() -> None:
    text = html.row_html(heavy_record(), header=a_header())
    assert len(text.encode()) <= html.ROW_LIMIT_BYTES
    page = assert_inert(text)
    assert "more findings are in results.json" in page.text


def test_ordinary_row_is_far_below_the_bound() -> None:
    assert len(html.row_html(a_record(), header=a_header()).encode()) < html.ROW_LIMIT_BYTES / 2


def test_cells_stand_under_their_headings() -> None:
    record = a_record(findings=(a_finding("STA-02"), a_finding("STA-01", Verdict.PASS)))
    cells = html.table_row_cells(
        record, cells=['<td class="col-result">Failed</td>', "", '<td class="col-duration">5 ms</td>', ""], nodeid="n"
    )
    assert len(cells) == len(html.table_header_cells())
    shown = [Page(cell).text for cell in cells]
    assert shown[:3] == ["Failed", "FAIL", "storage"]
    assert shown[4] == "STA-02"
    assert shown[5].startswith("PS3.4 Table B.2-1")
    assert shown[6] == "5 ms"


def test_row_without_a_record_keeps_its_outcome() -> None:
    cells = html.table_row_cells(None, cells=["<td>Error</td>", "", "<td>5 ms</td>", ""], nodeid="a::b<c>")
    assert [Page(cell).text for cell in cells] == ["Error", "", "", "a::b<c>", "", "", "5 ms"]


def test_summary_names_target_claims_topics_and_what_deviates_first() -> None:
    records = [a_record("test_a"), a_record("test_b", findings=(a_finding("STA-14", actual="no comment"),))]
    text = assert_inert(html.summary_html(a_run(records))).text
    for words in ("NOT CONFORMANT", "Example Imaging", "EXAMPLE_42", "ARTIM", "30 s", "no comment", "--seed 7"):
        assert words in text
    assert text.index("STA-14") < text.index("STA-02")


def test_every_verdict_has_a_sign_and_a_colour_of_its_own() -> None:
    css = html.stylesheets()[0].read_text()
    for verdict in Verdict:
        assert f".pc-{verdict} {{ background" in css
    signs = [line for line in css.splitlines() if "::before { content:" in line]
    assert len(signs) >= len(Verdict) - 1


def report_data(path: Path) -> dict[str, Any]:
    class Blob(HTMLParser):
        data = ""

        def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
            Blob.data = dict(attrs).get("data-jsonblob") or Blob.data

    Blob().feed(path.read_text(encoding="utf-8"))
    return dict(json.loads(Blob.data))


def test_report_through_pytest_html_holds_every_scenario(tmp_path: Path) -> None:
    tests = report_data(make_report(tmp_path / "run"))["tests"]
    assert len(tests) == len(demo_records())
    for (result,) in tests.values():
        assert_inert(result["extras"][0]["content"])
        assert len(result["resultsTableRow"]) == len(html.table_header_cells())
        assert_inert("".join(result["resultsTableRow"]))
