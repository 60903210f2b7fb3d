"""Outcomes in words, and which of them end an association; exchanges."""

from __future__ import annotations

import pytest

from conformance.observation.exchanges import AssociationExchange, OperationExchange
from conformance.observation.outcomes import (
    Aborted,
    Accepted,
    Closed,
    NotConnected,
    Outcome,
    Rejected,
    Released,
    Reset,
    Response,
    Silence,
    Undecodable,
    Unexpected,
    describe,
    ends_association,
)
from conformance.observation.transcript import Transcript
from conformance.wire import items, messages
from conformance.wire.command import CommandSet
from conformance.wire.items import ContextResult
from conformance.wire.pdu import Associate, PDataTF, PduType, ReleaseRQ, ae_title_field

ECHO = messages.c_echo_rq(1)
ACCEPT = Associate(
    pdu_type=PduType.A_ASSOCIATE_AC,
    called_ae_title=ae_title_field("A"),
    calling_ae_title=ae_title_field("B"),
    items=(items.context_result_item(ContextResult(context_id=1, result=0, transfer_syntaxes=("1.2",))),),
)


def response(command: CommandSet) -> Response:
    return Response(context_id=1, command=command, data_set=None, t_s=1.0, after_s=0.5)


CASES = [
    pytest.param(
        response(messages.response(ECHO, status=0x0122)), "C-ECHO-RSP with status 0122H", False, id="response"
    ),
    pytest.param(response(CommandSet(elements=())), "command field 0000H without a status", False, id="no-status"),
    pytest.param(Accepted(associate=ACCEPT), "A-ASSOCIATE-AC", False, id="accepted"),
    pytest.param(
        Rejected(result=1, source=1, reason=7),
        "A-ASSOCIATE-RJ: 1/1/7 rejected-permanent, service-user, called-AE-title-not-recognized",
        True,
        id="rejected",
    ),
    pytest.param(
        Aborted(source=2, reason=6),
        "A-ABORT: source 2 service-provider, reason 6 invalid-PDU-parameter-value",
        True,
        id="aborted",
    ),
    pytest.param(Released(), "A-RELEASE-RP", True, id="released"),
    pytest.param(Closed(), "the target closed the connection (FIN)", True, id="fin"),
    pytest.param(
        Closed(pending=b"123"),
        "the target closed the connection after 3 bytes of an unfinished PDU (FIN)",
        True,
        id="fin-in-pdu",
    ),
    pytest.param(Reset(), "the target reset the connection (RST)", True, id="rst"),
    pytest.param(Silence(waited_s=2.04), "silence for 2.0 s", False, id="silence"),
    pytest.param(
        Silence(waited_s=2, pending=b"1"),
        "silence for 2.0 s; 1 bytes of an unfinished PDU had come",
        False,
        id="trickle",
    ),
    pytest.param(
        Undecodable(what="no PDU", clause="PS3.8 9.3.1", data=b""),
        "bytes that are not DICOM: no PDU (PS3.8 9.3.1)",
        True,
        id="undecodable",
    ),
    pytest.param(Unexpected(pdu=ReleaseRQ()), "an unexpected A-RELEASE-RQ", True, id="unexpected-pdu"),
    pytest.param(
        Unexpected(pdu=PDataTF(pdvs=()), command=ECHO), "an unexpected C-ECHO-RQ", True, id="unexpected-message"
    ),
    pytest.param(NotConnected(reason="refused"), "no TCP connection: refused", True, id="not-connected"),
]


@pytest.mark.parametrize(("outcome", "words", "ends"), CASES)
def test_outcomes_in_words(outcome: Outcome, words: str, ends: bool) -> None:
    assert describe(outcome) == words
    assert ends_association(outcome) is ends


def test_results_of_an_exchange() -> None:
    transcript = Transcript(label="1", peer="x")
    exchange = AssociationExchange(proposed=(), outcome=Accepted(associate=ACCEPT), transcript=transcript)
    found = exchange.result_of(1)
    assert found is not None
    assert found.accepted
    assert exchange.result_of(3) is None
    assert AssociationExchange(proposed=(), outcome=Reset(), transcript=transcript).results == ()


def test_status_of_an_exchange() -> None:
    transcript = Transcript(label="1", peer="x")
    answered = OperationExchange(
        request=ECHO, context_id=1, outcome=response(messages.response(ECHO, status=3)), transcript=transcript
    )
    silent = OperationExchange(request=ECHO, context_id=1, outcome=Silence(waited_s=1), transcript=transcript)
    assert (answered.status, silent.status) == (3, None)
