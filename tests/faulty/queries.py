"""Faults of C-FIND and C-GET: what is listed, what is brought, and how it is counted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Final

from pydicom.datadict import tag_for_keyword

from conformance.target.embedded.answer import SUCCESS, Answer, RefusedError
from conformance.target.embedded.assembly import Request
from conformance.target.embedded.association import Association
from conformance.target.embedded.behaviour import Behaviour
from conformance.target.embedded.elements import Element, Elements, text_element
from conformance.target.embedded.negotiation import Context
from conformance.target.embedded.query import Query
from conformance.target.embedded.retrieve import Progress
from conformance.target.embedded.spool import Blob
from conformance.target.embedded.storage import StoredInstance
from conformance.verdict.finding import Verdict
from conformance.wire.command import CommandSet, Tag, us
from conformance.wire.command_faults import with_values
from tests.faulty.registry import fault

_PAGE: Final = 100
_MR_IMAGE: Final = "1.2.840.10008.5.1.4.1.1.4"


def _tag(keyword: str) -> int:
    tag = tag_for_keyword(keyword)
    assert tag is not None
    return tag


_LEVEL: Final = _tag("QueryRetrieveLevel")
_ACCESSION: Final = _tag("AccessionNumber")
_STUDY_ID: Final = _tag("StudyID")
_STUDY_DATE: Final = _tag("StudyDate")
_STUDY_UID: Final = _tag("StudyInstanceUID")
_PROCEDURE_CODES: Final = _tag("ProcedureCodeSequence")


def _text(elements: Elements, tag: int) -> str:
    element = elements.get(tag)
    return "" if element is None else element.value.decode("latin-1").rstrip("\0 ")


def _with(query: Query, tag: int, text: str) -> Query:
    """The query with another value of a key."""
    return replace(query, identifier={**query.identifier, tag: replace(query.identifier[tag], value=text.encode())})


class _Answers(Behaviour):
    """Changes each identifier that a C-FIND is answered with."""

    def find_matches(self, association: Association, query: Query) -> Iterator[Elements]:
        for match in super().find_matches(association, query):
            yield self.change(dict(match))

    def change(self, match: dict[int, Element]) -> Elements:
        raise NotImplementedError


@fault("level-in-lower-case", catches=("QR-02",))
class LevelInLowerCase(_Answers):
    """Query/Retrieve Level comes back in lower case."""

    def change(self, match: dict[int, Element]) -> Elements:
        return match | {_LEVEL: text_element("CS", _text(match, _LEVEL).lower())}


@fault("lists-more-than-was-asked", catches=("QR-03",))
class ListsMoreThanWasAsked(_Answers):
    """Each match has the patient's sex, asked for or not."""

    def change(self, match: dict[int, Element]) -> Elements:
        return {_tag("PatientSex"): text_element("CS", "O")} | match


@fault("leaves-out-a-required-key", catches=("QR-07",))
class LeavesOutARequiredKey(_Answers):
    """Accession Number is not returned."""

    def change(self, match: dict[int, Element]) -> Elements:
        match.pop(_ACCESSION, None)
        return match


@fault("says-not-where-to-retrieve", catches=("QR-17",))
class SaysNotWhereToRetrieve(_Answers):
    """Retrieve AE Title is not returned."""

    def change(self, match: dict[int, Element]) -> Elements:
        match.pop(_tag("RetrieveAETitle"), None)
        return match


@fault("availability-without-a-value", catches=("QR-18",))
class AvailabilityWithoutAValue(_Answers):
    """Instance Availability is returned and empty."""

    def change(self, match: dict[int, Element]) -> Elements:
        return match | {_tag("InstanceAvailability"): text_element("CS", "")}


@fault("every-name-is-latin-1", catches=("QR-19",))
class EveryNameIsLatin1(_Answers):
    """Specific Character Set of each match is ISO_IR 100, whatever its bytes are."""

    def change(self, match: dict[int, Element]) -> Elements:
        return match | {_tag("SpecificCharacterSet"): text_element("CS", "ISO_IR 100")}


@fault("counts-one-instance-too-many", catches=("QR-39",), caught_as=Verdict.WARN)
class CountsOneInstanceTooMany(_Answers):
    """Number of Study Related Instances is one too high."""

    def change(self, match: dict[int, Element]) -> Elements:
        tag = _tag("NumberOfStudyRelatedInstances")
        return match | ({tag: text_element("IS", str(int(_text(match, tag)) + 1))} if tag in match else {})


