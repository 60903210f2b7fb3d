"""Identities: the same seed and scope give the same ones, all below the run's root."""

import pytest

from conformance.instances.errors import InstanceError
from conformance.instances.identity import Identity, IdentitySource, is_legal_uid, run_uid_root


def _source(seed: int = 7, scope: str = "scenario[a]") -> IdentitySource:
    return IdentitySource(seed=seed, scope=scope)


def _uids(identity: Identity) -> tuple[str, ...]:
    return (
        identity.study_instance_uid,
        identity.series_instance_uid,
        identity.sop_instance_uid,
        identity.frame_of_reference_uid,
    )


def test_same_seed_and_scope_give_the_same_sequence() -> None:
    first, second = _source(), _source()
    assert [first.new() for _ in range(5)] == [second.new() for _ in range(5)]


@pytest.mark.parametrize(
    ("seed", "scope"),
    [pytest.param(8, "scenario[a]", id="other-seed"), pytest.param(7, "scenario[b]", id="other-scope")],
)
def test_another_seed_or_scope_shares_nothing(seed: int, scope: str) -> None:
    one, other = _source().new(), _source(seed, scope).new()
    assert one.patient_id != other.patient_id
    assert not set(_uids(one)) & set(_uids(other))


@pytest.mark.parametrize("seed", [0, 1, 7, 10**8, 2**64, -1])
def test_every_uid_is_legal_and_below_the_root(seed: int) -> None:
    source = _source(seed)
    assert source.uid_root == run_uid_root(seed)
    for uid in [*_uids(source.new()), *(source.new_uid() for _ in range(200))]:
        assert is_legal_uid(uid)
        assert uid.startswith(source.uid_root + ".")


def test_no_uid_is_given_twice() -> None:
    source = _source()
    uids = [uid for _ in range(50) for uid in _uids(source.new())] + [source.new_uid() for _ in range(50)]
    assert len(set(uids)) == len(uids)


def test_patient_of_keeps_the_patient_alone() -> None:
    source = _source()
    first = source.new()
    second = source.new(patient_of=first)
    assert (second.patient_id, second.patient_name) == (first.patient_id, first.patient_name)
    assert not set(_uids(first)) & set(_uids(second))
    assert second.study_id != first.study_id
    assert second.accession_number != first.accession_number


def test_study_of_keeps_patient_and_study_and_numbers_the_series() -> None:
    source = _source()
    first = source.new()
    second, third = source.new(study_of=first), source.new(study_of=first)
    assert second.patient_id == first.patient_id
    assert second.study_instance_uid == first.study_instance_uid
    assert second.frame_of_reference_uid == first.frame_of_reference_uid
    assert len({i.series_instance_uid for i in (first, second, third)}) == 3
    assert [i.series_number for i in (first, second, third)] == [1, 2, 3]


def test_series_of_keeps_the_series_and_numbers_the_instances() -> None:
    source = _source()
    first = source.new()
    batch = [first, *(source.new(series_of=first) for _ in range(3))]
    assert len({(i.patient_id, i.study_instance_uid, i.series_instance_uid) for i in batch}) == 1
    assert len({i.sop_instance_uid for i in batch}) == 4
    assert [i.instance_number for i in batch] == [1, 2, 3, 4]


def test_patient_id_begins_with_the_prefix_and_fits_lo() -> None:
    identity = IdentitySource(seed=2**40, scope="s" * 300, patient_id_prefix="RUN7").new()
    assert identity.patient_id.startswith("RUN7-")
    assert len(identity.patient_id) <= 64
    assert max(len(identity.study_id), len(identity.accession_number)) <= 16


def test_a_root_can_be_given() -> None:
    source = IdentitySource(seed=7, scope="a", uid_root="1.2.3")
    assert source.new_uid().startswith("1.2.3.")


@pytest.mark.parametrize("root", ["1.02", "", "1.2.", "abc", "1." + "2" * 50])
def test_a_root_that_makes_no_legal_uid_is_refused(root: str) -> None:
    with pytest.raises(InstanceError, match="hint:"):
        IdentitySource(seed=7, scope="a", uid_root=root)


@pytest.mark.parametrize("prefix", ["", "A\\B", "A\n", "Ä", "P" * 60])
def test_a_prefix_that_makes_no_legal_patient_id_is_refused(prefix: str) -> None:
    with pytest.raises(InstanceError, match="hint:"):
        IdentitySource(seed=7, scope="a", patient_id_prefix=prefix)


def test_two_parents_are_refused() -> None:
    source = _source()
    first = source.new()
    with pytest.raises(InstanceError, match="more than one"):
        source.new(study_of=first, series_of=first)
