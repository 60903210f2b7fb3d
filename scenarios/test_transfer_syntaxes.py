"""Transfer syntaxes: each alone and beside the default, and what is stored in those that are accepted."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Final

import pytest

from conformance.config import Claims
from conformance.driver.peer import Peer
from conformance.driver.sending import contexts_of, sent_of
from conformance.instances import variants
from conformance.instances.encapsulated import jpeg_baseline, rle
from conformance.instances.instance import Instance
from conformance.observation.exchanges import AssociationExchange, OperationExchange
from conformance.plugin.fixtures import Instances, Judge, Look, Peers
from conformance.plugin.scene import NotNegotiatedError
from conformance.standard.sop_classes import storage_uid_by_keyword
from conformance.standard.transfer_syntaxes import TRANSFER_SYNTAXES, Kind, TransferSyntax, transfer_syntax_name
from conformance.verdict import encoding, negotiation, storing
from conformance.wire.messages import VERIFICATION_SOP_CLASS

pytestmark = pytest.mark.topic("transfer syntaxes")

IMPLICIT: Final = "1.2.840.10008.1.2"
EXPLICIT: Final = "1.2.840.10008.1.2.1"
DEFLATED: Final = "1.2.840.10008.1.2.1.99"
BIG_ENDIAN: Final = "1.2.840.10008.1.2.2"
JPEG_LOSSLESS: Final = "1.2.840.10008.1.2.4.57"
JPEG_LOSSLESS_SV1: Final = "1.2.840.10008.1.2.4.70"
JPEG_LS_LOSSLESS: Final = "1.2.840.10008.1.2.4.80"
JPEG_LS_NEAR_LOSSLESS: Final = "1.2.840.10008.1.2.4.81"
PRIVATE: Final = "1.2.826.0.1.3680043.8.498.1.2.4"
"""Below our own root, and assigned to nothing."""
UNKNOWN: Final = "1.2.840.10008.1.2.9.99"
"""Below the root of the standard, and not in PS3.6."""
FRAGMENTABLE_HEVC: Final = "1.2.840.10008.1.2.4.107.1"
FRAGMENTABLE_HEVC_10: Final = "1.2.840.10008.1.2.4.108.1"
ECHO: Final = (VERIFICATION_SOP_CLASS, (IMPLICIT,))

CLASS_FOR: Final = {
    Kind.NATIVE: "CTImageStorage",
    Kind.DEFLATED: "CTImageStorage",
    Kind.DEFLATED_FRAME: "SegmentationStorage",
    Kind.MPEG: "VideoEndoscopicImageStorage",
    Kind.SMPTE: "VideoEndoscopicImageStorage",
    Kind.JPIP: "EnhancedCTImageStorage",
}
"""A storage SOP class that the kind suits; Secondary Capture takes all others."""
REQUIREMENTS: Final = {
    BIG_ENDIAN: "TS-05",
    IMPLICIT: "TS-01",
    EXPLICIT: "TS-04",
    DEFLATED: "TS-06",
    JPEG_LOSSLESS: "TS-08",
    JPEG_LS_NEAR_LOSSLESS: "TS-10",
}
KIND_REQUIREMENTS: Final = {
    Kind.SMPTE: "TS-18",
    Kind.JPIP: "TS-17",
    Kind.JPEG_XL: "TS-14",
    Kind.DEFLATED_FRAME: "TS-15",
    Kind.ENCAPSULATED_UNCOMPRESSED: "TS-16",
    Kind.JPEG_2000: "TS-11",
    Kind.HTJ2K: "TS-11",
}

JudgeStored = Callable[..., None]
Stored = tuple[Instance, OperationExchange]


def _requirement(row: TransferSyntax) -> str:
    return REQUIREMENTS.get(row.uid) or KIND_REQUIREMENTS.get(row.kind, "TS-13")


def _class_for(kind: Kind) -> str:
    return storage_uid_by_keyword()[CLASS_FOR.get(kind, "SecondaryCaptureImageStorage")]


def _negotiate(peer: Peers, judge: Judge, *pairs: tuple[str, tuple[str, ...]], label: str = "") -> AssociationExchange:
    """Propose contexts and Verification beside them; the association is accepted whatever they are."""
    with peer(label=label) as connection:
        exchange = connection.associate(contexts_of([*pairs, ECHO]))
        judge(negotiation.accepted(exchange, "UL-RQ-25"))
        judge(negotiation.every_context_answered_once(exchange), negotiation.transfer_syntax_offered(exchange))
        connection.release()
    return exchange


def _each_of_the_standard() -> list[object]:
    return [
        pytest.param(
            row,
            id=f"{row.keyword}{', retired' if row.retired else ''}",
            marks=pytest.mark.requirement(_requirement(row)),
        )
        for row in TRANSFER_SYNTAXES
    ]


@pytest.mark.level("safe")
@pytest.mark.requirement("TS-13", "UL-RQ-25", "UL-AC-08")
@pytest.mark.parametrize("row", _each_of_the_standard())
def test_transfer_syntax_alone(peer: Peers, judge: Judge, claims: Claims, row: TransferSyntax) -> None:
    """A storage SOP class in this transfer syntax alone is accepted or refused, and Verification beside it accepted."""
    sop_class = _class_for(row.kind)
    exchange = _negotiate(peer, judge, (sop_class, (row.uid,)))
    judge(negotiation.context_result(exchange, 3, "UL-RQ-25"))
    if row.kind is Kind.SMPTE:
        note = "for real-time flows (PS3.22); no clause forbids to accept it, and no data set is encoded so"
        judge(negotiation.context_result(exchange, 1, "TS-18", allowed=(3, 4), tolerated=(0, 1, 2), note=note))
        return
    claimed = claims.claims_transfer_syntax(row.uid) and claims.claims_sop_class(sop_class)
    allowed, note = ((0,), "both are claimed") if claimed else ((0, 3, 4), "")
    judge(negotiation.context_result(exchange, 1, _requirement(row), allowed=allowed, tolerated=(1, 2), note=note))
    if row.uid == IMPLICIT:
        judge(negotiation.default_transfer_syntax_not_refused(exchange, sop_class, "TS-01"))


@pytest.mark.level("safe")
@pytest.mark.requirement("UL-RQ-25", "UL-AC-08")
@pytest.mark.parametrize(
    ("uid", "keyword", "requirement"),
    [
        pytest.param(PRIVATE, "CTImageStorage", "TS-19", id="private", marks=pytest.mark.requirement("TS-19")),
        pytest.param(UNKNOWN, "CTImageStorage", "TS-19", id="unknown", marks=pytest.mark.requirement("TS-19")),
        pytest.param(
            FRAGMENTABLE_HEVC,
            "VideoEndoscopicImageStorage",
            "TS-21",
            id="fragmentable HEVC",
            marks=pytest.mark.requirement("TS-21"),
        ),
        pytest.param(
            FRAGMENTABLE_HEVC_10,
            "VideoEndoscopicImageStorage",
            "TS-21",
            id="fragmentable HEVC 10 bit",
            marks=pytest.mark.requirement("TS-21"),
        ),
    ],
)
def test_unregistered_transfer_syntax_alone(
    *, peer: Peers, judge: Judge, claims: Claims, uid: str, keyword: str, requirement: str
) -> None:
    """A transfer syntax that the standard does not have is refused, and Verification beside it accepted."""
    exchange = _negotiate(peer, judge, (storage_uid_by_keyword()[keyword], (uid,)))
    judge(negotiation.context_result(exchange, 3, "UL-RQ-25"))
    allowed = (0, 3, 4) if claims.claims_transfer_syntax(uid) else (3, 4)
    judge(negotiation.context_result(exchange, 1, requirement, allowed=allowed, tolerated=(1, 2)))


@pytest.mark.level("safe")
@pytest.mark.requirement("TS-02", "UL-AC-08")
@pytest.mark.parametrize("contexts", ["one context", "a context each"])
@pytest.mark.parametrize(
    "uid",
    [
        pytest.param(PRIVATE, id="private"),
        pytest.param(UNKNOWN, id="unknown"),
        pytest.param(FRAGMENTABLE_HEVC, id="fragmentable HEVC"),
        pytest.param("1.2.840.10008.1.2.7.1", id="SMPTE ST 2110-20"),
        pytest.param("1.2.840.10008.1.2.6.2", id="XML Encoding"),
        pytest.param("1.2.840.10008.1.2.4.102", id="MPEG-4"),
        pytest.param("1.2.840.10008.1.2.4.112", id="JPEG XL"),
    ],
)
def test_unsupported_beside_the_default(peer: Peers, judge: Judge, uid: str, contexts: str) -> None:
    """Beside whatever transfer syntax, Implicit VR Little Endian is accepted, or the other one if supported."""
    sop_class = storage_uid_by_keyword()["SecondaryCaptureImageStorage"]
    together = contexts == "one context"
    pairs = [(sop_class, (uid, IMPLICIT))] if together else [(sop_class, (uid,)), (sop_class, (IMPLICIT,))]
    exchange = _negotiate(peer, judge, *pairs)
    judge(negotiation.default_transfer_syntax_not_refused(exchange, sop_class))
    nobodys = {PRIVATE: "TS-19", UNKNOWN: "TS-19", FRAGMENTABLE_HEVC: "TS-21"}
    if together and uid in nobodys:
        judge(encoding.not_chosen(exchange, 1, (uid,), nobodys[uid]))


@pytest.mark.level("safe")
@pytest.mark.parametrize(
    ("keyword", "one", "other", "requirement"),
    [
        pytest.param(
            "CTImageStorage",
            DEFLATED,
            EXPLICIT,
            "TS-06",
            id="deflated needs explicit VR",
            marks=pytest.mark.requirement("TS-06"),
        ),
        pytest.param(
            "SecondaryCaptureImageStorage",
            JPEG_LOSSLESS,
            JPEG_LOSSLESS_SV1,
            "TS-08",
            id="lossless JPEG needs selection value 1",
            marks=pytest.mark.requirement("TS-08"),
        ),
        pytest.param(
            "SecondaryCaptureImageStorage",
            JPEG_LS_NEAR_LOSSLESS,
            JPEG_LS_LOSSLESS,
            "TS-10",
            id="near-lossless JPEG-LS needs lossless",
            marks=pytest.mark.requirement("TS-10"),
        ),
    ],
)
def test_companion(*, peer: Peers, judge: Judge, keyword: str, one: str, other: str, requirement: str) -> None:
    """Who supports a transfer syntax supports the one that goes with it, each offered alone."""
    sop_class = storage_uid_by_keyword()[keyword]
    first = _negotiate(peer, judge, (sop_class, (one,)), label=transfer_syntax_name(one))
    second = _negotiate(peer, judge, (sop_class, (other,)), label=transfer_syntax_name(other))
    judge(encoding.companion_accepted(first, second, requirement, first_uid=one, second_uid=other))


def _store_alone(peer: Peers, instance: Instance, transfer_syntax: str) -> OperationExchange:
    """Store an instance on an association that offers its SOP class in one transfer syntax.

    Raises:
        NotNegotiatedError: The target does not accept that.
    """
    name = transfer_syntax_name(transfer_syntax)
    connection: Peer = peer.associated(contexts_of([(instance.sop_class_uid, (transfer_syntax,))]), label=name)
    if 1 not in connection.accepted:
        exchange = connection.recorder.associations[-1]
        raise NotNegotiatedError(exchange, instance.sop_class_uid, f"{instance.label} in {name}")
    sent = sent_of(instance, transfer_syntax)
    store = connection.store(instance.encoded(transfer_syntax), sent, context_id=1)
    connection.release()
    return store


@pytest.fixture
def judge_image(judge_stored: JudgeStored, readback: Look, judge: Judge) -> JudgeStored:
    """Judges what is stored of an image like `judge_stored`, and whether its pixel data were compressed with loss."""

    def look(instance: Instance, store: OperationExchange, *, requirement: str) -> None:
        judge_stored(instance, store, requirement=requirement)
        assert store.sent is not None
        found = readback.fetch(store.sent, expect=storing.acknowledged(store))
        judge(encoding.no_lossy_recompression(instance, found, store))

    return look


@pytest.mark.requirement("FID-01", "FID-02", "PIX-13", "STA-17")
@pytest.mark.parametrize("keyword", ["CTImageStorage", "SecondaryCaptureImageStorage", "EnhancedMRImageStorage"])
@pytest.mark.parametrize(
    ("transfer_syntax", "requirement"),
    [
        pytest.param(IMPLICIT, "TS-01", id="implicit VR", marks=pytest.mark.requirement("TS-01")),
        pytest.param(EXPLICIT, "TS-04", id="explicit VR", marks=pytest.mark.requirement("TS-04")),
        pytest.param(BIG_ENDIAN, "TS-05", id="big endian", marks=pytest.mark.requirement("TS-05")),
        pytest.param(DEFLATED, "TS-07", id="deflated", marks=pytest.mark.requirement("TS-07")),
    ],
)
def test_native_instance(
    *,
    peer: Peers,
    instances: Instances,
    judge_image: JudgeStored,
    keyword: str,
    transfer_syntax: str,
    requirement: str,
) -> None:
    """An image in this transfer syntax, where it is accepted, is stored with every element and every sample."""
    instance = instances.build(keyword)
    store = _store_alone(peer, instance, transfer_syntax)
    judge_image(instance, store, requirement=requirement)


@pytest.mark.requirement("TS-07", "FID-01", "FID-02")
@pytest.mark.parametrize("padded", [False, True], ids=["stream of even length", "stream of odd length, padded"])
def test_deflated_stream(
    peer: Peers, instances: Instances, judge_stored: JudgeStored, ct_image: Instance, padded: bool
) -> None:
    """A deflated data set is inflated whether or not a NUL pads it to even length."""
    for length in range(1, 64):
        instance = variants.with_element(ct_image, "StudyDescription", "x" * length)
        inflater = zlib.decompressobj(wbits=-zlib.MAX_WBITS)
        inflater.decompress(instance.encoded(DEFLATED))
        if bool(inflater.unused_data) is padded:
            judge_stored(instance, _store_alone(peer, instance, DEFLATED), requirement="TS-07")
            return
    raise AssertionError("no stream of that parity in 63 tries")


@pytest.mark.requirement("PIX-13", "PIX-01", "FID-01", "FID-02", "STA-17")
@pytest.mark.parametrize(
    ("keyword", "compress"),
    [
        pytest.param("CTImageStorage", rle, id="RLE, 16 bit"),
        pytest.param("UltrasoundImageStorage", rle, id="RLE, colour"),
        pytest.param("UltrasoundMultiFrameImageStorage", rle, id="RLE, multi-frame"),
        pytest.param("MultiFrameGrayscaleByteSecondaryCaptureImageStorage", jpeg_baseline, id="JPEG baseline, frames"),
        pytest.param("VLPhotographicImageStorage", jpeg_baseline, id="JPEG baseline, colour"),
    ],
)
def test_compressed_instance(
    peer: Peers,
    instances: Instances,
    judge_image: JudgeStored,
    keyword: str,
    compress: Callable[[Instance], Instance],
) -> None:
    """A compressed image, where its syntax is accepted, is kept frame by frame or decompressed without loss."""
    instance = compress(instances.build(keyword))
    store = _store_alone(peer, instance, instance.transfer_syntax_uid)
    judge_image(instance, store, requirement="PIX-01")
