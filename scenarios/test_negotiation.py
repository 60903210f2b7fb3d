"""Negotiation: every proposed presentation context is answered once, with a legal result and an offered syntax."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from conformance.driver.sending import contexts_of
from conformance.instances.instance import Instance
from conformance.observation.exchanges import AssociationExchange
from conformance.observation.outcomes import Aborted, Accepted, Closed, Reset
from conformance.plugin.fixtures import Judge, Peers
from conformance.standard import sop_classes
from conformance.standard.transfer_syntaxes import transfer_syntax_name
from conformance.verdict import association, negotiation, responses
from conformance.verdict.finding import restated
from conformance.wire.items import ProposedContext
from conformance.wire.messages import VERIFICATION_SOP_CLASS

pytestmark = [pytest.mark.topic("negotiation"), pytest.mark.level("safe")]

IMPLICIT = "1.2.840.10008.1.2"
EXPLICIT = "1.2.840.10008.1.2.1"
JPEG_2000_LOSSLESS = "1.2.840.10008.1.2.4.90"
MADE_UP_SYNTAX = "1.2.826.0.1.3680043.8.498.1.2.3"
OF_THE_JPEG_FAMILY = "1.2.840.10008.1.2.4.9999"
"""Begins like the transfer syntaxes of JPEG and MPEG, and is not in PS3.6."""
MADE_UP_CLASS = "1.2.826.0.1.3680043.8.498.4.5.6"
ECHO = (VERIFICATION_SOP_CLASS, (IMPLICIT,))
MOMENT_S = 0.5
"""How long something is waited for that nothing has asked for."""


def _coherent(judge: Judge, exchange: AssociationExchange) -> None:
    judge(
        negotiation.every_context_answered_once(exchange),
        negotiation.transfer_syntax_offered(exchange),
    )


def _negotiate(
    peer: Peers, judge: Judge, pairs: Sequence[tuple[str, Sequence[str]]], *, label: str = ""
) -> AssociationExchange:
    with peer(label=label) as connection:
        exchange = connection.associate(contexts_of(pairs))
        _coherent(judge, exchange)
        connection.release()
    return exchange


@pytest.mark.requirement("TS-01", "UL-RQ-26", "UL-AC-06", "UL-AC-08")
def test_one_context_with_the_default_transfer_syntax(peer: Peers, judge: Judge, ct_image: Instance) -> None:
    """A storage SOP class offered in Implicit VR Little Endian alone is not refused for its transfer syntax."""
    exchange = _negotiate(peer, judge, [(ct_image.sop_class_uid, (IMPLICIT,))])
    judge(negotiation.accepted(exchange, "UL-RQ-26"))
    judge(negotiation.default_transfer_syntax_not_refused(exchange, ct_image.sop_class_uid, "TS-01"))


@pytest.mark.requirement("TS-02", "UL-AC-06", "UL-AC-08")
@pytest.mark.parametrize(
    "offered",
    [
        pytest.param((IMPLICIT, EXPLICIT), id="implicit, explicit"),
        pytest.param((EXPLICIT, IMPLICIT), id="explicit, implicit"),
        pytest.param((MADE_UP_SYNTAX, IMPLICIT), id="unknown, implicit"),
        pytest.param((JPEG_2000_LOSSLESS, EXPLICIT, IMPLICIT), id="JPEG 2000, explicit, implicit"),
        pytest.param((IMPLICIT, JPEG_2000_LOSSLESS, MADE_UP_SYNTAX), id="implicit, JPEG 2000, unknown"),
    ],
)
def test_one_context_with_several_transfer_syntaxes(
    peer: Peers, judge: Judge, ct_image: Instance, offered: tuple[str, ...]
) -> None:
    """Out of several transfer syntaxes in a context, one that was offered is chosen."""
    exchange = _negotiate(peer, judge, [(ct_image.sop_class_uid, offered), ECHO])
    judge(negotiation.accepted(exchange, "UL-RQ-25"))
    judge(negotiation.default_transfer_syntax_not_refused(exchange, ct_image.sop_class_uid))


@pytest.mark.requirement("UL-RQ-20", "UL-AC-06", "UL-AC-08")
def test_several_contexts_for_one_sop_class(peer: Peers, judge: Judge, ct_image: Instance) -> None:
    """The same abstract syntax in several contexts gets a result for each, with a transfer syntax of that context."""
    uid = ct_image.sop_class_uid
    exchange = _negotiate(
        peer, judge, [(uid, (IMPLICIT,)), (uid, (EXPLICIT,)), (uid, (JPEG_2000_LOSSLESS,)), (uid, (MADE_UP_SYNTAX,))]
    )
    judge(negotiation.accepted(exchange, "UL-RQ-20"))
    judge(negotiation.default_transfer_syntax_not_refused(exchange, uid))
    judge(negotiation.context_result(exchange, 7, "TS-19", allowed=(3, 4), tolerated=(1, 2)))


@pytest.mark.requirement("TS-02")
def test_default_transfer_syntax_in_a_context_of_its_own(peer: Peers, judge: Judge, ct_image: Instance) -> None:
    """A compressed context and a default one for the same class: they are not both refused for transfer syntaxes."""
    uid = ct_image.sop_class_uid
    exchange = _negotiate(peer, judge, [(uid, (JPEG_2000_LOSSLESS,)), (uid, (IMPLICIT,))])
    judge(negotiation.accepted(exchange, "UL-RQ-25"))
    judge(negotiation.default_transfer_syntax_not_refused(exchange, uid))


@pytest.mark.requirement("UL-RQ-23", "UL-RQ-25")
def test_unknown_abstract_syntax_beside_verification(peer: Peers, judge: Judge) -> None:
    """An abstract syntax that nobody knows is refused as such, and the context beside it is accepted."""
    exchange = _negotiate(peer, judge, [(MADE_UP_CLASS, (IMPLICIT,)), ECHO])
    judge(negotiation.accepted(exchange, "UL-RQ-25"))
    judge(negotiation.unknown_abstract_syntax(exchange, 1))
    judge(negotiation.context_result(exchange, 3, "UL-RQ-25"))


@pytest.mark.requirement("UL-RQ-26", "UL-RQ-23")
def test_only_an_unknown_abstract_syntax(peer: Peers, judge: Judge) -> None:
    """When no context can be accepted, the association is accepted without one and stays, or is rejected."""
    with peer() as connection:
        exchange = connection.associate(contexts_of([(MADE_UP_CLASS, (IMPLICIT,))]))
        came = connection.message_within(MOMENT_S) if isinstance(exchange.outcome, Accepted) else None
        judge(negotiation.nothing_acceptable(exchange, came if isinstance(came, Aborted | Closed | Reset) else None))
        judge(negotiation.unknown_abstract_syntax(exchange, 1, alone=True))


@pytest.mark.requirement("UL-RQ-24", "UL-RQ-25")
def test_only_an_unknown_transfer_syntax_beside_verification(peer: Peers, judge: Judge, ct_image: Instance) -> None:
    """A storage class offered in a transfer syntax that nobody knows is refused; the context beside it is accepted."""
    exchange = _negotiate(peer, judge, [(ct_image.sop_class_uid, (MADE_UP_SYNTAX,)), ECHO])
    judge(negotiation.accepted(exchange, "UL-RQ-25"))
    judge(negotiation.context_result(exchange, 1, "UL-RQ-24", allowed=(3, 4), tolerated=(1, 2)))
    judge(negotiation.context_result(exchange, 3, "UL-RQ-25"))


@pytest.mark.requirement("UL-RQ-25", "UL-AC-06", "UL-AC-07", "UL-AC-08")
def test_acceptable_and_unacceptable_contexts_mixed(peer: Peers, judge: Judge, ct_image: Instance) -> None:
    """Contexts are accepted or refused one by one, whatever stands beside them."""
    uid = ct_image.sop_class_uid
    pairs: list[tuple[str, tuple[str, ...]]] = []
    for _ in range(5):
        pairs += [(MADE_UP_CLASS, (IMPLICIT,)), (uid, (IMPLICIT, EXPLICIT)), (uid, (MADE_UP_SYNTAX,)), ECHO]
    exchange = _negotiate(peer, judge, pairs)
    judge(negotiation.accepted(exchange, "UL-RQ-25"))
    for index in range(5):
        judge(negotiation.unknown_abstract_syntax(exchange, 8 * index + 1))
        judge(negotiation.context_result(exchange, 8 * index + 7, "UL-RQ-25"))
    judge(negotiation.default_transfer_syntax_not_refused(exchange, uid))


@pytest.mark.requirement("UL-RQ-17", "UL-AC-06", "UL-AC-08")
def test_128_contexts(peer: Peers, judge: Judge) -> None:
    """All 128 presentation context ids can be used in one request."""
    with peer() as connection:
        exchange = connection.associate(contexts_of([ECHO] * 128))
        judge(negotiation.accepted(exchange, "UL-RQ-17"))
        _coherent(judge, exchange)
        judge(negotiation.context_result(exchange, 255, "UL-RQ-17", tolerated=(1, 2)))
        if 255 in connection.accepted:
            judge(responses.expect(connection.echo(context_id=255), "UL-RQ-17", success=True))
        connection.release()


@pytest.mark.requirement("ST-26", "UL-AC-06", "UL-AC-07")
@pytest.mark.parametrize("half", [0, 1], ids=["first half", "second half"])
def test_every_storage_sop_class(peer: Peers, judge: Judge, half: int) -> None:
    """All storage SOP classes of the standard can be proposed, and each is accepted or refused for itself."""
    classes = sop_classes.all_storage()
    middle = (len(classes) + 1) // 2
    chosen = classes[:middle] if half == 0 else classes[middle:]
    exchange = _negotiate(peer, judge, [(c.uid, (IMPLICIT, EXPLICIT)) for c in chosen])
    judge(negotiation.rejected_or_accepted(exchange, "ST-26", rejections=((1, 1, 1), (2, 3, 1), (2, 3, 2))))
    for context in exchange.proposed if exchange.results else ():
        judge(negotiation.context_result(exchange, context.context_id, "ST-26", allowed=(0, 3), tolerated=(1, 2)))


@pytest.mark.requirement("ST-27")
def test_retired_storage_sop_classes(peer: Peers, judge: Judge) -> None:
    """Retired storage SOP classes are accepted or refused; they are no reason to reject the association."""
    retired = ("1.2.840.10008.5.1.4.1.1.3", "1.2.840.10008.5.1.4.1.1.5", "1.2.840.10008.5.1.4.1.1.6")
    exchange = _negotiate(peer, judge, [*((uid, (IMPLICIT,)) for uid in retired), ECHO])
    judge(negotiation.accepted(exchange, "ST-27"))
    for index in range(3):
        judge(negotiation.context_result(exchange, 2 * index + 1, "ST-27", allowed=(0, 3), tolerated=(1, 2)))


@pytest.mark.requirement("UL-RQ-21")
@pytest.mark.parametrize("ids", [(5, 1, 3), (255, 127, 1), (251, 253, 255)], ids=str)
def test_context_ids_in_any_order(peer: Peers, judge: Judge, ids: tuple[int, ...]) -> None:
    """Context ids need not ascend."""
    contexts = tuple(
        ProposedContext(context_id=i, abstract_syntax=VERIFICATION_SOP_CLASS, transfer_syntaxes=(IMPLICIT,))
        for i in ids
    )
    with peer() as connection:
        exchange = connection.associate(contexts)
        judge(negotiation.accepted(exchange, "UL-RQ-21"))
        _coherent(judge, exchange)
        for context_id in ids:
            if context_id in connection.accepted:
                judge(responses.expect(connection.echo(context_id=context_id), "PDV-31", success=True))
        connection.release()


@pytest.mark.alone
@pytest.mark.requirement("UL-RQ-31")
def test_sixty_transfer_syntaxes_with_the_default_last(peer: Peers, judge: Judge, ct_image: Instance) -> None:
    """A context may offer any number of transfer syntaxes; a supported one at the end is found."""
    offered = (*(f"{MADE_UP_SYNTAX}.{n}" for n in range(59)), IMPLICIT)
    exchange = _negotiate(peer, judge, [(ct_image.sop_class_uid, offered), ECHO])
    judge(negotiation.accepted(exchange, "UL-RQ-31"))
    judge(negotiation.default_transfer_syntax_not_refused(exchange, ct_image.sop_class_uid, "UL-RQ-31"))


@pytest.mark.requirement("UL-RQ-32")
def test_transfer_syntax_listed_twice(peer: Peers, judge: Judge, ct_image: Instance) -> None:
    """The same transfer syntax twice in a context is no reason to refuse it."""
    exchange = _negotiate(peer, judge, [(ct_image.sop_class_uid, (IMPLICIT, IMPLICIT)), ECHO])
    judge(negotiation.accepted(exchange, "UL-RQ-32"))
    judge(negotiation.default_transfer_syntax_not_refused(exchange, ct_image.sop_class_uid, "UL-RQ-32"))


@pytest.mark.requirement("UL-RQ-30", "UL-PDU-12")
def test_association_request_longer_than_any_maximum_length(peer: Peers, judge: Judge) -> None:
    """The maximum length limits P-DATA only: a request of 130 KB is answered, or rejected for a local limit."""
    offered = (*(f"{MADE_UP_SYNTAX}.{n}" for n in range(29)), IMPLICIT)
    exchange = _negotiate(peer, judge, [(VERIFICATION_SOP_CLASS, offered)] * 128)
    answered = negotiation.rejected_or_accepted(exchange, "UL-RQ-30", rejections=((2, 3, 1), (2, 3, 2)))
    judge(answered, restated(answered, "UL-PDU-12"))


@pytest.mark.requirement("TS-05", "TS-13", "TS-21")
@pytest.mark.parametrize(
    "syntax",
    ["1.2.840.10008.1.2.2", "1.2.840.10008.1.2.4.107.1", OF_THE_JPEG_FAMILY, "1.2.840.10008.1.2.99"],
    ids=["big endian (retired)", "fragmentable HEVC (not registered)", "not registered, JPEG family", "not registered"],
)
def test_odd_transfer_syntax_alone(peer: Peers, judge: Judge, ct_image: Instance, syntax: str) -> None:
    """A retired transfer syntax may be accepted or refused; one that is not registered is refused."""
    exchange = _negotiate(peer, judge, [(ct_image.sop_class_uid, (syntax,)), ECHO], label=transfer_syntax_name(syntax))
    judge(negotiation.accepted(exchange, "UL-RQ-25"))
    retired = syntax.endswith(".1.2.2")
    requirement = "TS-05" if retired else "TS-21"
    allowed = (0, 3, 4) if retired else (3, 4)
    result = negotiation.context_result(exchange, 1, requirement, allowed=allowed, tolerated=(1, 2))
    judge(result)
    if syntax == OF_THE_JPEG_FAMILY:
        judge(restated(result, "TS-13"))


@pytest.mark.requirement(*(f"ST-28{letter}" for letter in "abcdefghi"))
@pytest.mark.parametrize(
    ("requirement", "first", "companion"),
    [
        ("ST-28a", "DigitalXRayImageStorageForProcessing", "DigitalXRayImageStorageForPresentation"),
        (
            "ST-28b",
            "DigitalMammographyXRayImageStorageForProcessing",
            "DigitalMammographyXRayImageStorageForPresentation",
        ),
        ("ST-28c", "DigitalIntraOralXRayImageStorageForProcessing", "DigitalIntraOralXRayImageStorageForPresentation"),
        (
            "ST-28d",
            "IntravascularOpticalCoherenceTomographyImageStorageForProcessing",
            "IntravascularOpticalCoherenceTomographyImageStorageForPresentation",
        ),
        (
            "ST-28e",
            "BreastProjectionXRayImageStorageForProcessing",
            "BreastProjectionXRayImageStorageForPresentation",
        ),
        ("ST-28f", "EnhancedMRImageStorage", "GrayscaleSoftcopyPresentationStateStorage"),
        ("ST-28g", "EnhancedCTImageStorage", "GrayscaleSoftcopyPresentationStateStorage"),
        ("ST-28h", "EnhancedMRColorImageStorage", "ColorSoftcopyPresentationStateStorage"),
        ("ST-28i", "EnhancedPETImageStorage", "GrayscaleSoftcopyPresentationStateStorage"),
    ],
    ids=lambda value: value.removesuffix("Storage"),
)
def test_companion_sop_classes(peer: Peers, judge: Judge, requirement: str, first: str, companion: str) -> None:
    """An SCP of a SOP class that obliges to another one accepts that as well, each proposed on its own."""
    uids = sop_classes.storage_uid_by_keyword()
    alone = _negotiate(peer, judge, [(uids[first], (IMPLICIT, EXPLICIT)), ECHO], label=first)
    other = _negotiate(peer, judge, [(uids[companion], (IMPLICIT, EXPLICIT)), ECHO], label=companion)
    judge(association.companion_accepted(alone, other, requirement))


@pytest.mark.requirement("UL-REL-03")
def test_release_directly_after_association(peer: Peers, judge: Judge) -> None:
    """An association on which nothing was asked is released like any other."""
    with peer.associated(contexts_of([ECHO])) as connection:
        judge(association.released(connection.release(), "UL-REL-03"))
