"""SCPs with one fault each, over the hooks of the embedded PACS: what a scenario must catch."""
