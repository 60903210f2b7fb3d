"""The matrix: every storage SOP class in every transfer syntax, asked pair by pair, and stores over what is accepted.

One scenario of a run asks; the others look at the same answers. Nothing is stored at the level `safe`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

import pytest

from conformance.config import Claims
from conformance.driver.sending import contexts_of, sent_of
from conformance.instances import catalogue
from conformance.instances.in_syntax import ENCODABLE
from conformance.instances.instance import Instance
from conformance.observation.matrix import Matrix
from conformance.plugin import matrix_plan
from conformance.plugin.fixtures import Instances, Judge, Peers
from conformance.plugin.scene import NotApplicableError
from conformance.standard.sop_classes import Group, in_group
from conformance.standard.transfer_syntaxes import TransferSyntax, transfer_syntax, transfer_syntax_name
from conformance.verdict import matrix as verdicts
from conformance.verdict import matrix_claims

pytestmark = pytest.mark.topic("matrix")

JudgeStored = Callable[..., None]
StoreAndCompare = Callable[[Iterable[tuple[str, Instance]], str], None]
OF_PATIENTS: Final = tuple(
    keyword for keyword in catalogue.available() if keyword not in {row.keyword for row in in_group(Group.NON_PATIENT)}
)
"""What can be looked for below a patient; test_storage.py stores the other objects."""
SYNTAXES: Final = [row for uid in ENCODABLE if (row := transfer_syntax(uid)) is not None]


@pytest.mark.level("safe")
@pytest.mark.requirement("ST-26", "UL-RQ-25", "UL-AC-06", "UL-AC-07", "UL-AC-08")
def test_every_pair_is_answered(matrix: Matrix, judge: Judge) -> None:
    """Every storage SOP class is asked for in every transfer syntax, and each pair is answered for itself."""
    judge(verdicts.everything_asked(matrix))


@pytest.mark.level("safe")
@pytest.mark.requirement("TS-01", "TS-02")
def test_default_transfer_syntax(matrix: Matrix, judge: Judge) -> None:
    """Each SOP class that is accepted in anything is accepted in Implicit VR Little Endian."""
    judge(verdicts.default_accepted(matrix), verdicts.default_not_refused_for_syntax(matrix))


@pytest.mark.level("safe")
@pytest.mark.requirement("TS-06", "TS-08", "TS-10")
def test_companions(matrix: Matrix, judge: Judge) -> None:
    """Who accepts a SOP class in one transfer syntax accepts it in the one that goes with that."""
    judge(verdicts.companions_accepted(matrix))


@pytest.mark.level("safe")
@pytest.mark.requirement("UL-RQ-24")
def test_reasons_of_refusals(matrix: Matrix, judge: Judge) -> None:
    """A SOP class that is supported is refused for its transfer syntax, not as an abstract syntax."""
    judge(verdicts.refusals_name_their_reason(matrix))


@pytest.mark.level("safe")
@pytest.mark.requirement("UL-RQ-33")
def test_same_answer_again(matrix: Matrix, judge: Judge) -> None:
    """A pair that is asked for again, in another order and in other company, gets the same answer."""
    judge(verdicts.same_answer_again(matrix))


@pytest.mark.level("safe")
@pytest.mark.requirement("CS-07", "ST-01")
def test_claims(matrix: Matrix, judge: Judge, claims: Claims) -> None:
    """What is accepted is what the target's conformance statement says, no less and no more."""
    judge(
        matrix_claims.claimed_sop_classes(matrix, claims),
        matrix_claims.claimed_transfer_syntaxes(matrix, claims),
        matrix_claims.nothing_unclaimed(matrix, claims),
    )


@pytest.fixture
def store_and_compare(peer: Peers, judge: Judge, judge_stored: JudgeStored) -> StoreAndCompare:
    """Stores instances, an association for each, and judges each answer and what is stored.

    `store_and_compare(pairs, "ID")`: transfer syntaxes with instances, and the requirement that each is stored.
    """

    def store(pairs: Iterable[tuple[str, Instance]], requirement: str) -> None:
        nothing = True
        for uid, instance in pairs:
            nothing = False
            label = f"{instance.label} in {transfer_syntax_name(uid)}"
            connection = peer.associated(contexts_of([(instance.sop_class_uid, (uid,))]), label=label)
            judge(verdicts.accepted_as_before(connection.recorder.associations[-1]))
            if 1 not in connection.accepted:
                connection.release()
                continue
            exchange = connection.store(instance.encoded(uid), sent_of(instance, uid), context_id=1)
            judge_stored(instance, exchange, requirement=requirement, connection=connection)
        if nothing:
            raise NotApplicableError("the target accepts no pair that an instance can be made for")

    return store


@pytest.mark.requirement("TS-13", "FID-01", "FID-02", "STA-17", "UL-RQ-33")
@pytest.mark.parametrize("row", SYNTAXES, ids=[row.keyword for row in SYNTAXES])
def test_sample_is_stored(
    matrix: Matrix,
    instances: Instances,
    store_and_compare: StoreAndCompare,
    row: TransferSyntax,
) -> None:
    """In a transfer syntax one instance of each kind is stored, and over all of them each SOP class once."""
    build = matrix_plan.builder(instances.identities, OF_PATIENTS, (row.uid,))
    chosen = matrix_plan.sample(matrix, row.uid, build, keywords=OF_PATIENTS)
    store_and_compare(((row.uid, instance) for instance in chosen), "TS-13")


@pytest.mark.level("disruptive")
@pytest.mark.requirement("ST-25", "FID-01", "FID-02", "STA-17", "UL-RQ-33")
@pytest.mark.parametrize("keyword", OF_PATIENTS)
def test_every_accepted_pair_is_stored(
    matrix: Matrix,
    instances: Instances,
    store_and_compare: StoreAndCompare,
    keyword: str,
) -> None:
    """An instance of the SOP class is stored in every transfer syntax that is accepted for it."""
    build = matrix_plan.builder(instances.identities, (keyword,), ENCODABLE)
    store_and_compare(matrix_plan.every(matrix, keyword, build), "ST-25")
