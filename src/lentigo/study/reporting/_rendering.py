"""How templates become documents: escaped by default, nothing undefined passed over, the style sheets inside."""

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from lentigo.study.reporting._words import percent, score

STYLES: Final = ("report.css", "audit.css", "stress.css")


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
    styles = Markup("\n".join(map(_source, STYLES)))  # noqa: S704 - our own files
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
    environment.filters.update(percent=percent, score=score, yaml=_yaml, markdown=_markdown)
    return environment


def _source(name: str) -> str:
    environment = _templates()
    assert environment.loader is not None
    return environment.loader.get_source(environment, name)[0].rstrip()


def _markdown(text: str) -> str:
    """Return text in which Markdown and HTML find nothing to act on."""
    return re.sub(r"([\\`*_{}\[\]<>|#])", r"\\\1", text)


def _yaml(value: object) -> str:
    """Return a string as a YAML scalar that cannot be taken for anything else: JSON's strings are YAML's."""
    return json.dumps(str(value))
