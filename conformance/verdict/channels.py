"""One archive, several channels: is what each of them gives the instance that was stored, and the same? Pure judges."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from pydicom.dataset import Dataset
from pydicom.tag import Tag
from pydicom.uid import ImplicitVRLittleEndian

from conformance.instances.instance import Instance
from conformance.observation.channels import Given
from conformance.observation.exchanges import OperationExchange
from conformance.observation.queries import Answered
from conformance.observation.stored import Stored
from conformance.standard.transfer_syntaxes import EXPLICIT_VR_LITTLE_ENDIAN
from conformance.verdict.compare import Difference, DifferenceKind, compare
from conformance.verdict.evidence_bytes import last_received
from conformance.verdict.few import few
from conformance.verdict.fidelity import differences_of, stored_equals_sent
from conformance.verdict.finding import Finding, Verdict, finding
from conformance.verdict.responses import actual

_SAME: Final = "the same elements and values through every channel, whatever the transfer syntax"
_OFTEN_UPDATED: Final = (DifferenceKind.COERCED, DifferenceKind.ADDED)


def found_as_stored(
    found: Answered, stored: Dataset, collected: Mapping[str, Sequence[str]], *, given_back: Sequence[Dataset] = ()
) -> Finding:
    """The values of a C-FIND response are those of the stored instance; absent and empty ones say nothing (CHN-01).

    Args:
        found: A query that chooses one entity, of one instance.
        stored: That instance as it was sent.
        collected: Values that an entity collects from its instances, by keyword.
        given_back: The instance as the target gives it back: what was coerced is right in a response as well.
    """
    requirement = "CHN-01"
    expected = "each value that is returned is the one of the stored instance"
    if found.exchange.status != 0 or len(found.matches) != 1:
        words = f"{len(found.matches)} matches; {actual(found.exchange)}"
        return finding(requirement, Verdict.INCONCLUSIVE, expected=expected, actual=words)
    match = found.matches[0].dataset
    per_copy = [_other_values(match, one) for one in (stored, *given_back)]
    wrong = [d for d in per_copy[0] if all(any(o.path == d.path for o in others) for others in per_copy[1:])]
    faults = [str(difference).replace(", stored ", ", listed ") for difference in wrong]
    for keyword, values in collected.items():
        listed = _texts(match, keyword)
        if listed and sorted(listed) != sorted(values):
            faults.append(f"{keyword}: {', '.join(listed)}")
    compared = sum(1 for keyword in map(str, _keywords(found.keys)) if _texts(match, keyword))
    lost_characters = bool(faults) and len(faults) == len(wrong) and not any(d.sent.isascii() for d in wrong)
    return finding(
        requirement,
        (Verdict.WARN if lost_characters else Verdict.FAIL) if faults else Verdict.PASS,
        expected=expected,
        actual=few(faults) if faults else f"{compared} values as stored",
        note="characters beyond ASCII: see QR-19" if lost_characters else "",
        evidence=last_received(found.exchange.transcript, found.exchange.outcome) if faults else (),
    )


def listed_as_stored(rows: Sequence[Mapping[str, Any]], stored: Dataset) -> Finding:
    """The values of a search's only match are those of the stored instance (CHN-01).

    Args:
        rows: The matches in the DICOM JSON model.
        stored: The instance as it was sent.
    """
    expected = "each value that is returned is the one of the stored instance"
    if len(rows) != 1:
        words = f"{len(rows)} matches of a search"
        return finding("CHN-01", Verdict.INCONCLUSIVE, expected=expected, actual=words)
    match = _from_json(rows[0])
    if isinstance(match, str):
        return finding("CHN-01", Verdict.INCONCLUSIVE, expected=expected, actual=f"a match cannot be read: {match}")
    faults = [str(difference).replace(", stored ", ", listed ") for difference in _other_values(match, stored)]
    return finding(
        "CHN-01",
        Verdict.FAIL if faults else Verdict.PASS,
        expected=expected,
        actual=few(faults) if faults else f"QIDO-RS: {len(match)} attributes as stored",
    )


def _from_json(row: Mapping[str, Any]) -> Dataset | str:
    """A match as a data set, or why it is none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return Dataset.from_json(dict(row))
        except Exception as error:  # what pydicom raises on foreign JSON is not listed anywhere
            return f"{type(error).__name__}: {error}"[:160]


