"""What an origin server answers: every verdict by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from pydicom.dataset import Dataset

from conformance.observation.web import WebFailure, WebInstance, WebInstances, WebRows
from conformance.verdict import web
from conformance.verdict.finding import Finding, Verdict

PASS, WARN, FAIL, INFO = Verdict.PASS, Verdict.WARN, Verdict.FAIL, Verdict.INFO
INCONCLUSIVE = Verdict.INCONCLUSIVE
IMPLICIT, EXPLICIT = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1"
BIG_ENDIAN, RLE, JPEG = "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.4.50"
SILENT = WebFailure(reason="no connection")
INSTANCE = Dataset()
INSTANCE.PatientID = "1"
INSTANCE.PixelData = b"\0\0"
INSTANCE["PixelData"].VR = "OW"
WHOLE: Mapping[str, object] = {"00100020": {"vr": "LO"}, "7FE00010": {"vr": "OW", "BulkDataURI": "x"}}


def got(*syntaxes: str, status: int = 200, defect: str = "") -> WebInstances:
    parts = tuple(WebInstance(content_type="", transfer_syntax_uid=uid, dataset=Dataset()) for uid in syntaxes)
    return WebInstances(path="/x", accept="", status=status, parts=parts, defect=defect)


def rows(*found: Mapping[str, object], status: int = 200, defect: str = "") -> WebRows:
    return WebRows(path="/x", status=status, rows=found, defect=defect)


def without(tag: str) -> Mapping[str, object]:
    return {key: value for key, value in WHOLE.items() if key != tag}


@pytest.mark.parametrize(
    ("judged", "verdict"),
    [
        (lambda: web.default_transfer_syntax(got(EXPLICIT)), PASS),
        (lambda: web.default_transfer_syntax(got(IMPLICIT)), FAIL),
        (lambda: web.default_transfer_syntax(got(RLE)), FAIL),
        (lambda: web.default_transfer_syntax(got(status=500)), INCONCLUSIVE),
        (lambda: web.default_transfer_syntax(SILENT), INCONCLUSIVE),
        (lambda: web.any_transfer_syntax(got(EXPLICIT)), PASS),
        (lambda: web.any_transfer_syntax(got(RLE)), PASS),
        (lambda: web.any_transfer_syntax(got(IMPLICIT)), WARN),
        (lambda: web.any_transfer_syntax(got(BIG_ENDIAN)), WARN),
        (lambda: web.any_transfer_syntax(got(status=406)), INCONCLUSIVE),
        (lambda: web.any_transfer_syntax(SILENT), INCONCLUSIVE),
        (lambda: web.lossy_by_default(got(JPEG), JPEG), PASS),
        (lambda: web.lossy_by_default(got(EXPLICIT), JPEG), PASS),
        (lambda: web.lossy_by_default(got(IMPLICIT), JPEG), FAIL),
        (lambda: web.lossy_by_default(got(status=500), JPEG), FAIL),
        (lambda: web.lossy_by_default(got(status=406), JPEG), WARN),
        (lambda: web.lossy_by_default(SILENT, JPEG), INCONCLUSIVE),
        (lambda: web.transfer_syntax_asked_for(got(RLE), RLE), PASS),
        (lambda: web.transfer_syntax_asked_for(got(status=406), RLE), PASS),
        (lambda: web.transfer_syntax_asked_for(got(EXPLICIT), RLE), FAIL),
        (lambda: web.transfer_syntax_asked_for(got(), RLE), FAIL),
        (lambda: web.transfer_syntax_asked_for(got(status=500), RLE), WARN),
        (lambda: web.transfer_syntax_asked_for(SILENT, RLE), INCONCLUSIVE),
        (lambda: web.unknown_instance(got(status=404)), PASS),
        (lambda: web.unknown_instance(got(status=410)), PASS),
        (lambda: web.unknown_instance(got(status=200)), FAIL),
        (lambda: web.unknown_instance(got(status=500)), WARN),
        (lambda: web.unknown_instance(got(status=399)), FAIL),
        (lambda: web.unknown_instance(got(status=400)), WARN),
        (lambda: web.unknown_instance(SILENT), INCONCLUSIVE),
        (lambda: web.unacceptable_media_type(got(status=406)), PASS),
        (lambda: web.unacceptable_media_type(got(EXPLICIT)), INFO),
        (lambda: web.unacceptable_media_type(got(status=400)), WARN),
        (lambda: web.unacceptable_media_type(SILENT), INCONCLUSIVE),
        (lambda: web.search_resource(rows(WHOLE), required=True), PASS),
        (lambda: web.search_resource(rows(), required=True), FAIL),
        (lambda: web.search_resource(rows(status=404), required=True), FAIL),
        (lambda: web.search_resource(rows(status=501), required=False), INFO),
        (lambda: web.search_resource(rows(status=204), required=False), FAIL),
        (lambda: web.search_resource(rows(defect="no JSON"), required=False), FAIL),
        (lambda: web.search_resource(SILENT, required=True), INCONCLUSIVE),
        (lambda: web.required_attributes(rows(WHOLE), {"00100020": "PatientID"}), PASS),
        (lambda: web.required_attributes(rows(WHOLE), {"00100010": "PatientName"}), FAIL),
        (lambda: web.required_attributes(rows(), {"00100020": "PatientID"}), INCONCLUSIVE),
        (lambda: web.required_attributes(SILENT, {"00100020": "PatientID"}), INCONCLUSIVE),
        (lambda: web.nothing_found(rows(status=204)), PASS),
        (lambda: web.nothing_found(rows()), FAIL),
        (lambda: web.nothing_found(rows(status=404)), FAIL),
        (lambda: web.nothing_found(SILENT), INCONCLUSIVE),
        (lambda: web.metadata_complete(rows(WHOLE), INSTANCE), PASS),
        (lambda: web.metadata_complete(rows(without("7FE00010")), INSTANCE), WARN),
        (lambda: web.metadata_complete(rows(without("00100020")), INSTANCE), FAIL),
        (lambda: web.metadata_complete(rows(), INSTANCE), INCONCLUSIVE),
        (lambda: web.metadata_complete(SILENT, INSTANCE), INCONCLUSIVE),
    ],
)
def test_answer(judged: Callable[[], Finding], verdict: Verdict) -> None:
    assert judged().verdict is verdict


@pytest.mark.parametrize(
    ("instance", "metadata", "verdicts"),
    [
        (got(EXPLICIT), rows(WHOLE), [PASS, PASS]),
        (got(status=404), rows(status=500), [FAIL, FAIL]),
        (got(EXPLICIT, EXPLICIT), rows(WHOLE, WHOLE), [FAIL, FAIL]),
        (got(defect="cut"), rows(WHOLE, defect="no JSON"), [FAIL, FAIL]),
        (SILENT, rows(WHOLE), [INCONCLUSIVE, PASS]),
        (got(EXPLICIT), SILENT, [PASS, INCONCLUSIVE]),
    ],
)
def test_retrievable(
    instance: WebInstances | WebFailure, metadata: WebRows | WebFailure, verdicts: list[Verdict]
) -> None:
    assert [finding.verdict for finding in web.retrievable(instance, metadata)] == verdicts
