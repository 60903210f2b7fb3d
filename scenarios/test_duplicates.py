"""Duplicate SOP Instance UIDs: the answer and what is stored agree, and neither copy is lost in silence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import pytest

from conformance.config import Claims
from conformance.instances import variants
from conformance.instances.identity import IdentitySource
from conformance.instances.instance import Instance
from conformance.observation.exchanges import OperationExchange
from conformance.plugin.fixtures import Instances, Judge, Look, Scu, need
from conformance.verdict import duplicates, storing
from conformance.verdict.duplicates import Duplicate

pytestmark = pytest.mark.topic("duplicates")

Variant = Callable[[Instance, IdentitySource], Instance]
Together = Callable[[Sequence[Callable[[], OperationExchange]]], tuple[OperationExchange, ...]]

Pair = tuple[Instance, Instance]

VARIANTS: Final[dict[str, Variant]] = {
    "identical": lambda first, _: first,
    "changed header": lambda first, _: variants.changed_header(first),
    "changed pixels": lambda first, _: variants.changed_pixels(first),
    "changed header and pixels": lambda first, _: variants.changed_header(variants.changed_pixels(first)),
    "other series": variants.other_series,
    "other study": variants.other_study,
    "other patient": variants.other_patient,
    "other SOP class": lambda first, _: variants.other_sop_class(first),
}


def _each_variant() -> list[object]:
    own = pytest.mark.requirement("DUP-01", "ST-23")
    other = pytest.mark.requirement("DUP-02", "DUP-04", "DUP-06")
    return [
        pytest.param(variant, id=name, marks=own if name == "identical" else other)
        for name, variant in VARIANTS.items()
    ]


@pytest.fixture
def pair(request: pytest.FixtureRequest, ct_image: Instance, instances: Instances) -> Pair:
    """An instance, and another one under its SOP Instance UID; the parameter says how it differs."""
    variant: Variant = request.param
    return ct_image, variant(ct_image, instances.identities)


@pytest.fixture
def judge_duplicate(readback: Look, judge: Judge, claims: Claims) -> Callable[..., None]:
    """Reads back what is stored under the UID, in every place that the two name, and judges it."""

    def look(
        sent: Pair,
        stores: tuple[OperationExchange, OperationExchange],
        *,
        simultaneous: bool = False,
    ) -> None:
        first, second = stores
        assert first.sent is not None
        assert second.sent is not None
        judge(
            duplicates.judge(
                Duplicate(
                    first=first,
                    second=second,
                    first_sent=sent[0],
                    second_sent=sent[1],
                    stored=readback.fetch(
                        second.sent, also=[first.sent], expect=any(map(storing.acknowledged, stores))
                    ),
                    policy=claims.duplicate_policy,
                    simultaneous=simultaneous,
                )
            )
        )

    return look


@pytest.fixture
def judge_rest(readback: Look, judge: Judge) -> Callable[[Sequence[OperationExchange]], None]:
    """Reads back the instances of a batch that are no duplicates, and judges whether they arrived."""

    def look(stores: Sequence[OperationExchange]) -> None:
        judge(
            duplicates.rest_of_batch(
                (store, readback.fetch(store.sent, expect=storing.acknowledged(store)))
                for store in stores
                if store.sent
            )
        )

    return look


JudgeDuplicate = Callable[..., None]
JudgeRest = Callable[[Sequence[OperationExchange]], None]
each_variant = pytest.mark.parametrize("pair", _each_variant(), indirect=True)


@pytest.mark.requirement("DUP-03")
@each_variant
def test_on_the_same_association(scu: Scu, pair: Pair, judge_duplicate: JudgeDuplicate) -> None:
    """A second instance under the UID, on the same association, is answered, and one of the two is stored."""
    judge_duplicate(pair, scu.store_all(pair))


@pytest.mark.requirement("DUP-03")
@each_variant
def test_on_a_new_association(scu: Scu, pair: Pair, judge_duplicate: JudgeDuplicate) -> None:
    """A second instance under the UID, on a later association, is answered, and one of the two is stored."""
    judge_duplicate(pair, (scu.store(pair[0], label="first"), scu.store(pair[1], label="second")))


@pytest.mark.requirement("DUP-03")
@each_variant
def test_two_at_once(scu: Scu, pair: Pair, together: Together, judge_duplicate: JudgeDuplicate) -> None:
    """Two instances under one UID that come at the same time are both answered, and one of them is stored."""
    stores = together([lambda: scu.store(pair[0], label="one"), lambda: scu.store(pair[1], label="other")])
    judge_duplicate(pair, stores, simultaneous=True)


@pytest.mark.requirement("DUP-03", "DUP-05")
@each_variant
def test_inside_a_batch(
    scu: Scu, pair: Pair, instances: Instances, judge_duplicate: JudgeDuplicate, judge_rest: JudgeRest
) -> None:
    """A duplicate in the middle of a batch does not keep the rest of the batch from being stored."""
    first, second = pair
    series = variants.identity_of(first)
    rest = [instances.build("CTImageStorage", identity=instances.identities.new(series_of=series)) for _ in range(4)]
    with scu.associate([first, second]) as association:
        for instance in pair:
            need(association, instance)
        batch = (rest[0], first, rest[1], second, rest[2], rest[3])
        stores = [association.store(instance) for instance in batch]
    judge_duplicate(pair, (stores[1], stores[3]))
    judge_rest([store for index, store in enumerate(stores) if index not in {1, 3}])
