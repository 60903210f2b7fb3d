"""C-FIND after a store: what is listed, and how it is said (PS3.4 C.4.1).

Pure judges. What other instances an archive holds is never judged: only those that the scenario has stored.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from pydicom.charset import convert_encodings
from pydicom.datadict import keyword_for_tag
from pydicom.valuerep import PersonName

from conformance.observation.outcomes import Response
from conformance.observation.queries import Answered, Match
from conformance.standard.transfer_syntaxes import transfer_syntax
from conformance.verdict.evidence_bytes import last_received
from conformance.verdict.few import few
from conformance.verdict.finding import Finding, Verdict, finding
from conformance.verdict.responses import Reactions, actual, expect

_ABOUT_THE_ANSWER: Final = frozenset(
    {
        0x0008_0005,  # Specific Character Set
        0x0008_0052,  # Query/Retrieve Level
        0x0008_0054,  # Retrieve AE Title
        0x0008_0056,  # Instance Availability
        0x0008_0201,  # Timezone Offset From UTC
        0x0088_0130,  # Storage Media File-Set ID
        0x0088_0140,  # Storage Media File-Set UID
    }
)
"""What a response may hold beside the keys of the request (PS3.4 C.4.1.1.3.2)."""
_AVAILABILITY: Final = ("ONLINE", "NEARLINE", "OFFLINE", "UNAVAILABLE")
_DICOM_ROOT: Final = "1.2.840.10008."
_TRANSFER_SYNTAXES: Final = "1.2.840.10008.1.2."
"""Under which PS3.6 Table A-1 has them, those of later editions too."""
_OUT_OF_RESOURCES: Final = range(0xA700, 0xA800)
_IDENTIFIER_MISMATCH: Final = (0xA900, range(0xC000, 0xD000))
_SHOWN: Final = 4


def _unanswered(found: Answered, requirement: str, expected: str) -> Finding | None:
    """Why nothing can be said about matches: INCONCLUSIVE, or None when the query succeeded."""
    status = found.exchange.status
    if status == 0:
        return None
    note = "the query did not succeed; what it lists is not judged"
    return finding(requirement, Verdict.INCONCLUSIVE, expected=expected, actual=actual(found.exchange), note=note)


def _checked(
    found: Answered,
    requirement: str,
    faults: Sequence[str],
    *,
    expected: str,
    fine: str,
    otherwise: Verdict = Verdict.FAIL,
    note: str = "",
) -> Finding:
    return finding(
        requirement,
        otherwise if faults else Verdict.PASS,
        expected=expected,
        actual=few(faults) if faults else fine,
        note=note if faults else "",
        evidence=last_received(found.exchange.transcript, found.exchange.outcome) if faults else (),
    )


def succeeded(found: Answered, requirement: str) -> Finding:
    """A query that fits its model is answered with Success at the end; A7xx says that there is no room for it."""
    return expect(
        found.exchange,
        requirement,
        success=True,
        reported=Reactions(codes=(_OUT_OF_RESOURCES,)),
    )


def level_echoed(found: Answered) -> Finding:
    """Each response has the level of the request (QR-02)."""
    expected = f"Query/Retrieve Level {found.level} in each response"
    faults = [
        f"match {n}: {level or 'none'}"
        for n, level in enumerate(found.values("QueryRetrieveLevel"), 1)
        if level != found.level
    ]
    return _unanswered(found, "QR-02", expected) or _checked(
        found, "QR-02", faults, expected=expected, fine=f"as expected in {len(found.matches)} responses"
    )


def only_what_was_asked(found: Answered) -> Finding:
    """No response has an attribute that the request does not have, but those of PS3.4 C.4.1.1.3.2 (QR-03)."""
    expected = "the keys of the request, and attributes that PS3.4 C.4.1.1.3.2 names"
    asked = {int(tag) for tag in found.keys.keys()} | _ABOUT_THE_ANSWER  # noqa: SIM118
    faults = []
    for number, match in enumerate(found.matches, 1):
        other = [int(tag) for tag in match.dataset.keys() if int(tag) not in asked]  # noqa: SIM118
        if other:
            names = ", ".join(keyword_for_tag(tag) or f"({tag >> 16:04X},{tag & 0xFFFF:04X})" for tag in other[:_SHOWN])
            faults.append(f"match {number}: {len(other)} others, {names}")
    return _unanswered(found, "QR-03", expected) or _checked(
        found, "QR-03", faults, expected=expected, fine="nothing else"
    )


def one_response_each(found: Answered, unique_key: str, expected_values: Collection[str]) -> Finding:
    """One Pending response for each entity that matches, then one without an identifier (QR-04).

    Args:
        found: A query that chooses the entities by what only ours have.
        unique_key: Keyword of the unique key of the level.
        expected_values: Its value for each entity that matches; one more is no fault where a key is unknown of it.
    """
    expected = f"{len(expected_values)} Pending responses, one for each match, and a final one without identifier"
    missing = _unanswered(found, "QR-04", expected)
    if missing is not None:
        return missing
    counted = Counter(found.values(unique_key))
    chosen = dict.fromkeys(match.text(unique_key) for match in found.matches if not _is_unknown(found, match))
    faults = [f"{unique_key} {value} {times} times" for value, times in counted.items() if times > 1 and value]
    faults += [f"a match without {unique_key}"] if counted[""] else []
    faults += [f"no match for {value}" for value in expected_values if value not in counted]
    faults += [
        f"a match for {value}, which was not asked for" for value in chosen if value not in {*expected_values, ""}
    ]
    outcome = found.exchange.outcome
    if isinstance(outcome, Response) and (outcome.data_set is not None or outcome.command.announces_data_set):
        faults.append("an identifier in the final response")
    return _checked(found, "QR-04", faults, expected=expected, fine=f"{len(found.matches)} Pending responses")


def _is_unknown(found: Answered, match: Match) -> bool:
    """Whether a key that entities were chosen by is empty in this one: it matches then (PS3.4 C.2.2.1.2)."""
    chosen_by = [key for key in found.keys if not key.is_empty and int(key.tag) not in _ABOUT_THE_ANSWER]
    return any(key.tag in match.dataset and not match.text(key.keyword) for key in chosen_by)


def pending_statuses(found: Answered) -> Finding:
    """Pending is FF00, or FF01 where an optional key is not supported; each has an identifier (QR-05)."""
    expected = "FF00H or FF01H with an identifier in each Pending response"
    faults = [
        f"match {n}: {match.status:04X}H without an identifier that can be read"
        for n, match in enumerate(found.matches, 1)
        if match.status is not None and (not match.dataset or match.defect)
    ]
    return _unanswered(found, "QR-05", expected) or _checked(
        found, "QR-05", faults, expected=expected, fine=f"{len(found.matches)} Pending responses"
    )


def unsupported_key(found: Answered, keyword: str) -> Finding:
    """An optional key that hardly anybody supports is not returned, or has a value, or the status is FF00 (QR-06)."""
    expected = f"no {keyword}, or a value, or FF00H, which says that the key is supported"
    faults = [
        f"match {n}: FF01H and an empty {keyword}"
        for n, match in enumerate(found.matches, 1)
        if keyword in match.dataset and not match.text(keyword) and match.status == 0xFF01
    ]
    return _unanswered(found, "QR-06", expected) or _checked(
        found,
        "QR-06",
        faults,
        expected=expected,
        fine="as expected",
        otherwise=Verdict.WARN,
        note="an empty value says that the attribute is empty, where it is not known",
    )


def keys_returned(found: Answered, keywords: Sequence[str]) -> Finding:
    """Each unique and required key that was asked for is in each response, with or without a value (QR-07)."""
    expected = f"{', '.join(keywords)} in each response"
    faults = [
        f"match {n} without {keyword}"
        for n, match in enumerate(found.matches, 1)
        for keyword in keywords
        if keyword not in match.dataset
    ]
    return _unanswered(found, "QR-07", expected) or _checked(
        found, "QR-07", faults, expected=expected, fine=f"all in {len(found.matches)} responses"
    )


def where_to_retrieve(found: Answered, *, lowest: bool) -> Finding:
    """Each response says where to retrieve from, with a value at the lowest level (QR-17)."""
    expected = "Retrieve AE Title, or Storage Media File-Set ID and UID" + (", with a value" if lowest else "")
    faults = []
    for number, match in enumerate(found.matches, 1):
        media = ("StorageMediaFileSetID", "StorageMediaFileSetUID")
        if "RetrieveAETitle" not in match.dataset and not all(one in match.dataset for one in media):
            faults.append(f"match {number}: neither")
        elif lowest and not match.text("RetrieveAETitle") and not all(match.text(one) for one in media):
            faults.append(f"match {number}: no value")
    return _unanswered(found, "QR-17", expected) or _checked(found, "QR-17", faults, expected=expected, fine="there")


def availability(found: Answered) -> Finding:
    """Instance Availability, where it is returned, has one of its four values (QR-18)."""
    expected = f"no Instance Availability, or one of {', '.join(_AVAILABILITY)}"
    shown = [m.text("InstanceAvailability") for m in found.matches if "InstanceAvailability" in m.dataset]
    faults = [f"Instance Availability {value!r}" for value in shown if value not in _AVAILABILITY]
    return _unanswered(found, "QR-18", expected) or _checked(
        found, "QR-18", faults, expected=expected, fine=", ".join(sorted(set(shown))) or "not returned"
    )


def counts(found: Answered, wanted: Mapping[str, int]) -> Finding:
    """Numbers of related entities, where they are returned, are those of what is stored (QR-39)."""
    expected = ", ".join(f"{keyword} {number}" for keyword, number in wanted.items())
    faults = [
        f"{keyword} {match.text(keyword)}"
        for match in found.matches
        for keyword, number in wanted.items()
        if match.text(keyword) and match.text(keyword) != str(number)
    ]
    return _unanswered(found, "QR-39", expected) or _checked(
        found, "QR-39", faults, expected=expected, fine="right where they are returned", otherwise=Verdict.WARN
    )


def matched(
    found: Answered,
    requirement: str,
    unique_key: str,
    *,
    expected_values: Collection[str],
    others: Collection[str],
    otherwise: Verdict = Verdict.FAIL,
    note: str = "",
) -> Finding:
    """A query lists those of our entities that match, and none of our others.

    Args:
        found: The query.
        requirement: What the finding is about.
        unique_key: Keyword of the unique key of the level.
        expected_values: Its value for each entity that matches.
        others: Its value for entities of ours that do not match.
        otherwise: The verdict of a deviation.
        note: Why.
    """
    expected = f"{len(expected_values)} of our {len(expected_values) + len(others)} entities"
    if found.exchange.status != 0:
        return expect(
            found.exchange,
            requirement,
            success=True,
            reported=Reactions(codes=(_OUT_OF_RESOURCES,)),
            otherwise=otherwise,
            note=note,
        )
    seen = set(found.values(unique_key))
    faults = [f"{value} is not listed" for value in expected_values if value not in seen]
    faults += [f"{value} is listed and does not match" for value in others if value in seen]
    fine = f"{len(seen & set(expected_values))} listed"
    return _checked(found, requirement, faults, expected=expected, fine=fine, otherwise=otherwise, note=note)


def refused_identifier(found: Answered, *, understandable: bool = False) -> Finding:
    """An identifier that does not fit the model is refused with A900 or Cxxx; another Failure is a WARN (QR-20).

    Args:
        found: The query.
        understandable: Whether it can be guessed what is meant, so that a Success is a WARN.
    """
    reported = Reactions(failure=True, warning=True, success=understandable)
    return expect(found.exchange, "QR-20", codes=_IDENTIFIER_MISMATCH, reported=reported)


def without_unique_keys_above(found: Answered, unique_key: str, value: str) -> Finding:
    """A query that lacks the unique keys above its level is refused, or answered in a relational way (QR-15)."""
    expected = "A900H or Cxxx; a right answer is reported: relational queries were not negotiated"
    if found.exchange.status == 0:
        right = value in found.values(unique_key)
        return finding(
            "QR-15",
            Verdict.INFO if right else Verdict.FAIL,
            expected=expected,
            actual=f"{len(found.matches)} matches, {'with' if right else 'without'} the one that was asked for",
        )
    return expect(found.exchange, "QR-15", codes=_IDENTIFIER_MISMATCH, reported=Reactions(failure=True))


def any_key(found: Answered, unique_key: str, ours: Collection[str]) -> Finding:
    """A key of odd characters or of great length finds nothing of ours, or is refused (QR-21)."""
    requirement = "QR-21"
    if found.exchange.status != 0:
        reported = Reactions(abort=True, closed=True)
        return expect(found.exchange, requirement, failure=True, reported=reported, well_formed=False)
    listed = [value for value in found.values(unique_key) if value in ours]
    return _checked(
        found,
        requirement,
        [f"{value} is listed" for value in listed],
        expected="none of our entities, or a Failure",
        fine=f"{len(found.matches)} matches, none of ours",
        otherwise=Verdict.WARN,
        note="the key is not the value that is stored, and holds no wild card of DICOM",
    )


def name_in_its_character_set(found: Answered, sent: str, sent_bytes: bytes, came_bytes: bytes) -> Finding:
    """A person name beyond ASCII comes back in a character set that the response names (QR-19).

    Args:
        found: The query, whose only match is the patient.
        sent: The name as it was stored.
        sent_bytes: Its bytes, in the character set of the instance.
        came_bytes: The bytes of the name in the response.
    """
    requirement = "QR-19"
    expected = f"{sent!r}, in a character set that the response names"
    missing = _unanswered(found, requirement, expected)
    if missing is not None or len(found.matches) != 1:
        words = f"{len(found.matches)} matches"
        return missing or finding(requirement, Verdict.INCONCLUSIVE, expected=expected, actual=words)
    match = found.matches[0]
    came = _decoded_name(came_bytes, match)
    named = match.text("SpecificCharacterSet") or "none"
    unlabelled = named == "none" and not came_bytes.isascii()
    if came == sent and not unlabelled:
        return finding(requirement, Verdict.PASS, expected=expected, actual=f"{came!r}, character set {named}")
    mislabelled = came_bytes == sent_bytes or unlabelled
    return finding(
        requirement,
        Verdict.FAIL if mislabelled else Verdict.WARN,
        expected=expected,
        actual=f"{came!r}, character set {named}, bytes {came_bytes.hex(' ')}",
        note="bytes of another character set than named" if mislabelled else "characters are lost on the way",
        evidence=last_received(found.exchange.transcript, found.exchange.outcome),
    )


def _decoded_name(raw: bytes, match: Match) -> str:
    """A person name's bytes in the character sets that its identifier names; none is ASCII."""
    named = match.dataset.get("SpecificCharacterSet") or ""
    terms = [named] if isinstance(named, str) else list(named)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return str(PersonName(raw, convert_encodings(terms)).decode())
        except (LookupError, UnicodeError, ValueError):
            return raw.decode("ascii", "replace")


