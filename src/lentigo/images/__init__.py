"""From an image file to an array: the only way there is, shared by training, bundle, server and DICOM."""

from lentigo.images.cache import Pixels, cached_pixels, known_pixels, refuse_unreadable
from lentigo.images.decode import open_image
from lentigo.images.given import gather_images
from lentigo.images.inputs import find_images
from lentigo.images.preprocess import Preprocess
from lentigo.images.previews import preview
from lentigo.images.stream import stream_images, stream_pixels

__all__ = [
    "Pixels",
    "Preprocess",
    "cached_pixels",
    "find_images",
    "gather_images",
    "known_pixels",
    "open_image",
    "preview",
    "refuse_unreadable",
    "stream_images",
    "stream_pixels",
]
