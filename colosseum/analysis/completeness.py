"""What an incomplete benchmark lacks, in sentences, and what of it can be compared."""

import numpy as np
import pandas as pd

_NAMED = 5
"""So many failed instances are named."""


def incomplete_note(summary: pd.DataFrame) -> str:
    """Return the sentence that says what a table of instances lacks; empty for a complete one."""
    counts = summary["status"].value_counts()
    complete = int(counts.get("complete", 0))
    if complete == len(summary):
        return ""
    lacking = ", ".join(f"{counts[status]} {status}" for status in ("failed", "missing") if status in counts)
    return f"Incomplete: {complete} of {len(summary)} instances ({lacking})."


def failure_notes(summary: pd.DataFrame) -> list[str]:
    """Return sentences that name the failed instances, with the reason; of many the first ones."""
    failed = summary[summary["status"] == "failed"]
    named = [
        f"Failed: {log}: {problem.rstrip('.')}." for log, problem in zip(failed["log"], failed["problem"], strict=True)
    ]
    more = len(named) - _NAMED
    return [*named[:_NAMED], f"{more} more failed; the summary names them."] if more > 0 else named


def most_in_common(present: np.ndarray) -> tuple[list[int], list[int], list[int]]:
    """
    Return which agents, seeds and environments can be compared, as many as there are.

    Parameters
    ----------
    present : ndarray of bool of shape (n_agents, n_seeds, n_mdps)
        Which instances are complete.

    Returns
    -------
    agents, seeds, mdps : list of int
        Positions, ascending, between which there is no gap. Agents with the fewest logs are left out first.
    """
    by_logs = sorted(range(len(present)), key=lambda i: -np.count_nonzero(present[i]))
    agents, seeds, mdps = list[int](), list[int](), list[int]()
    for n in range(len(present), 0, -1):
        agents = sorted(by_logs[:n])
        seeds, mdps = _largest_block(np.asarray(present[agents].all(axis=0)))
        if mdps:
            break
    return agents, seeds, mdps


def _largest_block(present: np.ndarray) -> tuple[list[int], list[int]]:
    """Rows and columns without a gap between them, many together: the fullest rows, however many are best."""
    fullest = np.argsort(-np.count_nonzero(present, axis=1), kind="stable")
    best: tuple[list[int], list[int]] = ([], [])
    for n in range(len(fullest), 0, -1):
        columns = np.flatnonzero(present[fullest[:n]].all(axis=0))
        if n * len(columns) > len(best[0]) * len(best[1]):
            best = sorted(fullest[:n].tolist()), columns.tolist()
    return best
