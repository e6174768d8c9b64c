"""The predictions waist: one row an image, its target and one probability a class, as a CSV anyone's model can write.

Calibration, evaluation, comparison and reports need only this file. Its columns are those of an ISIC challenge
submission (`image` and one column a class) with `target` between them; a submission without `target` is read as
unlabelled. Numbers are written so that reading them back gives the same float64, bit for bit.
"""

from lentigo.predictions.checks import ROW_SUM_TOLERANCE
from lentigo.predictions.reading import ANSWER_COLUMNS
from lentigo.predictions.record import Predictions

__all__ = ["ANSWER_COLUMNS", "ROW_SUM_TOLERANCE", "Predictions"]
