"""Which SOP classes can be made, by keyword, and the one way to make an instance of one."""

from typing import Final

from pydicom.filewriter import correct_ambiguous_vr

from conformance.instances.entry import Entry
from conformance.instances.errors import InstanceError
from conformance.instances.identity import Identity
from conformance.instances.images import ENTRIES as IMAGES
from conformance.instances.instance import Instance
from conformance.instances.iod.image import Size
from conformance.instances.others import ENTRIES as OTHERS
from conformance.instances.usual import ENTRIES as USUAL

_ENTRIES: Final[dict[str, Entry]] = {
    **USUAL,
    **IMAGES,
    **OTHERS,
}


def available() -> tuple[str, ...]:
    """Return the keywords of the SOP classes that `build` knows, in alphabetical order."""
    return tuple(sorted(_ENTRIES))


def size_options(keyword: str) -> frozenset[str]:
    """Return which of `rows`, `columns` and `frames` can be chosen for a SOP class.

    Raises:
        InstanceError: no such keyword.
    """
    return _entry(keyword).options


def build(
    keyword: str,
    identity: Identity,
    *,
    rows: int | None = None,
    columns: int | None = None,
    frames: int | None = None,
) -> Instance:
    """Return a valid instance of a SOP class.

    Args:
        keyword: as in PS3.6 Table A-1, such as "CTImageStorage".
        identity: who it belongs to; its content follows from the identity alone.
        rows: height in pixels, 1 to 65535; None for the default.
        columns: width in pixels, 1 to 65535; None for the default.
        frames: number of frames; None for the default.

    Raises:
        InstanceError: no such keyword, or a size that this SOP class does not have.
    """
    entry = _entry(keyword)
    chosen = {
        name: value for name, value in (("rows", rows), ("columns", columns), ("frames", frames)) if value is not None
    }
    for name, value in chosen.items():
        _check_size(keyword, entry, name, value)
    default = {"rows": entry.size.rows, "columns": entry.size.columns, "frames": entry.size.frames}
    dataset = entry.builder(identity, Size(**{**default, **chosen}))
    return Instance(dataset=correct_ambiguous_vr(dataset, is_little_endian=True), label=keyword)


def _entry(keyword: str) -> Entry:
    entry = _ENTRIES.get(keyword)
    if entry is None:
        raise InstanceError(f"no builder for SOP class {keyword!r}", hint=f"one of {', '.join(available())}")
    return entry


def _check_size(keyword: str, entry: Entry, name: str, value: int) -> None:
    if name not in entry.options:
        raise InstanceError(
            f"{keyword} has no {name} to choose", hint=f"options: {', '.join(sorted(entry.options)) or 'none'}"
        )
    if not 1 <= value <= 65535:
        raise InstanceError(f"{name} is {value}, outside 1 to 65535", hint="PS3.5 US, and one frame at least")
