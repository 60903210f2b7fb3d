"""Reading back what `pacs-conformance store` has sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from conformance.cli.errors import CommandError
from conformance.config import ReadbackMethod, Settings
from conformance.driver.endpoint import Endpoint
from conformance.load.files import DicomFile
from conformance.load.result import Fate, InstanceResult
from conformance.load.verify import Comparison, verify
from conformance.plugin.readbacks import choose_plan, start_move_scp
from conformance.readback.base import NoReadBack, ReadBack
from conformance.target.base import RunningTarget, TargetError

_NOT_USABLE: Final = 3
_USAGE: Final = 4


def check_readback(settings: Settings) -> None:
    """See that the configured read-back can be one.

    Raises:
        CommandError: It cannot.
    """
    if settings.readback.method is ReadbackMethod.NONE:
        hint = "use --readback dimse, orthanc=URL, dicomweb=URL or dir=PATH, or leave --verify out"
        raise CommandError("--verify needs a read-back, and --readback is none", exit_code=_USAGE, hint=hint)


@contextmanager
def opened_readback(settings: Settings, running: RunningTarget, endpoint: Endpoint) -> Iterator[ReadBack]:
    """The channel that is configured, or the best that the target offers.

    Raises:
        CommandError: There is none, or our own storage SCP cannot listen.
    """
    try:
        move = start_move_scp(settings, running.kind)
    except TargetError as error:
        raise CommandError(str(error), exit_code=_NOT_USABLE, hint=error.hint) from None
    try:
        channel = choose_plan(settings, running, endpoint, None if move is None else move.spool).open(endpoint)
        try:
            if isinstance(channel, NoReadBack):
                hint = "name one with --readback orthanc=URL, dicomweb=URL or dir=PATH, or leave --verify out"
                raise CommandError(f"--verify: no read-back: {channel.reason}", exit_code=_NOT_USABLE, hint=hint)
            yield channel
        finally:
            channel.close()
    finally:
        if move is not None:
            move.stop()


def compare_all(
    channel: ReadBack,
    files: Sequence[DicomFile],
    results: Iterable[InstanceResult],
    *,
    keep: Callable[[Comparison], None],
) -> None:
    """Read back every instance that was answered with Success or Warning.

    Of files with the same SOP Instance UID the last that was acknowledged is what should be there.

    Args:
        channel: Where to look.
        files: What was sent.
        results: What became of it.
        keep: Takes each comparison as it is made.
    """
    by_path = {file.path: file for file in files}
    wanted = {r.sop_instance_uid: r for r in results if r.fate in (Fate.COMPLETED, Fate.WARNING)}
    for result in wanted.values():
        keep(verify(by_path[result.path], result, lambda sent: channel.find(sent, expect=True)))
