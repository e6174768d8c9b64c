"""The measures of `quality` as loops compiled by numba (the extra `fast`), for surveys of many photographs.

NumPy's way stays: it measures where numba is missing or there is little to measure, and is what tests compare with.

measuring  all of them for one photograph
types      of the loops' arguments
light      field, exposure, colour, corners
blur       how edges fade
shapes     strokes and characters: pixels that touch
rows       ticks in a row
colour     skin and ink
"""
