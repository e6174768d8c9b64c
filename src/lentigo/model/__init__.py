"""The model that answers, and all that it needs: numpy, Pillow and onnxruntime; never torch, pandas or SciPy.

opened      what is known of a model before it predicts
opening     `open_model`: which kinds of model there are, and who opens them
versions    the models that come with lentigo: `lentigo@1`, ..., `lentigo` for the newest
runtime     `Model`: from images to probabilities to decisions
assessment  from a decision to an answer, or why there is none
decision    the decision itself, from calibrated probabilities; no files, no images
outputs     what a network says, and what every network has to be able to do
decoding, image_statistics, input_gate    one photograph decoded, measured, and whether it can be answered
held_outputs    what the network said of photographs that are decided together
image_columns    columns of each photograph, and what it is among the patient's others
patient_context    what a photograph is among the others of its patient
ood_score   photographs unlike all that was learned from
references  cases to compare with
answer      the prediction for one image; how many images are predicted in batches
answer_table    an answer as a row of a table
embeddings, embedding_rows, embedding_files, embedding_parquet    embeddings in place of photographs, out of files
embedding_answers    the answers for them
heads       what a model of embeddings computes
explain, sanity, overlay    where the network looks, and whether that map can be believed

The bundle, a portable folder:

bundle      opened, as a model
json_reader    JSON from strangers, within limits
files       the folder: which files, verified before anyone looks into them
bundle_facts, bundle_record, scores    what bundle.json says
session     the network under onnxruntime
kept_network    the same as onnxruntime has optimised it, in the cache folder, verified at every start
openvino    the network under OpenVINO, where it is asked for
computation, processor    which runtime and precision, and what the processor can do
cascade     a lower precision first, and float32 again near a border
same_answers    another runtime or precision held against onnxruntime at every load
known_answer    a picture that can be computed, predicted at every load
calibrated_on   which photographs it was calibrated to, elsewhere
"""

from typing import TYPE_CHECKING

from lentigo.lazy import lazy_names

if TYPE_CHECKING:
    from lentigo.model._answer import BENIGN_LOOKING, CANNOT_ASSESS, LOW_CONFIDENCE, REFER, Answer, unreadable
    from lentigo.model._answer_table import ADDED, ANSWER_COLUMNS, CALLED, columns_of, row_of
    from lentigo.model._assessment import reason_keys
    from lentigo.model._bundle import BATCH, bundle_of
    from lentigo.model._bundle_facts import (
        STORAGES,
        Licence,
        LicensedSource,
        NetworkRecord,
        Parity,
        ReducedPrecision,
        References,
    )
    from lentigo.model._bundle_record import CALIBRATED_ON, BundleRecord
    from lentigo.model._calibrated_on import file_of_marks, is_marked, marks_in, marks_of
    from lentigo.model._cascade import Borders, measure_reduced
    from lentigo.model._computation import FLOAT32, Computation, choose_precision
    from lentigo.model._decoding import DecodedImage, decode_image
    from lentigo.model._embedding_answers import held_rows
    from lentigo.model._embedding_writing import refuse_suffix, write_embeddings
    from lentigo.model._embeddings import Embeddings, read_embeddings
    from lentigo.model._explain import Explanation, explain
    from lentigo.model._files import (
        CARD,
        KNOWN_FILES,
        MARKS,
        MODEL,
        RECORD,
        REFERENCE_TABLE,
        TYPICAL,
        read_bundle_folder,
        refuse_inside_bundle,
        write_record,
    )
    from lentigo.model._gate_over_sources import fit_gate_over_sources
    from lentigo.model._headline import LEAST_CASES, ModelHeadline
    from lentigo.model._heads import HEAD_FILE, Head, LinearHead, TreeHead, mean_head, read_head, write_head
    from lentigo.model._held_outputs import HeldOutputs, answers_of_held
    from lentigo.model._hub import PushedBundle, pull, push
    from lentigo.model._image_columns import one_per_image, with_context
    from lentigo.model._image_statistics import FAULTS, STYLE, content_box, image_statistics
    from lentigo.model._input_gate import RULES, InputGate, fit_gate, loosen_gate
    from lentigo.model._json_reader import Fields
    from lentigo.model._known_answer import KnownAnswer, known_embedding, known_picture
    from lentigo.model._lesion_answers import answers_by_lesion, lesion_rule_of
    from lentigo.model._measured_figures import Kind, MeasuredFigures
    from lentigo.model._ood_score import OodScore, TypicalEmbeddings, fit_typical_embeddings
    from lentigo.model._opening import kind_of, open_bundle, open_model, place_of
    from lentigo.model._openvino import bfloat16_network
    from lentigo.model._outputs import Network, Outputs, run_batches
    from lentigo.model._overlay import draw_map, draw_overlay
    from lentigo.model._patient_context import patient_context
    from lentigo.model._processor import cpu_flags, has_any, multiplies_bfloat16
    from lentigo.model._references import ReferenceCases, nearest, unit_rows
    from lentigo.model._runtime import Model
    from lentigo.model._scores import Scores, describe_scores
    from lentigo.model._session import EMBEDDINGS, INPUT, METADATA, OnnxNetwork, silence_onnxruntime, usable_cores
    from lentigo.model._versions import SHIPPED, ShippedVersion, all_versions, is_shipped, shipped_folder, version_named

