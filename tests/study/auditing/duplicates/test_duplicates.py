import numpy as np

from lentigo.study.auditing.duplicates import Duplicates


def duplicates(pairs, n_images):
    first, second = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    n = len(pairs)
    return Duplicates(first, second, np.full(n, "near"), np.full(n, 0.9), np.full(n, ""), n_images)


def test_clusters_are_connected_components_numbered_by_their_first_image():
    #   0 - 3 - 5    1    2 - 4
    found = duplicates([(0, 3), (2, 4), (3, 5)], 6)
    assert list(found.clusters()) == [0, 1, 2, 0, 2, 0]


def test_without_pairs_every_image_is_alone():
    assert list(duplicates([], 3).clusters()) == [0, 1, 2]
    assert len(duplicates([], 0).clusters()) == 0


def test_length_is_the_number_of_pairs():
    assert len(duplicates([(0, 1), (1, 2)], 3)) == 2
