"""Encoders of pixel data: one native instance in, the same instance in one encapsulated transfer syntax out."""