__all__ = [
    "ADDED",
    "ANSWER_COLUMNS",
    "BATCH",
    "BENIGN_LOOKING",
    "CALIBRATED_ON",
    "CALLED",
    "CANNOT_ASSESS",
    "CARD",
    "EMBEDDINGS",
    "FAULTS",
    "FLOAT32",
    "HEAD_FILE",
    "INPUT",
    "KNOWN_FILES",
    "LEAST_CASES",
    "LOW_CONFIDENCE",
    "MARKS",
    "METADATA",
    "MODEL",
    "RECORD",
    "REFER",
    "REFERENCE_TABLE",
    "RULES",
    "SHIPPED",
    "STORAGES",
    "STYLE",
    "TYPICAL",
    "Answer",
    "Borders",
    "BundleRecord",
    "Computation",
    "DecodedImage",
    "Embeddings",
    "Explanation",
    "Fields",
    "Head",
    "HeldOutputs",
    "InputGate",
    "Kind",
    "KnownAnswer",
    "Licence",
    "LicensedSource",
    "LinearHead",
    "MeasuredFigures",
    "Model",
    "ModelHeadline",
    "Network",
    "NetworkRecord",
    "OnnxNetwork",
    "OodScore",
    "Outputs",
    "Parity",
    "PushedBundle",
    "ReducedPrecision",
    "ReferenceCases",
    "References",
    "Scores",
    "ShippedVersion",
    "TreeHead",
    "TypicalEmbeddings",
    "all_versions",
    "answers_by_lesion",
    "answers_of_held",
    "bfloat16_network",
    "bundle_of",
    "choose_precision",
    "columns_of",
    "content_box",
    "cpu_flags",
    "decode_image",
    "describe_scores",
    "draw_map",
    "draw_overlay",
    "explain",
    "file_of_marks",
    "fit_gate",
    "fit_gate_over_sources",
    "fit_typical_embeddings",
    "has_any",
    "held_rows",
    "image_statistics",
    "is_marked",
    "is_shipped",
    "kind_of",
    "known_embedding",
    "known_picture",
    "lesion_rule_of",
    "loosen_gate",
    "marks_in",
    "marks_of",
    "mean_head",
    "measure_reduced",
    "multiplies_bfloat16",
    "nearest",
    "one_per_image",
    "open_bundle",
    "open_model",
    "patient_context",
    "place_of",
    "pull",
    "push",
    "read_bundle_folder",
    "read_embeddings",
    "read_head",
    "reason_keys",
    "refuse_inside_bundle",
    "refuse_suffix",
    "row_of",
    "run_batches",
    "shipped_folder",
    "silence_onnxruntime",
    "unit_rows",
    "unreadable",
    "usable_cores",
    "version_named",
    "with_context",
    "write_embeddings",
    "write_head",
    "write_record",
]

