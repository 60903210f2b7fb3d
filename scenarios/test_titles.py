"""AE titles that nobody has: whoever is refused is told so, by a PDU and for good."""

from __future__ import annotations

from typing import Final

import pytest

from conformance.driver.edits import with_called_ae_title
from conformance.driver.sending import contexts_of
from conformance.plugin.fixtures import Judge, Peers
from conformance.plugin.scene import Scene
from conformance.verdict import negotiation
from conformance.verdict.negotiation import Answers
from conformance.wire.messages import VERIFICATION_SOP_CLASS
from conformance.wire.pdu import ae_title_field

pytestmark = [pytest.mark.topic("negotiation"), pytest.mark.level("safe")]

IMPLICIT: Final = "1.2.840.10008.1.2"
VERIFICATION: Final = contexts_of([(VERIFICATION_SOP_CLASS, (IMPLICIT,))])


@pytest.mark.requirement("UL-RQ-12", "UL-TCP-07", "UL-RJ-05", "UL-AC-02")
@pytest.mark.parametrize("title", ["in another case", "unknown"])
def test_called_ae_title_of_nobody(peer: Peers, judge: Judge, scene: Scene, title: str) -> None:
    """A called AE title in another case, or of nobody, is accepted, or rejected by a PDU and for good."""
    own = scene.endpoint.called_ae_title
    called = own.swapcase() if title == "in another case" else "NOBODY-IS-HERE"
    with peer(label=f"called AE title {title}") as connection:
        exchange = connection.associate(VERIFICATION, edit=with_called_ae_title(ae_title_field(called)))
    anything = (negotiation.ANY_REJECTION,)
    judge(
        negotiation.rejected_or_accepted(exchange, "UL-RQ-12", rejections=((1, 1, 7), (1, 1, 1))),
        negotiation.expect(
            exchange,
            "UL-TCP-07",
            accepted=True,
            rejections=anything,
            abort=True,
            reported=Answers(closed=True),
            note="PS3.8 9.1.4: a connection is not cut where an A-ASSOCIATE-RJ can say why",
        ),
        negotiation.expect(
            exchange,
            "UL-RJ-05",
            accepted=True,
            rejections=((1, None, None),),
            reported=Answers(rejections=anything, abort=True, closed=True),
            note="a title that is not known today is not known at the next try",
        ),
    )
