"""The whole page: complete in itself, harmless, accessible, the same every time."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from importlib import resources
from itertools import pairwise

import pytest

from lentigo.data.manifest import Manifest
from lentigo.model.decision import Estimate
from lentigo.numbers.predictions import Predictions
from lentigo.study.reporting import render_card, render_report

VOID = {"meta", "img", "br", "col", "link", "input", "hr"}


class Outline(HTMLParser):
    """Tags and attributes of a page; raises where tags do not nest."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes nothing that is open"

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] not in {"style", "script"}:
            self.text.append(data)


@pytest.fixture(scope="session", params=["binary", "seven", "audited", "audit", "seven_audit"])
def page(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(f"{request.param}_page"))


def test_tags_nest(page: str) -> None:
    assert len(Outline(page).tags) > 300


def test_nothing_is_loaded_from_anywhere(page: str) -> None:
    for tag, attributes in Outline(page).tags:
        assert tag not in {"script", "link", "iframe", "object"}
        assert (attributes.get("src") or "data:").startswith("data:")
        saves = "download" in attributes and (attributes["href"] or "").startswith("data:image/svg+xml;base64,")
        assert saves or (attributes.get("href") or "#").startswith("#")
        assert not any(name.startswith("on") for name in attributes)
    assert "@import" not in page
    assert set(re.findall(r"https?://[^\s\"'<]+", page)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }


