"""A reaction in one line."""

from __future__ import annotations

import pytest

from conformance.observation.outcomes import Closed, Silence
from conformance.observation.reactions import Reaction
from conformance.observation.transcript import Transcript
from conformance.wire.pdu import Pdu, ReleaseRP


@pytest.mark.parametrize(
    ("pdus", "ending", "words"),
    [
        ((), Silence(waited_s=8.0), "silence for 8.0 s"),
        ((ReleaseRP(),), Silence(waited_s=8.0), "A-RELEASE-RP"),
        ((), Closed(), "the target closed the connection (FIN) after 0.5 s"),
        ((ReleaseRP(),), Closed(), "A-RELEASE-RP, then the target closed the connection (FIN) after 0.5 s"),
    ],
    ids=["nothing", "an answer", "an end", "an answer and an end"],
)
def test_words(pdus: tuple[Pdu, ...], ending: Silence | Closed, words: str) -> None:
    transcript = Transcript(label="1", peer="PACS@127.0.0.1:104")
    assert Reaction(pdus=pdus, ending=ending, after_s=0.5, transcript=transcript).words() == words
