"""Inline SVG that does not act on the page around it, and whose numbers survive the clean-up."""

import re
from xml.etree import ElementTree as ET

from lentigo.study.reporting._drawing import draw, percent_axes


def paint(axes) -> None:
    axes.bar([0.2, 0.6], [0.123456, 0.7], hatch="///")
    axes.plot([0, 1], [0, 1])
    axes.text(0.5, 0.5, "AUROC 0.9517 & more")
    percent_axes(axes, x="x", y="y")


def test_numbers_in_text_keep_their_digits() -> None:
    assert ">AUROC 0.9517 &amp; more</text>" in draw("a", "a figure", (300, 200), paint)


def test_coordinates_lose_needless_digits() -> None:
    svg = draw("a", "a figure", (300, 200), paint)
    assert not re.search(r'd="[^"]*\.\d{3}', svg)


def test_figure_is_well_formed_and_has_its_description() -> None:
    root = ET.fromstring(draw("a", 'told "so" <b>', (300, 200), paint))
    assert root.attrib["aria-label"] == 'told "so" <b>'
    assert root.attrib["viewBox"] == "0 0 300 200"


def test_nothing_in_a_figure_acts_on_the_page() -> None:
    svg = draw("a", "a figure", (300, 200), paint)
    assert "<style" not in svg
    assert "<metadata" not in svg
    assert "font-family" not in svg
    assert "DejaVu" not in svg


def test_ids_of_two_figures_differ_and_every_reference_is_met() -> None:
    ids = []
    for name in ("a", "b"):
        svg = draw(name, "a figure", (300, 200), paint)
        own = re.findall(r' id="([^"]+)"', svg)
        assert own
        assert set(re.findall(r'(?:url\(#|href="#)([^")]+)', svg)) == set(own)
        ids += own
    assert len(ids) == len(set(ids))


def test_same_figure_gives_the_same_bytes() -> None:
    assert draw("a", "a figure", (300, 200), paint) == draw("a", "a figure", (300, 200), paint)


def test_settings_of_matplotlib_are_left_as_they_were() -> None:
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    draw("a", "a figure", (300, 200), paint)
    assert dict(mpl.rcParams) == before
