"""PDUs: what no good peer sends is refused as the standard says, or at least does no harm."""

from __future__ import annotations

from typing import Final

import pytest
from _pytest.mark import ParameterSet

from conformance.driver.reacting import pdu_types_unlisted
from conformance.observation.outcomes import Aborted
from conformance.plugin.fixtures import Judge, Peers
from conformance.plugin.provoking import Sender
from conformance.plugin.scene import Scene
from conformance.standard.upper_layer import Event, State
from conformance.verdict import state_machine, upper_layer
from conformance.verdict.finding import Verdict
from conformance.verdict.upper_layer import REFUSED, ROBUST, Answers
from conformance.wire import malformed, malformed_pdata
from conformance.wire.layouts import in_one_pdu
from conformance.wire.malformed import LONGEST_LENGTH, field_borders
from conformance.wire.messages import c_echo_rq
from conformance.wire.pdu import AbortPdu, PduType, pdu_name

pytestmark = [pytest.mark.topic("PDUs"), pytest.mark.level("disruptive")]

SILENT_AT_MOST: Final = 3
"""A sweep ends when so many PDUs were left without an answer."""
STATES: Final = [
    pytest.param(State.STA_2, id="before the association"),
    pytest.param(State.STA_6, id="on the association"),
]


@pytest.fixture
def sender(scene: Scene, peer: Peers) -> Sender:
    """Sends what is malformed."""
    return Sender(scene, peer)


# PDUs of every type


def _length_cases() -> list[ParameterSet]:
    cases = []
    for pdu_type in PduType:
        for words, fault in {
            "length 0": lambda pdu: malformed.cut_to_length(pdu, 0),
            "length too small": lambda pdu: malformed.cut_to_length(pdu, 3),
        }.items():
            cases.append(pytest.param(pdu_type, fault, id=f"{pdu_name(pdu_type)}-{words}"))
    return cases


@pytest.mark.requirement("UL-PDU-08", "UL-REL-09", "PDV-18")
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(("pdu_type", "fault"), _length_cases())
def test_length_too_small(
    sender: Sender, judge: Judge, *, state: State, pdu_type: PduType, fault: malformed.Fault
) -> None:
    """A PDU that is too short for its own fields is refused."""
    pdu = fault(sender.good(pdu_type))
    requirement, answers = "UL-PDU-08", REFUSED
    if pdu_type is PduType.A_ABORT:
        answers = Answers(ended=Verdict.PASS, silence=Verdict.WARN)
    elif pdu_type is PduType.A_RELEASE_RQ and state is State.STA_6:
        requirement, answers = "UL-REL-09", ROBUST
    elif pdu_type is PduType.P_DATA_TF and state is State.STA_6 and len(pdu) == len(malformed_pdata.without_pdv()):
        requirement, answers = "PDV-18", Answers(silence=Verdict.PASS)
    words = f"{pdu_name(pdu_type)} of {len(pdu) - 6} bytes"
    judge(upper_layer.malformed(sender.send(state, pdu, words, answers), requirement, answers, words))


@pytest.mark.requirement("UL-PDU-09")
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("length", [8, 2**31 - 1, LONGEST_LENGTH], ids=["length too large", "2 GiB", "4 GiB"])
@pytest.mark.parametrize("pdu_type", list(PduType), ids=pdu_name)
def test_length_too_large(sender: Sender, judge: Judge, *, state: State, pdu_type: PduType, length: int) -> None:
    """A PDU-length that is not filled exhausts nothing; when our side closes, the connection is over."""
    pdu = malformed.with_length(sender.good(pdu_type), length)
    if pdu_type in {PduType.A_ASSOCIATE_RQ, PduType.A_ASSOCIATE_AC, PduType.P_DATA_TF} and length == 8:
        pdu = malformed.with_length(pdu, len(pdu) + 2)
    words = f"{pdu_name(pdu_type)} that claims {int.from_bytes(pdu[2:6])} bytes and has {len(pdu) - 6}"
    judge(upper_layer.malformed(sender.send(state, pdu, words, ROBUST, fin=True), "UL-PDU-09", UNFINISHED, words))


UNFINISHED: Final = Answers(ended=Verdict.PASS, silence=Verdict.WARN, answered=Verdict.WARN)
"""A PDU that does not come whole: nothing is owed but the end of the connection."""


@pytest.mark.requirement("UL-PDU-07")
@pytest.mark.parametrize("state", STATES)
def test_every_unlisted_type(sender: Sender, judge: Judge, state: State) -> None:
    """A PDU of any of the 249 types that the standard does not list is an invalid PDU."""
    silent = 0
    for pdu_type in pdu_types_unlisted():
        words = pdu_name(pdu_type)
        reaction = sender.send(state, malformed.of_type(pdu_type), words)
        judge(upper_layer.malformed(reaction, "UL-PDU-07", REFUSED, words))
        silent += reaction.open_still
        if silent == SILENT_AT_MOST:
            return


