import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lentigo.config import ImageConfig
from lentigo.errors import ImageError
from lentigo.images import open_image, preview
from lentigo.images._profiles import DISPLAY_P3, matrix_profile


def shown(content):
    return Image.open(io.BytesIO(content))


def skin():
    down, across = np.mgrid[:60, :80]
    return Image.fromarray(np.stack([150 + across, 90 + down, 70 + (down + across) // 2], axis=-1).astype(np.uint8))


def test_a_dicom_photograph_is_shown_as_it_was_judged(make_dicom):
    content = make_dicom(np.asarray(skin()))
    assert np.array_equal(shown(preview(content, kind="PNG")), open_image(content))
    assert shown(preview(content)).format == "JPEG"


def test_colours_turns_and_metadata_are_those_of_the_judged_picture():
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Maker"
    stream = io.BytesIO()
    skin().save(stream, "PNG", icc_profile=matrix_profile(DISPLAY_P3), exif=exif)
    for limits in (ImageConfig(), ImageConfig(colour_profiles="ignore")):
        picture = shown(preview(stream.getvalue(), limits=limits, kind="PNG"))
        assert np.array_equal(picture, open_image(stream.getvalue(), limits=limits))
        assert picture.size == (60, 80)
        assert not {"icc_profile", "exif"} & set(picture.info)


def test_a_large_photograph_is_scaled_down_and_keeps_its_shape():
    stream = io.BytesIO()
    skin().resize((1600, 1200)).save(stream, "JPEG")
    assert shown(preview(stream.getvalue(), side=400)).size == (400, 300)


def test_what_cannot_be_opened_has_no_preview(tmp_path):
    with pytest.raises(ImageError):
        preview(Path(tmp_path / "none.jpg"))
