"""six and absl, as far as scripts of TensorFlow 1 use them, where they are not installed."""

import importlib
import importlib.util
import pickle
import sys

import pytest

from graphscope import compat
from graphscope.compat.companions import COMPANIONS, CompanionFinder
from graphscope.platform import flags


@pytest.fixture
def alone(monkeypatch):
    """The libraries are not installed."""
    for name in list(sys.modules):
        if name.partition(".")[0] in ("six", "absl"):
            monkeypatch.delitem(sys.modules, name)
    with compat.installed():
        sys.meta_path.remove(CompanionFinder)
        sys.meta_path.insert(0, CompanionFinder)
        yield


def test_they_are_found_last():
    with compat.installed():
        assert sys.meta_path[-1] is CompanionFinder
    assert CompanionFinder not in sys.meta_path


def test_nothing_stays_of_them(alone):
    importlib.import_module("absl.app")
    with compat.installed():
        assert "absl.app" not in sys.modules


@pytest.mark.parametrize("name", COMPANIONS)
def test_every_stand_in_can_be_imported(alone, name):
    assert importlib.import_module(name).__name__ == name


def test_six(alone):
    import six
    from six.moves import reduce, urllib, xrange
    from six.moves import zip as pairs
    from six.moves.urllib.parse import urlparse

    assert list(pairs(xrange(2), "ab")) == [(0, "a"), (1, "b")]
    assert reduce(max, [1, 3, 2]) == 3
    assert urllib.parse.quote("a b") == "a%20b"
    assert urlparse("http://here/there").path == "/there"
    assert six.moves.cPickle is pickle
    assert sorted(six.iteritems({"a": 1, "b": 2})) == [("a", 1), ("b", 2)]
    assert isinstance("text", six.string_types)
    assert six.ensure_str(b"a") == six.ensure_text("a") == "a"
    assert six.ensure_binary("a") == six.b("a") == b"a"
    with pytest.raises(TypeError):
        six.ensure_str(1)


def test_metaclasses(alone):
    import six

    class Meta(type):
        pass

    @six.add_metaclass(Meta)
    class Decorated:
        number = 3

    class Derived(six.with_metaclass(Meta, dict)):
        pass

    assert (type(Decorated), Decorated.number) == (Meta, 3)
    assert (type(Derived), Derived(a=1)) == (Meta, {"a": 1})


def test_exceptions(alone):
    import six

    with pytest.raises(KeyError) as caught:
        six.raise_from(KeyError("a"), ValueError("b"))
    assert isinstance(caught.value.__cause__, ValueError)
    with pytest.raises(KeyError) as again:
        six.reraise(*caught._excinfo)
    assert again.value is caught.value


def test_absl_has_the_flags_of_tensorflow(alone, monkeypatch):
    from absl import app
    from absl import flags as own

    monkeypatch.setattr(flags, "FLAGS", flags.FLAGS)
    own.DEFINE_integer("stand_in_count", 3, "how many")
    try:
        with pytest.raises(SystemExit) as ended:
            app.run(
                lambda rest: (own.FLAGS.stand_in_count, rest[1:]), ["x", "--stand_in_count=4", "a"]
            )
        assert ended.value.code == (4, ["a"])
    finally:
        del own.FLAGS.stand_in_count
        own.FLAGS.unparse_flags()


class _OtherFlags(dict):
    """As those of absl: they read what is theirs, and leave the rest."""

    def __call__(self, argv, known_only=False):
        assert known_only
        self["seen"] = [word for word in argv if word == "--other"]
        return [word for word in argv if word != "--other"]

    def __getattr__(self, name):
        return self[name]


def test_flags_of_absl_are_read_too(monkeypatch):
    other = _OtherFlags(rate=0.5)
    monkeypatch.setitem(sys.modules, "absl.flags", type("M", (), {"FLAGS": other}))
    try:
        assert flags.FLAGS(["x", "--other", "word"]) == ["x", "word"]
        assert flags.FLAGS.seen == ["--other"]
        assert flags.FLAGS.rate == 0.5
        with pytest.raises(AttributeError):
            flags.FLAGS.nowhere  # noqa: B018
    finally:
        flags.FLAGS.unparse_flags()
