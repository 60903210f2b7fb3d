"""What C-FIND listed and what C-GET brought, decoded as far as it could be read."""

from __future__ import annotations

from dataclasses import dataclass

from pydicom.dataset import Dataset

from conformance.observation.exchanges import OperationExchange
from conformance.wire.command import CommandSet


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One identifier that a C-FIND was answered with.

    Args:
        status: Of the response that it came with.
        dataset: The identifier, as far as it could be read.
        defect: Why it could not be read to its end; empty when it could.
    """

    status: int | None
    dataset: Dataset
    defect: str = ""

    def text(self, keyword: str) -> str:
        """An attribute as text, padding removed; empty where it is absent or empty."""
        value = self.dataset.get(keyword)
        return "" if value is None else str(value).strip(" \0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A C-FIND: what was asked, and what was listed.

    Args:
        level: Query/Retrieve Level of the request.
        keys: Its identifier.
        exchange: Request, Pending responses and final response.
        matches: The identifiers of the Pending responses.
    """

    level: str
    keys: Dataset
    exchange: OperationExchange
    matches: tuple[Match, ...]

    def values(self, keyword: str) -> list[str]:
        """An attribute of each match, in the order in which they came."""
        return [match.text(keyword) for match in self.matches]


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """A C-STORE sub-operation of a C-GET.

    Args:
        command: The C-STORE-RQ.
        context_id: The presentation context that it came on.
        transfer_syntax_uid: Agreed for it; empty where nothing was.
        dataset: The instance, as far as it could be read in that transfer syntax.
        defect: Why it could not be read to its end; empty when it could.
        answered: The status that we answered with.
    """

    command: CommandSet
    context_id: int
    transfer_syntax_uid: str
    dataset: Dataset
    defect: str
    answered: int

    @property
    def sop_instance_uid(self) -> str:
        """As the command names it."""
        return self.command.affected_sop_instance_uid or ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrieved:
    """A C-GET: its responses, and what it brought.

    Args:
        exchange: Request, Pending responses and final response.
        brought: The sub-operations in the order in which they came.
    """

    exchange: OperationExchange
    brought: tuple[Brought, ...]
