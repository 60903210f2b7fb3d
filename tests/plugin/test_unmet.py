"""What a scenario that could not begin says of the target, from hand-written observations."""

from __future__ import annotations

import pytest

from conformance.observation.exchanges import AssociationExchange
from conformance.observation.outcomes import AssociationOutcome, Closed, Rejected
from conformance.observation.transcript import Transcript
from conformance.plugin.unmet import association_not_established
from conformance.verdict.finding import Verdict
from conformance.wire.items import ProposedContext
from tests.verdict.builders import CT_CONTEXT, EXPLICIT, IMPLICIT, MR

NO_REASON = Rejected(result=1, source=1, reason=1)
MR_CONTEXT = ProposedContext(context_id=3, abstract_syntax=MR, transfer_syntaxes=(IMPLICIT,))
CT_EXPLICIT = ProposedContext(context_id=5, abstract_syntax=CT_CONTEXT.abstract_syntax, transfer_syntaxes=(EXPLICIT,))


@pytest.mark.parametrize(
    ("outcome", "proposed", "verdict"),
    [
        pytest.param(NO_REASON, (CT_CONTEXT,), Verdict.FAIL, id="rejected-though-accepted-before"),
        pytest.param(NO_REASON, (MR_CONTEXT, CT_CONTEXT), Verdict.FAIL, id="one-was-accepted-before"),
        pytest.param(NO_REASON, (MR_CONTEXT,), Verdict.INCONCLUSIVE, id="another-class"),
        pytest.param(NO_REASON, (CT_EXPLICIT,), Verdict.INCONCLUSIVE, id="another-syntax"),
        pytest.param(Rejected(result=2, source=3, reason=2), (CT_CONTEXT,), Verdict.INCONCLUSIVE, id="local-limit"),
        pytest.param(Closed(), (MR_CONTEXT,), Verdict.FAIL, id="closed"),
    ],
)
def test_an_association_that_was_not_accepted(
    outcome: AssociationOutcome, proposed: tuple[ProposedContext, ...], verdict: Verdict
) -> None:
    transcript = Transcript(label="1 test", peer="PACS@127.0.0.1:104")
    exchange = AssociationExchange(proposed=proposed, outcome=outcome, transcript=transcript)
    assert association_not_established(exchange).verdict is verdict
