"""Everything that a target sent in a scenario, judged by the rules that always hold.

Nothing here knows what the scenario was about. What we sent is read from the transcripts as well, so that a rule is
applied only where its precondition holds: not where our own bytes were malformed on purpose.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from conformance.observation.exchanges import AssociationExchange, OperationExchange
from conformance.observation.transcript import Transcript
from conformance.verdict import accepts, answering, commands, pdata, pdus, releases, user_items
from conformance.verdict.dialogue import read
from conformance.verdict.finding import Finding
from conformance.verdict.ledger import Ledger

RULES: Final = {
    **pdus.RULES,
    **pdata.RULES,
    **accepts.RULES,
    **user_items.RULES,
    **commands.RULES,
    **answering.RULES,
    **releases.RULES,
}
"""Every requirement that is judged here, by id."""


def judge_transcripts(
    associations: Sequence[AssociationExchange],
    operations: Sequence[OperationExchange],
    transcripts: Sequence[Transcript],
) -> tuple[Finding, ...]:
    """One finding for each requirement that the connections of a scenario put to the test.

    Args:
        associations: The association requests of the scenario; their transcripts are judged too.
        operations: The requests of the scenario; their transcripts are judged too.
        transcripts: The connections of the scenario.

    Returns:
        By requirement id: PASS with a count, or the worst deviation with its bytes and the number of further ones.
    """
    ledger = Ledger(RULES)
    seen = [*transcripts, *(a.transcript for a in associations), *(o.transcript for o in operations)]
    for transcript in _distinct(seen):
        dialogue = read(transcript)
        pdus.judge(dialogue, ledger)
        pdata.judge(dialogue, ledger)
        if dialogue.target_is_acceptor:
            accepts.judge(dialogue, ledger)
            user_items.judge(dialogue, ledger)
            releases.judge(dialogue, ledger)
        commands.judge(dialogue, ledger)
        answering.judge(dialogue, ledger)
    return ledger.findings()


def _distinct(transcripts: Iterable[Transcript]) -> list[Transcript]:
    return list({id(transcript): transcript for transcript in transcripts}.values())
