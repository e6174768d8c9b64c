import logging

from lentigo import parallel
from lentigo.parallel import map_in_processes

ITEMS = list(range(-20, 20))


def test_results_come_in_order_from_several_processes():
    assert list(map_in_processes(abs, ITEMS, workers=2)) == [abs(item) for item in ITEMS]


def test_a_few_items_start_no_process(monkeypatch):
    monkeypatch.delattr(parallel, "ProcessPoolExecutor")
    assert list(map_in_processes(abs, [-1, 2, -3], workers=8)) == [1, 2, 3]


def test_where_processes_cannot_be_started_a_loop_does_the_work(monkeypatch, caplog):
    def refuse(*args, **kwargs):
        raise OSError("no semaphores here")

    monkeypatch.setattr(parallel, "ProcessPoolExecutor", refuse)
    with caplog.at_level(logging.WARNING):
        assert list(map_in_processes(abs, ITEMS, workers=2)) == [abs(item) for item in ITEMS]
    assert "no semaphores here" in caplog.text
