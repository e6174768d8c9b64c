"""The page docs/api.md: every public name of `lentigo`, from its signature and docstring. `make docs` writes it."""

import inspect
import re
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any, Final

import lentigo

HEADER = """# Python

Written by `make docs` from the names of `import lentigo`. The examples run as tests, on a bundle (`bundle_folder`), a
run (`run`), a photograph (`photo`) and drawn pictures (`phantom`) that the tests make. What other packages of lentigo
name in their `__init__` may be used as well; modules that start with an underscore may change without notice.
"""

_SECTION: Final = re.compile(r"^(Args|Raises|Returns|Yields|Example):$", re.MULTILINE)
_ENTRY: Final = re.compile(r"^    (\S[^:]*): ", re.MULTILINE)


def api_page(package: ModuleType = lentigo) -> str:
    """Return the public functions and records of a package as Markdown.

    Example:
        >>> "## lentigo.predict" in api_page()
        True
    """
    names = [name for name in package.__all__ if not name.startswith("__")]
    things = {name: getattr(package, name) for name in names}
    functions = {name: thing for name, thing in things.items() if inspect.isfunction(thing)}
    records = {name: thing for name, thing in things.items() if inspect.isclass(thing)}
    parts = [HEADER]
    for title, part in (("Functions", functions), ("Records", records)):
        # An anchor has no capitals: of audit and Audit, the second gets a number.
        anchors = {name: f"#{package.__name__}{name.lower()}" for name in part}
        if part is records:
            anchors |= {name: f"{anchors[name]}-1" for name in records if name.lower() in functions}
        parts.append(f"{title}: {', '.join(f'[{name}]({anchors[name]})' for name in part)}.\n")
    for name, thing in {**functions, **records}.items():
        if name in records and name.lower() in functions:  # other builders of pages count otherwise
            parts.append(f'<a id="{package.__name__}{name.lower()}-1"></a>\n')
        parts.append(f"## {package.__name__}.{name}\n")
        parts += _of_thing(name, thing)
    return "\n".join(parts)


def _of_thing(name: str, thing: Any) -> Iterator[str]:
    # An error is made with a text, and its signature says nothing.
    if not (inspect.isclass(thing) and issubclass(thing, Exception)):
        yield f"```python\n{_signature(name, thing)}\n```\n"
    yield from _of_docstring(inspect.getdoc(thing) or "")
    if inspect.isclass(thing):
        yield from _members(thing)


def _signature(name: str, thing: Any) -> str:
    signature = inspect.signature(thing).replace(return_annotation=inspect.Signature.empty)
    plain = [
        one.replace(annotation=inspect.Parameter.empty, default=_FormattedDefault.of(one.default))
        for one in signature.parameters.values()
    ]
    words = [str(one) for one in plain if one.name != "self"]
    starred = next((k for k, one in enumerate(plain) if one.kind is one.KEYWORD_ONLY), None)
    if starred is not None and not any(one.kind is one.VAR_POSITIONAL for one in plain):
        words.insert(starred, "*")
    line = f"{name}({', '.join(words)})"
    return line if len(line) <= 110 else f"{name}(\n" + "".join(f"    {word},\n" for word in words) + ")"


class _FormattedDefault:
    """A default as the page shows it: what a name stands for by its name, all else as Python writes it."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text

    @classmethod
    def of(cls, default: Any) -> Any:
        if default is inspect.Parameter.empty:
            return default
        if callable(default):
            return cls(getattr(default, "__name__", type(default).__name__))
        return cls("...") if " object at 0x" in repr(default) or repr(default).startswith("<") else default


def _of_docstring(text: str) -> Iterator[str]:
    """Yield a Google docstring as paragraphs, lists and a block of Python."""
    first, *rest = _SECTION.split(text)
    yield f"{first.strip()}\n"
    for title, body in zip(rest[::2], rest[1::2], strict=True):
        if title == "Example":
            yield f"```python\n{inspect.cleandoc(body)}\n```\n"
        else:
            entries = _ENTRY.sub(lambda found: f"- `{found[1]}`: ", body.rstrip()).strip("\n")
            yield f"{title}:\n\n" + re.sub(r"^ {8}", "  ", entries, flags=re.MULTILINE) + "\n"


def _members(record: type) -> Iterator[str]:
    """Yield the methods and properties that a record has from this package, a line each, those of its base first."""
    lines = []
    ours = [one for one in reversed(record.__mro__) if one.__module__.startswith("lentigo.")]
    for name, member in {name: member for one in ours for name, member in vars(one).items()}.items():
        function = member.__func__ if isinstance(member, classmethod | staticmethod) else member
        is_shown = inspect.isfunction(function) or isinstance(function, property)
        if name.startswith("_") or not is_shown or not (text := inspect.getdoc(function)):
            continue
        brackets = "" if isinstance(function, property) else "()"
        lines.append(f"- `{name}{brackets}`: {' '.join(text.split(chr(10) * 2)[0].split())}\n")
    if lines:
        yield "It has:\n"
        yield "".join(lines)


if __name__ == "__main__":
    sys.stdout.write(api_page())