def _other_values(match: Dataset, stored: Dataset) -> list[Difference]:
    """The values of a match that are not those of an instance."""
    known, listed = _part_of(stored, match, stored), _part_of(match, match, stored)
    found = compare(
        known,
        listed,
        sent_transfer_syntax=EXPLICIT_VR_LITTLE_ENDIAN,
        stored_transfer_syntax=EXPLICIT_VR_LITTLE_ENDIAN,
    )
    return [
        d
        for d in found
        if d.permitted is None
        and d.kind in (DifferenceKind.CHANGED, DifferenceKind.COERCED)
        and d.stored != "empty"
        and d.keyword != "SpecificCharacterSet"
        and not (d.vr == "TM" and _same_time(d.sent, d.stored))
    ]


def _part_of(whole: Dataset, match: Dataset, stored: Dataset) -> Dataset:
    """The attributes of one data set that both have, in its own character set."""
    both = {tag for tag in match.keys() if tag in stored} | {Tag("SpecificCharacterSet")}  # noqa: SIM118
    part = Dataset({tag: whole.get_item(tag) for tag in both if tag in whole})
    implicit_vr, little_endian = whole.original_encoding
    part.set_original_encoding(implicit_vr, little_endian, whole.original_character_set)
    return part


def _same_time(one: str, other: str) -> bool:
    """Whether two times are the same to the microsecond (PS3.5 Table 6.2-1: what a TM leaves out is zero)."""
    return _padded_time(one) == _padded_time(other)


def _padded_time(shown: str) -> str:
    whole, _, fraction = shown.strip("' ").replace(":", "").partition(".")
    return f"{whole:0<6}.{fraction:0<6}"


def _keywords(keys: Dataset) -> list[str]:
    return [element.keyword for element in keys]


def _texts(match: Dataset, keyword: str) -> list[str]:
    value = match.get(keyword)
    if value is None or value == "":
        return []
    values = [value] if isinstance(value, str) or not hasattr(value, "__iter__") else list(value)
    return [text for text in (str(one).strip(" \0") for one in values) if text]


def given(channels: Sequence[Given]) -> tuple[Finding, ...]:
    """Each channel gives the instance once, and readable in the transfer syntax that it comes under (QR-31, QR-34)."""
    return tuple(one for channel in channels for one in _given(channel))


def _given(one: Given) -> tuple[Finding, ...]:
    expected = "the instance, once"
    if one.problem:
        note = "it has to be given in this transfer syntax (PS3.5 10.1, PS3.18 8.7.3.4)" if one.obliged else ""
        verdict = Verdict.WARN if one.obliged else Verdict.INFO
        return (finding("QR-31", verdict, expected=expected, actual=f"{one.channel}: {one.problem}", note=note),)
    once = finding(
        "QR-31",
        Verdict.PASS if len(one.copies) == 1 else Verdict.FAIL,
        expected=expected,
        actual=f"{one.channel}: success, and {len(one.copies) or 'no'} instances",
    )
    if not one.copies:
        return (once,)
    words = one.defect or f"{one.copies[0].transfer_syntax_uid}, read to its end"
    return (
        once,
        finding(
            "QR-34",
            Verdict.FAIL if one.defect else Verdict.PASS,
            expected="a data set in the transfer syntax that it comes under",
            actual=f"{one.channel}: {words}",
        ),
    )


