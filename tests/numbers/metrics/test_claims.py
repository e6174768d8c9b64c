"""A sentence that reassures needs the far end of its interval: fewer cases at the same value say less, never more."""

import math
import re
from pathlib import Path

import pytest

from lentigo.model.decision import Estimate
from lentigo.numbers.metrics import CLAIMS, say, wilson_estimate

SOURCE = Path(__file__).parents[3] / "src" / "lentigo"


def around(value, half_width, n):
    return Estimate(value, value - half_width, value + half_width, n)


@pytest.mark.parametrize("name", CLAIMS)
def test_a_value_on_the_good_side_reassures_with_a_large_sample_and_not_with_a_small_one(name):
    claim = CLAIMS[name]
    good = claim.limit - 0.02 if claim.end == "high" else claim.limit + 0.02
    assert claim.judge(around(good, 0.01, 5000)) == "holds"
    assert claim.judge(around(good, 0.2, 12)) == "undecided"
    assert claim.judge(Estimate(good, math.nan, math.nan, 3, "all of one lesion: no interval")) == "undecided"
    assert claim.judge(Estimate.undefined("0 cases")) == "undecided"


@pytest.mark.parametrize("name", CLAIMS)
def test_a_value_on_the_bad_side_is_called_so_only_where_the_near_end_is(name):
    claim = CLAIMS[name]
    bad = claim.limit + 0.02 if claim.end == "high" else claim.limit - 0.02
    assert claim.judge(around(bad, 0.01, 5000)) == "fails"
    assert claim.judge(around(bad, 0.2, 12)) == "undecided"


def test_a_limit_can_be_brought_along():
    assert CLAIMS["target reached"].judge(wilson_estimate(960, 1000), limit=0.9) == "holds"
    assert CLAIMS["target reached"].judge(wilson_estimate(24, 25), limit=0.9) == "undecided"


def test_every_sentence_is_filled_by_what_its_module_knows():
    words = {key: "x" for claim in CLAIMS.values() for text in (claim.holds, claim.fails, claim.undecided)
             for key in re.findall(r"{(\w+)}", text)}  # fmt: skip
    for name, claim in CLAIMS.items():
        assert "{" not in claim.undecided.format(**words)
        assert claim.undecided != claim.holds, name


def test_every_claim_is_said_somewhere_and_no_module_says_one_that_is_not_in_the_table():
    used = set()
    for path in SOURCE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if path.name != "_claims.py" and "lentigo.numbers.metrics" in text:
            used |= set(re.findall(r'(?:CLAIMS\[|say\(\s*)"([^"]+)"', text))
    assert used == set(CLAIMS)


@pytest.mark.parametrize("name", CLAIMS)
def test_the_module_of_a_claim_is_the_one_that_says_it(name):
    module = SOURCE.joinpath(*CLAIMS[name].where.split(".")).with_suffix(".py")
    assert f'"{name}"' in module.read_text(encoding="utf-8")


def test_the_sentence_comes_with_the_verdict():
    words = {"shown": "0.654 (0.479 to 0.792)", "n": "40"}
    assert say("coin without the lesion", Estimate(0.654, 0.479, 0.792, 40), **words)[0] == "undecided"
    assert "hardly better" in say("coin without the lesion", Estimate(0.51, 0.49, 0.53, 4000), **words)[1]
