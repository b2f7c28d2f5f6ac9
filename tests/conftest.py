"""What many tests use."""

import os
from pathlib import Path

import pytest

from graphscope.repl.alike import first_difference


class Transcript:
    """Compares texts of sessions: see `graphscope.repl.alike`."""

    folder = Path(__file__).parent / "transcripts"

    def same(self, actual, expected):
        difference = first_difference(actual, expected)
        if difference is not None:
            number, line, wanted = difference
            pytest.fail(
                f"line {number} is\n  {line}\nand should be\n  {wanted}\n\nall of it:\n{actual}"
            )

    def same_as_file(self, actual, name):
        self.same(actual, (self.folder / name).read_text())

    def kept(self, actual, name):
        """The same as in a file; GRAPHSCOPE_UPDATE_TRANSCRIPTS=1 writes it, to be read."""
        if os.environ.get("GRAPHSCOPE_UPDATE_TRANSCRIPTS"):
            (self.folder / name).write_text(actual)
        self.same_as_file(actual, name)


@pytest.fixture
def transcript():
    return Transcript()
