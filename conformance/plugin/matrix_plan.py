"""Which accepted pairs are tried with an instance: a sample that has everything once, or all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import StrEnum, unique

from conformance.instances import catalogue
from conformance.instances.copying import shallow_copy
from conformance.instances.encoding import NATIVE_TRANSFER_SYNTAXES
from conformance.instances.identity import IdentitySource
from conformance.instances.in_syntax import ENCODABLE, in_transfer_syntax, may_have_form
from conformance.instances.instance import Instance
from conformance.observation.matrix import Matrix
from conformance.standard.sop_classes import storage_uid_by_keyword

Build = Callable[[str, str], Instance]
"""Makes the instance of a SOP class, named by its keyword, that is for a transfer syntax."""


@unique
class Content(StrEnum):
    """What an instance holds, as far as it matters to how it is encoded."""

    FRAMES = "frames"
    IMAGE = "one image"
    DOCUMENT = "no image of a size to choose"


def content_of(keyword: str) -> Content:
    """What instances of a SOP class hold."""
    options = catalogue.size_options(keyword)
    if "frames" in options:
        return Content.FRAMES
    return Content.IMAGE if options else Content.DOCUMENT


def builder(identities: IdentitySource, keywords: Iterable[str], transfer_syntaxes: Sequence[str]) -> Build:
    """What makes the instances of a scenario: the UID of each pair is its own, whatever else is accepted.

    The instances of a SOP class are one series, and differ in SOP Instance UID and Instance Number alone.

    Args:
        identities: The scenario's.
        keywords: The SOP classes that can be asked for.
        transfer_syntaxes: The transfer syntaxes that can be asked for.
    """
    firsts = {keyword: identities.new() for keyword in keywords}
    made = {(k, uid): identities.new(series_of=first) for k, first in firsts.items() for uid in transfer_syntaxes}
    known: dict[str, Instance] = {}

    def build(keyword: str, uid: str) -> Instance:
        identity = made[keyword, uid]
        if keyword not in known:
            known[keyword] = catalogue.build(keyword, firsts[keyword])

        dataset = shallow_copy(known[keyword].dataset)
        dataset.add_new("SOPInstanceUID", "UI", identity.sop_instance_uid)
        if "InstanceNumber" in dataset:
            dataset.add_new("InstanceNumber", "IS", identity.instance_number)
        return Instance(dataset=dataset, label=keyword)

    return build


def sample(
    matrix: Matrix, transfer_syntax_uid: str, build: Build, *, keywords: Sequence[str] | None = None
) -> tuple[Instance, ...]:
    """The instances to try in a transfer syntax: one of each content, and the SOP classes whose turn it is.

    Over all transfer syntaxes each accepted SOP class has its turn once, in a native one.

    Args:
        matrix: What the target accepts.
        transfer_syntax_uid: One of `ENCODABLE`.
        build: Makes the instances.
        keywords: The SOP classes to choose from; all that can be made by default.
    """
    accepted = _accepted_keywords(matrix, keywords)
    whose_turn = []
    for place, (keyword, syntaxes) in enumerate(accepted):
        native = [uid for uid in syntaxes if uid in NATIVE_TRANSFER_SYNTAXES]
        if native and native[place % len(native)] == transfer_syntax_uid:
            whose_turn.append(keyword)
    having = [keyword for keyword, syntaxes in accepted if transfer_syntax_uid in syntaxes]
    if transfer_syntax_uid in NATIVE_TRANSFER_SYNTAXES:
        firsts = [next((k for k in having if content_of(k) is content), None) for content in Content]
        chosen = dict.fromkeys([*whose_turn, *(keyword for keyword in firsts if keyword is not None)])
        return tuple(build(keyword, transfer_syntax_uid) for keyword in chosen)
    return tuple(
        instance
        for content in (Content.FRAMES, Content.IMAGE)  # what is compressed is pixel data
        if (instance := _first_of(content, having, transfer_syntax_uid, build)) is not None
    )


def every(matrix: Matrix, keyword: str, build: Build) -> Iterator[tuple[str, Instance]]:
    """Every accepted transfer syntax of a SOP class that an instance of it can be had in, with such an instance."""
    accepted = dict(_accepted_keywords(matrix, (keyword,))).get(keyword, ())
    sop_class_uid = storage_uid_by_keyword()[keyword]
    for uid in ENCODABLE:
        if not may_have_form(sop_class_uid, uid):
            continue
        if uid in accepted and (instance := in_transfer_syntax(build(keyword, uid), uid)) is not None:
            yield uid, instance


def _first_of(content: Content, keywords: Sequence[str], transfer_syntax_uid: str, build: Build) -> Instance | None:
    """The first SOP class with a content that has a form in a transfer syntax."""
    uids = storage_uid_by_keyword()
    candidates = (
        in_transfer_syntax(build(k, transfer_syntax_uid), transfer_syntax_uid)
        for k in keywords
        if content_of(k) is content and may_have_form(uids[k], transfer_syntax_uid)
    )
    return next((instance for instance in candidates if instance is not None), None)


def _accepted_keywords(matrix: Matrix, keywords: Sequence[str] | None) -> list[tuple[str, tuple[str, ...]]]:
    accepted = matrix.accepted()
    uids = storage_uid_by_keyword()
    rows = ((keyword, accepted.get(uids[keyword], ())) for keyword in keywords or catalogue.available())
    return [(keyword, syntaxes) for keyword, syntaxes in rows if syntaxes]
