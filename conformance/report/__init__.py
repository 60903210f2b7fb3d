"""Renderers of the evidence for people: report.html extras, terminal summary."""
