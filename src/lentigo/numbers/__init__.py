"""Numbers: predictions, metrics, calibration and evaluation."""
