"""Which scenarios are played against which SCP."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from typing import Any

import tests.scenarios
from tests.faulty.registry import all_faults
from tests.odd.registry import all_oddities


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One SCP with the scenarios that are played against it; none where no table names it."""

    kind: str
    name: str
    topic: str
    scenarios: tuple[str, ...]


def planned(*, complete: bool) -> list[Planned]:
    """Every fault and every oddity, with what its family's table names or with every scenario."""
    named = declared()
    everything = ("",)
    plan = [
        Planned(
            kind="fault",
            name=fault.name,
            topic=fault.family,
            scenarios=everything if complete else named.get(fault.name, ()),
        )
        for fault in all_faults().values()
    ]
    odd: Any = importlib.import_module("tests.scenarios.test_oddities")
    for oddity in all_oddities().values():
        chosen = odd.PLAYED_FOR_ONE.get(oddity.name) or odd.PLAYED[oddity.family]
        scenarios = everything if complete else tuple(dict.fromkeys(chosen))
        plan.append(Planned(kind="oddity", name=oddity.name, topic=oddity.family, scenarios=scenarios))
    return plan


def declared() -> dict[str, tuple[str, ...]]:
    """By fault, the scenarios that the tables in `tests/scenarios/test_<family>_faults.py` name."""
    found: dict[str, tuple[str, ...]] = {}
    for module in pkgutil.iter_modules(tests.scenarios.__path__):
        if module.name.endswith("_faults"):
            table = importlib.import_module(f"tests.scenarios.{module.name}")
            for name, value in {**getattr(table, "CASES", {}), **getattr(table, "CAUGHT", {})}.items():
                nodes = (value,) if isinstance(value, str) else tuple(n for n in value if isinstance(n, str))
                mine = (n for n in nodes if n.startswith("test_"))
                found[name] = tuple(dict.fromkeys((*found.get(name, ()), *mine)))
    return found
