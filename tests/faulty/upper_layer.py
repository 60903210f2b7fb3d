"""Faults of the upper layer: cells of PS3.8 Table 9-10 done otherwise, timers that do not run, segments."""

from __future__ import annotations

import time
from typing import Final

from conformance.standard.upper_layer import AbortReason, AbortSource, Action, Event, State, Transition
from conformance.target.embedded.acceptor import Acceptor
from conformance.target.embedded.behaviour import Behaviour
from conformance.target.embedded.happening import Happening
from conformance.target.embedded.settings import Settings
from conformance.verdict.finding import Verdict
from conformance.wire.messages import c_echo_rq, response
from conformance.wire.pdu import AbortPdu, PDataTF, Pdv
from tests.faulty.registry import ARTIM_OF_A_SECOND, fault

_NEVER_S: Final = 3600.0
_SHORT_ARTIM: Final = Settings(artim_s=1.0)


# Cells of the table


class _Cell(Behaviour):
    """One cell of the table is another."""

    state: State
    event: Event
    instead: Transition

    def transition(self, state: State, event: Event) -> Transition | None:
        if (state, event) == (self.state, self.event):
            return self.instead
        return super().transition(state, event)


def _to(action: Action, state: State) -> Transition:
    return Transition(action=action, next_states=(state,))


@fault("closes-without-an-abort", catches=("FSM-S6-AC",))
class ClosesWithoutAnAbort(_Cell):
    """An A-ASSOCIATE-AC on the association closes the connection without an A-ABORT."""

    state, event, instead = State.STA_6, Event.ASSOCIATE_AC_PDU, _to(Action.AA_2, State.STA_1)


@fault("passes-over-a-rejection", catches=("FSM-S6-RJ",))
class PassesOverARejection(_Cell):
    """An A-ASSOCIATE-RJ on the association is passed over."""

    state, event, instead = State.STA_6, Event.ASSOCIATE_RJ_PDU, _to(Action.AA_6, State.STA_6)


@fault("answers-a-second-request", catches=("FSM-S6-RQ", "UL-TCP-01"))
class AnswersASecondRequest(_Cell):
    """A second A-ASSOCIATE-RQ on the association is answered with a second A-ASSOCIATE-AC."""

    state, event, instead = State.STA_6, Event.ASSOCIATE_RQ_PDU, _to(Action.AE_6, State.STA_3)


@fault("aborts-instead-of-release", catches=("FSM-S6-RELRQ", "UL-REL-03"))
class AbortsInsteadOfRelease(_Cell):
    """A release request is answered with A-ABORT."""

    state, event, instead = State.STA_6, Event.RELEASE_RQ_PDU, _to(Action.AA_8, State.STA_13)


@fault("passes-over-a-release-response", catches=("FSM-S6-RELRP",))
class PassesOverAReleaseResponse(_Cell):
    """An A-RELEASE-RP that nothing was asked for is passed over."""

    state, event, instead = State.STA_6, Event.RELEASE_RP_PDU, _to(Action.AA_6, State.STA_6)


@fault("answers-an-abort", catches=("FSM-S6-ABORT", "UL-ABT-06"))
class AnswersAnAbort(_Cell):
    """An A-ABORT is answered with an A-ABORT."""

    state, event, instead = State.STA_6, Event.ABORT_PDU, _to(Action.AA_8, State.STA_13)


@fault("stays-open-after-an-abort", catches=("FSM-S6-ABORT", "UL-ABT-08"))
class StaysOpenAfterAnAbort(_Cell):
    """After an A-ABORT of the peer the connection stays open."""

    state, event, instead = State.STA_6, Event.ABORT_PDU, _to(Action.AA_6, State.STA_13)


@fault("answers-an-abort-before-the-association", catches=("FSM-S2-ABORT",))
class AnswersAnAbortBefore(_Cell):
    """An A-ABORT before the association is answered with an A-ABORT."""

    state, event, instead = State.STA_2, Event.ABORT_PDU, _to(Action.AA_1, State.STA_13)


