"""Logs: one CSV file for each instance, whole or not there at all."""
