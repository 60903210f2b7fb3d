"""A corpus sent over one or more associations, past warnings, failures and lost associations."""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from conformance.driver.endpoint import Endpoint
from conformance.load.files import DicomFile
from conformance.load.line import Line
from conformance.load.plan import Batch
from conformance.load.result import Fate, InstanceResult, unanswered
from conformance.observation.outcomes import describe

RETRY_WAITS_S: Final = (0.5, 1.0, 2.0, 4.0, 8.0)
"""How long is waited between attempts to associate, before the target is given up."""
FRUITLESS_ASSOCIATIONS: Final = 10
"""So many associations one after the other without a single response end the sending."""
GRACE_S: Final = 5.0
"""How long associations may take to end once the sending is interrupted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something that a person should know while it happens."""

    words: str


Event = InstanceResult | Notice


@dataclass(slots=True, kw_only=True)
class _Ended:
    """A worker has ended."""

    fault: BaseException | None = None


class BulkSend:
    """A sending that runs in threads of its own and tells what happens.

    Args:
        endpoint: Where the target is and who we are.
        plan: What is sent.
        associations: How many associations are used at a time, 1 or more.
        max_pdu_bytes: The maximum length announced, and the longest PDU sent; None for the usual.
        retry_waits_s: Waits between attempts to associate.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        plan: Sequence[Batch],
        *,
        associations: int = 1,
        max_pdu_bytes: int | None = None,
        retry_waits_s: Sequence[float] = RETRY_WAITS_S,
    ) -> None:
        self._endpoint = endpoint
        self._plan = plan
        self._queues = [deque(batch.files) for batch in plan]
        self._max_pdu_bytes = max_pdu_bytes
        self._retry_waits_s = tuple(retry_waits_s)
        self._stop = threading.Event()
        self._interrupted_at_s: float | None = None
        self._events: queue.SimpleQueue[Event | _Ended] = queue.SimpleQueue()
        self._lines: dict[int, Line] = {}
        self._closed_bytes: list[int] = []
        self._workers = [
            threading.Thread(target=self._work, args=(number,), name=f"bulk sender {number + 1}", daemon=True)
            for number in range(associations)
        ]
        self.trouble = ""
        """Why the last association request of a worker that gave up was not accepted; empty when none gave up."""

    def interrupt(self) -> None:
        """Have every association aborted at the end of the PDU that is being sent."""
        if self._interrupted_at_s is None:
            self._interrupted_at_s = time.monotonic()
        self._stop.set()

    @property
    def interrupted(self) -> bool:
        """Whether the sending was interrupted."""
        return self._interrupted_at_s is not None

    @property
    def sent_bytes(self) -> int:
        """Bytes that went out so far, headers included."""
        return sum(self._closed_bytes) + sum(line.sent_bytes for line in list(self._lines.values()))

    def events(self, *, tick_s: float) -> Iterator[Event | None]:
        """Results and notices as they come, and None where nothing came for a while.

        What was not sent comes last, as remaining.

        Args:
            tick_s: How long nothing may come before a None.

        """
        for worker in self._workers:
            if worker.ident is None:
                worker.start()
        while self._workers:
            if self._interrupted_at_s is not None and time.monotonic() > self._interrupted_at_s + GRACE_S:
                break
            try:
                event = self._events.get(timeout=tick_s)
            except queue.Empty:
                yield None
                continue
            if isinstance(event, _Ended):
                self._workers.pop()
                if event.fault is not None:
                    self.interrupt()
                    raise event.fault
                continue
            yield event
        yield from self._left_over()

    def _left_over(self) -> Iterator[InstanceResult]:
        words = self.trouble if self.trouble and not self._stop.is_set() else "interrupted"
        for files in self._queues:
            while files:
                yield unanswered(files.popleft(), Fate.REMAINING, f"not sent: {words}")

    def _work(self, number: int) -> None:
        ended = _Ended()
        try:
            for batch, files in zip(self._plan, self._queues, strict=True):
                if not self._send_batch(number, batch, files):
                    break
        except BaseException as fault:
            ended.fault = fault
        finally:
            self._events.put(ended)

    def _send_batch(self, number: int, batch: Batch, files: deque[DicomFile]) -> bool:
        """Send until the batch is empty; False when this worker cannot go on."""
        fruitless = 0
        while files and not self._stop.is_set():
            line = self._associated(batch)
            if line is None:
                return False
            self._lines[number] = line
            try:
                with line:
                    responses = self._send_on(line, files)
            finally:
                self._closed_bytes.append(self._lines.pop(number).sent_bytes)
            fruitless = 0 if responses else fruitless + 1
            if fruitless >= FRUITLESS_ASSOCIATIONS:
                self.trouble = f"{fruitless} associations one after the other brought no response"
                return False
        return not self._stop.is_set()

    def _send_on(self, line: Line, files: deque[DicomFile]) -> int:
        """Send on an association as long as it lasts; how many responses came."""
        responses = 0
        first = True
        while files and line.usable and not self._stop.is_set():
            if not first and (ended := line.ended_by_target()) is not None:
                self._events.put(Notice(words=f"the target ended the association between two instances: {ended}"))
                return responses
            try:
                file = files.popleft()
            except IndexError:
                break
            first = False
            result = line.store(file)
            responses += result.status is not None
            self._events.put(result)
        line.release()
        return responses

    def _associated(self, batch: Batch) -> Line | None:
        waits = iter((*self._retry_waits_s, None))
        for wait_s in waits:
            line = Line(self._endpoint, batch, max_pdu_bytes=self._max_pdu_bytes, go_on=self._go_on)
            if line.usable:
                return line
            self.trouble = f"no association: {describe(line.outcome)}"
            if wait_s is None or self._stop.is_set():
                break
            self._events.put(Notice(words=f"{self.trouble}; once more in {wait_s:.1f} s"))
            if self._stop.wait(wait_s):
                break
        return None

    def _go_on(self) -> bool:
        return not self._stop.is_set()
