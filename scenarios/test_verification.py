"""Verification: C-ECHO alone, repeated, beside other services, and what the AE titles do."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from conformance.config import Claims
from conformance.driver.edits import with_called_ae_title, with_calling_ae_title
from conformance.driver.sending import contexts_of
from conformance.instances.instance import Instance
from conformance.observation.exchanges import OperationExchange
from conformance.plugin.fixtures import Judge, Peers, Scu, need
from conformance.plugin.scene import Scene
from conformance.preflight import QUERY_RETRIEVE_CLASSES
from conformance.verdict import negotiation, responses
from conformance.verdict.finding import Verdict, restated
from conformance.wire.messages import VERIFICATION_SOP_CLASS, c_echo_rq
from conformance.wire.pdu import ae_title_field

pytestmark = pytest.mark.topic("verification")

IMPLICIT = "1.2.840.10008.1.2"
EXPLICIT = "1.2.840.10008.1.2.1"
VERIFICATION = contexts_of([(VERIFICATION_SOP_CLASS, (IMPLICIT,))])

Together = Callable[[Sequence[Callable[[], OperationExchange]]], tuple[OperationExchange, ...]]


@pytest.mark.level("safe")
@pytest.mark.requirement("ECH-01", "ECH-02", "ECH-07", "UL-RQ-01", "UL-AC-15")
def test_echo(scu: Scu, judge: Judge) -> None:
    """A C-ECHO on an association of its own is answered with Success."""
    with scu.associate(VERIFICATION) as association:
        judge(negotiation.context_result(association.exchange, 1, "ECH-01"))
        if 1 in association.accepted:
            answered = responses.expect(association.echo(), "ECH-07", success=True)
            judge(answered, restated(answered, "UL-AC-15"))


@pytest.mark.level("safe")
@pytest.mark.requirement("ECH-07", "CMD-15", "CMD-27")
@pytest.mark.parametrize("message_ids", ["ascending", "all one"])
def test_echo_repeated_on_one_association(scu: Scu, judge: Judge, message_ids: str) -> None:
    """Twenty C-ECHOs on one association are answered one by one; a Message ID may be used again once answered."""
    with scu.associate(VERIFICATION) as association:
        for number in range(1, 21):
            echo = association.echo(message_id=number if message_ids == "ascending" else 1)
            judge(responses.expect(echo, "ECH-07" if message_ids == "ascending" else "CMD-15", success=True))


@pytest.mark.level("safe")
@pytest.mark.requirement("CMD-14")
@pytest.mark.parametrize("message_id", [0, 1, 255, 256, 32767, 32768, 65535])
def test_echo_with_message_id(peer: Peers, judge: Judge, message_id: int) -> None:
    """The response repeats the Message ID of the request, whatever its value in 16 bits."""
    with peer.associated(VERIFICATION) as association:
        judge(responses.expect(association.request(c_echo_rq(message_id), None, context_id=1), "CMD-14", success=True))
        association.release()


@pytest.mark.level("safe")
@pytest.mark.requirement("UL-TCP-13", "ECH-07")
def test_echo_on_ten_associations_in_turn(scu: Scu, judge: Judge) -> None:
    """Each of ten associations, one after the other, is accepted and its C-ECHO answered."""
    for _ in range(10):
        with scu.associate(VERIFICATION) as association:
            answered = responses.expect(association.echo(), "ECH-07", success=True)
            judge(answered, restated(answered, "UL-TCP-13"))


@pytest.mark.level("safe")
@pytest.mark.requirement("UL-TCP-16", "ECH-07")
def test_echo_on_parallel_associations(scu: Scu, judge: Judge, together: Together, scene: Scene) -> None:
    """Associations that run at the same time each get their own answers."""

    def one() -> OperationExchange:
        with scu.associate(VERIFICATION, label="parallel") as association:
            return association.echo()

    for echo in together([one] * min(5, scene.settings.limits.associations)):
        answered = responses.expect(echo, "ECH-07", success=True)
        judge(answered, restated(answered, "UL-TCP-16"))


@pytest.mark.level("safe")
@pytest.mark.requirement("ECH-01", "CS-02", "UL-RQ-25")
def test_echo_beside_other_services(scu: Scu, judge: Judge, ct_image: Instance) -> None:
    """Verification is accepted and answered where storage and query/retrieve are proposed beside it."""
    pairs = [(uid, (IMPLICIT, EXPLICIT)) for uid in (ct_image.sop_class_uid, *QUERY_RETRIEVE_CLASSES)]
    contexts = contexts_of([*pairs, (VERIFICATION_SOP_CLASS, (IMPLICIT,))])
    with scu.associate(contexts) as association:
        accepted = negotiation.context_result(association.exchange, contexts[-1].context_id, "ECH-01")
        judge(accepted, restated(accepted, "CS-02"))
        if contexts[-1].context_id in association.accepted:
            judge(responses.expect(association.echo(), "ECH-07", success=True))


@pytest.mark.requirement("ECH-06")
def test_echo_between_stores(scu: Scu, judge: Judge, ct_image: Instance) -> None:
    """C-STORE, C-ECHO and C-STORE share an association."""
    with scu.associate([ct_image], verification=True) as association:
        need(association, ct_image)
        judge(responses.expect(association.store(ct_image), "ECH-06", success=True, warning=True))
        judge(responses.expect(association.echo(), "ECH-06", success=True))
        judge(responses.expect(association.store(ct_image), "ECH-06", success=True, warning=True, failure=True))


@pytest.mark.level("safe")
@pytest.mark.requirement("ECH-05")
def test_echo_in_explicit_vr_only(peer: Peers, judge: Judge) -> None:
    """Verification offered in Explicit VR Little Endian alone is refused for its transfer syntax, or works."""
    with peer(label="explicit only") as connection:
        exchange = connection.associate(contexts_of([(VERIFICATION_SOP_CLASS, (EXPLICIT,))]))
        judge(negotiation.context_result(exchange, 1, "ECH-05", allowed=(0, 4), tolerated=(1, 2), rejection=True))
        if 1 in connection.accepted:
            judge(responses.expect(connection.echo(context_id=1), "ECH-05", success=True))
            connection.release()


@pytest.mark.level("safe")
@pytest.mark.requirement("UL-RQ-06")
def test_unknown_called_ae_title(peer: Peers, judge: Judge, claims: Claims) -> None:
    """A called AE title that the target does not have is rejected as such; accepting any title is a known choice."""
    validates = claims.validates_called_ae_title
    with peer(label="unknown called AE title") as connection:
        exchange = connection.associate(VERIFICATION, edit=with_called_ae_title(ae_title_field("NOBODY-HAS-THIS")))
        judge(
            negotiation.rejected_or_accepted(
                exchange,
                "UL-RQ-06",
                rejections=((1, 1, 7),),
                acceptance_is=Verdict.FAIL if validates else Verdict.INFO,
                note="the target's claims say that it validates the called AE title" if validates else "",
            )
        )


@pytest.mark.level("safe")
@pytest.mark.requirement("UL-RQ-07")
def test_unknown_calling_ae_title(peer: Peers, judge: Judge) -> None:
    """A calling AE title that the target does not know is accepted, or rejected as such."""
    with peer(label="unknown calling AE title") as connection:
        exchange = connection.associate(VERIFICATION, edit=with_calling_ae_title(ae_title_field("NOBODY-IS-THIS")))
        judge(negotiation.rejected_or_accepted(exchange, "UL-RQ-07", rejections=((1, 1, 3), (1, 1, 1))))


def _padded(title: str, how: str) -> bytes:
    match how:
        case "trailing":
            return title.ljust(16).encode()
        case "leading":
            return title.rjust(16).encode()
        case _:
            return title.center(16).encode()


@pytest.mark.level("safe")
@pytest.mark.requirement("UL-RQ-04", "UL-AC-02")
@pytest.mark.parametrize("padding", ["trailing", "leading", "both sides"])
def test_padded_called_ae_title(peer: Peers, judge: Judge, scene: Scene, padding: str) -> None:
    """Spaces before and after the called AE title are not significant."""
    title = scene.endpoint.called_ae_title
    if len(title) == 16:
        scene.notes.append("the AE title has 16 characters: there is no room for padding")
    with peer(label=f"called AE title with {padding} spaces") as connection:
        exchange = connection.associate(VERIFICATION, edit=with_called_ae_title(_padded(title, padding)))
        judge(negotiation.accepted(exchange, "UL-RQ-04"))


@pytest.mark.level("safe")
@pytest.mark.requirement("UL-RQ-05", "UL-AC-03")
@pytest.mark.parametrize("padding", ["leading", "both sides"])
def test_padded_calling_ae_title(peer: Peers, judge: Judge, scene: Scene, padding: str) -> None:
    """Spaces before and after the calling AE title are not significant."""
    title = scene.endpoint.calling_ae_title
    with peer(label=f"calling AE title with {padding} spaces") as connection:
        exchange = connection.associate(VERIFICATION, edit=with_calling_ae_title(_padded(title, padding)))
        judge(negotiation.accepted(exchange, "UL-RQ-05"))
