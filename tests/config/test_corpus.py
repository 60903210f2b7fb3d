"""Table `[corpus]`: where a person's own files are, and what becomes of their identifiers."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.config import ConfigError, load_settings
from conformance.config.corpus import CorpusUids


def test_without_one_there_is_none_and_identifiers_would_be_mapped() -> None:
    corpus = load_settings(file=None, env={}, overrides={}).corpus
    assert (corpus.directory, corpus.uids) == (None, CorpusUids.REMAP)


def test_a_folder_of_a_target_file_is_relative_to_it(tmp_path: Path) -> None:
    file = tmp_path / "pacs.toml"
    file.write_text('[corpus]\ndirectory = "mine"\nuids = "keep"\n')
    corpus = load_settings(file=file, env={}, overrides={}).corpus
    assert (corpus.directory, corpus.uids) == (tmp_path / "mine", CorpusUids.KEEP)


def test_the_command_line_comes_before_the_environment() -> None:
    env = {"PACS_CONFORMANCE_CORPUS_DIRECTORY": "a"}
    assert load_settings(file=None, env=env, overrides={"corpus.directory": "b"}).corpus.directory == Path("b")


def test_an_unknown_word_is_named_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match="did you mean 'remap'"):
        load_settings(file=None, env={}, overrides={"corpus.uids": "remapp"})
