"""What `pacs-conformance list --instances` says: the instances that can be sent, and the encodings that they have."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

from conformance.instances import catalogue
from conformance.instances.codecs.table import Encoding, encodings
from conformance.standard.sop_classes import storage_uid_by_keyword


def as_values() -> dict[str, Any]:
    """SOP classes and transfer syntaxes, as they go out in JSON."""
    uids = storage_uid_by_keyword()
    return {
        "sop_classes": [{"keyword": keyword, "uid": uids[keyword]} for keyword in catalogue.available()],
        "transfer_syntaxes": [_row(encoding) for encoding in encodings()],
    }


def show(console: Console) -> None:
    """Print both as tables, with their counts."""
    uids = storage_uid_by_keyword()
    classes = Table("SOP class", "UID", box=None)
    for keyword in catalogue.available():
        classes.add_row(keyword, uids[keyword])
    console.print(classes)
    rows = encodings()
    syntaxes = Table("transfer syntax", "UID", "encoder, or why there is none", box=None)
    for row in rows:
        syntaxes.add_row(row.syntax.keyword, row.syntax.uid, row.encoder or f"- {row.why_not}")
    console.print(syntaxes)
    written = sum(1 for row in rows if row.encoder)
    current = sum(1 for row in rows if row.encoder and not row.syntax.retired)
    console.print(
        f"{len(catalogue.available())} SOP classes; {written} of {len(rows)} transfer syntaxes can be written, "
        f"{current} of them not retired"
    )


def _row(encoding: Encoding) -> dict[str, Any]:
    return {
        "keyword": encoding.syntax.keyword,
        "uid": encoding.syntax.uid,
        "name": encoding.syntax.name,
        "retired": encoding.syntax.retired,
        "encoder": encoding.encoder or None,
        "why_not": encoding.why_not or None,
    }
