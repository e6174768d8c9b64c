"""From an image file to an array: the only way there is, shared by training, bundle, server and DICOM."""

from typing import TYPE_CHECKING

from lentigo.lazy import lazy_names

if TYPE_CHECKING:
    from lentigo.images._boxes import is_boxed
    from lentigo.images._cache import Pixels, cache_folder, cached_pixels, known_pixels, refuse_unreadable
    from lentigo.images._column_names import ALIASES, STRONG, field_of_name, is_weak_label, rank_of_name, squeezed
    from lentigo.images._columns import refuse_no_images
    from lentigo.images._decode import FORMATS, open_image
    from lentigo.images._embedded import extract_images, has_image_bytes, ids_of
    from lentigo.images._extracted import keep_image
    from lentigo.images._given import gather_images
    from lentigo.images._heif import opened
    from lentigo.images._inputs import find_images
    from lentigo.images._marks import (
        FIELD_MM,
        OVERSAMPLING,
        SCALE_COLOUR,
        blend,
        coverage_of,
        draw_hairs,
        lay_hair,
        lay_ink,
        lay_ruler,
        lay_tube,
        new_sheet,
        tube_shade,
    )
    from lentigo.images._noise import FloatMap, fractal, honeycomb, resized, smoothstep, stream
    from lentigo.images._preprocess import Preprocess
    from lentigo.images._previews import preview
    from lentigo.images._profiles import ADOBE_RGB, DISPLAY_P3, matrix_profile
    from lentigo.images._stencil import Stencil, curve
    from lentigo.images._stream import stream_images
    from lentigo.images._walking import (
        HIDDEN,
        IMAGE_SUFFIXES,
        UNLISTABLE,
        images_by_id,
        is_dicom,
        is_dicom_name,
        list_folder,
        loose_files,
        report_others,
        strip_suffix,
        walk_images,
    )

__all__ = [
    "ADOBE_RGB",
    "ALIASES",
    "DISPLAY_P3",
    "FIELD_MM",
    "FORMATS",
    "HIDDEN",
    "IMAGE_SUFFIXES",
    "OVERSAMPLING",
    "SCALE_COLOUR",
    "STRONG",
    "UNLISTABLE",
    "FloatMap",
    "Pixels",
    "Preprocess",
    "Stencil",
    "blend",
    "cache_folder",
    "cached_pixels",
    "coverage_of",
    "curve",
    "draw_hairs",
    "extract_images",
    "field_of_name",
    "find_images",
    "fractal",
    "gather_images",
    "has_image_bytes",
    "honeycomb",
    "ids_of",
    "images_by_id",
    "is_boxed",
    "is_dicom",
    "is_dicom_name",
    "is_weak_label",
    "keep_image",
    "known_pixels",
    "lay_hair",
    "lay_ink",
    "lay_ruler",
    "lay_tube",
    "list_folder",
    "loose_files",
    "matrix_profile",
    "new_sheet",
    "open_image",
    "opened",
    "preview",
    "rank_of_name",
    "refuse_no_images",
    "refuse_unreadable",
    "report_others",
    "resized",
    "smoothstep",
    "squeezed",
    "stream",
    "stream_images",
    "strip_suffix",
    "tube_shade",
    "walk_images",
]

_WHERE = {
    "_boxes": ("is_boxed",),
    "_cache": ("Pixels", "cache_folder", "cached_pixels", "known_pixels", "refuse_unreadable"),
    "_column_names": ("ALIASES", "STRONG", "field_of_name", "is_weak_label", "rank_of_name", "squeezed"),
    "_columns": ("refuse_no_images",),
    "_decode": ("FORMATS", "open_image"),
    "_embedded": ("extract_images", "has_image_bytes", "ids_of"),
    "_extracted": ("keep_image",),
    "_given": ("gather_images",),
    "_heif": ("opened",),
    "_inputs": ("find_images",),
    "_marks": (
        "FIELD_MM",
        "OVERSAMPLING",
        "SCALE_COLOUR",
        "blend",
        "coverage_of",
        "draw_hairs",
        "lay_hair",
        "lay_ink",
        "lay_ruler",
        "lay_tube",
        "new_sheet",
        "tube_shade",
    ),
    "_noise": ("FloatMap", "fractal", "honeycomb", "resized", "smoothstep", "stream"),
    "_preprocess": ("Preprocess",),
    "_previews": ("preview",),
    "_profiles": ("ADOBE_RGB", "DISPLAY_P3", "matrix_profile"),
    "_stencil": ("Stencil", "curve"),
    "_stream": ("stream_images",),
    "_walking": (
        "HIDDEN",
        "IMAGE_SUFFIXES",
        "UNLISTABLE",
        "images_by_id",
        "is_dicom",
        "is_dicom_name",
        "list_folder",
        "loose_files",
        "report_others",
        "strip_suffix",
        "walk_images",
    ),
}
__getattr__ = lazy_names(__name__, {name: f"{__name__}.{module}" for module, names in _WHERE.items() for name in names})
