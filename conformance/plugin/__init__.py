"""The pytest plugin: options, fixtures, markers, and the way from verdicts to pytest outcomes."""
