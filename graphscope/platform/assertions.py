"""Comparisons that test cases of TensorFlow's have beside those of `unittest`."""

from __future__ import annotations

import re
import sys
import unittest
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from graphscope.graph import nest
from graphscope.platform.textformat import parsed

# Their names, and the order of their arguments, are those of absl.testing.absltest.


class Assertions(unittest.TestCase):
    """What `TestCase` says of sequences, texts and messages."""

    # Names of Python 2.7, which newer Pythons have no more.
    assertEquals = unittest.TestCase.assertEqual
    assertNotEquals = unittest.TestCase.assertNotEqual
    assertAlmostEquals = unittest.TestCase.assertAlmostEqual
    assertNotAlmostEquals = unittest.TestCase.assertNotAlmostEqual
    assertRaisesRegexp = unittest.TestCase.assertRaisesRegex
    assertRegexpMatches = unittest.TestCase.assertRegex
    assertNotRegexpMatches = unittest.TestCase.assertNotRegex
    assertItemsEqual = unittest.TestCase.assertCountEqual
    assert_ = failUnless = unittest.TestCase.assertTrue
    failUnlessEqual = unittest.TestCase.assertEqual
    failIf = unittest.TestCase.assertFalse
    failIfEqual = unittest.TestCase.assertNotEqual

    # ---- sequences -----------------------------------------------------------------------------

    def assertLen(self, container: Any, expected_len: int, msg: Any = None) -> None:
        self.assertEqual(len(container), expected_len, msg)

    def assertEmpty(self, container: Any, msg: Any = None) -> None:
        self.assertEqual(len(container), 0, msg)

    def assertNotEmpty(self, container: Any, msg: Any = None) -> None:
        self.assertGreater(len(container), 0, msg)

    def assertSameElements(self, expected_seq: Any, actual_seq: Any, msg: Any = None) -> None:
        """The same elements, each any number of times and in any order."""
        both = [list(expected_seq), list(actual_seq)]
        only = [[x for x in a if x not in b] for a, b in (both, both[::-1])]
        self.assertEqual(only, [[], []], msg)

    def assertContainsSubset(self, expected_subset: Any, actual_set: Any, msg: Any = None) -> None:
        self.assertEqual([x for x in expected_subset if x not in actual_set], [], msg)

    def assertNoCommonElements(self, expected_seq: Any, actual_seq: Any, msg: Any = None) -> None:
        self.assertEqual([x for x in expected_seq if x in actual_seq], [], msg)

    def assertSequenceStartsWith(self, prefix: Any, whole: Any, msg: Any = None) -> None:
        self.assertEqual(list(whole)[: len(prefix)], list(prefix), msg)

    def assertSequenceAlmostEqual(
        self,
        expected_seq: Sequence[Any],
        actual_seq: Sequence[Any],
        places: int | None = None,
        msg: Any = None,
        delta: float | None = None,
    ) -> None:
        self.assertLen(actual_seq, len(expected_seq), msg)
        compare: Any = self.assertAlmostEqual
        for expected, actual in zip(expected_seq, actual_seq, strict=True):
            compare(expected, actual, places, msg, delta)

    def assertContainsInOrder(self, strings: Any, target: str, msg: Any = None) -> None:
        """The texts are found in the target one behind the other."""
        at = 0
        for text in [strings] if isinstance(strings, str) else strings:
            found = target.find(text, at)
            self.assertGreaterEqual(found, at, msg or f"{text!r} is not behind {target[:at]!r}")
            at = found

    def assertContainsSubsequence(self, container: Any, subsequence: Any, msg: Any = None) -> None:
        """The elements are there in this order, with others between them or not."""
        rest = iter(container)
        self.assertEqual([x for x in subsequence if x not in rest], [], msg)

    def assertContainsExactSubsequence(
        self, container: Any, subsequence: Any, msg: Any = None
    ) -> None:
        """The elements are there in this order and side by side."""
        whole, part = list(container), list(subsequence)
        places = range(len(whole) - len(part) + 1)
        self.assertTrue(any(whole[i : i + len(part)] == part for i in places), msg)

    def assertTotallyOrdered(self, *groups: Any, msg: Any = None) -> None:
        """Each member of a group is equal to the others, and smaller than those of later groups."""
        for i, group in enumerate(groups):
            for a in group:
                self.assertTrue(all(a == b for b in group), msg)
                self.assertTrue(all(a < b for later in groups[i + 1 :] for b in later), msg)

    def assertSameStructure(
        self, a: Any, b: Any, aname: str = "a", bname: str = "b", msg: Any = None
    ) -> None:
        """Equal lists, tuples and dicts; the first difference is named by its place."""
        for place, (x, y) in enumerate(zip(nest.flatten(a), nest.flatten(b), strict=False)):
            self.assertEqual(x, y, msg or f"{aname} and {bname} differ in value {place}")
        self.assertEqual(a, b, msg)

    # ---- numbers and texts ---------------------------------------------------------------------

    def assertBetween(self, value: Any, minv: Any, maxv: Any, msg: Any = None) -> None:
        self.assertTrue(minv <= value <= maxv, msg or f"{value} is not in [{minv}, {maxv}]")

    def assertStartsWith(self, actual: Any, expected_start: Any, msg: Any = None) -> None:
        if not actual.startswith(expected_start):
            self.fail(f"{actual!r} does not start with {expected_start!r} {msg or ''}")

    def assertEndsWith(self, actual: Any, expected_end: Any, msg: Any = None) -> None:
        if not actual.endswith(expected_end):
            self.fail(f"{actual!r} does not end with {expected_end!r} {msg or ''}")

    def assertNotStartsWith(self, actual: Any, unexpected_start: Any, msg: Any = None) -> None:
        if actual.startswith(unexpected_start):
            self.fail(f"{actual!r} starts with {unexpected_start!r} {msg or ''}")

    def assertNotEndsWith(self, actual: Any, unexpected_end: Any, msg: Any = None) -> None:
        if actual.endswith(unexpected_end):
            self.fail(f"{actual!r} ends with {unexpected_end!r} {msg or ''}")

    def assertRegexMatch(self, actual_str: str, regexes: Any, message: Any = None) -> None:
        """At least one of the expressions has a match in the text."""
        self.assertRegex(actual_str, "|".join(f"(?:{regex})" for regex in regexes), message)

    @contextmanager
    def assertRaisesWithLiteralMatch(
        self, expected_exception: type[BaseException], expected_exception_message: str
    ) -> Iterator[None]:
        """The block raises an error with this text, and no other."""
        with self.assertRaises(expected_exception) as caught:
            yield
        self.assertEqual(str(caught.exception), expected_exception_message)

    # ---- messages ------------------------------------------------------------------------------

    def assertProtoEquals(
        self, expected_message_maybe_ascii: Any, message: Any, msg: Any = None
    ) -> None:
        """The message has these fields, given as a message or in the text format, and no others."""
        expected = str(expected_message_maybe_ascii)
        self.assertEqual(parsed(expected), parsed(str(message)), msg)

    # ---- what is printed -----------------------------------------------------------------------

    @contextmanager
    def captureWritesToStream(self, stream: Any) -> Iterator[_Captured]:
        """What is written to ``sys.stdout`` or ``sys.stderr`` in the block, as `contents()`."""
        captured, write = _Captured(), stream.write
        stream.write = captured.add
        try:
            yield captured
        finally:
            stream.write = write
            sys.stdout.flush()


class _Captured:
    """The texts that a stream was given."""

    def __init__(self) -> None:
        self._parts: list[str] = []

    def add(self, text: str) -> int:
        self._parts.append(text)
        return len(text)

    def contents(self) -> str:
        return "".join(self._parts)


def text_of_error(error: BaseException, message: str) -> str:
    """The error's text, and the operations that it comes from, one a line."""
    lines, op = [message], getattr(error, "op", None)
    while op is not None:
        lines.append(f"Caused by: {op.name}")
        op = op.gradient_of
    return "\n".join(lines)


def matches(expected: str | Callable[[Any], bool], error: BaseException, message: str) -> bool:
    """Whether the error is the expected one: by an expression in its text, or by a function."""
    if callable(expected):
        return bool(expected(error))
    return re.search(expected, text_of_error(error, message)) is not None
