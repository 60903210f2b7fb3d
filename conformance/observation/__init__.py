"""What was seen, as values: outcomes, transcripts, exchanges, stored copies. Nothing here judges or does I/O."""
