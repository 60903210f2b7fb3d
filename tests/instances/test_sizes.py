"""Sizes: exact to the byte, large without copies, and tiny."""

import time
import tracemalloc

import pytest

from conformance.instances import catalogue, variants
from conformance.instances.errors import InstanceError
from tests.instances.reading import BIG_ENDIAN, DEFLATED, EXPLICIT, IMPLICIT, an_identity, read_back

_MIB = 1 << 20


@pytest.mark.parametrize("syntax", [IMPLICIT, EXPLICIT, BIG_ENDIAN], ids=["implicit", "explicit", "big-endian"])
@pytest.mark.parametrize("target_bytes", [4096, 16370, 16372, 16384, 65534, 65536, 200_000])
@pytest.mark.parametrize("start", ["tiny", "CTImageStorage"])
def test_an_encoding_is_exactly_as_long_as_asked(start: str, target_bytes: int, syntax: str) -> None:
    identity = an_identity()
    first = variants.tiny(identity) if start == "tiny" else catalogue.build(start, identity, rows=16, columns=16)
    instance = variants.sized(first, target_bytes, syntax)
    assert len(instance.encoded(syntax)) == target_bytes
    assert read_back(instance, syntax).SOPInstanceUID == identity.sop_instance_uid


def test_a_sized_instance_can_be_sized_again() -> None:
    first = variants.sized(variants.tiny(an_identity()), 10_000, EXPLICIT)
    assert len(variants.sized(first, 2_000, EXPLICIT).encoded(EXPLICIT)) == 2_000


@pytest.mark.parametrize(
    ("target_bytes", "syntax"), [(4097, EXPLICIT), (10, EXPLICIT), (4096, DEFLATED)], ids=["odd", "small", "deflated"]
)
def test_a_length_that_cannot_be_is_refused(target_bytes: int, syntax: str) -> None:
    with pytest.raises(InstanceError, match="hint:"):
        variants.sized(variants.tiny(an_identity()), target_bytes, syntax)


def test_64_mib_are_made_and_encoded_fast_and_without_many_copies() -> None:
    started = time.process_time()
    tracemalloc.start()
    try:
        instance = variants.large(an_identity(), 64)
        encoded = instance.encoded(EXPLICIT)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert time.process_time() - started < 1
    assert 64 * _MIB < len(encoded) < 65 * _MIB
    assert peak < 3 * 64 * _MIB
    assert len(instance.dataset.PixelData) == 64 * _MIB


def test_no_two_frames_of_a_large_instance_agree() -> None:
    dataset = variants.large(an_identity(), 5).dataset
    assert dataset.NumberOfFrames == 5
    assert len({dataset.PixelData[frame * _MIB : (frame + 1) * _MIB] for frame in range(5)}) == 5


@pytest.mark.parametrize("megabytes", [0, -1, 2049])
def test_a_large_instance_of_no_sensible_size_is_refused(megabytes: int) -> None:
    with pytest.raises(InstanceError, match="outside 1 to 2048"):
        variants.large(an_identity(), megabytes)


def test_tiny_is_small_and_says_who_it_belongs_to() -> None:
    identity = an_identity()
    instance = variants.tiny(identity)
    assert len(instance.encoded(IMPLICIT)) < 400
    assert instance.sop_instance_uid == identity.sop_instance_uid
    assert instance.study_instance_uid == identity.study_instance_uid
    assert instance.patient_id == identity.patient_id
