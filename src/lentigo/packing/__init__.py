"""From a network and what was decided to the folder of a bundle: what export and recalibration share; no torch.

decided     what a calibration decided, as a bundle keeps it
validation  what the images it was calibrated on decide besides, and how answers about them are spread
card        model_card.md
folder      all files, or none
"""
