"""Evaluation, comparison and external validation as text for a terminal."""
