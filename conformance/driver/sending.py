"""What is said about an instance that is sent."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace

from conformance.instances.instance import Instance
from conformance.observation.exchanges import Sent
from conformance.wire.items import ProposedContext


def sent_of(instance: Instance, transfer_syntax_uid: str) -> Sent:
    """An instance as it goes out in a transfer syntax."""
    data_set = instance.encoded(transfer_syntax_uid)
    return Sent(
        label=instance.label,
        sop_class_uid=instance.sop_class_uid,
        sop_instance_uid=instance.sop_instance_uid,
        transfer_syntax_uid=transfer_syntax_uid,
        data_set_bytes=len(data_set),
        sha256=instance.sha256(transfer_syntax_uid),
        patient_id=instance.patient_id,
        study_instance_uid=instance.study_instance_uid,
        series_instance_uid=instance.series_instance_uid,
    )


def sent_bytes_of(instance: Instance, data_set: bytes, transfer_syntax_uid: str, *, label: str) -> Sent:
    """Other bytes than the instance's own, sent under its UIDs.

    Args:
        instance: Whose SOP Class and Instance UID the command names.
        data_set: The bytes that go out.
        transfer_syntax_uid: Of the presentation context, whatever the bytes are.
        label: What was done to them.
    """
    return Sent(
        label=label,
        sop_class_uid=instance.sop_class_uid,
        sop_instance_uid=instance.sop_instance_uid,
        transfer_syntax_uid=transfer_syntax_uid,
        data_set_bytes=len(data_set),
        sha256=hashlib.sha256(data_set).hexdigest(),
        patient_id=instance.patient_id,
        study_instance_uid=instance.study_instance_uid,
        series_instance_uid=instance.series_instance_uid,
    )


def sent_pieces_of(
    instance: Instance, pieces: Iterable[bytes | memoryview], transfer_syntax_uid: str, *, label: str
) -> Sent:
    """What is sent in pieces that are held nowhere together; `pieces` are gone through once.

    Args:
        instance: Whose UIDs and patient it has.
        pieces: The encoded data set.
        transfer_syntax_uid: That it is encoded in.
        label: What it is.
    """
    digest, length = hashlib.sha256(), 0
    for piece in pieces:
        digest.update(piece)
        length += len(piece)
    described = sent_bytes_of(instance, b"", transfer_syntax_uid, label=label)
    return replace(described, data_set_bytes=length, sha256=digest.hexdigest())


def contexts_of(pairs: Sequence[tuple[str, Sequence[str]]]) -> tuple[ProposedContext, ...]:
    """Presentation contexts with the ids 1, 3, 5 ... for (abstract syntax, transfer syntaxes) pairs.

    Raises:
        ValueError: More than 128 contexts (PS3.8 9.3.2.2 has odd ids from 1 to 255).
    """
    if len(pairs) > 128:
        raise ValueError(f"{len(pairs)} presentation contexts; an association has room for 128")
    return tuple(
        ProposedContext(context_id=2 * index + 1, abstract_syntax=abstract, transfer_syntaxes=tuple(transfers))
        for index, (abstract, transfers) in enumerate(pairs)
    )