@fault("lists-each-match-twice", catches=("QR-04",))
class ListsEachMatchTwice(Behaviour):
    """Each match comes twice."""

    def find_matches(self, association: Association, query: Query) -> Iterator[Elements]:
        for match in super().find_matches(association, query):
            yield match
            yield match


class _Matches(Behaviour):
    """Matches by a rule of its own in place of one key."""

    key: int

    def find_matches(self, association: Association, query: Query) -> Iterator[Elements]:
        if self.key not in query.identifier:
            yield from super().find_matches(association, query)
            return
        wanted = _text(query.identifier, self.key)
        for match in super().find_matches(association, _with(query, self.key, self.asked(wanted))):
            if self.takes(wanted, _text(match, self.key)):
                yield match

    def asked(self, wanted: str) -> str:
        """What the store is asked for."""
        return ""

    def takes(self, wanted: str, value: str) -> bool:
        """Whether a match is listed."""
        return True


@fault("ignores-a-required-key", catches=("QR-07",))
class IgnoresARequiredKey(_Matches):
    """Study ID is not matched."""

    key = _STUDY_ID


@fault("case-does-not-count", catches=("QR-09",))
class CaseDoesNotCount(_Matches):
    """A Study ID matches in any case."""

    key = _STUDY_ID

    def takes(self, wanted: str, value: str) -> bool:
        return wanted.casefold() in ("", value.casefold())


@fault("star-needs-a-character", catches=("QR-10",))
class StarNeedsACharacter(_Matches):
    """A star at the end does not match an empty run."""

    key = _ACCESSION

    def asked(self, wanted: str) -> str:
        return wanted

    def takes(self, wanted: str, value: str) -> bool:
        return wanted != f"{value}*"


@fault("question-mark-needs-no-character", catches=("QR-10",))
class QuestionMarkNeedsNoCharacter(_Matches):
    """A question mark at the end matches the end of an Accession Number as well."""

    key = _ACCESSION

    def asked(self, wanted: str) -> str:
        return f"{wanted[:-1]}*" if wanted.endswith("?") else wanted

    def takes(self, wanted: str, value: str) -> bool:
        return len(value) <= len(wanted) or not wanted.endswith("?")


@fault("underscore-is-a-wild-card", catches=("QR-10",))
class UnderscoreIsAWildCard(_Matches):
    """An underscore in an Accession Number matches any character."""

    key = _ACCESSION

    def asked(self, wanted: str) -> str:
        return wanted.replace("_", "?")


@fault("empty-matches-empty-alone", catches=("QR-11",))
class EmptyMatchesEmptyAlone(_Matches):
    """An empty Accession Number matches studies without one only."""

    key = _ACCESSION

    def asked(self, wanted: str) -> str:
        return wanted

    def takes(self, wanted: str, value: str) -> bool:
        return bool(wanted) or not value


@fault("first-uid-of-a-list", catches=("QR-12",))
class FirstUidOfAList(_Matches):
    """Of a list of UIDs the first one is looked for."""

    key = _STUDY_UID

    def asked(self, wanted: str) -> str:
        return wanted.partition("\\")[0]


@fault("range-without-its-bounds", catches=("QR-13",))
class RangeWithoutItsBounds(_Matches):
    """A range of dates leaves out its bounds."""

    key = _STUDY_DATE

    def asked(self, wanted: str) -> str:
        return wanted

    def takes(self, wanted: str, value: str) -> bool:
        return "-" not in wanted or value not in wanted.split("-")


@fault("empty-sequence-matches-nothing", catches=("QR-14",))
class EmptySequenceMatchesNothing(Behaviour):
    """A sequence key without anything in it matches nothing."""

    def find_matches(self, association: Association, query: Query) -> Iterator[Elements]:
        if _PROCEDURE_CODES not in query.identifier:
            yield from super().find_matches(association, query)


class _Forgiving(Behaviour):
    """Answers Success where an identifier does not fit."""

    def guarded(
        self,
        operation: Callable[[Association, Request], None],
        association: Association,
        request: Request,
        *,
        trouble: int = 0xC003,
    ) -> None:
        try:
            operation(association, request)
        except RefusedError:
            association.respond(request, SUCCESS)


