"""The state machine of the DICOM upper layer, acceptor's side (PS3.8 9.2, Tables 9-1 to 9-10)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum, unique
from types import MappingProxyType
from typing import Final

CLAUSE: Final = "PS3.8 Table 9-10"


@unique
class State(Enum):
    """The states that an association acceptor can be in (PS3.8 Tables 9-1 to 9-5)."""

    STA_1 = "idle"
    STA_2 = "transport connection open, awaiting A-ASSOCIATE-RQ PDU"
    STA_3 = "awaiting local A-ASSOCIATE response primitive"
    STA_6 = "association established, ready for data transfer"
    STA_7 = "awaiting A-RELEASE-RP PDU"
    STA_8 = "awaiting local A-RELEASE response primitive"
    STA_10 = "release collision acceptor side; awaiting A-RELEASE-RP PDU"
    STA_12 = "release collision acceptor side; awaiting local A-RELEASE response primitive"
    STA_13 = "awaiting transport connection close"


@unique
class Event(Enum):
    """What can happen to an association acceptor (rows of PS3.8 Table 9-10)."""

    TRANSPORT_CONNECTION = "transport connection indication"
    ASSOCIATE_AC_PDU = "A-ASSOCIATE-AC PDU received"
    ASSOCIATE_RJ_PDU = "A-ASSOCIATE-RJ PDU received"
    ASSOCIATE_RQ_PDU = "A-ASSOCIATE-RQ PDU received"
    ASSOCIATE_ACCEPT = "A-ASSOCIATE response primitive (accept)"
    ASSOCIATE_REJECT = "A-ASSOCIATE response primitive (reject)"
    P_DATA_REQUEST = "P-DATA request primitive"
    P_DATA_PDU = "P-DATA-TF PDU received"
    RELEASE_REQUEST = "A-RELEASE request primitive"
    RELEASE_RQ_PDU = "A-RELEASE-RQ PDU received"
    RELEASE_RP_PDU = "A-RELEASE-RP PDU received"
    RELEASE_RESPONSE = "A-RELEASE response primitive"
    ABORT_REQUEST = "A-ABORT request primitive"
    ABORT_PDU = "A-ABORT PDU received"
    TRANSPORT_CLOSED = "transport connection closed indication"
    ARTIM_EXPIRED = "ARTIM timer expired"
    INVALID_PDU = "unrecognized or invalid PDU received"


PEER_EVENTS: Final = (
    Event.ASSOCIATE_AC_PDU,
    Event.ASSOCIATE_RJ_PDU,
    Event.ASSOCIATE_RQ_PDU,
    Event.P_DATA_PDU,
    Event.RELEASE_RQ_PDU,
    Event.RELEASE_RP_PDU,
    Event.ABORT_PDU,
    Event.TRANSPORT_CLOSED,
    Event.INVALID_PDU,
)
"""The events that a peer can bring about."""


@unique
class Action(Enum):
    """The actions of PS3.8 Tables 9-6 to 9-9 that the acceptor's columns name."""

    AE_5 = "issue connection response primitive; start ARTIM"
    AE_6 = "stop ARTIM; if acceptable issue A-ASSOCIATE indication, else send A-ASSOCIATE-RJ PDU and start ARTIM"
    AE_7 = "send A-ASSOCIATE-AC PDU"
    AE_8 = "send A-ASSOCIATE-RJ PDU and start ARTIM"
    DT_1 = "send P-DATA-TF PDU"
    DT_2 = "send P-DATA indication primitive"
    AR_1 = "send A-RELEASE-RQ PDU"
    AR_2 = "issue A-RELEASE indication primitive"
    AR_3 = "issue A-RELEASE confirmation primitive and close transport connection"
    AR_4 = "issue A-RELEASE-RP PDU and start ARTIM"
    AR_5 = "stop ARTIM"
    AR_6 = "issue P-DATA indication"
    AR_7 = "issue P-DATA-TF PDU"
    AR_8 = "issue A-RELEASE indication (release collision)"
    AR_10 = "issue A-RELEASE confirmation primitive"
    AA_1 = "send A-ABORT PDU (service-user source) and start or restart ARTIM"
    AA_2 = "stop ARTIM if running; close transport connection"
    AA_3 = "issue A-ABORT or A-P-ABORT indication and close transport connection"
    AA_4 = "issue A-P-ABORT indication primitive"
    AA_5 = "stop ARTIM; the peer closed before it asked for an association"
    AA_6 = "ignore PDU"
    AA_7 = "send A-ABORT PDU"
    AA_8 = "send A-ABORT PDU (service-provider source), issue A-P-ABORT indication, start ARTIM"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One cell: the action, and the states that it can lead to; the first is the usual one."""

    action: Action
    next_states: tuple[State, ...]


@unique
class AbortSource(IntEnum):
    """Source of an A-ABORT (PS3.8 Table 9-26, byte 9)."""

    SERVICE_USER = 0
    SERVICE_PROVIDER = 2


@unique
class AbortReason(IntEnum):
    """Reason of an A-ABORT whose source is the service provider (PS3.8 Table 9-26, byte 10)."""

    NOT_SPECIFIED = 0
    UNRECOGNIZED_PDU = 1
    UNEXPECTED_PDU = 2
    UNRECOGNIZED_PDU_PARAMETER = 4
    UNEXPECTED_PDU_PARAMETER = 5
    INVALID_PDU_PARAMETER_VALUE = 6


def _cell(action: Action, *next_states: State) -> Transition:
    return Transition(action=action, next_states=next_states)


_AA_1: Final = _cell(Action.AA_1, State.STA_13)
_AA_2: Final = _cell(Action.AA_2, State.STA_1)
_AA_3: Final = _cell(Action.AA_3, State.STA_1)
_AA_4: Final = _cell(Action.AA_4, State.STA_1)
_AA_6: Final = _cell(Action.AA_6, State.STA_13)
_AA_7: Final = _cell(Action.AA_7, State.STA_13)
_AA_8: Final = _cell(Action.AA_8, State.STA_13)
_AR_4: Final = _cell(Action.AR_4, State.STA_13)

_S3, _S6, _S7, _S8, _S10, _S12 = State.STA_3, State.STA_6, State.STA_7, State.STA_8, State.STA_10, State.STA_12
_ASSOCIATED: Final = (_S3, _S6, _S7, _S8, _S10, _S12)
_STRANGE: Final = (
    Event.ASSOCIATE_AC_PDU,
    Event.ASSOCIATE_RJ_PDU,
    Event.ASSOCIATE_RQ_PDU,
    Event.P_DATA_PDU,
    Event.RELEASE_RQ_PDU,
    Event.RELEASE_RP_PDU,
    Event.INVALID_PDU,
)

# PS3.8 Table 9-10, the columns that an acceptor can be in. What is not listed cannot occur.
ACCEPTOR_TABLE: Final = MappingProxyType(
    {(State.STA_1, Event.TRANSPORT_CONNECTION): _cell(Action.AE_5, State.STA_2)}
    # Sta2: everything but an A-ASSOCIATE-RQ is answered by AA-1.
    | {(State.STA_2, event): _AA_1 for event in _STRANGE}
    | {
        (State.STA_2, Event.ASSOCIATE_RQ_PDU): _cell(Action.AE_6, State.STA_3, State.STA_13),
        (State.STA_2, Event.ABORT_PDU): _AA_2,
        (State.STA_2, Event.TRANSPORT_CLOSED): _cell(Action.AA_5, State.STA_1),
        (State.STA_2, Event.ARTIM_EXPIRED): _AA_2,
    }
    # Sta3 to Sta12: what is not expected is answered by AA-8; A-ABORT, close and the user's abort are the same in all.
    | {(state, event): _AA_8 for state in _ASSOCIATED for event in _STRANGE}
    | {(state, Event.ABORT_PDU): _AA_3 for state in _ASSOCIATED}
    | {(state, Event.TRANSPORT_CLOSED): _AA_4 for state in _ASSOCIATED}
    | {(state, Event.ABORT_REQUEST): _AA_1 for state in _ASSOCIATED}
    | {
        (_S3, Event.ASSOCIATE_ACCEPT): _cell(Action.AE_7, _S6),
        (_S3, Event.ASSOCIATE_REJECT): _cell(Action.AE_8, State.STA_13),
        (_S6, Event.P_DATA_REQUEST): _cell(Action.DT_1, _S6),
        (_S6, Event.P_DATA_PDU): _cell(Action.DT_2, _S6),
        (_S6, Event.RELEASE_REQUEST): _cell(Action.AR_1, _S7),
        (_S6, Event.RELEASE_RQ_PDU): _cell(Action.AR_2, _S8),
        (_S7, Event.P_DATA_PDU): _cell(Action.AR_6, _S7),
        (_S7, Event.RELEASE_RQ_PDU): _cell(Action.AR_8, _S10),
        (_S7, Event.RELEASE_RP_PDU): _cell(Action.AR_3, State.STA_1),
        (_S8, Event.P_DATA_REQUEST): _cell(Action.AR_7, _S8),
        (_S8, Event.RELEASE_RESPONSE): _AR_4,
        (_S10, Event.RELEASE_RP_PDU): _cell(Action.AR_10, _S12),
        (_S12, Event.RELEASE_RESPONSE): _AR_4,
    }
    # Sta13: what still comes is ignored; a new request or an invalid PDU draws another A-ABORT.
    | {(State.STA_13, event): _AA_6 for event in _STRANGE}
    | {
        (State.STA_13, Event.ASSOCIATE_RQ_PDU): _AA_7,
        (State.STA_13, Event.INVALID_PDU): _AA_7,
        (State.STA_13, Event.ABORT_PDU): _AA_2,
        (State.STA_13, Event.TRANSPORT_CLOSED): _cell(Action.AR_5, State.STA_1),
        (State.STA_13, Event.ARTIM_EXPIRED): _AA_2,
    }
)
