"""What some faults need beside them to be seen: a policy, claims, a destination of C-MOVE."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import tests.scenarios
from conformance.target.embedded.server import EmbeddedPacs
from conformance.target.embedded.settings import Destination
from tests.faulty.registry import Fault
from tests.readback.programs import free_port


def faulty(fault: Fault) -> tuple[EmbeddedPacs, tuple[str, ...]]:
    """The PACS with a fault, not started yet, and the options of the plugin that it needs."""
    if fault.behaviour.__module__.endswith(".channels"):
        port = free_port()
        known = {"CONFMOVE": Destination(host="127.0.0.1", port=port)}
        settings = replace(fault.settings, move_destinations=known)
        pacs = EmbeddedPacs(settings, behaviour=fault.behaviour(), acceptor=fault.acceptor)
        return pacs, ("--pacs-move-aet=CONFMOVE", f"--pacs-move-port={port}")
    if fault.name == "keeps-though-replace-is-declared":
        return fault.pacs(), ("--pacs-duplicate-policy=replace",)
    if "claimed" in fault.name:
        claims = Path(tests.scenarios.__path__[0]) / "matrix_claims.toml"
        return fault.pacs(), (f"--pacs-target={claims}",)
    return fault.pacs(), ()
