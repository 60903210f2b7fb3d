"""An instance filed in another native transfer syntax than it came in; no oddity of its own."""

from __future__ import annotations

from dataclasses import replace

from conformance.standard.transfer_syntaxes import IMPLICIT_VR_LITTLE_ENDIAN
from conformance.target.embedded.elements import decode, encode
from conformance.target.embedded.keys import INDEX_TAGS
from conformance.target.embedded.source import MemorySource
from conformance.target.embedded.storage import Store, StoredInstance
from conformance.target.embedded.walk import Encoding, Walk


def filed_in(store: Store, instance: StoredInstance, transfer_syntax: str) -> StoredInstance:
    """The instance in Implicit or Explicit VR Little Endian, from the other of the two, without group lengths."""
    before = Encoding(explicit_vr=instance.transfer_syntax != IMPLICIT_VR_LITTLE_ENDIAN)
    after = Encoding(explicit_vr=transfer_syntax != IMPLICIT_VR_LITTLE_ENDIAN)
    elements = decode(instance.data_set.read(), before)
    instance.data_set.discard()
    data_set = store.blob(encode({tag: e for tag, e in elements.items() if tag & 0xFFFF}, after))
    walked = Walk(MemorySource(data_set.read()), after, INDEX_TAGS).run()
    return replace(instance, transfer_syntax=transfer_syntax, data_set=data_set, index_bytes=bytes(walked.index))
