"""Two data sets compared, for the tests of what counts as a difference."""

from __future__ import annotations

import copy
from collections.abc import Callable

from pydicom.dataset import Dataset

from conformance.verdict.compare import Difference, compare

EXPLICIT = "1.2.840.10008.1.2.1"


def differences(
    sent: Dataset, stored: Dataset, *, sent_syntax: str = EXPLICIT, stored_syntax: str = EXPLICIT
) -> tuple[Difference, ...]:
    return compare(sent, stored, sent_transfer_syntax=sent_syntax, stored_transfer_syntax=stored_syntax)


def edited(dataset: Dataset, edit: Callable[[Dataset], object]) -> Dataset:
    changed = copy.deepcopy(dataset)
    edit(changed)
    return changed
