"""Names beside UIDs, for people."""

from __future__ import annotations

from functools import lru_cache

from pydicom import config
from pydicom.uid import UID

from conformance.evidence.text import clean
from conformance.standard.transfer_syntaxes import transfer_syntax


@lru_cache(maxsize=1024)
def uid_name(uid: str) -> str:
    """The name that PS3.6 Annex A gives a UID; empty for any other string. Padding is not taken off."""
    row = transfer_syntax(uid)
    if row is not None:
        return row.name
    value = UID(uid, validation_mode=config.IGNORE)
    return "" if value.name == uid else clean(value.name)
