"""The record of a run: results.json and its schema, instances, transcripts, manifest."""
