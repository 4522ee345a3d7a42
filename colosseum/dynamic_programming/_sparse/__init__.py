"""Sparse Markov chains: their classes, elimination orders and exact elimination."""
