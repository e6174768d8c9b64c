"""What `lentigo split` warns of is said once."""

import numpy as np
from click.testing import CliRunner
from PIL import Image

from lentigo.cli import group


def test_a_column_that_behaves_like_an_id_is_named_once(tmp_path, caplog):
    rng = np.random.default_rng(0)
    lines = ["image_id,dx,visit_no"]
    for k in range(24):
        Image.fromarray(rng.integers(0, 255, (16, 16, 3), dtype=np.uint8)).save(tmp_path / f"i{k}.png")
        lines.append(f"i{k},{'mel' if k % 2 else 'nv'},C{k // 3}")
    (tmp_path / "t.csv").write_text("\n".join(lines) + "\n")
    done = CliRunner().invoke(group, ["split", str(tmp_path / "t.csv"), "--out", str(tmp_path / "m.csv")])
    assert done.exit_code == 0, done.output
    assert f"{caplog.text}{done.output}".count("behaves like an id") == 1  # of the log and the result