@pytest.mark.requirement("FSM-S2-CLOSE", "FSM-S6-CLOSE")
@pytest.mark.parametrize(
    ("state", "pdu_type"),
    [
        pytest.param(State.STA_2, PduType.A_ASSOCIATE_RQ, id="A-ASSOCIATE-RQ"),
        pytest.param(State.STA_6, PduType.P_DATA_TF, id="P-DATA-TF"),
        pytest.param(State.STA_6, PduType.A_RELEASE_RQ, id="A-RELEASE-RQ"),
        pytest.param(State.STA_6, PduType.A_ABORT, id="A-ABORT"),
    ],
)
def test_cut_at_every_field(sender: Sender, judge: Judge, state: State, pdu_type: PduType) -> None:
    """A PDU that is cut at any field boundary and followed by a close is not answered as if it were whole."""
    pdu = sender.good(pdu_type)
    silent = 0
    for border in field_borders(pdu):
        data = malformed.truncated(pdu, border.offset)
        reaction = sender.send(state, data, f"cut behind {border.behind}", fin=True)
        judge(state_machine.cell(state, Event.TRANSPORT_CLOSED, reaction))
        silent += reaction.open_still
        if silent == SILENT_AT_MOST:
            return


@pytest.mark.requirement("UL-PDU-09")
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(
    "data",
    [
        pytest.param(malformed.http_request(), id="HTTP request"),
        pytest.param(malformed.tls_client_hello(1), id="TLS ClientHello"),
        pytest.param(malformed.ssh_banner(), id="SSH banner"),
        *(pytest.param(malformed.random_bytes(seed, 4096), id=f"random bytes {seed}") for seed in range(1, 6)),
    ],
)
def test_another_protocol(sender: Sender, judge: Judge, state: State, data: bytes) -> None:
    """Bytes of another protocol do no harm."""
    judge(upper_layer.malformed(sender.send(state, data, "another protocol", ROBUST), "UL-PDU-09", ROBUST, "bytes"))


# P-DATA-TF


def _values(requirement: str, answers: Answers, cases: dict[str, bytes]) -> list[ParameterSet]:
    return [
        pytest.param(data, requirement, answers, id=words, marks=pytest.mark.requirement(requirement))
        for words, data in cases.items()
    ]


ECHO_PDV: Final = malformed_pdata.command_pdv(c_echo_rq(7), 1)
ECHO_PDU: Final = in_one_pdu((ECHO_PDV,))
DATA_PDV: Final = malformed_pdata.data_pdv(bytes(32), 1)
VALUES: Final = [
    *_values(
        "PDV-16",
        REFUSED,
        {f"item length {n}": malformed_pdata.with_short_pdv_first(ECHO_PDV, n) for n in (0, 1)},
    ),
    *_values(
        "PDV-17",
        REFUSED,
        {
            "item length one too large": malformed_pdata.with_pdv_longer(ECHO_PDV, 1),
            "item length 1000 too large": malformed_pdata.with_pdv_longer(ECHO_PDV, 1000),
            "item length 2 GiB": malformed_pdata.with_pdv_length(ECHO_PDV, LONGEST_LENGTH // 2),
            "item length 4 GiB": malformed_pdata.with_pdv_length(ECHO_PDV, LONGEST_LENGTH),
            "item length two too small": malformed_pdata.with_pdv_longer(ECHO_PDV, -2),
            "one byte behind the value": malformed_pdata.with_bytes_behind(ECHO_PDV, 1),
            "three bytes behind the value": malformed_pdata.with_bytes_behind(ECHO_PDV, 3),
        },
    ),
    *_values(
        "PDV-18",
        Answers(answered=Verdict.PASS),
        {"no value, then a C-ECHO-RQ": malformed_pdata.without_pdv() + ECHO_PDU},
    ),
    *_values(
        "PDV-19",
        Answers(answered=Verdict.WARN),
        {
            "data before a command": in_one_pdu((DATA_PDV,)) + ECHO_PDU,
            "data before a command in one PDU": in_one_pdu((DATA_PDV, ECHO_PDV)),
        },
    ),
    *_values(
        "PDV-21",
        Answers(answered=Verdict.PASS),
        {"data behind a C-ECHO-RQ": in_one_pdu((ECHO_PDV, DATA_PDV)) + ECHO_PDU},
    ),
]


@pytest.mark.parametrize(("data", "requirement", "answers"), VALUES)
def test_presentation_data_value(
    sender: Sender, judge: Judge, *, request: pytest.FixtureRequest, data: bytes, requirement: str, answers: Answers
) -> None:
    """A P-DATA-TF that breaks one rule aborts the association, or is passed over where that does no harm."""
    words = request.node.callspec.id
    judge(upper_layer.malformed(sender.send(State.STA_6, data, words, answers), requirement, answers, words))


@pytest.mark.requirement("UL-ABT-10", "FSM-S13-PDATA")
def test_nothing_is_performed_after_an_invalid_pdu(sender: Sender, judge: Judge) -> None:
    """A C-ECHO-RQ behind a PDU that aborts the association is not performed."""
    data, words = malformed.of_type(0xFF) + ECHO_PDU, "type FFH, then C-ECHO-RQ"
    reaction, behind = sender.send_and_read_on(State.STA_6, data, words)
    judge(upper_layer.malformed(reaction, "UL-ABT-10", REFUSED, words))
    if isinstance(reaction.ending, Aborted):
        judge(state_machine.cell(State.STA_13, Event.P_DATA_PDU, behind))


@pytest.mark.requirement("UL-ABT-06")
def test_nothing_is_answered_after_an_abort(sender: Sender, judge: Judge) -> None:
    """A C-ECHO-RQ behind an A-ABORT is neither performed nor answered with an A-ABORT."""
    data = AbortPdu(source=0, reason=0).encode() + ECHO_PDU
    reaction = sender.send(State.STA_6, data, "A-ABORT, then C-ECHO-RQ")
    judge(state_machine.cell(State.STA_6, Event.ABORT_PDU, reaction, requirement="UL-ABT-06"))
