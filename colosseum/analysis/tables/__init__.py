"""
Tables of a benchmark's results: one file a kind, each with ``build(results, indicators) -> Table``.

The two tables of the published interface are importable from here.
"""

from colosseum.analysis.tables.average import get_latex_table_of_average_indicator
from colosseum.analysis.tables.indicators import get_latex_table_of_indicators

__all__ = ["get_latex_table_of_average_indicator", "get_latex_table_of_indicators"]
