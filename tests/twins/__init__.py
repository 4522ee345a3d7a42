"""Plain implementations of what the package compiles, written from the papers: the oracles of the tests."""
