"""Group sums and running sums against plain numpy."""

import numpy as np
import pytest

from lentigo.numbers.metrics._grouping import cumulate, group_sum


@pytest.mark.parametrize("n_rows", [0, 1, 63, 1023, 1024, 1025, 1087, 5000])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_running_sums_are_those_of_numpy_at_every_block_boundary(n_rows: int, dtype: type) -> None:
    rows = np.random.default_rng(n_rows).integers(0, 5, (n_rows, 3)).astype(dtype)
    expected = np.cumsum(rows, axis=0)
    found = cumulate(rows)
    assert found is rows
    assert found.dtype == dtype
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_group_sums_add_up_each_group_and_leave_out_negative_ones(dtype: type) -> None:
    rng = np.random.default_rng(0)
    group, weights = rng.integers(-1, 5, 200), rng.integers(0, 4, (200, 7)).astype(dtype)
    found = group_sum(group, 6)(weights)
    assert found.dtype == dtype
    np.testing.assert_array_equal(found, [weights[group == g].sum(axis=0) for g in range(6)])


def test_values_count_for_each_unit_of_weight() -> None:
    rng = np.random.default_rng(0)
    group, values, weights = rng.integers(0, 5, 200), rng.normal(size=200), rng.random((200, 7))
    found = group_sum(group, 5, values=values)(weights)
    expected = [(weights * values[:, np.newaxis])[group == g].sum(axis=0) for g in range(5)]
    np.testing.assert_allclose(found, expected, atol=1e-12)
