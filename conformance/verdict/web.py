"""What an origin server of the web services answers to searches and retrievals (PS3.18 10.4, 10.6). Pure judges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydicom.dataset import Dataset

from conformance.observation.web import WebFailure, WebInstances, WebRows
from conformance.standard.transfer_syntaxes import (
    EXPLICIT_VR_BIG_ENDIAN,
    EXPLICIT_VR_LITTLE_ENDIAN,
    IMPLICIT_VR_LITTLE_ENDIAN,
)
from conformance.verdict.finding import Finding, Verdict, finding

_OK: Final = 200
_NO_CONTENT: Final = 204
_NOT_ACCEPTABLE: Final = 406
_NO_SUCH_RESOURCE: Final = (404, 410)
_NOT_USED: Final = (IMPLICIT_VR_LITTLE_ENDIAN, EXPLICIT_VR_BIG_ENDIAN)
_SHOWN: Final = 6
# PS3.18 10.4.1.1.2: whose values may be replaced by a Bulkdata URI
_BULK_VRS: Final = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "UN"})

Retrieved = WebInstances | WebFailure
Searched = WebRows | WebFailure


def _unanswered(answer: WebFailure, requirement: str, expected: str | Sequence[str]) -> Finding:
    """Why nothing can be said: no answer came."""
    return finding(requirement, Verdict.INCONCLUSIVE, expected=expected, actual=answer.reason)


def _words(answer: WebInstances | WebRows) -> str:
    if answer.defect:
        return f"HTTP {answer.status}: {answer.defect}"
    if isinstance(answer, WebRows):
        return f"HTTP {answer.status}, {len(answer.rows)} data sets"
    syntaxes = ", ".join(part.transfer_syntax_uid or "no transfer syntax" for part in answer.parts)
    return f"HTTP {answer.status}" + (f", {len(answer.parts)} instances in {syntaxes}" if answer.parts else "")


def retrievable(instance: Retrieved, metadata: Searched) -> tuple[Finding, ...]:
    """What was stored can be retrieved, and so can its metadata (WEB-01)."""
    found = []
    for answer, expected in ((instance, "200 and one instance"), (metadata, "200 and the metadata of one instance")):
        if isinstance(answer, WebFailure):
            found.append(_unanswered(answer, "WEB-01", expected))
            continue
        count = len(answer.parts) if isinstance(answer, WebInstances) else len(answer.rows)
        good = answer.status == _OK and not answer.defect and count == 1
        verdict = Verdict.PASS if good else Verdict.FAIL
        found.append(finding("WEB-01", verdict, expected=expected, actual=f"{answer.path}: {_words(answer)}"))
    return tuple(found)


def default_transfer_syntax(answer: Retrieved) -> Finding:
    """Without a transfer syntax parameter a native or lossless instance comes in Explicit VR Little Endian (WEB-02)."""
    expected = f"an instance in {EXPLICIT_VR_LITTLE_ENDIAN}"
    if isinstance(answer, WebFailure):
        return _unanswered(answer, "WEB-02", expected)
    if not answer.parts:
        return finding("WEB-02", Verdict.INCONCLUSIVE, expected=expected, actual=_words(answer))
    good = all(part.transfer_syntax_uid == EXPLICIT_VR_LITTLE_ENDIAN for part in answer.parts)
    return finding(
        "WEB-02", Verdict.PASS if good else Verdict.FAIL, expected=expected, actual=f"no parameter: {_words(answer)}"
    )


def any_transfer_syntax(answer: Retrieved) -> Finding:
    """With `*` any transfer syntax will do but those that web services do not use (WEB-02).

    PS3.18 8.7.3.5.2 lets the server give an existing representation without transcoding it; 8.7.3 says that Implicit
    VR Little Endian and Explicit VR Big Endian shall not be used. Who takes the first for the second is a WARN.
    """
    expected = "an instance in any transfer syntax but Implicit VR Little Endian and Explicit VR Big Endian"
    if isinstance(answer, WebFailure):
        return _unanswered(answer, "WEB-02", expected)
    if not answer.parts:
        return finding("WEB-02", Verdict.INCONCLUSIVE, expected=expected, actual=_words(answer))
    bad = any(part.transfer_syntax_uid in _NOT_USED for part in answer.parts)
    note = "PS3.18 8.7.3.5.2 permits not to transcode, 8.7.3 forbids this transfer syntax" if bad else ""
    verdict = Verdict.WARN if bad else Verdict.PASS
    return finding("WEB-02", verdict, expected=expected, actual=f"transfer-syntax=*: {_words(answer)}", note=note)


def lossy_by_default(answer: Retrieved, stored_in: str) -> Finding:
    """What is held with lossy compression alone comes so, or decompressed, and is no error of the server (WEB-03)."""
    expected = (f"an instance in {stored_in}", f"an instance in {EXPLICIT_VR_LITTLE_ENDIAN}")
    if isinstance(answer, WebFailure):
        return _unanswered(answer, "WEB-03", expected)
    right = (stored_in, EXPLICIT_VR_LITTLE_ENDIAN)
    good = bool(answer.parts) and all(part.transfer_syntax_uid in right for part in answer.parts)
    refused = answer.status == _NOT_ACCEPTABLE
    return finding(
        "WEB-03",
        Verdict.PASS if good else Verdict.WARN if refused else Verdict.FAIL,
        expected=expected,
        actual=_words(answer),
        note="PS3.18 8.7.8.1 has 406 for what cannot be given; the stored representation could" if refused else "",
    )


def transfer_syntax_asked_for(answer: Retrieved, uid: str) -> Finding:
    """What is retrieved with a transfer syntax parameter is in that transfer syntax, or refused with 406 (WEB-17)."""
    expected = (f"an instance in {uid}", "406")
    if isinstance(answer, WebFailure):
        return _unanswered(answer, "WEB-17", expected)
    if answer.status == _OK:
        good = bool(answer.parts) and all(part.transfer_syntax_uid == uid for part in answer.parts)
        return finding("WEB-17", Verdict.PASS if good else Verdict.FAIL, expected=expected, actual=_words(answer))
    verdict = Verdict.PASS if answer.status == _NOT_ACCEPTABLE else Verdict.WARN
    note = "" if verdict is Verdict.PASS else "refused, but with a status that says something else"
    return finding("WEB-17", verdict, expected=expected, actual=_words(answer), note=note)


def unknown_instance(answer: Retrieved) -> Finding:
    """An instance that is not there is answered with 404 (WEB-04)."""
    expected = ("404", "410 where it has been deleted")
    if isinstance(answer, WebFailure):
        return _unanswered(answer, "WEB-04", expected)
    if answer.status in _NO_SUCH_RESOURCE:
        verdict = Verdict.PASS
    else:
        verdict = Verdict.FAIL if answer.status < 400 else Verdict.WARN
    return finding("WEB-04", verdict, expected=expected, actual=f"an unknown instance: {_words(answer)}")


def unacceptable_media_type(answer: Retrieved) -> Finding:
    """A media type that nobody can give is answered with 406 (WEB-04).

    PS3.18 8.7.8.1 has 406; Table 8.7.3-1 has the default media type in its place: that is reported.
    """
    expected = ("406", "the default media type, as Table 8.7.3-1 has it")
    if isinstance(answer, WebFailure):
        return _unanswered(answer, "WEB-04", expected)
    if answer.status == _NOT_ACCEPTABLE:
        verdict = Verdict.PASS
    else:
        verdict = Verdict.INFO if answer.status == _OK and answer.parts else Verdict.WARN
    return finding("WEB-04", verdict, expected=expected, actual=f"an unknown media type: {_words(answer)}")


def search_resource(answer: Searched, *, required: bool) -> Finding:
    """A search resource answers with 200 or 204 (WEB-08).

    Args:
        answer: To a search that something matches.
        required: Whether proxies have to support it too (PS3.18 Table 10.6.1-1).
    """
    expected = "200 and a list of data sets" + ("" if required else "; a proxy need not support it")
    if isinstance(answer, WebFailure):
        return _unanswered(answer, "WEB-08", expected)
    if answer.status == _OK and not answer.defect:
        verdict = Verdict.PASS if answer.rows else Verdict.FAIL
    else:
        verdict = Verdict.FAIL if required or answer.status < 400 else Verdict.INFO
    return finding("WEB-08", verdict, expected=expected, actual=f"{answer.path}: {_words(answer)}")


def required_attributes(answer: Searched, tags: Mapping[str, str]) -> Finding:
    """A match has the attributes that the table of its level requires, where the instance has a value (WEB-09).

    Args:
        answer: To a search that one entity of ours matches.
        tags: Keywords by tag, as eight hexadecimal digits.
    """
    expected = ", ".join(tags.values())
    if isinstance(answer, WebFailure):
        return _unanswered(answer, "WEB-09", expected)
    if not answer.rows:
        return finding("WEB-09", Verdict.INCONCLUSIVE, expected=expected, actual=f"{answer.path}: {_words(answer)}")
    lacking = [keyword for tag, keyword in tags.items() if any(tag not in row for row in answer.rows)]
    return finding(
        "WEB-09",
        Verdict.FAIL if lacking else Verdict.PASS,
        expected=expected,
        actual=f"{answer.path}: without {', '.join(lacking)}" if lacking else f"{answer.path}: all there",
    )


def nothing_found(answer: Searched) -> Finding:
    """A search that nothing matches is answered with 204 and nothing (WEB-10)."""
    expected = "204 without a payload"
    if isinstance(answer, WebFailure):
        return _unanswered(answer, "WEB-10", expected)
    good = answer.status == _NO_CONTENT
    return finding("WEB-10", Verdict.PASS if good else Verdict.FAIL, expected=expected, actual=_words(answer))


def metadata_complete(answer: Searched, instance: Dataset) -> Finding:
    """The metadata has every attribute of the instance as the same server gives it (WEB-05).

    Args:
        answer: The metadata of one instance.
        instance: That instance, retrieved from the same server.
    """
    expected = "every attribute, with its value or with a Bulkdata URI"
    if isinstance(answer, WebFailure):
        return _unanswered(answer, "WEB-05", expected)
    if len(answer.rows) != 1:
        return finding("WEB-05", Verdict.INCONCLUSIVE, expected=expected, actual=_words(answer))
    row = answer.rows[0]
    lacking = [tag for tag in instance.keys() if tag.element and f"{int(tag):08X}" not in row]  # noqa: SIM118
    bulk = [tag for tag in lacking if _vr(instance, tag) in _BULK_VRS]
    grave = [tag for tag in lacking if tag not in bulk]
    shown = ", ".join(str(tag) for tag in (grave or bulk)[:_SHOWN])
    return finding(
        "WEB-05",
        Verdict.FAIL if grave else Verdict.WARN if bulk else Verdict.PASS,
        expected=expected,
        actual=f"{len(lacking)} attributes are missing: {shown}" if lacking else f"{len(row)} attributes, all there",
        note="bulk data without a URI cannot be retrieved" if bulk and not grave else "",
    )


def _vr(instance: Dataset, tag: Any) -> str:
    return str(instance[tag].VR)
