"""The embedded PACS as a process of its own: `python -m conformance.target.embedded --port 11112 --aet EMBEDDED`."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence
from types import FrameType, MappingProxyType

from conformance.target.embedded.server import EmbeddedPacs
from conformance.target.embedded.settings import DEFAULT_MAX_PDU_BYTES, Destination, DuplicatePolicy, Settings

LISTENING = "listening on "


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM, SIGINT, or the end of standard input where that is asked for.

    Returns:
        0; 1 when the port cannot be had.
    """
    options = _parser().parse_args(arguments)
    logging.basicConfig(
        level=logging.DEBUG if options.verbose else logging.INFO,
        format="%(asctime)s %(threadName)s %(message)s",
    )
    pacs = EmbeddedPacs(_settings(options), host=options.host, port=options.port)
    over = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        over.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    try:
        pacs.start()
    except OSError as error:
        why = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)
        sys.stderr.write(f"cannot listen on {options.host}:{options.port}: {why} (hint: another --port, or 0)\n")
        pacs.stop()
        return 1
    try:
        host, port = pacs.address
        sys.stdout.write(f"{LISTENING}{host}:{port}\n")
        sys.stdout.flush()
        if options.until_eof:
            threading.Thread(target=_wait_for_eof, args=(over,), daemon=True).start()
        over.wait()
    finally:
        pacs.stop()
    return 0


def _wait_for_eof(over: threading.Event) -> None:
    while os.read(sys.stdin.fileno(), 4096):  # unbuffered: a buffer's lock would still be held at the end
        pass
    over.set()


def _settings(options: argparse.Namespace) -> Settings:
    return Settings(
        ae_title=options.aet,
        called_ae_required=options.called_ae_required,
        artim_s=options.artim,
        max_pdu_bytes=options.max_pdu,
        max_associations=options.max_associations,
        duplicate_policy=DuplicatePolicy(options.duplicate_policy),
        store_status=options.status,
        move_destinations=MappingProxyType(dict(options.move_destination)),
    )


def _status(text: str) -> int:
    try:
        status = int(text, 16)
    except ValueError:
        status = -1
    if not 0 <= status <= 0xFFFF:
        raise argparse.ArgumentTypeError(f"{text!r} is no status of four hexadecimal digits, such as A700")
    return status


def _destination(text: str) -> tuple[str, Destination]:
    title, _, address = text.partition("=")
    host, _, port = address.rpartition(":")
    if not title or not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise argparse.ArgumentTypeError(f"{text!r} is not AET=HOST:PORT")
    return title.strip(" "), Destination(host=host.strip("[]"), port=int(port))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m conformance.target.embedded", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
    parser.add_argument("--port", type=int, default=0, help="port to listen on; 0 takes a free one")
    parser.add_argument("--aet", default="EMBEDDED", help="AE title (default %(default)s)")
    parser.add_argument("--called-ae-required", action="store_true", help="reject other called AE titles")
    parser.add_argument("--status", type=_status, metavar="HEX", help="answer every C-STORE with this status")
    parser.add_argument(
        "--move-destination",
        type=_destination,
        action="append",
        default=[],
        metavar="AET=HOST:PORT",
        help="a C-MOVE destination; may be given several times",
    )
    parser.add_argument(
        "--duplicate-policy",
        choices=[policy.value for policy in DuplicatePolicy],
        default=DuplicatePolicy.REPLACE.value,
        help="what becomes of a known SOP Instance UID (default %(default)s)",
    )
    parser.add_argument("--artim", type=float, default=10.0, metavar="SECONDS", help="ARTIM (default %(default)s)")
    parser.add_argument(
        "--max-pdu",
        type=int,
        default=DEFAULT_MAX_PDU_BYTES,
        metavar="BYTES",
        help="maximum length that is announced; 0 is no limit (default %(default)s)",
    )
    parser.add_argument("--max-associations", type=int, default=100, metavar="N", help="default %(default)s")
    parser.add_argument("--until-eof", action="store_true", help="end when standard input ends")
    parser.add_argument("--verbose", action="store_true", help="log the events of the upper layer")
    return parser


if __name__ == "__main__":
    sys.exit(main())
