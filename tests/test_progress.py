from lentigo.progress import silent, terminal_tracker


def test_trackers_hand_on_every_item_in_order():
    assert list(silent(range(3), "reading", 3)) == [0, 1, 2]
    with terminal_tracker() as track:
        assert list(track(range(3), "reading", 6, unit=2)) == [0, 1, 2]
        assert list(track([], "nothing", 0)) == []
