"""Hard content re-encoded by another hand, DCMTK's dcmconv, is no change; where dcmconv breaks it, it is one."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

from conformance.instances import hard
from conformance.instances.hard import Case
from conformance.instances.identity import IdentitySource
from conformance.readback.part10 import decode_part10, encode_part10
from conformance.verdict.compare import compare

EXPLICIT: Final = "1.2.840.10008.1.2.1"
OPTIONS: Final = {
    "implicit VR": ("+ti",),
    "big endian": ("+tb",),
    "deflated": ("+td",),
    "lengths defined": ("+te", "+e"),
    "lengths undefined": ("+te", "-e"),
    "no group lengths": ("+te", "-g"),
    "UTF-8": ("+te", "+U8"),
}
NOT_CONVERTED: Final = frozenset(
    {"ISO 2022 IR 87 Japanese", "ISO 2022 IR 13 and 87 Japanese", "ISO 2022 IR 159 Japanese"}
)
"""What the iconv of the C library has no encoding for."""
BROKEN: Final = {
    # 5CH, the delimiter of values, becomes a yen sign: two values are one.
    "ISO_IR 13 Katakana": "(0010,1001)",
    # The text of items is converted from the wrong character set, and theirs is left as it was.
    "another character set in an item": "(0040,0275)[0].(0032,1060)",
}
"""What dcmconv 3.6.7 does not convert to the same characters, and where that is seen."""


@pytest.mark.skipif(shutil.which("dcmconv", path="/usr/bin") is None, reason="DCMTK is not installed")
@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("case", hard.CASES, ids=lambda case: case.name)
def test_by_another_hand(case: Case, options: str, tmp_path: Path) -> None:
    if options == "UTF-8" and case.name in NOT_CONVERTED:
        pytest.skip("the C library has no such encoding")
    instance = case.make(IdentitySource(seed=1, scope=case.name).new())
    sent = tmp_path / "sent.dcm"
    sent.write_bytes(
        encode_part10(
            instance.encoded(EXPLICIT),
            sop_class_uid=instance.sop_class_uid,
            sop_instance_uid=instance.sop_instance_uid,
            transfer_syntax_uid=EXPLICIT,
        )
    )
    program = shutil.which("dcmconv", path="/usr/bin") or ""
    stored = tmp_path / "stored.dcm"
    subprocess.run([program, *OPTIONS[options], str(sent), str(stored)], check=True, capture_output=True, timeout=30)
    read = decode_part10(stored.read_bytes())
    found = compare(
        instance.dataset,
        read.dataset,
        sent_transfer_syntax=EXPLICIT,
        stored_transfer_syntax=read.transfer_syntax_uid,
    )
    changes = [difference.path for difference in found if difference.permitted is None]
    assert read.defect == ""
    if options == "UTF-8" and case.name in BROKEN:
        assert BROKEN[case.name] in changes
    else:
        assert changes == []
