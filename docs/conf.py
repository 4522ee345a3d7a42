"""The documentation site: `make docs` builds it from the Markdown pages beside this file and from docstrings."""

import json
import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "docs/generate")]

import colosseum  # noqa: E402

project = "Colosseum"
author = "The Colosseum developers"
version = release = colosseum.__version__
extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "offline",
]
source_suffix = {".md": "markdown", ".ipynb": "markdown"}
exclude_patterns = ["generate", "_build"]
html_theme = "furo"
html_math_renderer = "mathml"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_title = f"Colosseum {version}"

myst_enable_extensions = ["dollarmath", "deflist"]
myst_fence_as_directive = ["mermaid"]
myst_heading_anchors = 3
default_role = "code"  # `name` in a docstring is code, as in Markdown
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # numpydoc's sections say the types
suppress_warnings = ["myst.header"]

_OUTSIDE = re.compile(r"\[([^\]]*)\]\((?:\.\./)+([^)#]*)(?:#[^)]*)?\)")


def _name_files_of_the_repository(app: Any, docname: str, source: list[str]) -> None:
    """Files beside docs/ are no pages of the site: a link to one becomes its name."""

    def named(match: re.Match[str]) -> str:
        text, path = match.groups()
        return text if text.strip("`") in (path, f"{path}/") else f"{text} (`{path}`)"

    source[0] = _OUTSIDE.sub(named, source[0])


def _notebook_as_markdown(app: Any, docname: str, source: list[str]) -> None:
    """A notebook is shown as its texts and its code; a test runs it."""
    if not str(app.env.doc2path(docname)).endswith(".ipynb"):
        return
    cells = json.loads(source[0])["cells"]
    texts = [(cell["cell_type"], "".join(cell["source"])) for cell in cells]
    source[0] = "\n\n".join(f"```python\n{text}\n```" if kind == "code" else text for kind, text in texts)


def setup(app: Any) -> None:
    """Register what is done to pages before they are read."""
    app.connect("source-read", _notebook_as_markdown)
    app.connect("source-read", _name_files_of_the_repository)
