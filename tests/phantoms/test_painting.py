import numpy as np
import pytest

from lentigo.phantoms._painting import paint
from lentigo.phantoms._truth import COLOURS, STRUCTURES

SIZE = 96
DISTANT = slice(34, 44)  # rows of skin above any reach of a 6 mm lesion; the 34 before are mirrored ones


def colour_inside(painting):
    return painting.rgb[painting.mask > 200].mean(axis=0)


def test_painting_is_a_pure_function_of_the_truth(lesion):
    first, second = paint(lesion(n_hairs=5), size=SIZE), paint(lesion(n_hairs=5), size=SIZE)
    assert (first.rgb == second.rgb).all()
    assert (first.mask == second.mask).all()
    assert (first.rgb != paint(lesion(n_hairs=5, seed=8), size=SIZE).rgb).any()


@pytest.mark.parametrize("structure", STRUCTURES)
def test_every_structure_changes_the_lesion_and_leaves_distant_skin_alone(lesion, structure):
    without, with_it = paint(lesion(), size=SIZE), paint(lesion(structures=(structure,)), size=SIZE)
    difference = np.abs(with_it.rgb.astype(int) - without.rgb).max(axis=-1)
    assert difference[without.mask > 200].max() > 25
    assert (difference[DISTANT] == 0).all()


def test_the_other_structures_stay_where_they_are_when_one_is_added(lesion):
    one = paint(lesion(structures=("comedo_like_openings",)), size=SIZE).mask
    both = paint(lesion(structures=("comedo_like_openings", "streaks")), size=SIZE).mask
    assert (one == both).all()


@pytest.mark.parametrize("colour", COLOURS)
def test_every_ground_colour_looks_like_its_name(lesion, colour):
    red, green, blue = colour_inside(paint(lesion(colours=(colour,), contrast=1.0), size=SIZE))
    plain_red, plain_green, plain_blue = colour_inside(paint(lesion(), size=SIZE))
    if colour == "red":
        assert red / green > plain_red / plain_green
        assert blue > plain_blue
    elif colour in {"blue-grey", "white"}:
        assert blue / red > plain_blue / plain_red
    else:
        assert red > green > blue


def test_darker_colours_vary_the_lesion(lesion):
    def spread(*colours):
        painting = paint(lesion(colours=colours, asymmetry=0.6), size=SIZE)
        return painting.rgb[painting.mask > 200].std(axis=0).mean()

    assert spread("light brown", "black", "blue-grey", "white") > 1.5 * spread("light brown")


def test_contrast_darkens_the_lesion_alone(lesion):
    pale, dark = paint(lesion(contrast=0.5), size=SIZE), paint(lesion(contrast=1.6), size=SIZE)
    assert (colour_inside(dark) < colour_inside(pale) - 20).all()
    assert (pale.rgb[DISTANT] == dark.rgb[DISTANT]).all()


def test_structures_do_not_make_a_lesion_darker_than_its_contrast(lesion):
    plain = colour_inside(paint(lesion(), size=SIZE))
    busy = colour_inside(paint(lesion(structures=("blotch", "irregular_dots", "atypical_network")), size=SIZE))
    assert busy[1] == pytest.approx(plain[1], abs=25)


def test_skin_darkens_with_the_fitzpatrick_type(lesion):
    tones = [paint(lesion(skin_type=skin_type), size=SIZE).rgb[DISTANT].mean() for skin_type in range(1, 7)]
    assert tones == sorted(tones, reverse=True)


def test_hair_lies_across_the_skin(lesion):
    def share(seed):
        bald, hairy = (paint(lesion(seed=seed, n_hairs=n_hairs), size=SIZE).rgb.astype(int) for n_hairs in (0, 40))
        return (np.abs(hairy - bald).max(axis=-1) > 8).mean()

    assert all(0.004 < share(seed) < 0.3 for seed in range(5))


def test_a_lesion_looks_the_same_at_another_size(lesion):
    truth = lesion(structures=("blotch",), asymmetry=0.6)
    small, large = paint(truth, size=64).rgb, paint(truth, size=128).rgb
    side = min(len(small), len(large) // 2)
    first = (len(large) - 2 * side) // 2
    averaged = large[first : first + 2 * side, first : first + 2 * side].reshape(side, 2, side, 2, 3).mean(axis=(1, 3))
    middle = slice(side // 4, 3 * side // 4)
    offset = (len(small) - side) // 2
    small = small[offset : offset + side, offset : offset + side]
    correlation = np.corrcoef(small[middle, middle].ravel(), averaged[middle, middle].ravel())[0, 1]
    assert correlation > 0.97
