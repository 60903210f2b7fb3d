"""What is sent: UIDs from a seed, one builder per IOD, encodings. Same seed, same bytes."""