@fault("releases-what-is-not-there", catches=("FSM-S2-RELRQ",))
class ReleasesWhatIsNotThere(_Cell):
    """A release request before the association is answered with A-RELEASE-RP."""

    state, event, instead = State.STA_2, Event.RELEASE_RQ_PDU, _to(Action.AR_2, State.STA_8)


@fault("passes-over-data-before-the-association", catches=("FSM-S2-PDATA",))
class PassesOverDataBefore(_Cell):
    """A P-DATA-TF before the association is passed over."""

    state, event, instead = State.STA_2, Event.P_DATA_PDU, _to(Action.AA_6, State.STA_2)


@fault("second-association-on-a-connection", catches=("FSM-S13-RQ", "UL-TCP-02"))
class SecondAssociation(_Cell):
    """After a release the connection takes another association."""

    state, event, instead = State.STA_13, Event.ASSOCIATE_RQ_PDU, _to(Action.AE_6, State.STA_3)


@fault("aborts-again-on-anything", catches=("FSM-S13-RELRQ",), caught_as=Verdict.WARN)
class AbortsAgain(_Cell):
    """A release request after the association's end draws an A-ABORT."""

    state, event, instead = State.STA_13, Event.RELEASE_RQ_PDU, _to(Action.AA_7, State.STA_13)


class _PerformsAfterTheEnd(Acceptor):
    def ignore(self, happening: Happening) -> None:
        if happening.event is Event.P_DATA_PDU:
            answer = response(c_echo_rq(7), status=0).encode()
            self.send(PDataTF(pdvs=(Pdv(context_id=1, control=3, fragment=answer),)))


@fault("performs-after-the-end", catches=("FSM-S13-PDATA",), acceptor=_PerformsAfterTheEnd)
class PerformsAfterTheEnd(Behaviour):
    """What is asked after the association's end is still answered."""


@fault("aborts-as-user", catches=("FSM-S6-AC",), caught_as=Verdict.WARN)
class AbortsAsUser(Behaviour):
    """Every A-ABORT says that it comes from the service user."""

    def abort_pdu(self, source: AbortSource, reason: AbortReason) -> AbortPdu | None:
        return AbortPdu(source=AbortSource.SERVICE_USER, reason=0)


@fault("aborts-for-one-reason", catches=("UL-ABT-05",), caught_as=Verdict.WARN)
class AbortsForOneReason(Behaviour):
    """Every A-ABORT of the provider says that the PDU is unexpected."""

    def abort_pdu(self, source: AbortSource, reason: AbortReason) -> AbortPdu | None:
        return AbortPdu(source=source, reason=2 if source is AbortSource.SERVICE_PROVIDER else 0)


class _CompletesACutPdu(Acceptor):
    def next_happening(self, timeout_s: float | None = None) -> Happening | None:
        happening = super().next_happening(timeout_s)
        held = self._connection.reader._buffer
        if happening is not None and happening.event is Event.TRANSPORT_CLOSED and held[:1] == b"\x05":
            held.clear()
            return Happening(event=Event.RELEASE_RQ_PDU)
        return happening


@fault("completes-a-cut-pdu", catches=("FSM-S6-CLOSE",), acceptor=_CompletesACutPdu)
class CompletesACutPdu(Behaviour):
    """A release request that is cut by a close is answered as if it were whole."""


# Places and timers


class _KeepsPlaces(Acceptor):
    def _end_association(self) -> None:
        if self.state in {State.STA_6, State.STA_1}:
            self._admitted = False
        super()._end_association()


@fault(
    "keeps-places-of-lost-connections",
    catches=("UL-TCP-12",),
    acceptor=_KeepsPlaces,
    settings=Settings(max_associations=20),
)
class KeepsPlaces(Behaviour):
    """The place of a connection that is lost is never given back."""


class _KeepsConnections(Acceptor):
    def stop_artim(self, happening: Happening) -> None:
        super().stop_artim(happening)
        if happening.event is Event.TRANSPORT_CLOSED and self._admission.enter():
            return


