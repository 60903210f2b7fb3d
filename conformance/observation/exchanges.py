"""What was asked together with what came: association requests, stores and other operations."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.observation.outcomes import Accepted, AssociationOutcome, Response, ResponseOutcome
from conformance.observation.transcript import Transcript
from conformance.wire.command import CommandSet
from conformance.wire.items import ContextResult, ProposedContext


@dataclass(frozen=True, slots=True, kw_only=True)
class AssociationExchange:
    """An association request and its answer.

    Args:
        proposed: The presentation contexts asked for.
        outcome: What came.
        transcript: The connection that it happened on.
    """

    proposed: tuple[ProposedContext, ...]
    outcome: AssociationOutcome
    transcript: Transcript

    @property
    def results(self) -> tuple[ContextResult, ...]:
        """The context results of an A-ASSOCIATE-AC; empty for any other outcome."""
        return self.outcome.associate.context_results if isinstance(self.outcome, Accepted) else ()

    def result_of(self, context_id: int) -> ContextResult | None:
        """The first result for a context id, or None."""
        return next((r for r in self.results if r.context_id == context_id), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """An instance, or what claims to be one, as it was sent.

    Args:
        label: What it is, for people.
        sop_class_uid: Affected SOP Class UID of the request.
        sop_instance_uid: Affected SOP Instance UID of the request.
        transfer_syntax_uid: The transfer syntax of the presentation context.
        data_set_bytes: Length of the data set.
        sha256: Digest of the data set's bytes, hexadecimal.
        patient_id: Patient ID of the data set; empty when it has none.
        study_instance_uid: Study Instance UID; empty when it has none.
        series_instance_uid: Series Instance UID; empty when it has none.
    """

    label: str
    sop_class_uid: str
    sop_instance_uid: str
    transfer_syntax_uid: str
    data_set_bytes: int
    sha256: str
    patient_id: str = ""
    study_instance_uid: str = ""
    series_instance_uid: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationExchange:
    """A DIMSE request and what came back for it.

    Args:
        request: The command set that was sent.
        context_id: The presentation context that it was sent on.
        outcome: The final response, or what came instead.
        pending: Responses with a Pending status that came before it.
        transcript: The connection that it happened on.
        sent: For a C-STORE, the instance.
        complete: Whether all of the request was sent.
    """

    request: CommandSet
    context_id: int
    outcome: ResponseOutcome
    transcript: Transcript
    pending: tuple[Response, ...] = ()
    sent: Sent | None = None
    complete: bool = True

    @property
    def status(self) -> int | None:
        """The status of the response; None when none came or it carries none."""
        return self.outcome.command.status if isinstance(self.outcome, Response) else None
