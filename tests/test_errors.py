import pickle

import lentigo.errors as errors
from lentigo.errors import LentigoError, MissingExtraError, name_offenders, suggest
from lentigo.installing import install_line


def test_every_error_is_a_lentigo_error():
    kinds = [getattr(errors, name) for name in errors.__all__ if name.endswith("Error")]
    assert len(kinds) == 18
    assert all(issubclass(kind, LentigoError) for kind in kinds)


def test_the_tree_in_the_docstring_names_every_error():
    for name in errors.__all__:
        if name.endswith("Error"):
            assert name in errors.__doc__


def test_only_the_first_five_offenders_are_named():
    assert name_offenders(range(9)) == "0, 1, 2, 3, 4 (+4)"
    assert name_offenders(range(5)) == "0, 1, 2, 3, 4"


def test_nothing_is_suggested_when_nothing_is_close():
    assert suggest("zzz", ["melanoma", "nevus"]) == ""


def test_a_missing_extra_names_the_install_line():
    error = MissingExtraError("pyarrow", extra="parquet", purpose="read Parquet")
    assert str(error).endswith(f"Install it with: {install_line('parquet')}")


def test_a_missing_extra_comes_home_from_another_process():
    error = pickle.loads(pickle.dumps(MissingExtraError("pyarrow", extra="parquet", purpose="read Parquet")))
    assert isinstance(error, MissingExtraError)
    assert str(error) == f"pyarrow is needed to read Parquet. Install it with: {install_line('parquet')}"
