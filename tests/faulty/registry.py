"""The faults by name, each with the requirements that must catch it.

A fault is a `Behaviour` with one method overridden, in the module of its family beside this one:

    @fault("flips-a-pixel", catches=("FID-02",))
    class FlipsAPixel(Behaviour):
        \"\"\"The last byte of the pixel data is not the one that came.\"\"\"

The first line of the docstring says what is broken. Importing the family registers its faults. One that is made of a
conformant SCP by a relay in front of it is a `Tampering`, registered by `relayed`: any SCP can have it.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeVar

from conformance.target.embedded.acceptor import Acceptor
from conformance.target.embedded.behaviour import Behaviour
from conformance.target.embedded.server import EmbeddedPacs
from conformance.target.embedded.settings import Destination, Settings
from conformance.verdict.finding import Verdict
from tests.faulty.relay import Tampering, tampered
from tests.readback.programs import free_port
from tests.scp import Scp

_NO_FAMILY: Final = frozenset({"registry", "serve"})
_DEFAULTS: Final = Settings()
_OUR_TITLE: Final = "CONFMOVE"
CLAIMS: Final = (f"--pacs-target={Path(__file__).parent / 'claims.toml'}",)
"""Options with claims of SOP classes and transfer syntaxes."""
ARTIM_OF_A_SECOND: Final = (f"--pacs-target={Path(__file__).parent / 'claims_artim.toml'}",)
"""Options with a claim of ARTIM."""
COMMITMENT_CLAIMED: Final = (f"--pacs-target={Path(__file__).parent / 'claims_services.toml'}",)
"""Options with a claim of storage commitment."""
COMMITS_IN_TIME: Final = (f"--pacs-target={Path(__file__).parent / 'claims_commitment.toml'}",)
"""Options with a claim of how soon storage commitment is reported on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """An SCP that breaks one thing.

    Attributes:
        name: What it is called, in words with hyphens.
        broken: What it does wrong, in one line.
        catches: The requirements of which each must be judged so by some scenario.
        caught_as: FAIL, or WARN where the standard has no *shall* that is broken.
        behaviour: Makes the hooks; a fault that remembers something starts anew with each PACS.
        acceptor: The upper layer of one connection.
        settings: What else is chosen about the PACS.
        options: Of the plugin: what is said of the target in a run that catches the fault, such as a claim.
        knows_us: Whether our storage SCP is a destination of its C-MOVE.
        tampering: What a relay in front of it does, for a fault that is made so.
    """

    name: str
    broken: str
    catches: tuple[str, ...]
    behaviour: type[Behaviour]
    acceptor: type[Acceptor]
    settings: Settings
    caught_as: Verdict = Verdict.FAIL
    options: tuple[str, ...] = ()
    knows_us: bool = False
    tampering: type[Tampering] | None = None

    @property
    def family(self) -> str:
        """The module that it is in."""
        return (self.tampering or self.behaviour).__module__.rpartition(".")[2]

    def pacs(self, *, port: int = 0) -> Scp:
        """A PACS with this fault, on loopback; not started yet."""
        if self.tampering is not None:
            return tampered(EmbeddedPacs(self.settings), self.tampering, port=port)
        return EmbeddedPacs(self.settings, port=port, behaviour=self.behaviour(), acceptor=self.acceptor)

    def to_be_caught(self) -> tuple[Scp, tuple[str, ...]]:
        """A PACS with this fault, not started yet, and the options of a run that catches it."""
        if not self.knows_us:
            return self.pacs(), self.options
        settings, options = with_us_as_destination(self.settings)
        return replace(self, settings=settings).pacs(), (*self.options, *options)


def with_us_as_destination(settings: Settings = _DEFAULTS) -> tuple[Settings, tuple[str, ...]]:
    """Settings with our storage SCP as a destination of C-MOVE, and the options that start it there."""
    port = free_port()
    known = {_OUR_TITLE: Destination(host="127.0.0.1", port=port)}
    options = (f"--pacs-move-aet={_OUR_TITLE}", f"--pacs-move-port={port}")
    return replace(settings, move_destinations=known), options


_FAULTS: Final[dict[str, Fault]] = {}

Faulty = TypeVar("Faulty", bound=type[Behaviour])
Tampers = TypeVar("Tampers", bound=type[Tampering])


def fault(
    name: str,
    *,
    catches: tuple[str, ...],
    caught_as: Verdict = Verdict.FAIL,
    acceptor: type[Acceptor] = Acceptor,
    settings: Settings = _DEFAULTS,
    options: tuple[str, ...] = (),
    knows_us: bool = False,
) -> Callable[[Faulty], Faulty]:
    """Register a behaviour as a fault.

    Args:
        name: Not given to another fault.
        catches: Ids of the catalogue, at least one.
        caught_as: The verdict that each of them must get.
        acceptor: For a fault of the upper layer that no hook reaches.
        settings: For a fault that shows with certain settings only.
        options: For a fault that a run catches only if it is told something of the target.
        knows_us: For a fault of what a C-MOVE sends to us.

    Raises:
        ValueError: The name is taken, nothing is to catch the fault, or the docstring is missing.
    """

    def register(behaviour: Faulty) -> Faulty:
        _add(
            Fault(
                name=name,
                broken=_said(behaviour),
                catches=catches,
                caught_as=caught_as,
                behaviour=behaviour,
                acceptor=acceptor,
                settings=settings,
                options=options,
                knows_us=knows_us,
            )
        )
        return behaviour

    return register


def relayed(name: str, *, catches: tuple[str, ...], options: tuple[str, ...] = ()) -> Callable[[Tampers], Tampers]:
    """Register what a relay does as a fault of the SCP behind it.

    Args:
        name: Not given to another fault.
        catches: Ids of the catalogue, at least one; each must FAIL.
        options: What a run needs to catch it.

    Raises:
        ValueError: The name is taken, nothing is to catch the fault, or the docstring is missing.
    """

    def register(tampering: Tampers) -> Tampers:
        _add(
            Fault(
                name=name,
                broken=_said(tampering),
                catches=catches,
                behaviour=Behaviour,
                acceptor=Acceptor,
                settings=_DEFAULTS,
                options=options,
                tampering=tampering,
            )
        )
        return tampering

    return register


def _said(made: type) -> str:
    return (made.__doc__ or "").strip().partition("\n")[0]


def _add(one: Fault) -> None:
    if one.name in _FAULTS or not one.catches or not one.broken:
        raise ValueError(f"fault {one.name!r}: a name of its own, requirements and a docstring are needed")
    _FAULTS[one.name] = one


def all_faults() -> Mapping[str, Fault]:
    """Every fault of every family."""
    for module in pkgutil.iter_modules([str(Path(__file__).parent)]):
        if module.name not in _NO_FAMILY:
            importlib.import_module(f"tests.faulty.{module.name}")
    return MappingProxyType(_FAULTS)


def fault_named(name: str) -> Fault:
    """The fault of that name.

    Raises:
        LookupError: There is none.
    """
    faults = all_faults()
    if name not in faults:
        raise LookupError(f"no fault {name!r}\nhint: one of {', '.join(sorted(faults))}")
    return faults[name]