@fault(
    "keeps-places-before-the-association",
    catches=("UL-TCP-12",),
    acceptor=_KeepsConnections,
    settings=Settings(max_associations=20),
)
class KeepsConnections(Behaviour):
    """A connection that is lost before the association takes a place for good."""


@fault(
    "no-artim-before-the-request",
    catches=("FSM-S2-ARTIM", "UL-TCP-03", "UL-TCP-04"),
    settings=_SHORT_ARTIM,
    options=ARTIM_OF_A_SECOND,
)
class NoArtimBefore(Behaviour):
    """A connection on which no request comes is never closed."""

    def artim_s(self, state: State, settings: Settings) -> float:
        return _NEVER_S if state is State.STA_2 else settings.artim_s


class _FirstByteStopsArtim(Acceptor):
    def _limit(self) -> tuple[float, Happening]:
        if self.state is State.STA_2 and self._connection.reader.held_bytes:
            self._deadline_s = None
        return super()._limit()


@fault(
    "first-byte-stops-artim",
    catches=("UL-TCP-04",),
    acceptor=_FirstByteStopsArtim,
    settings=_SHORT_ARTIM,
    options=ARTIM_OF_A_SECOND,
)
class FirstByteStopsArtim(Behaviour):
    """ARTIM is stopped by the first bytes of a request."""


class _EveryByteRestartsArtim(Acceptor):
    def next_happening(self, timeout_s: float | None = None) -> Happening | None:
        return super().next_happening(timeout_s)

    def _limit(self) -> tuple[float, Happening]:
        if self.state is State.STA_2 and self._connection.reader.held_bytes:
            self._deadline_s = self._last_heard_s + self._settings.artim_s
        return super()._limit()


@fault(
    "every-byte-restarts-artim",
    catches=("UL-TCP-04",),
    acceptor=_EveryByteRestartsArtim,
    settings=_SHORT_ARTIM,
    options=ARTIM_OF_A_SECOND,
)
class EveryByteRestartsArtim(Behaviour):
    """ARTIM begins anew with every byte of a request, so that a trickle keeps a connection for good."""


@fault(
    "no-artim-after-the-end",
    catches=("FSM-S13-ARTIM", "UL-RJ-06", "UL-REL-05", "UL-ABT-09"),
    settings=_SHORT_ARTIM,
    options=ARTIM_OF_A_SECOND,
)
class NoArtimAfter(Behaviour):
    """After its own A-ASSOCIATE-RJ, A-RELEASE-RP or A-ABORT it never closes."""

    def artim_s(self, state: State, settings: Settings) -> float:
        return _NEVER_S if state is State.STA_13 else settings.artim_s


@fault(
    "artim-polices-the-association",
    catches=("UL-TCP-08",),
    caught_as=Verdict.WARN,
    settings=Settings(artim_s=1.0, idle_s=1.0),
    options=ARTIM_OF_A_SECOND,
)
class ArtimPolicesTheAssociation(Behaviour):
    """An association that is idle as long as ARTIM is aborted."""


# Segments


class _OnePduPerSegment(Acceptor):
    def next_happening(self, timeout_s: float | None = None) -> Happening | None:
        happening = super().next_happening(timeout_s)
        if self.state is State.STA_6:
            self._connection.reader._buffer.clear()
        return happening


@fault("one-pdu-per-segment", catches=("UL-TCP-11",), acceptor=_OnePduPerSegment)
class OnePduPerSegment(Behaviour):
    """What stands behind the first PDU of a segment is lost."""


class _WholePdusOnly(Acceptor):
    def _limit(self) -> tuple[float, Happening]:
        if self._connection.reader.held_bytes:
            self._deadline_s = time.monotonic()
            return self._deadline_s, Happening(event=Event.INVALID_PDU, why="half a PDU")
        return super()._limit()


@fault("whole-pdus-only", catches=("UL-TCP-10",), acceptor=_WholePdusOnly)
class WholePdusOnly(Behaviour):
    """A PDU that does not come in one segment is taken for an invalid one."""
