"""A place on the body is read only where every word is known and all words mean one place."""

import pytest

from lentigo._body_site_words import PUBLISHED, TERMS
from lentigo._body_sites import _table, body_site


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("r calf", "lower extremity"), ("L forearm", "upper extremity"), ("upper back (left)", "posterior torso"),
        ("R. knee, lateral", "lower extremity"), ("2nd toe left", "lower extremity"), ("Head & Neck", "head/neck"),
        ("back of neck", "head/neck"), ("Back of hand", "upper extremity"), ("front of torso", "anterior torso"),
        ("Torso Back", "posterior torso"), ("lateral chest", "lateral torso"), ("chest", "anterior torso"),
        ("sole of left foot", "palms/soles"), ("plantar, 3rd toe", "palms/soles"), ("genital region", "oral/genital"),
        ("Buttock", "lower extremity"), ("flank", "lateral torso"), ("vulva", "oral/genital"),
        ("Unterarm links", "upper extremity"), ("Rücken re.", "posterior torso"), ("Ruecken", "posterior torso"),
        ("Fußsohle", "palms/soles"), ("R. Oberarm außen", "upper extremity"), ("Gesicht", "head/neck"),
        ("addome", "anterior torso"), ("gluteo sx", "lower extremity"), ("tronco posteriore", "posterior torso"),
        ("dito del piede sx", "lower extremity"), ("pianta del piede", "palms/soles"),
        ("dorso do pé", "lower extremity"), ("costas", "posterior torso"), ("braço direito", "upper extremity"),
        ("dorso de la mano", "upper extremity"), ("cara anterior del muslo", "lower extremity"),
        ("avant-bras gauche", "upper extremity"), ("bas du dos", "posterior torso"), ("cuir chevelu", "head/neck"),
        ("dos de la main", "upper extremity"), ("face interne du bras", "upper extremity"),
        ("posterior torso", "posterior torso"), ("PALMS/SOLES", "palms/soles"),
    ],
)  # fmt: skip
def test_a_place_in_words_is_read(text, term):
    assert body_site(text) == term


@pytest.mark.parametrize(
    "text",
    [
        "", "left", "trunk", "torso", "arm/leg", "back or neck", "back and neck", "near ear", "neck?", "not the back",
        "back 3", "posterior chest", "left side of chest", "trunk, left side", "dedo", "dorso dos dedos",
        "hand and foot", "palmar forearm", "mouth", "nail", "acral", "abdomen lesion", "back" * 30,
        "anterior and posterior trunk",
    ],
)  # fmt: skip
def test_an_unknown_word_a_second_place_or_none_stays_as_it_is(text):
    assert body_site(text) is None


def test_every_term_is_itself_and_every_word_is_plain():
    assert [body_site(term) for term in TERMS] == list(TERMS)
    assert set(TERMS) < PUBLISHED
    for phrase in _table():
        assert phrase == " ".join(phrase.split()).casefold()
        assert phrase.isascii()
        assert phrase.replace(" ", "").isalpha() or phrase == "&"
