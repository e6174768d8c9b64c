import pytest

from lentigo.errors import ConfigError
from lentigo.phantoms import PhantomOptions


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"diagnoses": ("MELL", "NV")}, r"unknown diagnosis 'MELL'\. Did you mean 'MEL'"),
        ({"diagnoses": ("MEL", "BCC")}, r"lack a malignant or a benign one"),
        ({"diagnoses": ()}, r"lack a malignant or a benign one"),
        ({"difficulty": "hrad"}, r"Did you mean 'hard'"),
        ({"shortcut": "rulers"}, r"Did you mean 'ruler'"),
        ({"leaks": 1, "leak_kinds": ("twin",)}, r"unknown kind of leak 'twin'"),
        ({"leaks": 1, "leak_kinds": ()}, r"1 leaks but no kind of leak"),
        ({"leaks": 300}, r"leaks is 300\. Choose a value from 0 to 133"),
        ({"size": 8}, r"size is 8"),
        ({"n_images": 0}, r"n_images is 0"),
        ({"n_devices": 9}, r"n_devices is 9\. Choose a value from 1 to 6"),
        ({"seed": -1}, r"seed is -1"),
        ({"malignant_fraction": 1.2}, r"malignant_fraction is 1\.2"),
        ({"malignant_fraction": float("nan")}, r"malignant_fraction is nan"),
        ({"views": (3, 1)}, r"views 3 to 1 is not a range"),
        ({"shortcut": "device", "n_devices": 1}, r"needs two devices"),
    ],
)
def test_an_option_out_of_range_is_an_error_that_names_it_and_the_remedy(options, message):
    with pytest.raises(ConfigError, match=message):
        PhantomOptions(**options)


def test_the_defaults_are_valid():
    assert PhantomOptions().n_images == 400