def each_as_sent(
    sent: Instance, channels: Sequence[Given], store: OperationExchange, *, storage_level: int | None
) -> tuple[Finding, ...]:
    """What each channel gives is what was sent, as `fidelity.stored_equals_sent` has it, with the channel's name."""
    found = []
    for one in _readable(channels):
        held = Stored(copies=one.copies, listed=len(one.copies), channel=one.channel)
        judged = stored_equals_sent(sent, held, store, storage_level=storage_level)
        found += [replace(f, actual=f"{one.channel}: {f.actual}") for f in judged]
    return tuple(found)


def the_same_through_all(sent: Instance, channels: Sequence[Given], requirement: str = "CHN-02") -> Finding:
    """What one channel gives as it was sent is not lost or changed through another (CHN-02).

    What differs from what was sent through every channel alike is no matter of channels, and is judged as fidelity.
    """
    readable = _readable(channels)
    if len(readable) < 2:
        return finding(
            requirement,
            Verdict.NOT_APPLICABLE,
            expected=_SAME,
            actual=f"{len(readable)} channels gave the instance; two are needed to compare",
        )
    per_channel = {one.channel: _unpermitted(sent, one) for one in readable}
    everywhere = set.intersection(*(set(found) for found in per_channel.values()))
    odd = [(name, d) for name, found in per_channel.items() for key, d in found.items() if key not in everywhere]
    grave = [(name, d) for name, d in odd if d.kind not in _OFTEN_UPDATED]
    shown = grave or odd
    return finding(
        requirement,
        Verdict.FAIL if grave else Verdict.WARN if odd else Verdict.PASS,
        expected=_SAME,
        actual=few([f"{name}: {d}" for name, d in shown]) if shown else f"the same through {', '.join(per_channel)}",
        note="the other channels give it as it was sent" if grave else "",
    )


def value_representations(sent: Instance, channels: Sequence[Given]) -> tuple[Finding, ...]:
    """A VR that was sent explicitly is given back explicitly, or as UN, and never as another (CHN-03).

    Args:
        sent: The instance, which was sent in an explicit VR transfer syntax.
        channels: What came.
    """
    requirement = "CHN-03"
    expected = ("the VR that was sent", "the VR of the data dictionary", "OB for OW where the encoding asks for it")
    findings = []
    for one in _readable(channels):
        if one.copies[0].transfer_syntax_uid == ImplicitVRLittleEndian:
            continue
        found = differences_of(sent, one.copies[0], sent_transfer_syntax=EXPLICIT_VR_LITTLE_ENDIAN)
        changed = [d for d in found if d.kind is DifferenceKind.VR_CHANGED]
        wrong = [d for d in changed if d.permitted is None]
        unknown = [d for d in changed if d.stored == "UN"]
        lost = wrong or unknown
        findings.append(
            finding(
                requirement,
                Verdict.FAIL if wrong else Verdict.WARN if unknown else Verdict.PASS,
                expected=expected,
                actual=f"{one.channel}: {few(lost) if lost else 'as sent'}",
                note="PS3.5 6.2.2 lets a VR be UN where it is not known; it was known" if lost and not wrong else "",
            )
        )
    return tuple(findings)


def _readable(channels: Sequence[Given]) -> list[Given]:
    return [one for one in channels if one.copies and not one.defect and not one.problem]


def _unpermitted(sent: Instance, one: Given) -> dict[tuple[str, DifferenceKind, str], Difference]:
    """What differs from what was sent, but for what the encoding or a clause permits and what cannot be compared."""
    found = (
        differences_of(sent, copy, sent_transfer_syntax=None if sent.is_encapsulated else EXPLICIT_VR_LITTLE_ENDIAN)
        for copy in one.copies[:1]
    )
    left_out = (DifferenceKind.UNDECODABLE, DifferenceKind.VR_CHANGED)
    return {
        (d.path, d.kind, d.stored): d
        for several in found
        for d in several
        if d.permitted is None and d.kind not in left_out
    }
