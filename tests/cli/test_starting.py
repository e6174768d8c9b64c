"""What one photograph costs before the network is asked: modules that `lentigo predict` does not load."""

import subprocess
import sys

NEEDLESS = {"rich", "numpy.ma", "zipfile", "tomllib", "importlib.metadata", "tempfile", "torch", "pandas", "scipy"}
PROGRAM = """
import sys
from lentigo.cli import main
sys.argv = ["lentigo", "predict", *sys.argv[1:]]
try:
    main()
finally:
    print("loaded:", *sys.modules)
"""


def test_predicting_one_photograph_loads_no_more_than_it_needs(bundle_folder, photo):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(bundle_folder), str(photo)], capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.rpartition("loaded:")[2].split())
    assert "lentigo.model._runtime" in loaded
    assert loaded & NEEDLESS == set()
