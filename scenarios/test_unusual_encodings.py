"""Encodings that no clause asks anybody to keep, or that break a rule: refused, or the rest of the instance is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import pytest
from pydicom.uid import RLELossless

from conformance.config import Claims
from conformance.driver.line import Line
from conformance.driver.sending import contexts_of, sent_of
from conformance.instances import hard
from conformance.instances.codecs import fragments, jpeg_2000, plain
from conformance.instances.encapsulated import jpeg_baseline, rle
from conformance.instances.hard import Raw, Unusual
from conformance.instances.instance import Instance
from conformance.instances.iod.image import set_pixel_data
from conformance.instances.pixel_kinds import KINDS, with_unused_bits
from conformance.observation.exchanges import OperationExchange
from conformance.plugin.fixtures import Instances, Judge, Look, Peers
from conformance.plugin.scene import NotNegotiatedError
from conformance.standard.transfer_syntaxes import transfer_syntax_name
from conformance.verdict import negotiation, responses, storing, unusual
from conformance.verdict.responses import Reactions
from conformance.wire.messages import VERIFICATION_SOP_CLASS

pytestmark = pytest.mark.topic("encodings")

IMPLICIT: Final = "1.2.840.10008.1.2"
EXPLICIT: Final = "1.2.840.10008.1.2.1"
JPEG_BASELINE: Final = "1.2.840.10008.1.2.4.50"
JPEG_EXTENDED: Final = "1.2.840.10008.1.2.4.51"
JPEG_2000_LOSSLESS: Final = "1.2.840.10008.1.2.4.90"
JPIP: Final = "1.2.840.10008.1.2.4.94"
SECONDARY_CAPTURE: Final = "1.2.840.10008.5.1.4.1.1.7"

JudgeStored = Callable[..., None]
Step = Callable[[str], None]


@pytest.fixture
def line(peer: Peers) -> Callable[[Instance, str], Line]:
    """Makes an association for an instance in one transfer syntax, with Verification beside it."""

    def associate(instance: Instance, transfer_syntax_uid: str) -> Line:
        contexts = contexts_of(
            [(instance.sop_class_uid, (transfer_syntax_uid,)), (VERIFICATION_SOP_CLASS, (IMPLICIT,))]
        )
        connection = peer.associated(contexts, label=transfer_syntax_name(transfer_syntax_uid))
        if 1 not in connection.accepted:
            exchange = connection.recorder.associations[-1]
            what = f"{instance.label} in {transfer_syntax_name(transfer_syntax_uid)}"
            raise NotNegotiatedError(exchange, instance.sop_class_uid, what)
        return Line(connection, 1, transfer_syntax_uid)

    return associate


@pytest.fixture
def store_unusual(
    line: Callable[[Instance, str], Line], readback: Look, judge: Judge, claims: Claims
) -> Callable[[Unusual, str, str], None]:
    """Sends an instance with elements beside it, and judges that the instance is not harmed by them."""

    def store(unusual_one: Unusual, transfer_syntax_uid: str, requirement: str) -> None:
        meant = unusual_one.meant
        way = line(meant, transfer_syntax_uid)
        exchange = way.store_bytes(meant, unusual_one.encoded(transfer_syntax_uid), label=meant.label)
        way.connection.close()
        assert exchange.sent is not None
        found = readback.fetch(exchange.sent, expect=storing.acknowledged(exchange))
        level = claims.storage_level
        beside = unusual_one.paths
        judge(unusual.rest_unharmed(exchange, found, requirement, meant=meant, beside=beside, storage_level=level))

    return store


@pytest.mark.parametrize(
    ("make", "requirement", "transfer_syntax"),
    [
        pytest.param(make, requirement, uid, id=f"{name}-{words}", marks=pytest.mark.requirement(requirement, "STA-19"))
        for name, (requirement, make) in hard.UNUSUAL.items()
        for uid, words in ((IMPLICIT, "implicit VR"), (EXPLICIT, "explicit VR"))
        if uid == EXPLICIT or requirement != "ENC-11"  # nothing says a VR in Implicit VR
    ],
)
def test_beside_an_instance(
    instances: Instances,
    store_unusual: Callable[[Unusual, str, str], None],
    make: Callable[..., Unusual],
    requirement: str,
    transfer_syntax: str,
) -> None:
    """Elements against a rule, or that nobody knows, are kept, dropped or refused; the rest is whole."""
    store_unusual(make(instances.identities.new()), transfer_syntax, requirement)


@pytest.mark.level("disruptive")
@pytest.mark.requirement("ENC-26")
@pytest.mark.parametrize(
    "element",
    [pytest.param(hard.deep(1000), id="1000 deep"), pytest.param(hard.many_items(1_000_000), id="1,000,000 items")],
)
def test_sequence_beyond_measure(
    line: Callable[[Instance, str], Line], instances: Instances, judge: Judge, element: Raw
) -> None:
    """Sequences that are deeper or longer than anybody needs are stored or refused, and the target lives on."""
    whole = hard.with_one_more(instances.identities.new(), element, "a sequence beyond measure")
    way = line(whole.meant, EXPLICIT)
    store = way.store_bytes(whole.meant, whole.encoded(EXPLICIT), label="its size")
    way.connection.close()
    judge(unusual.answered(store, "ENC-26", silence=True))


# Encapsulated pixel data against its own rules


def _rle_in_two_fragments(instances: Instances) -> Instance:
    return fragments.split(rle(instances.build("CTImageStorage")), 2, offsets=False)


def _deflated_in_two_fragments(instances: Instances) -> Instance:
    return fragments.split(plain.deflated(instances.build("CTImageStorage")), 2, offsets=False)


def _irreversible(instances: Instances) -> Instance:
    return jpeg_2000.lossy(KINDS["grey 12"](instances.identities.new()))


def _floats(instances: Instances) -> Instance:
    return instances.build("ParametricMapStorage")


@pytest.mark.parametrize(
    ("make", "agreed", "requirement"),
    [
        pytest.param(make, agreed, requirement, id=name, marks=pytest.mark.requirement(requirement, "STA-19"))
        for name, make, agreed, requirement in (
            ("a frame of RLE in two fragments", _rle_in_two_fragments, str(RLELossless), "PIX-04"),
            ("a deflated frame in two fragments", _deflated_in_two_fragments, plain.DEFLATED_IMAGE_FRAME, "PIX-04"),
            ("an irreversible stream in JPEG 2000 Lossless", _irreversible, JPEG_2000_LOSSLESS, "PIX-12"),
            ("floats in JPEG 2000 Lossless", _floats, JPEG_2000_LOSSLESS, "TS-20"),
        )
    ],
)
def test_against_the_transfer_syntax(
    *,
    line: Callable[[Instance, str], Line],
    instances: Instances,
    readback: Look,
    judge: Judge,
    claims: Claims,
    make: Callable[[Instances], Instance],
    agreed: str,
    requirement: str,
) -> None:
    """Pixel data that the transfer syntax of the context has no place for is refused, or kept as it came."""
    instance = make(instances)
    way = line(instance, agreed)
    # PS3.5 A.4: beside their pixel data all of these are Explicit VR Little Endian.
    encoding = EXPLICIT if instance.can_encode(EXPLICIT) else instance.transfer_syntax_uid
    store = way.store_bytes(instance, instance.encoded(encoding), label=f"sent in {transfer_syntax_name(agreed)}")
    way.connection.close()
    assert store.sent is not None
    found = readback.fetch(store.sent, expect=storing.acknowledged(store))
    level = claims.storage_level
    judge(unusual.rest_unharmed(store, found, requirement, meant=instance, storage_level=level))


@pytest.mark.requirement("PIX-11", "FID-01", "FID-02")
def test_baseline_stream_in_extended(
    line: Callable[[Instance, str], Line], instances: Instances, judge: Judge, judge_stored: JudgeStored
) -> None:
    """A baseline stream in JPEG Extended, which decoders of that process are to read, is stored unchanged."""
    baseline = jpeg_baseline(KINDS["grey 8"](instances.identities.new()))
    instance = replace(baseline, transfer_syntax_uid=JPEG_EXTENDED, label=f"{baseline.label}, in JPEG Extended")
    way = line(instance, JPEG_EXTENDED)
    store = way.store_bytes(instance, instance.encoded(JPEG_EXTENDED), label="as it is")
    judge(responses.expect(store, "PIX-11", success=True, warning=True, reported=Reactions(failure=True)))
    judge_stored(instance, store, connection=way.connection)


# Native pixel data in unusual forms


@pytest.mark.requirement("PIX-09")
def test_two_kinds_of_pixel_data(line: Callable[[Instance, str], Line], instances: Instances, judge: Judge) -> None:
    """An instance with Pixel Data beside Float Pixel Data, of which there may be one, is stored or refused."""
    floats = instances.build("ParametricMapStorage")
    both = floats.changed(label=f"{floats.label}, with Pixel Data", edit=lambda d: set_pixel_data(d, bytes(512)))
    way = line(both, EXPLICIT)
    store = way.store_bytes(both, both.encoded(EXPLICIT), label="both")
    way.connection.close()
    judge(unusual.answered(store, "PIX-09"))


@pytest.mark.requirement("PIX-14", "FID-01")
@pytest.mark.parametrize("transfer_syntax", [IMPLICIT, EXPLICIT], ids=["implicit VR", "explicit VR"])
def test_bits_that_no_sample_uses(
    *,
    line: Callable[[Instance, str], Line],
    instances: Instances,
    readback: Look,
    judge: Judge,
    judge_stored: JudgeStored,
    transfer_syntax: str,
) -> None:
    """What stands above High Bit is kept as it was sent."""
    instance = with_unused_bits(instances.identities.new())
    way = line(instance, transfer_syntax)
    store: OperationExchange = way.store(instance)
    judge_stored(instance, store, requirement="PIX-14", connection=way.connection)
    found = readback.fetch(sent_of(instance, transfer_syntax), expect=storing.acknowledged(store))
    judge(unusual.unused_bits(store, found, sent=instance))


# What is offered in compressed or referenced form alone


@pytest.mark.level("safe")
@pytest.mark.requirement("TS-03")
@pytest.mark.parametrize("offered", [(JPEG_BASELINE,), (JPIP,), (JPEG_BASELINE, JPIP)], ids=["lossy", "JPIP", "both"])
def test_nothing_native_is_offered(peer: Peers, judge: Judge, offered: tuple[str, ...]) -> None:
    """A requestor that has an image in a lossy or a referenced form alone may offer that alone (PS3.5 10.1)."""
    contexts = contexts_of([(VERIFICATION_SOP_CLASS, (IMPLICIT,)), (SECONDARY_CAPTURE, offered)])
    with peer() as connection:
        exchange = connection.associate(contexts)
        judge(negotiation.context_result(exchange, 3, "TS-03", allowed=(0, 3, 4), tolerated=(1, 2)))
        if 1 in connection.accepted:
            judge(responses.expect(connection.echo(context_id=1), "TS-03", success=True))
            connection.release()
