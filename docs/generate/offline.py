"""A site that reads without a network: flowcharts are drawn, and equations turned into MathML, when it is built."""

from typing import Any

import flowchart
from docutils import nodes
from docutils.parsers.rst import Directive
from latex2mathml.converter import convert


class Flowchart(Directive):
    """A Mermaid flowchart, as hosts render it, drawn here; it scrolls where it is wider than the page."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Draw it."""
        svg = flowchart.draw("\n".join(self.content))
        return [nodes.raw("", f'<div style="overflow-x:auto">{svg}</div>', format="html")]


def _inline(translator: Any, node: nodes.Element) -> None:
    translator.body.append(convert(node.astext()))
    raise nodes.SkipNode


def _block(translator: Any, node: nodes.Element) -> None:
    translator.body.append(f'<div style="overflow:auto hidden">{convert(node.astext(), display="block")}</div>')
    raise nodes.SkipNode


def setup(app: Any) -> dict[str, bool]:
    """Register both with Sphinx."""
    app.add_directive("mermaid", Flowchart)
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
