"""The files of a run that are rendered from results.json, made or made again."""

from __future__ import annotations

from pathlib import Path

from conformance.evidence.instances import write_instances_csv
from conformance.evidence.manifest import write_manifest
from conformance.evidence.matrix import NAME as MATRIX_CSV
from conformance.evidence.matrix import matrix_of, write_matrix_csv
from conformance.evidence.results import mend_results, read_results
from conformance.report.evidence_html import evidence_html


def render_all(run_dir: Path) -> list[Path]:
    """Write evidence.html, instances.csv and manifest.json into a run's folder, from its results.json alone.

    A results.json that a crash tore is made whole again first.
    matrix.csv is written too where the run has asked for the matrix.

    Returns:
        The paths written; the manifest comes last, as it covers everything else in the folder.

    Raises:
        ResultsError: results.json cannot be read as one.
        OSError: The folder cannot be read or written.
    """
    mend_results(run_dir / "results.json")
    results = read_results(run_dir / "results.json")
    evidence = run_dir / "evidence.html"
    evidence.write_text(evidence_html(results), encoding="utf-8")
    instances = run_dir / "instances.csv"
    write_instances_csv(results, instances)
    written = [evidence, instances]
    matrix = matrix_of(results)
    if matrix is not None:
        written.append(run_dir / MATRIX_CSV)
        write_matrix_csv(matrix, run_dir / MATRIX_CSV)
    return [*written, write_manifest(run_dir)]
