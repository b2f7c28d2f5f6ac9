"""Damaged and hostile versions of files: bytes changed, ends cut off, lengths that lie, checksums
that are right again, messages in each other too deep, names that lead out of the folder."""

import io
import struct

from graphscope.kernels import tables
from graphscope.kernels.protobuf import data, varint
from graphscope.kernels.records import framed, records

#: What stands in for a name in a file.
_CLIMBING = (b"../../../../etc/passwd", b"/etc/passwd", b"..", b"a/../../b", b"\0", b"\xff\xfe")
#: Numbers that are no lengths, shapes or types.
_LARGE = tuple(varint(n) for n in ((1 << 63) - 1, -1, 1 << 40, 0x7FFFFFFF, 99))


def mutated(content, rng):
    """The content changed in one way, or a few."""
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        content = rng.choice(_WAYS)(bytearray(content), rng)
    return content


def _flipped(content, rng):
    for _ in range(rng.choice((1, 1, 3, 10))):
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    return bytes(content)


def _cut(content, rng):
    return bytes(content[: rng.randrange(len(content))] or b"\0")


def _without(content, rng):
    at = rng.randrange(len(content))
    del content[at : at + rng.choice((1, 2, 7, 100))]
    return bytes(content or b"\0")


def _repeated(content, rng):
    at = rng.randrange(len(content))
    content[at:at] = content[at : at + rng.choice((3, 40, 400))] * rng.choice((1, 20))
    return bytes(content)


def _lying(content, rng):
    at = rng.randrange(len(content))
    large = rng.choice(_LARGE)
    content[at : at + rng.choice((0, 1))] = large
    return bytes(content)


def _climbing(content, rng):
    """A text of the file has another content of the same length, as far as that goes."""
    at, name = rng.randrange(len(content)), rng.choice(_CLIMBING)
    content[at : at + len(name)] = name
    return bytes(content)


def _nested(content, rng):
    deep = b""
    for _ in range(rng.choice((60, 70, 500))):
        deep = data(rng.choice((1, 2, 5, 10)), deep)
    at = rng.randrange(len(content))
    return bytes(content[:at]) + deep + bytes(content[at:])


_WAYS = (_flipped, _flipped, _cut, _without, _repeated, _lying, _lying, _climbing, _nested)


def sealed(path, content, rng):
    """A mutated version of a file, whose checksums are right again."""
    if tables.is_table(content):
        entries = list(tables.entries(content))
        at = rng.randrange(len(entries))
        key, value = entries[at]
        if rng.random() < 0.2 and key:
            key = mutated(key, rng)
        else:
            value = mutated(value or b"\0", rng)
        entries[at] = key, value
        return tables.written(sorted(dict(entries).items()))
    if "tfevents" in path.name:
        held = list(records(io.BytesIO(content), len(content)))
        at = rng.randrange(len(held))
        held[at] = mutated(held[at], rng)
        return b"".join(map(framed, held))
    return mutated(content, rng)


def bombs():
    """Small files that claim to be large: their names and contents."""
    deep = b""
    for _ in range(20000):
        deep = data(1, deep)[: 1 << 16]
    yield "deep.pb", data(1, data(1, b"a") + data(2, b"NoOp")) + data(2, deep)
    text = "node { attr { key: 'a' value { list { func { attr { key: 'b' value {"
    yield "deep.pbtxt", (text * 2000).encode()
    yield "brackets.pbtxt", b"node: " + b"[" * 100000
    yield "quote.pbtxt", b'node { name: "' + b"\\\\" * 50000
    yield "blank.pbtxt", b"node {" + b"#\n" * 100000
    many = data(1, data(1, b"a") + data(2, b"NoOp"))
    yield "twice.pb", many * 5000
    shape = b"".join(data(2, b"\x08" + varint((1 << 62) - 1)) for _ in range(2000))
    tensor = b"\x08\x01" + data(2, shape)
    value = data(5, data(1, b"value") + data(2, data(8, tensor)))
    yield "shape.pb", data(1, data(1, b"c") + data(2, b"Const") + value)
    dims = data(7, shape)
    variable = data(1, b"v") + data(2, b"VariableV2") + data(5, data(1, b"shape") + data(2, dims))
    yield "variable.pb", data(1, variable)
    counts = data(5, data(1, b"num_split") + data(2, b"\x18" + varint(1 << 40)))
    yield "outputs.pb", data(1, data(1, b"s") + data(2, b"Split") + counts)
    ring = data(1, data(1, b"a") + data(2, b"Identity") + data(3, b"a:99999999999999999999"))
    yield "ring.pb", ring
    yield "events.out.tfevents.9", struct.pack("<QI", 1 << 60, 0) + b"x" * 100
