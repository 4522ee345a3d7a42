"""Specifications and loggers."""
