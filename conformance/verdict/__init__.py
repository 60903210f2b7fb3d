"""Pure checks by topic: observations in, findings out. No I/O, no clock, no network."""
