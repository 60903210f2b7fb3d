"""`pacs-conformance serve`: the embedded reference PACS by itself."""

from __future__ import annotations

import click

from conformance.cli.values import AE_TITLE, STATUS
from conformance.target.embedded.__main__ import main as serve_until_told
from conformance.target.embedded.settings import DuplicatePolicy

_DEFAULT_PORT = 11112


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=_DEFAULT_PORT, show_default=True, help="0 takes a free port."
)
@click.option("--aet", type=AE_TITLE, default="EMBEDDED", show_default=True, help="AE title.")
@click.option("--called-ae-required", is_flag=True, help="Reject other called AE titles.")
@click.option("--status", type=STATUS, help="Answer every C-STORE with this status.")
@click.option("--move-destination", "destinations", multiple=True, metavar="AET=HOST:PORT", help="May be repeated.")
@click.option(
    "--duplicate-policy",
    type=click.Choice([policy.value for policy in DuplicatePolicy]),
    default=DuplicatePolicy.REPLACE.value,
    show_default=True,
    help="What becomes of a known SOP Instance UID.",
)
@click.option("--artim", type=click.FloatRange(0.1, 3600), default=10.0, show_default=True, help="Seconds.")
@click.option("--max-pdu", type=click.IntRange(0, 2**32 - 1), help="Maximum length announced; 0 is no limit.")
@click.option("--max-associations", type=click.IntRange(1, 10000), default=100, show_default=True)
@click.option("--verbose", is_flag=True, help="Log the events of the upper layer.")
def serve(
    *,
    host: str,
    port: int,
    aet: str,
    called_ae_required: bool,
    status: int | None,
    destinations: tuple[str, ...],
    duplicate_policy: str,
    artim: float,
    max_pdu: int | None,
    max_associations: int,
    verbose: bool,
) -> int:
    """Serve the embedded reference PACS: C-ECHO, C-STORE, C-FIND, C-GET and C-MOVE, until Ctrl-C."""
    arguments = [
        *("--host", host, "--port", str(port), "--aet", aet, "--duplicate-policy", duplicate_policy),
        *("--artim", str(artim), "--max-associations", str(max_associations)),
        *(("--called-ae-required",) if called_ae_required else ()),
        *(("--status", f"{status:04X}") if status is not None else ()),
        *(word for destination in destinations for word in ("--move-destination", destination)),
        *(("--max-pdu", str(max_pdu)) if max_pdu is not None else ()),
        *(("--verbose",) if verbose else ()),
    ]
    return 0 if serve_until_told(arguments) == 0 else 3
