"""The matrix of a run: asked once, by whoever needs it first, and known to all processes of the run."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from conformance.driver import matrix as driver
from conformance.driver.endpoint import Endpoint
from conformance.driver.peer import Peer
from conformance.driver.recorder import Recorder
from conformance.observation.exchanges import AssociationExchange
from conformance.observation.matrix import Matrix
from conformance.observation.outcomes import Accepted
from conformance.plugin.patience import Patience
from conformance.standard import sop_classes
from conformance.standard.transfer_syntaxes import TRANSFER_SYNTAXES
from conformance.wire.items import ProposedContext

MATRIX_FILE: Final = ".matrix.json"
"""In the folder of a run, while it goes on."""
_CLAIM_FILE: Final = ".matrix.claim"
_LOOK_AGAIN_S: Final = 0.1
_MARGIN_S: Final = 60.0


def ask_matrix(
    endpoint: Endpoint, recorder: Recorder, patience: Patience, *, say: Callable[[str], None] = lambda _label: None
) -> Matrix:
    """Ask a target for the whole matrix: every storage SOP class in every transfer syntax of the standard.

    Args:
        endpoint: The two ends.
        recorder: Where every association is recorded.
        patience: Waits for room at the target.
        say: Told the label of each association that is about to be requested.
    """

    def associate(contexts: Sequence[ProposedContext], label: str) -> AssociationExchange:
        say(label)

        def attempt() -> AssociationExchange:
            with Peer(endpoint, recorder, label=label) as peer:
                exchange = peer.associate(contexts)
                if isinstance(exchange.outcome, Accepted):
                    peer.release()
            return exchange

        return patience.wait_for_room(attempt, lambda made: made.outcome)

    return driver.ask(
        associate,
        sop_classes=[row.uid for row in sop_classes.all_storage()],
        transfer_syntaxes=[row.uid for row in TRANSFER_SYNTAXES],
    )


class SharedMatrix:
    """The matrix as the processes of a run share it, by a file in the run's folder.

    Args:
        folder: The run's.
        wait_s: How long the answers that another process is getting are waited for; then this one asks itself.
    """

    def __init__(self, folder: Path, *, wait_s: float = driver.BUDGET_S + _MARGIN_S) -> None:
        self._path = folder / MATRIX_FILE
        self._claim = folder / _CLAIM_FILE
        self._wait_s = wait_s
        self._known: Matrix | None = None

    def get(self, ask: Callable[[], Matrix]) -> Matrix:
        """The matrix; it is asked for by `ask` if nobody has, and nobody does."""
        if self._known is None:
            self._known = self._read() or (self._take(ask) if self._is_ours() else self._wait()) or self._take(ask)
        return self._known

    def remove(self) -> None:
        """Remove what the processes have shared."""
        for path in (self._path, self._claim):
            path.unlink(missing_ok=True)

    def _is_ours(self) -> bool:
        """Whether no other process has begun to ask."""
        try:
            self._claim.open("x").close()
        except FileExistsError:
            return False
        return True

    def _take(self, ask: Callable[[], Matrix]) -> Matrix:
        matrix = ask()
        whole = self._path.with_suffix(f".{os.getpid()}")
        whole.write_text(json.dumps(matrix.as_builtins()), encoding="utf-8")
        whole.replace(self._path)
        return matrix

    def _wait(self) -> Matrix | None:
        until_s = time.monotonic() + self._wait_s
        while (matrix := self._read()) is None and time.monotonic() < until_s:
            time.sleep(_LOOK_AGAIN_S)
        return matrix

    def _read(self) -> Matrix | None:
        try:
            return Matrix.from_builtins(json.loads(self._path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
