"""One fault as a process: `python -m tests.faulty.serve NAME --port N`; `--list` names them all."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Sequence

from tests.faulty.registry import all_faults, fault_named


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT.

    Returns:
        0; 1 when the port cannot be had; 4 for an unknown fault.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.faulty.serve", description=__doc__)
    parser.add_argument("name", nargs="?", help="the fault")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--list", action="store_true", help="name the faults and what must catch them")
    options = parser.parse_args(arguments)
    if options.list or options.name is None:
        for fault in all_faults().values():
            sys.stdout.write(f"{fault.name}: {fault.broken} [{', '.join(fault.catches)}]\n")
        return 0
    try:
        pacs = fault_named(options.name).pacs(port=options.port)
    except LookupError as error:
        sys.stderr.write(f"{error.args[0]}\n")
        return 4
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: over.set())
    try:
        with pacs:
            host, port = pacs.address
            sys.stdout.write(f"listening on {pacs.ae_title}@{host}:{port}\n")
            sys.stdout.flush()
            over.wait()
    except OSError as error:
        sys.stderr.write(f"cannot listen on 127.0.0.1:{options.port}: {error.strerror}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
