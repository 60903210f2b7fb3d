"""Records are plain, bounded, clean and say what happened."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from typing import Any

import pytest

from conformance.evidence.record import FINDING_LIMIT
from conformance.evidence.timeline import LINE_LIMIT, timeline
from conformance.observation.exchanges import AssociationExchange
from conformance.observation.outcomes import NotConnected, Silence
from conformance.observation.stored import NotReadable, Stored
from conformance.observation.transcript import EventKind
from conformance.verdict.finding import Evidence, Finding, Verdict
from conformance.wire.items import ProposedContext
from conformance.wire.pdu import AbortPdu, ReleaseRQ
from tests.evidence.samples import (
    HOSTILE,
    IMPLICIT,
    PASSCODE,
    PROPOSED,
    a_finding,
    a_record,
    request,
    store_operation,
    store_transcript,
    transcript_of,
)


def strings_of(value: Any) -> Iterator[str]:
    """Every string in a tree of builtins, keys included."""
    match value:
        case str():
            yield value
        case dict():
            for key, item in value.items():
                yield key
                yield from strings_of(item)
        case list():
            for item in value:
                yield from strings_of(item)


def test_finding_carries_clause_and_edition_of_the_catalogue() -> None:
    finding = a_record(findings=(a_finding("STA-02"),))["findings"][0]
    assert finding["clause"].startswith("PS3.4")
    assert finding["edition"]
    assert finding["level"] == "shall"


def test_unknown_requirement_is_kept_without_a_clause() -> None:
    finding = a_record(findings=(a_finding("NOT-THERE-01"),))["findings"][0]
    assert (finding["requirement"], finding["clause"]) == ("NOT-THERE-01", "")


def values_of(value: Any) -> Iterator[Any]:
    """Every value in a tree, the containers included."""
    yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for item in inner:
        yield from values_of(item)


def test_record_is_of_builtins_alone_so_that_a_worker_can_send_it() -> None:
    plain = {dict, list, str, int, float, bool, type(None)}
    assert {type(value) for value in values_of(a_record())} <= plain


def test_record_is_plain_json() -> None:
    record = a_record(findings=(a_finding(),), error="Traceback\n  line\nValueError: x")
    assert json.loads(json.dumps(record, allow_nan=False)) == record


def test_equal_findings_become_one_with_a_count() -> None:
    record = a_record(findings=[a_finding(verdict=Verdict.PASS)] * 5000)
    assert [f["count"] for f in record["findings"]] == [5000]


def test_a_flood_of_findings_keeps_the_grave_ones() -> None:
    mild = [a_finding(verdict=Verdict.PASS, actual=f"status {i}") for i in range(1000)]
    record = a_record(findings=[*mild, a_finding(actual="the one that matters")])
    assert len(record["findings"]) == FINDING_LIMIT
    assert record["findings"][-1]["actual"] == "the one that matters"
    assert record["findings_left_out"] == 1001 - FINDING_LIMIT


def test_negotiation_is_told_with_names() -> None:
    association = a_record()["associations"][0]
    assert (association["called_ae_title"], association["calling_ae_title"]) == ("PACS", "CONFORMANCE")
    assert association["peer_maximum_length"] == 131072
    first, second, third = association["contexts"]
    assert first["abstract_syntax"]["name"] == "CT Image Storage"
    assert first["accepted_transfer_syntax"]["name"] == "Explicit VR Little Endian"
    assert (second["result"], second["accepted_transfer_syntax"]) == (4, None)
    assert third["result_name"].startswith("abstract-syntax-not-supported")


def test_association_that_found_nobody_is_told() -> None:
    transcript = transcript_of([(0.1, EventKind.NOT_CONNECTED, b"")])
    exchange = AssociationExchange(
        proposed=PROPOSED, outcome=NotConnected(reason="Connection refused"), transcript=transcript
    )
    record = a_record(associations=(exchange,), operations=(), transcripts=(transcript,))
    association = record["associations"][0]
    assert association["outcome"] == "no TCP connection: Connection refused"
    assert {c["result_name"] for c in association["contexts"]} == {"not answered"}
    assert record["connections"][0]["ended"] == "not connected"


def test_contexts_of_many_associations_are_bounded() -> None:
    proposed = tuple(
        ProposedContext(context_id=i, abstract_syntax="1.2.3", transfer_syntaxes=(IMPLICIT,)) for i in range(1, 257, 2)
    )
    exchange = AssociationExchange(proposed=proposed, outcome=Silence(waited_s=1), transcript=store_transcript())
    record = a_record(associations=[exchange] * 100)
    assert sum(len(a["contexts"]) for a in record["associations"]) == 512
    assert record["associations"][-1]["contexts_left_out"] == 128
    assert record["associations_left_out"] == 36


def test_every_instance_is_kept_however_many_operations_are_left_out() -> None:
    transcript = store_transcript()
    operations = [store_operation(transcript, uid=f"1.2.3.{i}") for i in range(1000)]
    record = a_record(operations=operations)
    assert len(record["operations"]) + record["operations_left_out"] == 1000
    assert [i["sop_instance_uid"] for i in record["instances"]] == [f"1.2.3.{i}" for i in range(1000)]


def test_operation_without_an_answer_says_what_came_instead() -> None:
    transcript = store_transcript()
    record = a_record(operations=(store_operation(transcript, outcome=Silence(waited_s=30.0)),))
    assert record["operations"][0]["status"] is None
    assert record["operations"][0]["outcome"] == "silence for 30.0 s"
    assert record["instances"][0]["status"] == "silence for 30.0 s"


def test_read_back_that_failed_is_no_statement_about_copies() -> None:
    record = a_record(
        stored=(
            ("1.2.3", NotReadable(reason="association rejected", channel="dimse")),
            ("1.2.4", Stored(copies=(), listed=0, channel="dimse")),
        )
    )
    assert [r["copies"] for r in record["readback"]] == [None, 0]
    assert "association rejected" in record["readback"][0]["note"]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:12]))
def test_hostile_strings_are_shown_and_cut(text: str) -> None:
    record = a_record(
        f"test_x[{text}]",
        findings=(
            Finding(
                requirement=text,
                verdict=Verdict.FAIL,
                expected=(text,),
                actual=text,
                note=text,
                evidence=(Evidence(connection=text, offset=0, data=b"\0" * 1000, t_s=0.0),),
            ),
        ),
        text=text,
        title=text,
        topic=text,
        stimulus=(text,),
        error=text,
        stored=((text, NotReadable(reason=text, channel=text)),),
    )
    assert len(json.dumps(record)) < 200_000
    for string in strings_of(record):
        assert not {unicodedata.category(c) for c in string} & {"Cc", "Cf", "Cs"}
        string.encode("utf-8")


def test_timeline_collapses_the_fragments_of_one_data_set() -> None:
    lines = timeline([store_transcript(data=bytes(196_608))])
    data = [line for line in lines if "data" in line["summary"]]
    assert len(data) == 1
    assert data[0]["pdu"] == "13 × P-DATA-TF"
    assert "context 1, data, last fragment" in data[0]["summary"]


def test_timeline_names_pdus_commands_and_statuses_in_order() -> None:
    lines = timeline([store_transcript(status=0xA700)])
    assert [line["pdu"] for line in lines] == [
        "connected",
        "A-ASSOCIATE-RQ",
        "A-ASSOCIATE-AC",
        "P-DATA-TF",
        "13 × P-DATA-TF",
        "P-DATA-TF",
        "A-RELEASE-RQ",
        "A-RELEASE-RP",
        "peer closed (FIN)",
    ]
    assert lines[5]["summary"] == "context 1, C-STORE-RSP, answers message 1, status A700H"


def test_timeline_tells_half_a_pdu_and_bytes_that_are_none() -> None:
    lines = timeline(
        [
            transcript_of(
                [
                    (0.0, EventKind.SENT, b"GET / HTTP/1.1\r\n\r\n"),
                    (0.1, EventKind.RECEIVED, b"\x02\x00\x00\x00\x01"),
                    (0.2, EventKind.PEER_CLOSED, b""),
                ]
            )
        ]
    )
    by_direction = {line["direction"]: line for line in lines}
    assert by_direction["received"]["summary"] == "5 bytes of an unfinished PDU"
    assert by_direction["sent"]["pdu"] == "not a whole PDU"
    assert lines.index(by_direction["received"]) < lines.index(by_direction["event"])


def test_timeline_of_two_connections_is_one_clock() -> None:
    first = transcript_of([(0.5, EventKind.SENT, ReleaseRQ().encode())], label="a")
    second = transcript_of([(0.1, EventKind.SENT, ReleaseRQ().encode())], label="b", began_after_s=0.2)
    assert [(line["connection"], line["t_s"]) for line in timeline([first, second])] == [("b", 0.3), ("a", 0.5)]


def test_finding_evidence_is_on_the_same_clock() -> None:
    first = store_transcript(label="0 first")
    second = store_transcript(label="1 store", began_after_s=2.0)
    record = a_record(findings=(a_finding(),), transcripts=(first, second))
    assert record["findings"][0]["evidence"][0]["t_s"] == 2.05


def test_long_timeline_leaves_out_its_middle_and_counts_it() -> None:
    abort = AbortPdu(source=0, reason=0).encode()
    lines = timeline([transcript_of([(i / 1000, EventKind.SENT, abort) for i in range(1000)])])
    assert len(lines) == LINE_LIMIT
    gap = [line for line in lines if line["direction"] == "left out"]
    assert gap[0]["summary"] == "601 lines left out here"
    assert sum(line["bytes"] for line in lines) == 10_000


def test_passcode_is_in_no_record() -> None:
    record = a_record(passcode=PASSCODE)
    text = json.dumps(record)
    assert PASSCODE.decode() not in text
    assert PASSCODE.hex() not in text
    assert PASSCODE in request(passcode=PASSCODE).encode()
