import numpy as np
import pytest
from scipy.stats import binomtest

from lentigo.numbers.metrics._mcnemar import mcnemar


@pytest.mark.parametrize(("only_first", "only_second"), [(0, 0), (5, 0), (3, 3), (1, 9), (40, 61)])
def test_the_p_value_is_the_exact_binomial_test_of_the_images_that_differ(only_first: int, only_second: int) -> None:
    first = np.array([True] * only_first + [False] * only_second + [True, False])
    second = np.array([False] * only_first + [True] * only_second + [True, False])
    found = mcnemar(first, second)
    assert (found.only_first, found.only_second, found.n) == (only_first, only_second, first.size)
    n = only_first + only_second
    assert found.p_value == pytest.approx(binomtest(only_first, n).pvalue if n else 1.0)