@fault("unfit-identifier-finds-nothing", catches=("QR-15", "QR-20"))
class UnfitIdentifierFindsNothing(_Forgiving):
    """An identifier that does not fit the model is answered with Success and no match."""


@fault("moves-to-nobody", catches=("QR-24",))
class MovesToNobody(_Forgiving):
    """A C-MOVE to an unknown destination is answered with Success."""


# C-GET


@fault("brings-the-first-instance", catches=("QR-31",))
class BringsTheFirstInstance(Behaviour):
    """A retrieval brings the first instance only."""

    def select_instances(self, association: Association, query: Query) -> Sequence[StoredInstance]:
        return super().select_instances(association, query)[:1]


@fault("medium-priority-for-all", catches=("QR-30",), caught_as=Verdict.WARN)
class MediumPriorityForAll(Behaviour):
    """Sub-operations have medium priority, whatever was asked for."""

    def sub_operation_command(self, association: Association, request: Request, instance: StoredInstance) -> CommandSet:
        return with_values(super().sub_operation_command(association, request, instance), {Tag.PRIORITY: us(0)})


@fault("succeeds-with-failures", catches=("QR-25",))
class SucceedsWithFailures(Behaviour):
    """A retrieval ends with Success, however its sub-operations ended."""

    def final_retrieve_status(self, progress: Progress, *, cancelled: bool) -> int:
        return 0


class _Counts(Behaviour):
    """Changes the counts of the final response."""

    def retrieve_answer(self, status: int, progress: Progress) -> Answer:
        answer = super().retrieve_answer(status, progress)
        return answer if status == 0xFF00 else replace(answer, fields={**answer.fields, **self.changed(progress)})

    def changed(self, progress: Progress) -> Mapping[int, bytes]:
        raise NotImplementedError


@fault("remaining-in-the-final-response", catches=("QR-26",))
class RemainingInTheFinalResponse(_Counts):
    """The final response counts the sub-operations that remain."""

    def changed(self, progress: Progress) -> Mapping[int, bytes]:
        return {Tag.NUMBER_OF_REMAINING_SUBOPERATIONS: us(progress.remaining)}


@fault("counts-one-too-many", catches=("QR-27",))
class CountsOneTooMany(_Counts):
    """The final response counts one completed sub-operation too many."""

    def changed(self, progress: Progress) -> Mapping[int, bytes]:
        return {Tag.NUMBER_OF_COMPLETED_SUBOPERATIONS: us(progress.completed + 1)}


@fault("lists-no-failed-instances", catches=("QR-28",))
class ListsNoFailedInstances(Behaviour):
    """Instances that failed are not listed."""

    def failed_list(self, progress: Progress) -> Elements | None:
        return None


@fault("all-contexts-or-nothing-brought", catches=("QR-29",))
class AllContextsOrNothingBrought(Behaviour):
    """Nothing is brought unless there is a context for MR images."""

    def context_for(self, instance: StoredInstance, contexts: Iterable[Context]) -> Context | None:
        offered = list(contexts)
        complete = any(context.abstract_syntax == _MR_IMAGE for context in offered)
        return super().context_for(instance, offered) if complete else None


@fault("sends-as-it-is-stored", catches=("QR-34",))
class SendsAsItIsStored(Behaviour):
    """A sub-operation sends the bytes that are stored, whatever its context agreed."""

    def data_set_in(self, instance: StoredInstance, transfer_syntax: str) -> bytes | Blob:
        return instance.data_set


@fault("never-decompresses", catches=("QR-33",))
class NeverDecompresses(Behaviour):
    """An instance is brought in the transfer syntax that it is stored in, or not at all."""

    def context_for(self, instance: StoredInstance, contexts: Iterable[Context]) -> Context | None:
        same = [context for context in contexts if context.transfer_syntax == instance.transfer_syntax]
        return super().context_for(instance, same)


@fault("lists-a-hundred-matches-at-most", catches=("QR-04",))
class ListsAHundredMatchesAtMost(Behaviour):
    """A C-FIND ends in Success after a hundred matches, however many there are."""

    def find_matches(self, association: Association, query: Query) -> Iterator[Elements]:
        return islice(super().find_matches(association, query), _PAGE)
