"""Requests that a reader does not survive; no fault of its own."""

from __future__ import annotations

from conformance.standard.upper_layer import Event, State
from conformance.target.embedded.behaviour import Behaviour
from conformance.target.embedded.connection import Frame
from conformance.target.embedded.happening import Happening
from conformance.wire.pdu import Associate


class Breaks(Behaviour):
    """Ends the connection without a word where reading a request raises what nobody catches."""

    def on_frame(self, state: State, frame: Frame) -> Happening | None:
        happening = super().on_frame(state, frame)
        request = happening.pdu if happening is not None and state is State.STA_2 else None
        if isinstance(request, Associate) and self.breaks_on(request):
            return Happening(event=Event.TRANSPORT_CLOSED, why="the reader of the request broke")
        return happening

    def breaks_on(self, request: Associate) -> bool:
        """Whether it does not survive this one."""
        raise NotImplementedError
