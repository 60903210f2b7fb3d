"""One oddity as a process: `python -m tests.odd.serve NAME --port N`; `--list` names them all."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Sequence

from tests.odd.registry import all_oddities, oddity_named


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT.

    Returns:
        0; 1 when the port cannot be had; 4 for an unknown oddity.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.odd.serve", description=__doc__)
    parser.add_argument("name", nargs="?", help="the oddity")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--list", action="store_true", help="name the oddities and what allows them")
    options = parser.parse_args(arguments)
    if options.list or options.name is None:
        for oddity in all_oddities().values():
            sys.stdout.write(f"{oddity.name}: {oddity.allowed} [{oddity.clause}] {' '.join(oddity.options)}\n")
        return 0
    try:
        oddity = oddity_named(options.name)
    except LookupError as error:
        sys.stderr.write(f"{error.args[0]}\n")
        return 4
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: over.set())
    try:
        with oddity.make(options.port) as scp:
            host, port = scp.address
            sys.stdout.write(f"listening on {scp.ae_title}@{host}:{port}\n")
            sys.stdout.flush()
            over.wait()
    except OSError as error:
        sys.stderr.write(f"cannot listen on 127.0.0.1:{options.port}: {error.strerror}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