def listed_in_time(found: Answered, count: int, within_s: float) -> Finding:
    """What was acknowledged is listed (QR-38); a target that takes longer than we wait is a WARN."""
    expected = f"{count} matches within {within_s:.0f} s"
    return _unanswered(found, "QR-38", expected) or _checked(
        found,
        "QR-38",
        [] if len(found.matches) >= count else [f"{len(found.matches)} matches"],
        expected=expected,
        fine=f"{len(found.matches)} matches",
        otherwise=Verdict.WARN,
        note="the target may declare a longer latency",
    )


def available_transfer_syntaxes(found: Answered) -> Finding:
    """Available Transfer Syntax UID, where it is returned, names transfer syntaxes (QR-36).

    One that we do not know may be private (PS3.5 10), or of a later edition: INFO. What the standard has for something
    else is a FAIL.
    """
    expected = "no Available Transfer Syntax UID, or transfer syntaxes"
    shown = [
        uid
        for match in found.matches
        for uid in match.text("AvailableTransferSyntaxUID").strip("[]").replace("'", "").split(", ")
        if uid
    ]
    strange = [uid for uid in dict.fromkeys(shown) if transfer_syntax(uid) is None]
    wrong = [uid for uid in strange if uid.startswith(_DICOM_ROOT) and not uid.startswith(_TRANSFER_SYNTAXES)]
    return _unanswered(found, "QR-36", expected) or _checked(
        found,
        "QR-36",
        [f"{uid} is none" for uid in wrong] or [f"{uid} is none that we know" for uid in strange],
        expected=expected,
        fine=", ".join(dict.fromkeys(shown)) or "not returned",
        otherwise=Verdict.FAIL if wrong else Verdict.INFO,
    )