def test_links_inside_the_page_lead_somewhere(page: str) -> None:
    tags = Outline(page).tags
    ids = [attributes["id"] for _, attributes in tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    for tag, attributes in tags:
        if tag == "a" and "download" not in attributes:
            assert (attributes["href"] or "").removeprefix("#") in ids


def test_headings_go_down_one_step_at_a_time(page: str) -> None:
    levels = [int(tag[1]) for tag, _ in Outline(page).tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(deeper - level <= 1 for level, deeper in pairwise(levels))


def test_every_picture_has_words(page: str) -> None:
    for tag, attributes in Outline(page).tags:
        if tag == "img":
            assert attributes["alt"]
        if tag == "svg":
            assert attributes.get("aria-label") or attributes.get("aria-hidden") == "true"


def test_page_says_what_it_is_not_for(page: str) -> None:
    text = " ".join(Outline(page).text)
    assert "not a medical device" in text
    assert "Research use only" in text


def test_page_is_below_three_megabytes(page: str) -> None:
    assert len(page.encode()) < 3_000_000


def test_no_figure_is_nan(page: str) -> None:
    assert not re.search(r"(?<![a-z])nan(?![a-z])", re.sub(r"base64,[^\"]*", "", page), re.IGNORECASE)


def test_same_inputs_give_the_same_bytes(binary, binary_page: str) -> None:
    assert render_report(binary) == binary_page
    assert render_card(binary) == render_card(binary)


@pytest.mark.parametrize("name", ["binary", "seven", "audited"])
def test_figures_of_the_evaluation_are_on_the_page(name: str, request: pytest.FixtureRequest) -> None:
    evaluation = request.getfixturevalue(name).evaluation
    page = request.getfixturevalue(f"{name}_page")
    auroc, text = evaluation.metrics["auroc"], " ".join(Outline(page).text)
    assert f"{auroc.value:.3f}" in text
    assert f"{auroc.low:.3f} to {auroc.high:.3f}" in text
    for row in evaluation.confusion.tolist():
        for n_images in row:
            assert f"<b>{n_images:,}</b>" in page


def test_words_of_users_are_escaped(binary) -> None:
    attack = "<script>alert('x')</script>"
    ids = {image: f"{image}{attack}\"'" for image in binary.test.image.tolist()}
    table = binary.manifest.table.assign(
        image_id=[ids.get(image, image) for image in binary.manifest.table["image_id"]], site=attack, dx_type=attack
    )
    test = Predictions(
        [ids[image] for image in binary.test.image.tolist()],
        binary.test.target,
        binary.test.probabilities,
        binary.test.classes,
    )
    hostile = replace(
        binary,
        title=attack,
        manifest=Manifest(table, origin=attack),
        test=test,
        environment={"device": attack, "packages": {attack: attack}},
        flow=[{"step": attack, "n_images": 160}],
        config=binary.config.changed({"model.backbone": attack, "model.weights": f"/home/{attack}"}),
    )
    page = render_report(hostile)
    tags = Outline(page).tags
    assert "script" not in {tag for tag, _ in tags}
    assert "&lt;script&gt;" in page
    assert not any("script" in name or "alert" in name for _, attributes in tags for name in attributes)


def test_folders_of_the_machine_stay_off_the_page(binary, folder) -> None:
    config = binary.config.changed({"model.weights": "/home/jane/secret/w.safetensors"})
    page = render_report(replace(binary, config=config))
    assert "jane" not in page
    assert str(folder) not in page
    assert "w.safetensors" in page


def test_page_without_pictures_holds_no_picture(binary) -> None:
    page = render_report(binary, with_pictures=False)
    assert "data:image/jpeg" not in page
    assert "IMG_" in page


def test_missing_files_do_not_stop_the_report(binary) -> None:
    table = binary.manifest.table.assign(path="/nowhere/at/all.jpg")
    page = render_report(replace(binary, manifest=Manifest(table, origin="invented")))
    assert "no picture: the file cannot be read" in page
    assert "data:image/jpeg" not in page


def test_bare_run_still_makes_a_page(binary) -> None:
    evaluation = replace(binary.evaluation, operating_points=())
    bare = replace(binary, evaluation=evaluation, environment={}, history=[], flow=[])
    text = " ".join(Outline(render_report(bare)).text)
    assert "No history was kept." in text
    assert "No operating point was chosen" in text
    assert "not a medical device" in render_card(bare).lower()


def test_undefined_figure_is_not_available_with_its_reason(binary) -> None:
    metrics = {**binary.evaluation.metrics, "auroc": Estimate.undefined("0 malignant images")}
    page = render_report(replace(binary, evaluation=replace(binary.evaluation, metrics=metrics)))
    assert "n/a" in page
    assert "0 malignant images" in page


def test_flow_that_does_not_add_up_is_an_alert(binary) -> None:
    flow = [{"step": "found", "n_images": 170}]
    assert "do not add up" in render_report(replace(binary, flow=flow), with_pictures=False)


def test_text_has_contrast() -> None:
    """WCAG 2.2 AA: 4.5 to 1 for text on white and on the washes it stands on."""
    folder = resources.files("lentigo.study.reporting").joinpath("templates")
    css = "".join(folder.joinpath(name).read_text(encoding="utf-8") for name in ("report.css", "audit.css"))
    colour = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", css))
    grounds = ["#ffffff", colour["wash"], colour["malignant-wash"], colour["benign-wash"]]
    for name in ("ink", "muted", "accent", "malignant-text", "benign-text"):
        for ground in grounds:
            assert contrast(colour[name], ground) >= 4.5, (name, ground)
    assert contrast(colour["warn-text"], colour["warn-wash"]) >= 4.5


def contrast(one: str, other: str) -> float:
    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("name", ["binary_page", "seven_page"])
def test_every_drawn_figure_of_the_report_can_be_saved_offline(name, request) -> None:
    page = request.getfixturevalue(name)
    drawn = re.findall(r"<figure[^>]*>\s*<svg viewBox[^>]*role=\"img\".*?</figure>", page, re.DOTALL)
    drawn = [figure for figure in drawn if 'class="dots' not in figure]
    names = [re.search(r'href="data:image/svg\+xml;base64,[^"]+" download="([^"]+)"', figure) for figure in drawn]
    assert len(drawn) >= 6
    assert all(names)
    assert len({found[1] for found in names}) == len(drawn)


def test_every_page_has_a_dark_theme(page: str) -> None:
    assert "prefers-color-scheme: dark" in page
    assert '<meta name="color-scheme" content="light dark">' in page


def test_the_dark_theme_has_a_ground_of_its_own_for_every_light_one() -> None:
    folder = resources.files("lentigo.study.reporting") / "templates"
    dark = (folder / "dark.css").read_text()
    for sheet in ("report.css", "audit.css", "stress.css"):
        for rule, ground in re.findall(
            r"([^{}]+)\{[^{}]*background: *(#[0-9a-f]{3,6})\b", (folder / sheet).read_text()
        ):
            six = ground[1:] if len(ground) == 7 else "".join(2 * digit for digit in ground[1:])
            if min(bytes.fromhex(six)) > 0xB8:
                name = rule.split("*/")[-1].strip().split(",")[-1].split()[-1]
                assert name in dark, (sheet, rule.strip())
