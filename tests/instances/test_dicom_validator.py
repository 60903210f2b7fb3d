"""Every instance is a valid IOD, in the judgement of dicom-validator with the tables of edition 2020b."""

from collections.abc import Iterator
from functools import cache
from io import BytesIO

import pytest
from dicom_validator.validator.error_handler import NullValidationResultHandler
from dicom_validator.validator.iod_validator import IODValidator
from dicom_validator.validator.validation_result import Status
from pydicom.datadict import keyword_for_tag
from pydicom.filereader import read_dataset

from conformance.instances import catalogue, variants
from conformance.instances.identity import IdentitySource
from conformance.instances.instance import Instance
from conformance.standard.sop_classes import storage_uid_by_keyword
from tests.instances.allowed_of_dicom_validator import BY_CLASS, BY_MODULE
from tests.instances.reading import EXPLICIT
from tests.instances.standard_tables import dicom_info


@cache
def known() -> tuple[str, ...]:
    """The SOP classes that edition 2020b has."""
    uids, iods = storage_uid_by_keyword(), dicom_info().iods
    return tuple(keyword for keyword in catalogue.available() if uids[keyword] in iods)


def messages(instance: Instance) -> Iterator[tuple[str, str]]:
    """What is said of an instance as it is sent: the module, and the path of an attribute with the message."""
    # the values of an encapsulated instance are looked at as they were made: the reader is of native ones
    sent = instance.dataset
    if not instance.is_encapsulated:
        sent = read_dataset(BytesIO(instance.encoded(EXPLICIT)), is_implicit_VR=False, is_little_endian=True)
    result = IODValidator(sent, dicom_info(), error_handler=NullValidationResultHandler()).validate()
    assert result.status in (Status.Passed, Status.Failed)
    for module, errors in result.module_errors.items():
        for tag, error in errors.items():
            path = "/".join(keyword_for_tag(step) for step in (*(tag.parents or ()), tag.tag))
            yield module, f"{path} {error.code.name}"


def faults(instance: Instance) -> list[str]:
    """The messages that no reason explains."""
    return [
        f"{module}: {message}"
        for module, message in messages(instance)
        if not any(
            message.endswith(allowed) for allowed in (*BY_CLASS.get(instance.label, {}), *BY_MODULE.get(module, {}))
        )
    ]


def built(keyword: str) -> Instance:
    return catalogue.build(keyword, IdentitySource(seed=7, scope=keyword).new())


@pytest.mark.parametrize("keyword", known())
def test_an_instance_is_a_valid_iod(keyword: str) -> None:
    assert faults(built(keyword)) == []


def test_the_classes_of_the_edition_are_known() -> None:
    assert len(known()) == 140


def test_what_is_explained_is_still_said() -> None:
    for keyword, allowed in BY_CLASS.items():
        said = [message for _, message in messages(built(keyword))]
        assert [part for part in allowed if not any(message.endswith(part) for message in said)] == []


def test_an_absent_an_empty_and_a_wrong_value_are_seen() -> None:
    ct = built("CTImageStorage")
    assert faults(variants.without(ct, "KVP")) == ["ct-image: KVP TagMissing"]
    assert "image-pixel: Rows TagEmpty" in faults(variants.emptied(ct, "Rows"))
    wrong = variants.without(ct)
    wrong.dataset.PixelRepresentation = 7
    assert "image-pixel: PixelRepresentation EnumValueNotAllowed" in faults(wrong)
