"""How a fault changes an instance before it is stored, or a command set before it is sent; no fault of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from conformance.standard.transfer_syntaxes import IMPLICIT_VR_LITTLE_ENDIAN
from conformance.target.embedded.elements import Element, decode, encode
from conformance.target.embedded.storage import Store, StoredInstance
from conformance.target.embedded.walk import Encoding
from conformance.wire.command import CommandSet, Tag

PIXEL_DATA: Final = 0x7FE0_0010
_NATIVE: Final = frozenset({IMPLICIT_VR_LITTLE_ENDIAN, "1.2.840.10008.1.2.1"})

Edit = Callable[[dict[int, Element]], None]


def edited(store: Store, instance: StoredInstance, edit: Edit) -> StoredInstance:
    """The instance with its elements changed; as it is where its transfer syntax is not a native little endian one."""
    if instance.transfer_syntax not in _NATIVE:
        return instance
    encoding = Encoding(explicit_vr=instance.transfer_syntax != IMPLICIT_VR_LITTLE_ENDIAN)
    elements = decode(instance.data_set.read(), encoding)
    edit(elements)
    instance.data_set.discard()
    return replace(instance, data_set=store.blob(encode(elements, encoding)))


def replaced(command: CommandSet, tag: Tag, value: bytes) -> CommandSet:
    """A command set with the value of an element changed in place; group length and order stay."""
    return CommandSet(elements=tuple(replace(e, value=value) if e.tag == tag else e for e in command.elements))


def with_value(elements: dict[int, Element], tag: int, change: Callable[[bytes], bytes]) -> None:
    """Change the value of an element in place, if it is there."""
    if tag in elements:
        elements[tag] = replace(elements[tag], value=change(elements[tag].value))
