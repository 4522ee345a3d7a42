"""The results page: one file that answers which agent leads and how sure that is, and from where each number comes."""

from colosseum.analysis.page.about import About, Setting
from colosseum.analysis.page.compared import Comparison, compare
from colosseum.analysis.page.render import render
from colosseum.analysis.page.sources import Sources, find_sources

__all__ = ["About", "Comparison", "Setting", "Sources", "compare", "find_sources", "render"]
