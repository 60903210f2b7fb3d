"""Whether the target lives on."""

from __future__ import annotations

import pytest

from conformance.observation.exchanges import AssociationExchange, OperationExchange
from conformance.observation.outcomes import Closed, NotConnected, Rejected, Silence
from conformance.verdict.finding import Verdict
from conformance.verdict.liveness import alive_after
from conformance.wire import messages
from tests.verdict.builders import accepted, association, operation, response

ECHO = messages.c_echo_rq(1)
REFUSED = NotConnected(reason="connection refused")


@pytest.mark.parametrize(
    ("exchange", "echo", "verdict"),
    [
        pytest.param(accepted(), operation(response(0, to=ECHO), request_command=ECHO), Verdict.PASS, id="answers"),
        pytest.param(
            accepted(), operation(response(0xC000, to=ECHO), request_command=ECHO), Verdict.FAIL, id="echo-fails"
        ),
        pytest.param(accepted(), operation(Silence(waited_s=1), request_command=ECHO), Verdict.FAIL, id="hangs"),
        pytest.param(accepted(), operation(Closed(), request_command=ECHO), Verdict.FAIL, id="closes"),
        pytest.param(accepted(), None, Verdict.INCONCLUSIVE, id="no-echo-sent"),
        pytest.param(association(REFUSED), None, Verdict.FAIL, id="refuses-connections"),
        pytest.param(
            association(REFUSED), operation(REFUSED, request_command=ECHO), Verdict.FAIL, id="echo-not-connected"
        ),
        pytest.param(association(Silence(waited_s=1)), None, Verdict.FAIL, id="silent"),
        pytest.param(association(Rejected(result=1, source=1, reason=1)), None, Verdict.FAIL, id="rejects"),
        pytest.param(association(Rejected(result=2, source=3, reason=2)), None, Verdict.WARN, id="congested"),
    ],
)
def test_alive_after(exchange: AssociationExchange, echo: OperationExchange | None, verdict: Verdict) -> None:
    finding = alive_after(exchange, echo, "a PDU of type FFH")
    assert (finding.requirement, finding.verdict) == ("LIFE-01", verdict)
    assert "after a PDU of type FFH" in finding.expected[0]
