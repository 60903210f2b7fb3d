"""The faults as a whole: each says what must catch it, in ids of the catalogue, and can be served by its name."""

from __future__ import annotations

import pytest

from conformance.standard.catalogue import requirement
from conformance.target.embedded.behaviour import Behaviour
from tests.faulty.registry import all_faults, fault, fault_named
from tests.faulty.serve import main


@pytest.mark.parametrize("name", all_faults())
def test_every_fault_names_requirements_of_the_catalogue(name: str) -> None:
    assert [requirement(catches).id for catches in fault_named(name).catches]


def test_a_name_cannot_be_given_twice() -> None:
    class Again(Behaviour):
        """Something else."""

    with pytest.raises(ValueError, match="a name of its own"):
        fault("stores-nothing", catches=("STA-17",))(Again)


def test_an_unknown_fault_is_named_with_a_hint(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["no-such-fault"]) == 4
    assert "hint: one of" in capsys.readouterr().err


def test_the_faults_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list"]) == 0
    assert "flips-a-bit: One bit of the last pixel is not the one that came. [FID-02]" in capsys.readouterr().out
