"""The matrix: which SOP class a target accepts in which transfer syntax, as it answered when it was asked.

One character holds one answer, so that 11,500 of them are a text that fits a record:

`0` to `4` the result of PS3.8 Table 9-18; `o` accepted with another transfer syntax than the one that was offered;
`x` no result, several, or one that the table does not list; `-` not asked, because the association was not accepted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum, unique
from typing import Any, Final

from conformance.observation.exchanges import AssociationExchange
from conformance.observation.outcomes import Accepted
from conformance.wire.items import ContextResult, ProposedContext

ACCEPTED: Final = "0"
USER_REJECTION: Final = "1"
NO_REASON: Final = "2"
ABSTRACT_SYNTAX: Final = "3"
TRANSFER_SYNTAXES: Final = "4"
OTHER_SYNTAX: Final = "o"
UNUSABLE: Final = "x"
NOT_ASKED: Final = "-"
WORDS: Final[Mapping[str, str]] = {
    ACCEPTED: "accepted",
    USER_REJECTION: "refused: user rejection",
    NO_REASON: "refused: no reason",
    ABSTRACT_SYNTAX: "refused: abstract syntax not supported",
    TRANSFER_SYNTAXES: "refused: transfer syntax not supported",
    OTHER_SYNTAX: "accepted with a transfer syntax that was not offered",
    UNUSABLE: "no usable result",
    NOT_ASKED: "not asked",
}
"""Every answer in words, in the order of a legend."""
REFUSED: Final = frozenset({USER_REJECTION, NO_REASON, ABSTRACT_SYNTAX, TRANSFER_SYNTAXES})


@unique
class Company(StrEnum):
    """What stood beside a presentation context that was asked for again."""

    ALONE = "alone"
    """One context for the SOP class, with this transfer syntax only."""
    MIXED = "mixed"
    """Contexts of many SOP classes and transfer syntaxes, in another order."""
    SEVERAL = "several"
    """One context for the SOP class, with several transfer syntaxes to choose from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedAgain:
    """A presentation context that was asked for once more.

    Args:
        company: What stood beside it.
        sop_class_uid: Its abstract syntax.
        offered: Its transfer syntaxes.
        answer: The answer, as in a row of the matrix.
        chosen: The transfer syntax that it was accepted with; empty if it was not.
    """

    company: Company
    sop_class_uid: str
    offered: tuple[str, ...]
    answer: str
    chosen: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """The answers to all pairs.

    Args:
        sop_classes: UIDs of the rows.
        transfer_syntaxes: UIDs of the columns.
        rows: For each SOP class one character for each transfer syntax.
        again: What was asked for again.
        associations: How many associations were requested.
        seconds: How long all of it took.
        not_asked: What came instead of an A-ASSOCIATE-AC, in words, with how often.
    """

    sop_classes: tuple[str, ...]
    transfer_syntaxes: tuple[str, ...]
    rows: tuple[str, ...]
    again: tuple[AskedAgain, ...] = ()
    associations: int = 0
    seconds: float = 0.0
    not_asked: tuple[str, ...] = ()
    _places: dict[str, int] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Number the columns.

        Raises:
            ValueError: The rows do not fit the UIDs.
        """
        if len(self.rows) != len(self.sop_classes) or {len(r) for r in self.rows} - {len(self.transfer_syntaxes)}:
            raise ValueError(
                f"{len(self.rows)} rows for {len(self.sop_classes)} SOP classes and "
                f"{len(self.transfer_syntaxes)} transfer syntaxes\nhint: a row for each, a character for each"
            )
        self._places.update({uid: index for index, uid in enumerate(self.transfer_syntaxes)})

    @property
    def pairs(self) -> int:
        """How many pairs there are, asked or not."""
        return len(self.sop_classes) * len(self.transfer_syntaxes)

    def counts(self) -> Counter[str]:
        """How often each answer was given."""
        return Counter("".join(self.rows))

    def answers(self) -> Mapping[str, Mapping[str, str]]:
        """The answers by SOP class and transfer syntax."""
        return {
            sop_class: dict(zip(self.transfer_syntaxes, row, strict=True))
            for sop_class, row in zip(self.sop_classes, self.rows, strict=True)
        }

    def accepted(self) -> Mapping[str, tuple[str, ...]]:
        """The transfer syntaxes that each SOP class was accepted in, in the order of the columns."""
        return {
            sop_class: tuple(uid for uid, answer in row.items() if answer == ACCEPTED)
            for sop_class, row in self.answers().items()
        }

    def as_builtins(self) -> dict[str, Any]:
        """The matrix as it stands in a record."""
        at_class = {uid: index for index, uid in enumerate(self.sop_classes)}
        return {
            "sop_classes": list(self.sop_classes),
            "transfer_syntaxes": list(self.transfer_syntaxes),
            "rows": list(self.rows),
            "legend": dict(WORDS),
            "again": [
                [
                    str(one.company),
                    at_class[one.sop_class_uid],
                    [self._places[uid] for uid in one.offered],
                    one.answer,
                    self._places.get(one.chosen),
                ]
                for one in self.again
            ],
            "associations": self.associations,
            "seconds": round(self.seconds, 3),
            "not_asked": list(self.not_asked),
        }

    @classmethod
    def from_builtins(cls, kept: Mapping[str, Any]) -> Matrix:
        """The matrix out of a record."""
        classes, syntaxes = tuple(kept["sop_classes"]), tuple(kept["transfer_syntaxes"])
        return cls(
            sop_classes=classes,
            transfer_syntaxes=syntaxes,
            rows=tuple(kept["rows"]),
            again=tuple(
                AskedAgain(
                    company=Company(company),
                    sop_class_uid=classes[sop_class],
                    offered=tuple(syntaxes[index] for index in offered),
                    answer=answer,
                    chosen="" if chosen is None else syntaxes[chosen],
                )
                for company, sop_class, offered, answer, chosen in kept["again"]
            ),
            associations=kept["associations"],
            seconds=kept["seconds"],
            not_asked=tuple(kept["not_asked"]),
        )


def answers_to(exchange: AssociationExchange, contexts: Iterable[ProposedContext]) -> list[tuple[str, str]]:
    """The answers to contexts of an association request, and the transfer syntaxes that were accepted.

    A result that is there twice, or that accepts nothing that was offered, is no acceptance (PS3.8 7.1.1.14).
    """
    if not isinstance(exchange.outcome, Accepted):
        return [(NOT_ASKED, "") for _ in contexts]
    results: dict[int, list[ContextResult]] = {}
    for result in exchange.results:
        results.setdefault(result.context_id, []).append(result)
    return [_answer(results.get(context.context_id, []), context) for context in contexts]


def _answer(results: Sequence[ContextResult], context: ProposedContext) -> tuple[str, str]:
    if len(results) != 1 or not 0 <= results[0].result <= 4:
        return UNUSABLE, ""
    if not results[0].accepted:
        return str(results[0].result), ""
    named = [uid.rstrip("\0 ") for uid in results[0].transfer_syntaxes]
    if len(named) == 1 and named[0] in context.transfer_syntaxes:
        return ACCEPTED, named[0]
    return OTHER_SYNTAX, ""
