"""`python -m tests.hostile.table`: each hostile peer with what a run said of it, its seconds and its peak memory."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.hostile.playing import Played, play
from tests.hostile.registry import Hostile, all_hostile

TIMEOUT_S: Final = 1.0
_COLUMNS: Final = ("hostile peer", "verdict", "seconds", "peak MB", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A peer, and the run against it."""

    peer: Hostile
    played: Played

    @property
    def is_right(self) -> bool:
        """Whether the run ended as it should."""
        return self.played.exit_code in self.peer.exits and "ERROR" not in self.played.verdicts

    @property
    def cells(self) -> tuple[str, ...]:
        """As the table has them."""
        played = self.played
        verdicts = ", ".join(f"{count} {verdict}" for verdict, count in sorted(Counter(played.verdicts).items()))
        return (
            self.peer.name,
            f"exit {played.exit_code}: {verdicts or played.results['summary']['overall']}",
            f"{played.seconds:.1f}",
            f"{played.peak_bytes / 2**20:.0f}",
            "" if self.is_right else f"NOT AS EXPECTED: exit {sorted(self.peer.exits)}",
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Play and print; 1 when a run did not end as it should."""
    parser = argparse.ArgumentParser(prog="python -m tests.hostile.table", description=__doc__)
    parser.add_argument("names", nargs="*", help="parts of names; all peers without any")
    parser.add_argument("--markdown", action="store_true", help="as a table in Markdown")
    parser.add_argument("--timeout", type=float, default=TIMEOUT_S, help="of the suite, in seconds (default: 1)")
    parser.add_argument("--at-once", type=int, default=2, help="how many runs at the same time (default: 2)")
    options = parser.parse_args(arguments)
    chosen = [p for n, p in all_hostile().items() if not options.names or any(part in n for part in options.names)]
    with tempfile.TemporaryDirectory(prefix="hostile-") as folder:

        def one(numbered: tuple[int, Hostile]) -> Row:
            place = Path(folder) / str(numbered[0])
            place.mkdir()
            return Row(peer=numbered[1], played=play(numbered[1], place, timeout_s=options.timeout))

        with ThreadPoolExecutor(options.at_once) as pool:
            rows = []
            for row in pool.map(one, enumerate(chosen)):
                rows.append(row)
                sys.stderr.write(".")
                sys.stderr.flush()
        sys.stderr.write("\n")
        wrong = sum(not row.is_right for row in rows)
        sys.stdout.write(_markdown(rows) if options.markdown else _plain(rows))
        sys.stdout.write(
            f"{len(rows)} hostile peers, {wrong} not as expected; at most "
            f"{max(r.played.seconds for r in rows):.1f} s and {max(r.played.peak_bytes for r in rows) / 2**20:.0f} MB "
            f"({min(r.played.idle_bytes for r in rows) / 2**20:.0f} MB before a run); time-out {options.timeout:g} s\n"
        )
    return 1 if wrong else 0


def _plain(rows: Sequence[Row]) -> str:
    lines = [_COLUMNS, *(row.cells for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_COLUMNS))]
    return "".join("  ".join(map(str.ljust, line, widths)).rstrip() + "\n" for line in lines)


def _markdown(rows: Sequence[Row]) -> str:
    lines = [_COLUMNS, ("---",) * len(_COLUMNS), *(row.cells for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
