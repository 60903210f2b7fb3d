"""Faults of what a C-FIND does with a key: one that nothing matches, one that it does not know, one with odd values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from pydicom.datadict import tag_for_keyword

from conformance.target.embedded import query as query_of
from conformance.target.embedded.answer import Answer, RefusedError
from conformance.target.embedded.association import Association
from conformance.target.embedded.behaviour import Behaviour
from conformance.target.embedded.elements import Element, Elements, text_element
from conformance.target.embedded.keys import SOP_CLASS_UID
from conformance.target.embedded.query import Query
from conformance.verdict.finding import Verdict
from tests.faulty.registry import fault


def _tag(keyword: str) -> int:
    tag = tag_for_keyword(keyword)
    assert tag is not None
    return tag


_ACCESSION: Final = _tag("AccessionNumber")
_AVAILABLE: Final = _tag("AvailableTransferSyntaxUID")


@fault("answers-no-match-with-an-empty-one", catches=("QR-04",))
class AnswersNoMatchWithAnEmptyOne(Behaviour):
    """Where nothing matches, one match comes whose keys are all empty."""

    def find_matches(self, association: Association, query: Query) -> Iterator[Elements]:
        matches = list(super().find_matches(association, query))
        yield from matches or [{tag: Element(vr=key.vr) for tag, key in query.identifier.items()}]


@fault("empty-values-match-nothing", catches=("QR-08",), caught_as=Verdict.WARN)
class EmptyValuesMatchNothing(Behaviour):
    """A study without Accession Number does not match one that is asked for."""

    def find_matches(self, association: Association, query: Query) -> Iterator[Elements]:
        wanted = query.identifier.get(_ACCESSION, Element(vr="SH")).value
        for match in super().find_matches(association, query):
            if not wanted or match[_ACCESSION].value:
                yield match


@fault("refuses-keys-that-it-does-not-support", catches=("QR-05",))
class RefusesKeysThatItDoesNotSupport(Behaviour):
    """A C-FIND with an optional key that is not supported is refused with A900H."""

    def find_matches(self, association: Association, query: Query) -> Iterator[Elements]:
        if query.has_unsupported_keys:
            raise RefusedError(Answer(status=query_of.IDENTIFIER_MISMATCH, comment="Key is not supported"))
        return super().find_matches(association, query)


@fault("returns-keys-that-it-does-not-support", catches=("QR-06",), caught_as=Verdict.WARN)
class ReturnsKeysThatItDoesNotSupport(Behaviour):
    """Each key of the request is returned, those that are not supported without a value."""

    def find_matches(self, association: Association, query: Query) -> Iterator[Elements]:
        empty = {tag: Element(vr=key.vr) for tag, key in query.identifier.items() if not query.supports(tag)}
        for match in super().find_matches(association, query):
            yield {**empty, **match}


@fault("pastes-keys-into-its-query", catches=("QR-21",), caught_as=Verdict.WARN)
class PastesKeysIntoItsQuery(Behaviour):
    """An Accession Number becomes part of a statement in SQL, and what stands behind a quote a condition."""

    def find_matches(self, association: Association, query: Query) -> Iterator[Elements]:
        key = query.identifier.get(_ACCESSION)
        if key is not None and b"' OR '" in key.value:
            query = replace(query, identifier={**query.identifier, _ACCESSION: text_element("SH", "")})
        return super().find_matches(association, query)


@fault("lists-its-classes-as-transfer-syntaxes", catches=("QR-36",))
class ListsItsClassesAsTransferSyntaxes(Behaviour):
    """Available Transfer Syntax UID has the SOP class of the instance."""

    def find_matches(self, association: Association, query: Query) -> Iterator[Elements]:
        if _AVAILABLE not in query.identifier:
            yield from super().find_matches(association, query)
            return
        asked = {**query.identifier, SOP_CLASS_UID: Element(vr="UI")}
        for match in super().find_matches(association, replace(query, identifier=asked)):
            found = dict(match)
            yield {**found, _AVAILABLE: found.pop(SOP_CLASS_UID)}
