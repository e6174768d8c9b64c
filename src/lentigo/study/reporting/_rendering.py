"""How templates become documents: escaped by default, nothing undefined passed over, the style sheets inside."""

import base64
import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from lentigo.study.reporting._words import percent, score

STYLES: Final = ("report.css", "audit.css", "stress.css", "sheet.css", "dark.css")

_LETTERS: Final = "DejaVu Sans, Verdana, sans-serif"  # a file has no page to take its letters from


def render(template: str, content: Mapping[str, Any]) -> str:
    """Return a filled template, with one newline at its end.

    Args:
        template: its file name; the content of "*.html.j2" is escaped.
        content: all that it names; `styles` is added.

    Example:
        >>> card = {"name": "a", "sections": [], "metrics": []}
        >>> render("card.md.j2", card).splitlines()[-1]
        '**Research use only. Not a medical device.**'
    """
    styles = Markup("\n".join(map(source_of, STYLES)))  # noqa: S704 - our own files
    return _templates().get_template(template).render(styles=styles, **content).rstrip() + "\n"


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("lentigo.study.reporting"),
        autoescape=select_autoescape(("html.j2",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(percent=percent, score=score, yaml=_yaml, markdown=_markdown, saved=with_download)
    return environment


def source_of(name: str) -> str:
    """Return the text of one of our own files beside the templates.

    Example:
        >>> source_of("answers.js").splitlines()[0]
        '"use strict";'
    """
    environment = _templates()
    assert environment.loader is not None
    return environment.loader.get_source(environment, name)[0].rstrip()


def _markdown(text: str) -> str:
    """Return text in which Markdown and HTML find nothing to act on."""
    return re.sub(r"([\\`*_{}\[\]<>|#])", r"\\\1", text)


def with_download(figure: Markup, name: str) -> Markup:
    """Return a figure with a link below it that saves it as a file: no network, no script.

    Args:
        figure: an inline SVG, as `Drawing.inline` makes it.
        name: of the file, without its ending.

    Example:
        >>> with_download(Markup('<svg viewBox="0 0 9 9"></svg>'), "roc")[-34:]
        Markup('download="roc.svg">Save as SVG</a>')
    """
    alone = re.sub(r"<svg ", f'<svg font-family="{_LETTERS}" style="background:#fff" ', str(figure), count=1)
    packed = base64.b64encode(alone.encode()).decode()
    link = f'<a class="save" href="data:image/svg+xml;base64,{packed}" download="{name}.svg">Save as SVG</a>'
    return figure + Markup(link)  # noqa: S704 - base64 and names of our own


def _yaml(value: object) -> str:
    """Return a string as a YAML scalar that cannot be taken for anything else: JSON's strings are YAML's."""
    return json.dumps(str(value))
