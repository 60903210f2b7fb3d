"""What was seen when an operation did not run its ordinary course: stores broken off, operations cancelled."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from conformance.observation.exchanges import OperationExchange
from conformance.observation.outcomes import Ending, Released
from conformance.wire.command import CommandSet

End = Released | Ending
"""How an association ended, seen from our side."""


class Way(StrEnum):
    """How the sender ends an association."""

    ABORT = "A-ABORT"
    FIN = "FIN"
    RST = "RST"
    RELEASE = "A-RELEASE-RQ"


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenOff:
    """A C-STORE whose sender ended the association before it had read a response.

    Args:
        store: The C-STORE; its outcome is a response that still came, else how the association ended. `complete`
            says whether all of the data set had been sent.
        way: What the sender did.
        end: What came last; NotConnected after an RST, when nothing can be read any more.
    """

    store: OperationExchange
    way: Way
    end: End


@dataclass(frozen=True, slots=True, kw_only=True)
class SubOperation:
    """A C-STORE that the target sent on the association of a C-GET.

    Args:
        sop_instance_uid: As its command names it.
        t_s: When it had come whole, in seconds since the connection's transcript began.
    """

    sop_instance_uid: str
    t_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelledOperation:
    """A C-FIND, C-GET or C-MOVE, and the C-CANCEL-RQ that was sent beside it.

    Args:
        exchange: Request, pending responses and final response.
        cancelled_message_id: The Message ID that the C-CANCEL-RQ named.
        cancel_t_s: When the C-CANCEL-RQ was sent; None when the operation ended before its moment had come.
        cancel_came_first: Whether the target had received the C-CANCEL-RQ, in the order of the bytes, before anything
            that it needed for going on: the operation certainly had work left.
        sub_operations: C-STORE sub-operations of a C-GET, each answered with 0000.
        after_final: Messages that came after the final response and before the answer to a C-ECHO on the association.
        echo: That C-ECHO; None when Verification was not accepted or there was no association any more.
    """

    exchange: OperationExchange
    cancelled_message_id: int
    cancel_t_s: float | None
    cancel_came_first: bool
    sub_operations: tuple[SubOperation, ...] = ()
    after_final: tuple[CommandSet, ...] = ()
    echo: OperationExchange | None = None

    @property
    def names_the_operation(self) -> bool:
        """Whether the C-CANCEL-RQ named the operation, and no other Message ID."""
        return self.exchange.request.message_id == self.cancelled_message_id
