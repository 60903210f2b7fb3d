"""Bytes to and from PDUs, items and command sets (PS3.7, PS3.8). No sockets, no clock, no pynetdicom."""
