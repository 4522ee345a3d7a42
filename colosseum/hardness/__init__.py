"""How hard MDPs are to learn: `measures` of arrays; `analysis` of how they move as one parameter does."""
