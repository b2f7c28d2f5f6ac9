"""Python's garbage collector is as it was, once what it had to wait for is done."""

import contextlib
import gc

import pytest

from graphscope.kernels.collecting import paused, rarely


@pytest.mark.parametrize("before", [(700, 10, 10), (500_000, 5, 5), (0, 10, 10)])
def test_what_was_chosen_for_the_collector_is_restored(before):
    kept = gc.get_threshold()
    gc.set_threshold(*before)
    try:
        with contextlib.suppress(KeyError), rarely():
            inside = gc.get_threshold()
            raise KeyError
        assert gc.get_threshold() == before
    finally:
        gc.set_threshold(*kept)
    assert inside[1:] == before[1:]
    assert inside[0] >= 200_000 or inside[0] == before[0] == 0  # 0 is never


def test_nothing_is_collected_while_it_is_paused():
    assert gc.isenabled()
    with contextlib.suppress(KeyError), paused():
        assert not gc.isenabled()
        raise KeyError
    assert gc.isenabled()