_WHERE = {
    "_answer": ("Answer", "BENIGN_LOOKING", "CANNOT_ASSESS", "LOW_CONFIDENCE", "REFER", "unreadable"),
    "_answer_table": ("ADDED", "ANSWER_COLUMNS", "CALLED", "columns_of", "row_of"),
    "_assessment": ("reason_keys",),
    "_embedding_answers": ("held_rows",),
    "_held_outputs": ("HeldOutputs", "answers_of_held"),
    "_image_columns": ("one_per_image", "with_context"),
    "_bundle": ("BATCH", "bundle_of"),
    "_bundle_facts": (
        "Licence",
        "NetworkRecord",
        "Parity",
        "ReducedPrecision",
        "References",
        "STORAGES",
        "LicensedSource",
    ),
    "_bundle_record": ("BundleRecord", "CALIBRATED_ON"),
    "_calibrated_on": ("file_of_marks", "is_marked", "marks_in", "marks_of"),
    "_cascade": ("Borders", "measure_reduced"),
    "_computation": ("Computation", "FLOAT32", "choose_precision"),
    "_decoding": ("DecodedImage", "decode_image"),
    "_embedding_writing": ("refuse_suffix", "write_embeddings"),
    "_embeddings": ("Embeddings", "read_embeddings"),
    "_explain": ("Explanation", "explain"),
    "_files": (
        "CARD",
        "KNOWN_FILES",
        "MARKS",
        "MODEL",
        "RECORD",
        "REFERENCE_TABLE",
        "TYPICAL",
        "read_bundle_folder",
        "refuse_inside_bundle",
        "write_record",
    ),
    "_gate_over_sources": ("fit_gate_over_sources",),
    "_headline": ("LEAST_CASES", "ModelHeadline"),
    "_measured_figures": ("Kind", "MeasuredFigures"),
    "_heads": ("HEAD_FILE", "Head", "LinearHead", "TreeHead", "mean_head", "read_head", "write_head"),
    "_hub": ("PushedBundle", "pull", "push"),
    "_image_statistics": ("FAULTS", "STYLE", "content_box", "image_statistics"),
    "_input_gate": ("InputGate", "RULES", "fit_gate", "loosen_gate"),
    "_json_reader": ("Fields",),
    "_known_answer": ("KnownAnswer", "known_embedding", "known_picture"),
    "_ood_score": ("OodScore", "TypicalEmbeddings", "fit_typical_embeddings"),
    "_lesion_answers": ("answers_by_lesion", "lesion_rule_of"),
    "_opening": ("kind_of", "open_bundle", "open_model", "place_of"),
    "_openvino": ("bfloat16_network",),
    "_outputs": ("Network", "Outputs", "run_batches"),
    "_overlay": ("draw_map", "draw_overlay"),
    "_patient_context": ("patient_context",),
    "_processor": ("cpu_flags", "has_any", "multiplies_bfloat16"),
    "_references": ("ReferenceCases", "nearest", "unit_rows"),
    "_runtime": ("Model",),
    "_scores": ("Scores", "describe_scores"),
    "_session": ("EMBEDDINGS", "INPUT", "METADATA", "OnnxNetwork", "silence_onnxruntime", "usable_cores"),
    "_versions": (
        "SHIPPED",
        "ShippedVersion",
        "all_versions",
        "is_shipped",
        "shipped_folder",
        "version_named",
    ),
}
__getattr__ = lazy_names(__name__, {name: f"{__name__}.{module}" for module, names in _WHERE.items() for name in names})
