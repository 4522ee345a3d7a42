"""What a run on a cluster needs beside Snakemake: Slurm's commands, run records, warm processes.

Nothing here imports Snakemake or numba, so that `python -m colosseum recover` and the clients of a
warm process start at once. The Snakemake side is the package `snakemake_executor_plugin_colosseum_slurm`.
"""
