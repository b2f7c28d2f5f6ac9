"""Writes graphscope/formats/edits/versions.tsv: which version of TensorFlow knows what.

    python make_versions.py list ops_1.4.json       with TensorFlow 1.4.1
    python make_versions.py list ops_1.15.json      with TensorFlow 1.15.5
    python make_versions.py list ops_2.json         with TensorFlow 2.21.0
    python make_versions.py write ops_1.4.json ops_1.15.json ops_2.json

The table has what is not the same in all three. A line is an operation: its name, the versions
that have it ("" for all), and its attributes that some of these do not have: ``name:kind=default``,
``@`` and the first version that has it.
"""

import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
VERSIONS = ("1.4", "1.15", "2")


def listed(path):
    from make_signatures import attribute
    from tensorflow.core.framework import op_def_pb2

    try:
        from tensorflow.python import pywrap_tensorflow as api

        buffer = api.TF_GetAllOpList()
    except AttributeError:
        from tensorflow.python.client import pywrap_tf_session as api

        buffer = api.TF_GetAllOpList()
    ops = op_def_pb2.OpList()
    ops.ParseFromString(api.TF_GetBuffer(buffer))
    found = {op.name: {a.name: attribute(a) for a in op.attr} for op in ops.op}
    with open(path, "w") as file:
        json.dump(found, file)


def written(*paths):
    known = []
    for path in paths:
        with open(path) as file:
            known.append(json.load(file))
    lines = []
    for name in sorted({name for ops in known for name in ops}):
        if name.startswith("_"):
            continue
        having = [ops for ops in known if name in ops]
        versions = [v for v, ops in zip(VERSIONS, known) if name in ops]
        attrs = []
        for attr in having[-1][name]:
            first = next(v for v, ops in zip(VERSIONS, known) if attr in ops.get(name, ()))
            if first != versions[0]:
                attrs.append(having[-1][name][attr] + "@" + first)
        told = "" if len(versions) == len(VERSIONS) else ",".join(versions)
        if told or attrs:
            lines.append("\t".join([name, told, " ".join(sorted(attrs))]) + "\n")
    path = os.path.join(HERE, "..", "..", "graphscope", "formats", "edits", "versions.tsv")
    with open(path, "w") as file:
        file.writelines(lines)


if __name__ == "__main__":
    {"list": listed, "write": written}[sys.argv[1]](*sys.argv[2:])
