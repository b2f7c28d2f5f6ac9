"""Writes graphscope/formats/signatures.tsv: what TensorFlow 1.15.5 knows of its operations.

    python tests/goldens/make_signatures.py

A line is an operation: its name, inputs, outputs and attributes. An input is ``name:type``, where
the type is that of an attribute or a number of DataType after ``@``; ``N*T`` is a list of N,
``*T`` a list whose types are in the attribute T, ``&`` the place of a variable. An attribute is
``name:kind``, or ``name:kind=default`` in JSON. Runs with TensorFlow 1.15.
"""

import json
import os

from tensorflow.core.framework import op_def_pb2
from tensorflow.python import pywrap_tensorflow

LEFT_OUT = ("BoostedTrees", "TPU", "Xla", "Nccl", "Experimental", "TensorForest", "Collective")
HERE = os.path.dirname(os.path.abspath(__file__))


def argument(arg):
    if arg.type_list_attr:
        kind = "*" + arg.type_list_attr
    else:
        kind = arg.type_attr or "@%d" % arg.type
        if arg.number_attr:
            kind = arg.number_attr + "*" + kind
    return ("&" if arg.is_ref else "") + arg.name + ":" + kind


def plain(value):
    which = value.WhichOneof("value")
    if which == "s":
        return value.s.decode("latin-1")
    if which in ("i", "f", "b", "type"):
        return getattr(value, which)
    if which == "shape":
        return None if value.shape.unknown_rank else [d.size for d in value.shape.dim]
    if which == "list":
        of = value.list
        listed = list(of.i) or list(of.f) or list(of.b) or list(of.type)
        return listed or [text.decode("latin-1") for text in of.s]
    return None


def attribute(attr):
    text = attr.name + ":" + attr.type
    if attr.HasField("default_value"):
        text += "=" + json.dumps(plain(attr.default_value), separators=(",", ":"))
    return text


def main():
    ops = op_def_pb2.OpList()
    ops.ParseFromString(pywrap_tensorflow.TF_GetBuffer(pywrap_tensorflow.TF_GetAllOpList()))
    path = os.path.join(HERE, "..", "..", "graphscope", "formats", "signatures.tsv")
    with open(path, "w") as file:
        for op in sorted(ops.op, key=lambda op: op.name):
            if op.name.startswith("_") or any(word in op.name for word in LEFT_OUT):
                continue
            parts = [op.input_arg, op.output_arg]
            fields = [op.name, *(" ".join(map(argument, args)) for args in parts)]
            file.write("\t".join([*fields, " ".join(map(attribute, op.attr))]) + "\n")


if __name__ == "__main__":
    main()
