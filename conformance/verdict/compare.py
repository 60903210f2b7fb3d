"""A sent data set against a stored one, element by element, whatever the transfer syntaxes of the two.

What no encoding keeps (byte order, even-length padding, defined or undefined length) is no difference. What the
standard lets an archive change is a difference that carries its clause. Nothing here gives a verdict.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from pydicom.charset import default_encoding
from pydicom.dataset import Dataset
from pydicom.tag import BaseTag
from pydicom.uid import ImplicitVRLittleEndian

from conformance.verdict.difference import (
    COERCIBLE,
    COLOUR_SPACES,
    LOSSY_CLAUSE,
    LOSSY_COMPRESSION,
    PIXEL_ENCODING,
    UNUSED_BITS_CLAUSE,
    Difference,
    DifferenceKind,
    may_be_added,
    may_be_missing,
    name_of,
    shown,
    tag_text,
)
from conformance.verdict.pixel_data import (
    Picture,
    Sameness,
    compare_pixel_data,
    equal_but_padding,
    is_native,
)
from conformance.verdict.values import (
    CHARACTER_SET_VRS,
    TEXT_VRS,
    Value,
    character_encodings,
    dictionary_vr,
    items_of,
    same_text,
    value_of,
)

__all__ = ["Difference", "DifferenceKind", "compare"]

_DEPTH: Final = 64
_ITEMS_REORDERED: Final = 64
_DEPTH_REORDERED: Final = 3
_PIXEL_DATA: Final = BaseTag(0x7FE00010)
_PHOTOMETRIC_INTERPRETATION: Final = BaseTag(0x00280004)
_CHARACTER_SET: Final = BaseTag(0x00080005)
# PS3.3 Table 8.8-1: what identifies a code, and the scheme that it is from.
_CODE: Final = (BaseTag(0x00080100), BaseTag(0x00080102), BaseTag(0x00080119), BaseTag(0x00080120))

Key = tuple[int, str | None, int, int]
"""Group, private creator or None, which of several blocks of that creator, element number within block or group."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    """One data set of a comparison with what governs its encoding."""

    dataset: Dataset
    transfer_syntax_uid: str
    encodings: tuple[str, ...]

    def inside(self, item: Dataset) -> _Side:
        return _Side(
            dataset=item,
            transfer_syntax_uid=self.transfer_syntax_uid,
            encodings=character_encodings(item, self.encodings),
        )

    def value(self, tag: BaseTag) -> Value:
        return value_of(self.dataset, tag, self.encodings)


def compare(
    sent: Dataset, stored: Dataset, *, sent_transfer_syntax: str, stored_transfer_syntax: str
) -> tuple[Difference, ...]:
    """Every difference between a sent and a stored data set, in the order of the sent one's tags.

    Args:
        sent: The data set as it was sent.
        stored: The data set as the target gave it back.
        sent_transfer_syntax: UID of the transfer syntax that it was sent in.
        stored_transfer_syntax: UID of the transfer syntax that it came back in.
    """
    default = (default_encoding,)
    return _told_of_loss(
        _differences(
            _Side(
                dataset=sent,
                transfer_syntax_uid=sent_transfer_syntax,
                encodings=character_encodings(sent, default),
            ),
            _Side(
                dataset=stored,
                transfer_syntax_uid=stored_transfer_syntax,
                encodings=character_encodings(stored, default),
            ),
            prefix="",
            depth=0,
        )
    )


def _told_of_loss(found: list[Difference]) -> tuple[Difference, ...]:
    """The differences, those permitted that tell of a lossy compression where there was one."""
    if all(d.kind is not DifferenceKind.LOSSY for d in found):
        return tuple(found)
    telling = {tag_text(BaseTag(tag)) for tag in LOSSY_COMPRESSION}
    return tuple(replace(d, permitted=d.permitted or LOSSY_CLAUSE) if d.path in telling else d for d in found)


def _differences(sent: _Side, stored: _Side, *, prefix: str, depth: int) -> list[Difference]:
    sent_keys, sent_creators = _keys(sent)
    stored_keys, stored_creators = _keys(stored)
    found = _creator_differences(sent_creators, stored_creators, prefix)
    everything = {**stored_keys, **sent_keys}
    for key, tag in sorted(everything.items(), key=lambda pair: pair[1]):
        path = f"{prefix}{tag_text(tag)}"
        name = name_of(tag, key[1])
        if key not in stored_keys:
            value = sent.value(sent_keys[key])
            found.append(
                Difference(
                    path=path,
                    keyword=name,
                    kind=DifferenceKind.MISSING,
                    sent=shown(value, value.vr),
                    stored="",
                    vr=value.vr,
                    permitted=may_be_missing(tag, value, top_level=not prefix) or _with_pixels(tag, sent, stored),
                )
            )
        elif key not in sent_keys:
            value = stored.value(stored_keys[key])
            coerced = not prefix and tag in COERCIBLE
            found.append(
                Difference(
                    path=path,
                    keyword=name,
                    kind=DifferenceKind.COERCED if coerced else DifferenceKind.ADDED,
                    sent="",
                    stored=shown(value, value.vr),
                    vr=value.vr,
                    permitted=may_be_added(tag, top_level=not prefix) or _with_pixels(tag, sent, stored),
                )
            )
        else:
            found += _element_differences(
                sent, stored, (sent_keys[key], stored_keys[key]), path=path, name=name, depth=depth
            )
    return _character_set_settled(_code_settled(found, sent, stored, prefix), prefix)


def _keys(side: _Side) -> tuple[dict[Key, BaseTag], dict[Key, BaseTag]]:
    """The elements of a data set, and apart from them its private creators, by what identifies them.

    PS3.5 7.8.1: element (gggg,00bb) reserves (gggg,bb00-bbFF); which block it is has no meaning.
    """
    creators: dict[Key, BaseTag] = {}
    blocks: dict[tuple[int, int], Key] = {}
    for tag in sorted(side.dataset.keys()):
        if tag.is_private_creator:
            name = side.value(tag).text("LO").strip("\0 ")
            ordinal = sum(key[:2] == (tag.group, name) for key in creators)
            creator: Key = (tag.group, name, ordinal, 0)
            creators[creator] = tag
            blocks[tag.group, tag.element] = creator
    elements: dict[Key, BaseTag] = {}
    for tag in sorted(side.dataset.keys()):
        if tag.is_private_creator:
            continue
        block = blocks.get((tag.group, tag.element >> 8)) if tag.is_private else None
        elements[(*block[:3], tag.element & 0xFF) if block else (tag.group, None, 0, tag.element)] = tag
    return elements, creators


def _creator_differences(sent: dict[Key, BaseTag], stored: dict[Key, BaseTag], prefix: str) -> list[Difference]:
    found = []
    for key in sorted({**stored, **sent}, key=lambda k: (k[0], k[1] or "", k[2])):
        one, other = sent.get(key), stored.get(key)
        if one == other:
            continue
        tag = one if one is not None else other
        assert tag is not None
        kind = DifferenceKind.CHANGED
        if other is None:
            kind = DifferenceKind.MISSING
        elif one is None:
            kind = DifferenceKind.ADDED
        moved = "PS3.5 7.8.1: the number of a private block has no meaning" if kind is DifferenceKind.CHANGED else None
        found.append(
            Difference(
                path=f"{prefix}{tag_text(tag)}",
                keyword=name_of(tag, None),
                kind=kind,
                sent=f"{key[1]!r} at {tag_text(one)}" if one is not None else "",
                stored=f"{key[1]!r} at {tag_text(other)}" if other is not None else "",
                vr="LO",
                permitted=moved,
            )
        )
    return found


def _element_differences(
    sent: _Side, stored: _Side, tags: tuple[BaseTag, BaseTag], *, path: str, name: str, depth: int
) -> list[Difference]:
    one, other = sent.value(tags[0]), stored.value(tags[1])
    if tags[0] != _PIXEL_DATA and _is_identical(one, other):
        return []
    vr = one.vr if one.vr_is_encoded and one.vr != "UN" else other.vr if other.vr != "UN" else one.vr
    base = Difference(
        path=path, keyword=name, kind=DifferenceKind.CHANGED, sent=shown(one, vr), stored=shown(other, vr), vr=vr
    )
    found = _vr_differences(base, one, other, sent, tags[0])
    if tags[0] == _PIXEL_DATA and (one.items, other.items) == (None, None):
        return found + _pixel_differences(base, sent, stored, one, other)
    items = _both_items(one, other, sent, stored)
    if items is not None:
        return found + _item_differences(base, sent, stored, items, depth)
    if one.items is not None or other.items is not None:
        return [*found, base]
    if one.data == other.data and (vr not in CHARACTER_SET_VRS or one.data.isascii()):
        return found
    permitted = _same_value(vr, one, other)
    if permitted == "":
        return found
    top_level = path.count("(") == 1
    if permitted is None:
        permitted = _permitted_change(tags[0], sent, stored)
    coerced = permitted is None and top_level and tags[0] in COERCIBLE
    kind = DifferenceKind.COERCED if coerced else DifferenceKind.CHANGED
    return [*found, replace(base, kind=kind, permitted=permitted)]


def _is_identical(one: Value, other: Value) -> bool:
    """Whether the values are the same bytes under the same VR, so that no rule of equality is needed."""
    return (
        one.vr == other.vr
        and (one.items, other.items) == (None, None)
        and one.encapsulated == other.encapsulated
        and one.data == other.data
        and (one.vr not in CHARACTER_SET_VRS or one.data.isascii())
    )


def _same_value(vr: str, sent: Value, stored: Value) -> str | None:
    """ "" for equal values, a clause for a difference without meaning, None for a change."""
    if vr in TEXT_VRS:
        return same_text(vr, sent.text(vr), stored.text(vr))
    return "" if equal_but_padding(sent.data, stored.data) else None


def _permitted_change(tag: BaseTag, sent: _Side, stored: _Side) -> str | None:
    if tag.element == 0:
        return "PS3.5 7.2: group lengths depend on the encoding"
    return _with_pixels(tag, sent, stored)


def _with_pixels(tag: BaseTag, sent: _Side, stored: _Side) -> str | None:
    """The clause for an attribute that follows the encoding of the pixels, where that was changed."""
    if sent.transfer_syntax_uid == stored.transfer_syntax_uid:
        return None
    if is_native(sent.transfer_syntax_uid) and is_native(stored.transfer_syntax_uid):
        return None
    if tag == _PHOTOMETRIC_INTERPRETATION and not {_colour(sent), _colour(stored)} <= COLOUR_SPACES:
        return None
    return PIXEL_ENCODING.get(tag)


def _colour(side: _Side) -> str:
    return str(side.dataset.get("PhotometricInterpretation", ""))


def _vr_differences(base: Difference, one: Value, other: Value, sent: _Side, tag: BaseTag) -> list[Difference]:
    if one.vr == other.vr or not (one.vr_is_encoded and other.vr_is_encoded):
        return []
    permitted = None
    if sent.transfer_syntax_uid == ImplicitVRLittleEndian:
        permitted = "PS3.5 7.1.3: Implicit VR carries no VR, the receiver chooses it"
    elif "UN" in (one.vr, other.vr):
        permitted = "PS3.5 6.2.2: an unknown VR may be UN, and be known again"
    elif {one.vr, other.vr} == {"OB", "OW"}:
        permitted = "PS3.5 8.1.2, A.2: OB or OW, depending on the encoding"
    elif other.vr in (dictionary_vr(tag) or ""):
        permitted = "PS3.6: the VR of the data dictionary"
    return [replace(base, kind=DifferenceKind.VR_CHANGED, sent=one.vr, stored=other.vr, permitted=permitted)]


def _pixel_differences(base: Difference, sent: _Side, stored: _Side, one: Value, other: Value) -> list[Difference]:
    result = compare_pixel_data(
        Picture(dataset=sent.dataset, value=one, transfer_syntax_uid=sent.transfer_syntax_uid),
        Picture(dataset=stored.dataset, value=other, transfer_syntax_uid=stored.transfer_syntax_uid),
    )
    match result.sameness:
        case Sameness.SAME:
            return []
        case Sameness.DIFFERENT:
            return [replace(base, stored=result.detail)]
        case Sameness.UNUSED_BITS:
            return [replace(base, stored=result.detail, permitted=UNUSED_BITS_CLAUSE)]
        case Sameness.LOSSY:
            return [replace(base, kind=DifferenceKind.LOSSY, stored=result.detail, permitted=LOSSY_CLAUSE)]
        case Sameness.UNDECODABLE:
            return [replace(base, kind=DifferenceKind.UNDECODABLE, stored=result.detail)]


def _both_items(
    one: Value, other: Value, sent: _Side, stored: _Side
) -> tuple[tuple[Dataset, ...], tuple[Dataset, ...]] | None:
    if one.items is None and other.items is None and (one.data == other.data or not _looks_like_items(one, other)):
        return None
    sent_items, stored_items = items_of(one, sent.encodings), items_of(other, stored.encodings)
    return None if sent_items is None or stored_items is None else (sent_items, stored_items)


def _looks_like_items(one: Value, other: Value) -> bool:
    """Whether both values, of VR UN, begin with an item (PS3.5 Table 7.5-1)."""
    return all(value.vr == "UN" and value.data.startswith(b"\xfe\xff\x00\xe0") for value in (one, other))


def _item_differences(
    base: Difference,
    sent: _Side,
    stored: _Side,
    items: tuple[tuple[Dataset, ...], tuple[Dataset, ...]],
    depth: int,
) -> list[Difference]:
    sent_items, stored_items = items
    counts = replace(
        base, kind=DifferenceKind.ITEMS, vr="SQ", sent=f"{len(sent_items)} items", stored=f"{len(stored_items)} items"
    )
    if depth >= _DEPTH:
        return [replace(counts, kind=DifferenceKind.UNDECODABLE, stored=f"nested deeper than {_DEPTH} sequences")]
    if len(sent_items) != len(stored_items):
        coerced = base.path.count("(") == 1 and base.path == tag_text(BaseTag(0x00101002))
        return [replace(counts, kind=DifferenceKind.COERCED) if coerced else counts]
    found: list[Difference] = []
    for number, (one, other) in enumerate(zip(sent_items, stored_items, strict=True)):
        found += _differences(sent.inside(one), stored.inside(other), prefix=f"{base.path}[{number}].", depth=depth + 1)
    if (
        len(sent_items) > 1
        and depth < _DEPTH_REORDERED
        and _changes(found)
        and _is_reordered(sent, stored, items, depth)
    ):
        return [replace(counts, sent="items in their order", stored="the same items in another order")]
    return [_coerced(d) for d in found] if base.path == tag_text(BaseTag(0x00101002)) else found


def _is_reordered(
    sent: _Side, stored: _Side, items: tuple[tuple[Dataset, ...], tuple[Dataset, ...]], depth: int
) -> bool:
    left = list(items[1])
    if len(left) > _ITEMS_REORDERED:
        return False
    for one in items[0]:
        for position, other in enumerate(left):
            if not _changes(_differences(sent.inside(one), stored.inside(other), prefix="", depth=depth + 1)):
                del left[position]
                break
        else:
            return False
    return True


def _changes(found: list[Difference]) -> bool:
    return any(difference.permitted is None for difference in found)


def _coerced(difference: Difference) -> Difference:
    if difference.permitted is None and difference.kind is not DifferenceKind.UNDECODABLE:
        return replace(difference, kind=DifferenceKind.COERCED)
    return difference


def _code_settled(found: list[Difference], sent: _Side, stored: _Side, prefix: str) -> list[Difference]:
    """Differences inside an item that is a code, and another code now, are coercion (PS3.4 B.4.1.3)."""
    if not prefix or not any(tag in sent.dataset and tag in stored.dataset for tag in _CODE[:1] + _CODE[2:]):
        return found
    paths = {f"{prefix}{tag_text(tag)}" for tag in _CODE}
    recoded = any(d.path in paths and d.permitted is None for d in found)
    return [_coerced(d) for d in found] if recoded else found


def _character_set_settled(found: list[Difference], prefix: str) -> list[Difference]:
    """Another character set is permitted where every text that it governs is the same once decoded."""
    path = f"{prefix}{tag_text(_CHARACTER_SET)}"
    if any(d.permitted is None and d.vr in CHARACTER_SET_VRS and d.kind is DifferenceKind.CHANGED for d in found):
        return found
    reason = "PS3.5 6.1.2: all text is the same once decoded"
    return [replace(d, permitted=reason) if d.path == path and d.permitted is None else d for d in found]
