"""Hand-written observations and runs that the tests of evidence and report share."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from conformance.evidence.record import Record, scenario_record
from conformance.evidence.summary import summarise
from conformance.observation.exchanges import AssociationExchange, OperationExchange, Sent
from conformance.observation.matrix import AskedAgain, Company, Matrix
from conformance.observation.outcomes import Accepted, Response, ResponseOutcome
from conformance.observation.transcript import EventKind, Transcript, WireEvent
from conformance.verdict.finding import Evidence, Finding, Verdict, combined
from conformance.wire.command import CommandField, CommandSet, Tag, command_set, ui, us
from conformance.wire.fragments import message_bytes, segments
from conformance.wire.items import (
    ContextResult,
    ProposedContext,
    application_context_item,
    context_result_item,
    implementation_class_uid_item,
    implementation_version_name_item,
    maximum_length_item,
    proposed_context_item,
    user_identity_item,
    user_information_item,
)
from conformance.wire.pdu import Associate, PduType, ReleaseRP, ReleaseRQ, ae_title_field

CT = "1.2.840.10008.5.1.4.1.1.2"
IMPLICIT = "1.2.840.10008.1.2"
EXPLICIT = "1.2.840.10008.1.2.1"
JPEG_BASELINE = "1.2.840.10008.1.2.4.50"
STARTED_AT_S = 1_750_000_000.0
PASSCODE = b"correct horse battery staple"

PROPOSED = (
    ProposedContext(context_id=1, abstract_syntax=CT, transfer_syntaxes=(EXPLICIT, IMPLICIT)),
    ProposedContext(context_id=3, abstract_syntax=CT, transfer_syntaxes=(JPEG_BASELINE,)),
    ProposedContext(context_id=5, abstract_syntax="1.2.3.4.5", transfer_syntaxes=(IMPLICIT,)),
)
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "\x1b[31mred\x1b]0;title\x07",
    "nul\x00byte",
    "lone \udc80 surrogate",
    "\u202egnol rewop",
    "[bold red]markup[/]",
    "{{ 7 * 7 }}",
    "=1+1",
    "x" * 1_000_000,
)


def request(*, passcode: bytes = b"") -> Associate:
    """An A-ASSOCIATE-RQ of the usual kind, with a user identity when a passcode is given."""
    user = [maximum_length_item(16384), implementation_class_uid_item("1.2.3.99")]
    if passcode:
        user.append(user_identity_item(2, primary=b"tester", secondary=passcode))
    return Associate(
        pdu_type=PduType.A_ASSOCIATE_RQ,
        called_ae_title=ae_title_field("PACS"),
        calling_ae_title=ae_title_field("CONFORMANCE"),
        items=(
            application_context_item(),
            *(proposed_context_item(c) for c in PROPOSED),
            user_information_item(user),
        ),
    )


def answer(*, version_name: str = "Orthanc_1.10.1", class_uid: str = "1.2.276.0.7230010.3.0.3.6.4") -> Associate:
    """The A-ASSOCIATE-AC that belongs to `request`."""
    return Associate(
        pdu_type=PduType.A_ASSOCIATE_AC,
        called_ae_title=ae_title_field("PACS"),
        calling_ae_title=ae_title_field("CONFORMANCE"),
        items=(
            application_context_item(),
            context_result_item(ContextResult(context_id=1, result=0, transfer_syntaxes=(EXPLICIT,))),
            context_result_item(ContextResult(context_id=3, result=4, transfer_syntaxes=(JPEG_BASELINE,))),
            context_result_item(ContextResult(context_id=5, result=3, transfer_syntaxes=(IMPLICIT,))),
            user_information_item(
                (
                    maximum_length_item(131072),
                    implementation_class_uid_item(class_uid),
                    implementation_version_name_item(version_name),
                )
            ),
        ),
    )


def c_store_rq(uid: str, *, message_id: int = 1) -> CommandSet:
    """A C-STORE-RQ for a CT image."""
    return command_set(
        (
            (Tag.COMMAND_FIELD, us(CommandField.C_STORE_RQ)),
            (Tag.AFFECTED_SOP_CLASS_UID, ui(CT)),
            (Tag.MESSAGE_ID, us(message_id)),
            (Tag.PRIORITY, us(0)),
            (Tag.COMMAND_DATA_SET_TYPE, us(1)),
            (Tag.AFFECTED_SOP_INSTANCE_UID, ui(uid)),
        )
    )


def c_store_rsp(uid: str, *, status: int, message_id: int = 1, comment: bytes = b"") -> CommandSet:
    """A C-STORE-RSP."""
    elements = [
        (Tag.COMMAND_FIELD, us(CommandField.C_STORE_RSP)),
        (Tag.AFFECTED_SOP_CLASS_UID, ui(CT)),
        (Tag.MESSAGE_ID_BEING_RESPONDED_TO, us(message_id)),
        (Tag.COMMAND_DATA_SET_TYPE, us(0x0101)),
        (Tag.STATUS, us(status)),
        (Tag.AFFECTED_SOP_INSTANCE_UID, ui(uid)),
    ]
    if comment:
        elements.append((Tag.ERROR_COMMENT, comment))
    return command_set(elements)


def transcript_of(
    events: Sequence[tuple[float, EventKind, bytes]], *, label: str = "1 store", began_after_s: float = 0.0
) -> Transcript:
    """A transcript with these events."""
    return Transcript(
        label=label,
        peer="PACS@127.0.0.1:11112",
        started_at_s=STARTED_AT_S + began_after_s,
        events=[WireEvent(t_s=t_s, kind=kind, data=data) for t_s, kind, data in events],
    )


def store_transcript(
    *,
    status: int = 0,
    uid: str = "1.2.3.4.1",
    data: bytes = b"\x08\x00" * 100_000,
    label: str = "1 store",
    began_after_s: float = 0.0,
    passcode: bytes = b"",
    comment: bytes = b"",
    version_name: str = "Orthanc_1.10.1",
) -> Transcript:
    """Associate, store one instance, release."""
    sent_data = [
        (0.01 + i * 0.0001, EventKind.SENT, head + bytes(chunk))
        for i, (head, chunk) in enumerate(segments(data, context_id=1, command=False, max_pdu_bytes=16384))
    ]
    command = message_bytes(c_store_rq(uid), None, context_id=1, max_pdu_bytes=16384)
    response = message_bytes(c_store_rsp(uid, status=status, comment=comment), None, context_id=1, max_pdu_bytes=16384)
    received = answer(version_name=version_name).encode()
    return transcript_of(
        [
            (0.001, EventKind.CONNECTED, b""),
            (0.002, EventKind.SENT, request(passcode=passcode).encode()),
            (0.004, EventKind.RECEIVED, received[:100]),
            (0.0041, EventKind.RECEIVED, received[100:]),
            (0.009, EventKind.SENT, command),
            *sent_data,
            (0.05, EventKind.RECEIVED, response),
            (0.051, EventKind.SENT, ReleaseRQ().encode()),
            (0.052, EventKind.RECEIVED, ReleaseRP().encode()),
            (0.053, EventKind.PEER_CLOSED, b""),
        ],
        label=label,
        began_after_s=began_after_s,
    )


def store_operation(
    transcript: Transcript, *, status: int = 0, uid: str = "1.2.3.4.1", outcome: ResponseOutcome | None = None
) -> OperationExchange:
    """The C-STORE of `store_transcript`."""
    response = Response(context_id=1, command=c_store_rsp(uid, status=status), data_set=None, t_s=0.05, after_s=0.031)
    return OperationExchange(
        request=c_store_rq(uid),
        context_id=1,
        outcome=outcome or response,
        transcript=transcript,
        sent=Sent(
            label="CT image",
            sop_class_uid=CT,
            sop_instance_uid=uid,
            transfer_syntax_uid=EXPLICIT,
            data_set_bytes=200_000,
            sha256=hashlib.sha256(uid.encode()).hexdigest(),
            patient_id="CONF-7-1",
            study_instance_uid="1.2.3.4",
            series_instance_uid="1.2.3.4.0",
        ),
    )


def a_finding(
    requirement: str = "STA-02", verdict: Verdict = Verdict.FAIL, *, actual: str = "status 0100H", note: str = ""
) -> Finding:
    """A finding with the bytes that show it."""
    return Finding(
        requirement=requirement,
        verdict=verdict,
        expected=("0000H Success", "a Warning of PS3.4 Table B.2-1", "a Failure of PS3.4 Table B.2-1"),
        actual=actual,
        note=note,
        evidence=(Evidence(connection="1 store", offset=231, data=bytes.fromhex("00000009020000000001"), t_s=0.05),)
        if verdict is not Verdict.PASS
        else (),
    )


def a_record(
    name: str = "test_store[ct]",
    *,
    topic: str = "storage",
    findings: Sequence[Finding] | None = None,
    verdict: Verdict | None = None,
    status: int = 0,
    error: str | None = None,
    text: str = "",
    passcode: bytes = b"",
    **more: Any,
) -> Record:
    """A record of a scenario that stored one CT image.

    Args:
        text: Put in every place where a string of the peer can stand.
    """
    if findings is None:
        findings = (a_finding(verdict=Verdict.PASS, actual="status 0000H"),)
    wire_text = text.encode("utf-8", "surrogatepass")[:60]
    transcript = store_transcript(
        status=status,
        passcode=passcode,
        comment=wire_text,
        version_name=wire_text.decode("latin-1") or "Orthanc_1.10.1",
    )
    operation = store_operation(transcript, status=status)
    accepted = Accepted(associate=answer(version_name=wire_text.decode("latin-1") or "Orthanc_1.10.1"))
    fields: dict[str, Any] = {
        "nodeid": f"scenarios/test_storage.py::{name}",
        "topic": topic,
        "title": "A stored instance is answered from the status table and is there, unchanged",
        "level": "standard",
        "requirements": ("STA-02", "STO-01"),
        "verdict": verdict or combined(f.verdict for f in findings),
        "findings": findings,
        "stimulus": ("open an association with 3 presentation contexts", "store one CT image of 200000 bytes"),
        "associations": (AssociationExchange(proposed=PROPOSED, outcome=accepted, transcript=transcript),),
        "operations": (operation,),
        "transcripts": (transcript,),
        "started_at": "2026-01-02T03:04:05.678901+00:00",
        "duration_s": 0.0531,
        "error": error,
        "notes": (text,) if text else (),
    }
    return scenario_record(**fields | more)


def a_header(**more: Any) -> dict[str, Any]:
    """A header as a run writes it."""
    header: dict[str, Any] = {
        "suite_version": "0.1.0",
        "run_id": "20260102T030405Z-acceptance",
        "started_at": "2026-01-02T03:04:00+00:00",
        "seed": 7,
        "level": "standard",
        "command": "pacs-conformance run PACS@10.0.0.5:104 --seed 7",
        "target": {
            "name": "Hospital PACS, acceptance",
            "vendor": "Example Imaging",
            "product": "Archive",
            "version": "4.2",
            "address": "PACS@10.0.0.5:104",
            "called_ae_title": "PACS",
            "calling_ae_title": "CONFORMANCE",
            "kind": "remote",
            "description": "remote application entity",
            "implementation_class_uid": "1.2.276.0.7230010.3.0.3.6.4",
            "implementation_version_name": "EXAMPLE_42",
            "maximum_length": 131072,
        },
        "claims": {"storage_sop_classes": "all", "duplicate_policy": "keep", "artim_s": 30},
        "readback": {"channel": "dimse", "description": "C-FIND with C-GET"},
        "limits": {"timeout_s": 30, "associations": 10},
    }
    return header | more


def a_matrix(**more: Any) -> dict[str, Any]:
    """What stands of a matrix in a record: CT and MR images, a private SOP class, and one of each answer."""
    classes = (CT, "1.2.840.10008.5.1.4.1.1.4", "1.2.840.10008.5.1.4.1.1.5", "1.2.3.4.5")
    matrix = Matrix(
        sop_classes=classes,
        transfer_syntaxes=(IMPLICIT, EXPLICIT, JPEG_BASELINE),
        rows=("004", "003", "12o", "x--"),
        again=(AskedAgain(company=Company.MIXED, sop_class_uid=CT, offered=(IMPLICIT,), answer="0", chosen=IMPLICIT),),
        associations=3,
        seconds=0.25,
        not_asked=("A-ABORT: service-user (1 times)",),
    )
    return matrix.as_builtins() | more


def a_run(records: Sequence[Record], **summary: Any) -> dict[str, Any]:
    """What results.json of a finished run holds."""
    finished: Mapping[str, Any] = {"finished_at": "2026-01-02T03:05:00+00:00", **summary}
    return {
        "schema_version": "1.1",
        **a_header(),
        "scenarios": list(records),
        "summary": summarise(records, **finished),
    }
