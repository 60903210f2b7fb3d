"""The oddities by name, each with the clause that allows it.

Most are a `Behaviour` with one method overridden, in the module of their family beside this one:

    @odd("accepted-contexts-first", clause="PS3.8 7.1.1.14")
    class AcceptedContextsFirst(Behaviour):
        \"\"\"The results come in an order of their own.\"\"\"

The first line of the docstring says what is odd. An SCP that is no embedded PACS is a class that is called with a port
and registered by `odd_scp`. Importing the family registers its oddities.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeVar

from conformance.target.embedded.acceptor import Acceptor
from conformance.target.embedded.behaviour import Behaviour
from conformance.target.embedded.server import EmbeddedPacs
from conformance.target.embedded.settings import Settings
from tests.faulty.registry import with_us_as_destination
from tests.scp import Scp

_NO_FAMILY: Final = frozenset({"registry", "serve"})
_DEFAULTS: Final = Settings()


@dataclass(frozen=True, slots=True, kw_only=True)
class Oddity:
    """An SCP that is unusual and conformant.

    Attributes:
        name: What it is called, in words with hyphens.
        family: The module that it is in.
        allowed: What it does, in one line.
        clause: What allows it.
        build: Makes the SCP with settings, where it has any, on a port of loopback, 0 for a free one.
        settings: What is chosen about the SCP.
        knows_us: Whether our storage SCP is known to it, to be moved and reported to.
        options: Of the plugin: what a person would have to say of such a target.
        violates: Requirements that another's implementation truly does not meet; any other FAIL is false.
    """

    name: str
    family: str
    allowed: str
    clause: str
    build: Callable[[Settings, int], Scp]
    settings: Settings = _DEFAULTS
    options: tuple[str, ...] = ()
    knows_us: bool = False
    violates: frozenset[str] = frozenset()

    def make(self, port: int) -> Scp:
        """The SCP, on a port of loopback, 0 for a free one; not started yet."""
        return self.build(self.settings, port)

    def to_be_played(self) -> tuple[Scp, tuple[str, ...]]:
        """The SCP, not started yet, and the options of a run against it."""
        if not self.knows_us:
            return self.make(0), self.options
        settings, options = with_us_as_destination(self.settings)
        return self.build(settings, 0), (*self.options, *options)


_ODDITIES: Final[dict[str, Oddity]] = {}

OddBehaviour = TypeVar("OddBehaviour", bound=type[Behaviour])
OddScp = TypeVar("OddScp", bound=Callable[[int], Scp])


def odd(
    name: str,
    *,
    clause: str,
    acceptor: type[Acceptor] = Acceptor,
    pacs: type[EmbeddedPacs] = EmbeddedPacs,
    settings: Settings = _DEFAULTS,
    options: tuple[str, ...] = (),
    knows_us: bool = False,
) -> Callable[[OddBehaviour], OddBehaviour]:
    """Register a behaviour of the embedded PACS as an oddity.

    Args:
        name: Not given to another oddity.
        clause: What allows it.
        acceptor: For an oddity of the upper layer that no hook reaches.
        pacs: For an oddity of the listening socket or of the bytes on their way.
        settings: For an oddity that is one of settings.
        options: Of the plugin.
        knows_us: For an oddity of what is moved or reported to us.
    """

    def register(behaviour: OddBehaviour) -> OddBehaviour:
        def build(chosen: Settings, port: int) -> Scp:
            return pacs(chosen, port=port, behaviour=behaviour(), acceptor=acceptor)

        _add(
            Oddity(
                name=name,
                family=_family(behaviour),
                allowed=_first_line(behaviour),
                clause=clause,
                build=build,
                settings=settings,
                options=options,
                knows_us=knows_us,
            )
        )
        return behaviour

    return register


def odd_scp(
    name: str, *, clause: str, options: tuple[str, ...] = (), violates: frozenset[str] = frozenset()
) -> Callable[[OddScp], OddScp]:
    """Register an SCP of another hand; it is called with the port."""

    def register(make: OddScp) -> OddScp:
        _add(
            Oddity(
                name=name,
                family=_family(make),
                allowed=_first_line(make),
                clause=clause,
                build=lambda _settings, port: make(port),
                options=options,
                violates=violates,
            )
        )
        return make

    return register


def _add(oddity: Oddity) -> None:
    if oddity.name in _ODDITIES or not oddity.clause or not oddity.allowed:
        raise ValueError(f"oddity {oddity.name!r}: a name of its own, a clause and a docstring are needed")
    _ODDITIES[oddity.name] = oddity


def _family(made: object) -> str:
    return str(made.__module__).rpartition(".")[2]


def _first_line(made: object) -> str:
    return (made.__doc__ or "").strip().partition("\n")[0]


def all_oddities() -> Mapping[str, Oddity]:
    """Every oddity of every family."""
    for module in pkgutil.iter_modules([str(Path(__file__).parent)]):
        if module.name not in _NO_FAMILY:
            importlib.import_module(f"tests.odd.{module.name}")
    return MappingProxyType(_ODDITIES)


def oddity_named(name: str) -> Oddity:
    """The oddity of that name.

    Raises:
        LookupError: There is none.
    """
    oddities = all_oddities()
    if name not in oddities:
        raise LookupError(f"no oddity {name!r}\nhint: one of {', '.join(sorted(oddities))}")
    return oddities[name]
