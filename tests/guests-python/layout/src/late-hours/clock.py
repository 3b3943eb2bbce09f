"""Imported by its neighbour."""

HOUR = 22
