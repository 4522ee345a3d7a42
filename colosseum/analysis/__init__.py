"""
From logs to what a researcher publishes: summaries, statistics, tables, plots and the state of a study.

Everything here reads files only. `summary` turns a benchmark folder into two tables (a row an instance; sampled
curves), `results` loads them, and `tables` and `plots` start from there.
"""
