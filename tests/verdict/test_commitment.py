"""Storage commitment: what each judge makes of requests and reports."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from pydicom.dataset import Dataset

from conformance.observation.commitment import Commitment, Reference, Report
from conformance.observation.exchanges import OperationExchange
from conformance.observation.outcomes import Aborted, Closed, ResponseOutcome, Silence
from conformance.standard.sop_classes import STORAGE_COMMITMENT_INSTANCE, STORAGE_COMMITMENT_PUSH_MODEL
from conformance.verdict import commitment as judges
from conformance.verdict.finding import Finding, Verdict
from conformance.wire import items
from conformance.wire.command import CommandSet, Tag, ui, us
from conformance.wire.items import ProposedContext
from conformance.wire.messages import n_action_rq, n_event_report_rq
from tests.verdict.builders import CT, IMPLICIT, MR, accept, accepted, operation, response

TRANSACTION = "2.25.1"
REQUEST = n_action_rq(
    1, sop_class_uid=STORAGE_COMMITMENT_PUSH_MODEL, sop_instance_uid=STORAGE_COMMITMENT_INSTANCE, action_type_id=1
)
ONE, TWO, STRANGER = (Reference(sop_class_uid=CT, sop_instance_uid=f"1.2.{number}") for number in (1, 2, 3))
PASS, WARN, FAIL, INCONCLUSIVE = Verdict.PASS, Verdict.WARN, Verdict.FAIL, Verdict.INCONCLUSIVE


def asked(outcome: ResponseOutcome | int = 0, **extra: bytes) -> OperationExchange:
    """An N-ACTION and its answer."""
    fields = {int(Tag[name.upper()]): value for name, value in extra.items()}
    made = response(outcome, to=REQUEST, extra=fields) if isinstance(outcome, int) else outcome
    return operation(made, request_command=REQUEST)


def sequence(references: Sequence[Reference]) -> list[Dataset]:
    made = []
    for reference in references:
        item = Dataset()
        item.ReferencedSOPClassUID = reference.sop_class_uid
        item.ReferencedSOPInstanceUID = reference.sop_instance_uid
        if reference.failure_reason is not None:
            item.FailureReason = reference.failure_reason
        if reference.retrieve_ae_title:
            item.RetrieveAETitle = reference.retrieve_ae_title
        made.append(item)
    return made


def failed(reference: Reference, reason: int | None = 0x0112) -> Reference:
    return Reference(
        sop_class_uid=reference.sop_class_uid, sop_instance_uid=reference.sop_instance_uid, failure_reason=reason
    )


def report(
    committed: Sequence[Reference] = (ONE, TWO),
    failures: Sequence[Reference] = (),
    *,
    event: int | None = None,
    transaction_uid: str = TRANSACTION,
    roles: tuple[int, int] | None = (0, 1),
    title: str = "PACS",
    here: bool = False,
    defect: str = "",
    retrieve_ae_title: str = "",
    empty_failed: bool = False,
) -> Report:
    dataset = Dataset()
    dataset.TransactionUID = transaction_uid
    if committed:
        dataset.ReferencedSOPSequence = sequence(committed)
    if failures or empty_failed:
        dataset.FailedSOPSequence = sequence(failures)
    if retrieve_ae_title:
        dataset.RetrieveAETitle = retrieve_ae_title
    command: CommandSet = n_event_report_rq(
        1,
        sop_class_uid=STORAGE_COMMITMENT_PUSH_MODEL,
        sop_instance_uid=STORAGE_COMMITMENT_INSTANCE,
        event_type_id=event or (2 if failures else 1),
    )
    return Report(
        command=command,
        dataset=dataset,
        defect=defect,
        same_association=here,
        calling_ae_title="" if here else title,
        roles=None if here else roles,
        answered=0,
    )


def made(
    *reports: Report, references: Sequence[Reference] = (ONE, TWO), exchange: OperationExchange | None = None
) -> Commitment:
    return Commitment(
        transaction_uid=TRANSACTION,
        references=tuple(references),
        exchange=exchange or asked(),
        reports=reports,
        waited_s=3.0,
    )


def verdict(finding: Finding) -> Verdict:
    return finding.verdict


def test_accepted_where_it_is_claimed() -> None:
    assert verdict(judges.accepted(is_accepted=True, claimed=False)) is PASS
    assert verdict(judges.accepted(is_accepted=False, claimed=True)) is FAIL
    assert verdict(judges.accepted(is_accepted=False, claimed=False)) is Verdict.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (0x0000, PASS),
        (0x0110, WARN),
        (0x0213, WARN),
        (0x0211, FAIL),
        (0x0112, FAIL),
        (Silence(waited_s=1.0), FAIL),
        (Aborted(source=2, reason=0), FAIL),
    ],
)
def test_received(outcome: ResponseOutcome | int, expected: Verdict) -> None:
    assert verdict(judges.received(asked(outcome))) is expected


def test_a_response_has_what_it_may_have() -> None:
    fine = asked(
        0,
        affected_sop_class_uid=ui(STORAGE_COMMITMENT_PUSH_MODEL),
        affected_sop_instance_uid=ui(STORAGE_COMMITMENT_INSTANCE),
        action_type_id=us(1),
    )
    assert verdict(judges.well_formed(fine)) is PASS
    assert verdict(judges.well_formed(asked())) is PASS
    assert verdict(judges.well_formed(asked(0, affected_sop_instance_uid=ui("1.2.3")))) is FAIL
    assert verdict(judges.well_formed(asked(0, affected_sop_class_uid=ui("1.2.3")))) is FAIL
    assert verdict(judges.well_formed(asked(0, action_type_id=us(2)))) is FAIL
    assert verdict(judges.well_formed(asked(0, requested_sop_class_uid=ui("1.2.3")))) is WARN
    assert verdict(judges.well_formed(asked(Closed()))) is INCONCLUSIVE
    wrong = operation(response(0), request_command=REQUEST)
    assert verdict(judges.well_formed(wrong)) is FAIL


@pytest.mark.parametrize(
    ("outcome", "instance", "action", "receipt"),
    [
        (0x0000, FAIL, FAIL, PASS),
        (0x0112, PASS, WARN, WARN),
        (0x0117, PASS, WARN, WARN),
        (0x0123, WARN, PASS, WARN),
        (0x0110, WARN, WARN, WARN),
        (Aborted(source=0, reason=0), WARN, WARN, FAIL),
        (Closed(), FAIL, FAIL, FAIL),
    ],
)
def test_what_is_refused(outcome: ResponseOutcome | int, instance: Verdict, action: Verdict, receipt: Verdict) -> None:
    assert verdict(judges.other_instance_refused(asked(outcome))) is instance
    assert verdict(judges.other_action_refused(asked(outcome))) is action
    assert verdict(judges.receipt_alone(asked(outcome))) is receipt


def test_extended_negotiation_is_not_answered() -> None:
    proposed = (
        ProposedContext(context_id=1, abstract_syntax=STORAGE_COMMITMENT_PUSH_MODEL, transfer_syntaxes=(IMPLICIT,)),
    )
    silent = accepted(proposed=proposed)
    answer = items.sop_class_extended_negotiation_item(STORAGE_COMMITMENT_PUSH_MODEL, b"\1")
    told = accepted(proposed=proposed, items_of=accept(proposed, user_items=[items.maximum_length_item(0), answer]))
    assert verdict(judges.no_extended_negotiation(silent)) is PASS
    assert verdict(judges.no_extended_negotiation(told)) is FAIL


def test_a_report_comes_on_another_association() -> None:
    assert verdict(judges.reported(made(report()), claimed_s=None)) is PASS
    assert verdict(judges.reported(made(report(here=True)), claimed_s=1.0)) is INCONCLUSIVE
    assert verdict(judges.reported(made(), claimed_s=None)) is INCONCLUSIVE
    assert verdict(judges.reported(made(), claimed_s=3.0)) is FAIL
    assert verdict(judges.reported(made(exchange=asked(0x0110)), claimed_s=3.0)) is INCONCLUSIVE


@pytest.mark.parametrize(
    ("roles", "expected"), [((0, 1), PASS), ((1, 1), WARN), (None, FAIL), ((1, 0), FAIL), ((0, 0), FAIL)]
)
def test_role_on_an_association_of_the_targets_own(roles: tuple[int, int] | None, expected: Verdict) -> None:
    assert verdict(judges.negotiated_role(made(report(roles=roles)))) is expected


def test_title_on_an_association_of_the_targets_own() -> None:
    assert verdict(judges.same_title(made(report()), "PACS")) is PASS
    assert verdict(judges.same_title(made(report(title="OTHER")), "PACS")) is WARN
    assert verdict(judges.same_title(made(report(here=True)), "PACS")) is INCONCLUSIVE


def test_one_report() -> None:
    assert verdict(judges.once(made(report()))) is PASS
    assert verdict(judges.once(made(report(here=True), report()))) is WARN
    assert verdict(judges.once(made())) is INCONCLUSIVE


def test_transaction_uid_is_that_of_the_request() -> None:
    assert verdict(judges.same_transaction(made(report()))) is PASS
    assert verdict(judges.same_transaction(made(report(transaction_uid="1.2.3")))) is FAIL
    assert verdict(judges.same_transaction(made(report(defect="ends in the middle")))) is FAIL


def test_all_that_was_asked_for_is_named_once() -> None:
    assert verdict(judges.complete(made(report()))) is PASS
    assert verdict(judges.complete(made(report((ONE,), (failed(TWO),))))) is PASS
    assert verdict(judges.complete(made(report((ONE,))))) is FAIL
    assert verdict(judges.complete(made(report((ONE, TWO, STRANGER))))) is FAIL
    assert verdict(judges.complete(made(report((ONE, TWO), (failed(TWO),))))) is FAIL


def test_what_is_stored_is_committed() -> None:
    other_class = Reference(sop_class_uid=MR, sop_instance_uid=TWO.sop_instance_uid)
    assert verdict(judges.all_committed(made(report()))) is PASS
    assert verdict(judges.all_committed(made(report(event=2)))) is FAIL
    assert verdict(judges.all_committed(made(report(event=3)))) is FAIL
    assert verdict(judges.all_committed(made(report(empty_failed=True)))) is FAIL
    assert verdict(judges.all_committed(made(report((ONE,), (failed(TWO),))))) is FAIL
    assert verdict(judges.all_committed(made(report((ONE,), (failed(TWO, 0x0213),))))) is WARN
    assert verdict(judges.all_committed(made(report((ONE, other_class))))) is FAIL


def test_what_was_never_sent_has_failed() -> None:
    unknown = frozenset((STRANGER.sop_instance_uid,))

    def judged(*reports: Report) -> Verdict:
        return verdict(judges.failures_told(made(*reports, references=(ONE, STRANGER)), unknown=unknown))

    assert judged(report((ONE,), (failed(STRANGER),))) is PASS
    assert judged(report((ONE, STRANGER))) is FAIL
    assert judged(report((ONE,))) is FAIL
    assert judged(report((), (failed(ONE, 0x0213), failed(STRANGER)))) is WARN
    assert judged(report((), (failed(ONE), failed(STRANGER)))) is FAIL
    assert judged() is INCONCLUSIVE


@pytest.mark.parametrize(
    ("reason", "expected"), [(0x0112, PASS), (0x0110, WARN), (0x0119, WARN), (0xA700, FAIL), (0, FAIL), (None, FAIL)]
)
def test_failure_reason(reason: int | None, expected: Verdict) -> None:
    one = made(report((), (failed(ONE, reason),)), references=(ONE,))
    assert verdict(judges.reasons(one, at_best=(0x0112,))) is expected


def test_another_class_than_stored() -> None:
    assert verdict(judges.class_conflict_told(made(report((), (failed(ONE, 0x0119),))))) is PASS
    assert verdict(judges.class_conflict_told(made(report((ONE,))))) is WARN
    assert verdict(judges.class_conflict_told(made(report((), (failed(ONE, 0xA700),))))) is FAIL
    assert verdict(judges.class_conflict_told(made())) is INCONCLUSIVE


def test_retrieve_title_is_in_one_place() -> None:
    inside = Reference(sop_class_uid=CT, sop_instance_uid="1.2.1", retrieve_ae_title="PACS")
    assert verdict(judges.retrieve_title_in_one_place(made(report(retrieve_ae_title="PACS")))) is PASS
    assert verdict(judges.retrieve_title_in_one_place(made(report((inside,))))) is PASS
    assert verdict(judges.retrieve_title_in_one_place(made(report((inside,), retrieve_ae_title="PACS")))) is FAIL


def test_an_instance_that_is_named_twice() -> None:
    twice = (ONE, ONE)
    assert verdict(judges.named_once(made(report((ONE,)), references=twice))) is PASS
    assert verdict(judges.named_once(made(report((ONE, ONE)), references=twice))) is WARN
    assert verdict(judges.named_once(made(report((), (failed(ONE),)), references=twice))) is WARN
    assert verdict(judges.named_once(made(references=twice, exchange=asked(0x0115)))) is PASS
    assert verdict(judges.named_once(made(references=twice))) is INCONCLUSIVE


def test_two_requests_in_one_transaction() -> None:
    requests = [((ONE,), asked()), ((TWO,), asked())]
    assert verdict(judges.not_mixed(requests, [report((ONE,)), report((TWO,))])) is PASS
    assert verdict(judges.not_mixed(requests, [report((ONE,)), report((), (failed(TWO, 0x0131),))])) is PASS
    assert verdict(judges.not_mixed(requests, [report((ONE, TWO))])) is WARN
    assert verdict(judges.not_mixed(requests, [])) is INCONCLUSIVE


def test_a_report_that_is_not_taken() -> None:
    assert verdict(judges.not_repeated_without_end(made(report()), "SC-22")) is PASS
    assert verdict(judges.not_repeated_without_end(made(*[report()] * 10), "SC-22")) is PASS
    assert verdict(judges.not_repeated_without_end(made(*[report()] * 11), "SC-22")) is WARN
    assert verdict(judges.not_repeated_without_end(made(), "SC-22")) is INCONCLUSIVE
