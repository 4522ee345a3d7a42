"""One process that has numba and the compiled kernels loaded, and forks for each instance."""
