"""How hard MDPs are to learn: `measures` of arrays, and `analysis` of how they move as a parameter of an environment does."""
