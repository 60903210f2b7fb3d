"""Faults of storing: what is kept is not what came, or the answer does not say so."""

from __future__ import annotations

from conformance.target.embedded.answer import SUCCESS, Answer
from conformance.target.embedded.assembly import Request
from conformance.target.embedded.association import Association
from conformance.target.embedded.behaviour import Behaviour
from tests.faulty.registry import fault


@fault("stores-nothing", catches=("STA-17",))
class StoresNothing(Behaviour):
    """Every C-STORE is answered 0000 and nothing is stored."""

    def store(self, association: Association, request: Request) -> Answer:
        return SUCCESS
