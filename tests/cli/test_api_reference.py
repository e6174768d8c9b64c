"""docs/api.md: the public names of lentigo, from their docstrings."""

import types

import lentigo
from lentigo.cli._api_reference import api_page


def test_the_python_page_is_what_the_docstrings_say(request):
    assert (request.config.rootpath / "docs" / "api.md").read_text() == api_page(), "run 'make docs'"


def test_the_python_page_has_every_public_name_with_its_example():
    parts = {part.split("\n")[0]: part for part in api_page().split("\n## lentigo.")[1:]}
    assert sorted(parts) == sorted(name for name in lentigo.__all__ if not name.startswith("__"))
    assert [name for name, part in parts.items() if ">>>" not in part and name != "LentigoError"] == []
    assert "object at 0x" not in api_page()


def test_keyword_arguments_defaults_and_sections_stand_on_the_python_page():
    def cut(source, out=None, *, track=print, **options):
        """Return the parts.

        In order.

        Args:
            source: what to cut;
                with scissors.
            out: where.

        Raises:
            ValueError: there is nothing.

        Example:
            >>> 1 + 1
            2
        """

    package = types.SimpleNamespace(__name__="shears", __all__=["cut", "__version__"], cut=cut)
    page = api_page(package)
    assert "cut(source, out=None, *, track=print, **options)" in page
    assert "Return the parts.\n\nIn order.\n" in page
    assert "- `source`: what to cut;\n" in page
    assert "Raises:\n\n- `ValueError`: there is nothing." in page
    assert "```python\n>>> 1 + 1\n2\n```" in page
