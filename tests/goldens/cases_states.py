"""Cases of variables that are written: in whole, in rows, counted, asked for; and of summaries."""

import numpy as np
from goldens.case import case, floats, ints, normal

TABLE, DOUBLE_TABLE = normal(4, 3), normal(3, 2).astype("f8")
ROWS, DOUBLE_ROWS = normal(2, 3), normal(2, 2).astype("f8")
AT = ints(2, 0)
SCATTERS = ("update", "add", "sub", "mul", "div", "min", "max")
RAW = {"min": "ResourceScatterMin", "max": "ResourceScatterMax", "mul": "ResourceScatterMul"}


def begun(tf, value, resource=False):
    """A variable, and the block in which it has its first value."""
    variable = tf.Variable(value, trainable=False, use_resource=resource)
    return variable, tf.control_dependencies([variable.initializer])


def after(tf, write, read):
    with tf.control_dependencies([write]):
        return tf.identity(read(), name="after")


def add_scatters():
    groups = (TABLE, ROWS), (DOUBLE_TABLE, DOUBLE_ROWS), (ints([5, 6], [7, 8]), ints([2, 3]))

    def by_reference(tf, table, rows, how):
        variable, first = begun(tf, table)
        with first:
            written = getattr(tf, f"scatter_{how}")(variable, AT[: len(rows)] % 2, rows)
        return tf.identity(written, name="after")

    def resource(tf, table, rows, how):
        variable, first = begun(tf, table, resource=True)
        scatter = getattr(tf.raw_ops, "ResourceScatter" + how.title())
        with first:
            write = scatter(resource=variable.handle, indices=AT[: len(rows)] % 2, updates=rows)
        return after(tf, write, variable.read_value)

    for how in SCATTERS:
        whole = groups if how != "div" else groups[:2]
        for kind, build in (("reference", by_reference), ("resource", resource)):
            for table, rows in whole:
                case(
                    f"scatter_{how}/{kind}/{table.dtype.name}",
                    lambda tf, t=table, r=rows, h=how, f=build: f(tf, t, r, h),
                )


def add_nd_scatters():
    places, elements = [[2, 1], [0, 0]], normal(2)

    def by_reference(tf, table, at, updates, how):
        variable, first = begun(tf, table)
        with first:
            written = getattr(tf, f"scatter_nd_{how}")(variable, at, updates)
        return tf.identity(written, name="after")

    def resource(tf, table, at, updates, how):
        variable, first = begun(tf, table, resource=True)
        with first:
            write = getattr(variable, f"scatter_nd_{how}")(at, updates)
        return tf.identity(write, name="after")

    for how in ("update", "add", "sub"):
        for kind, build in (("reference", by_reference), ("resource", resource)):
            case(
                f"scatter_nd_{how}/{kind}/elements",
                lambda tf, h=how, f=build: f(tf, TABLE, places, elements, h),
            )
            case(
                f"scatter_nd_{how}/{kind}/rows",
                lambda tf, h=how, f=build: f(tf, DOUBLE_TABLE, [[1], [0]], DOUBLE_ROWS, h),
            )


def add_resources():
    def written(tf, value, how):
        variable, first = begun(tf, value, resource=True)
        with first:
            write = getattr(variable, how)(value * 2, read_value=False)
        return after(tf, write, variable.read_value)

    for how in ("assign", "assign_add", "assign_sub"):
        for value in (TABLE, DOUBLE_TABLE):
            case(
                f"resource/{how}/{value.dtype.name}",
                lambda tf, v=value, h=how: written(tf, v, h),
            )

    def asked(tf, value, ask):
        variable, first = begun(tf, value, resource=True)
        with first:
            return ask(tf, variable)

    questions = {
        "shape": lambda tf, v: tf.raw_ops.VariableShape(input=v.handle),
        "shape/int64": lambda tf, v: tf.raw_ops.VariableShape(input=v.handle, out_type=tf.int64),
        "gather": lambda tf, v: tf.stop_gradient(v.sparse_read([1, 0, 1])),
        "gather_nd": lambda tf, v: tf.stop_gradient(v.gather_nd([[1, 0], [2, 1]])),
        "is_initialized": lambda tf, v: tf.identity(v.is_initialized()),
    }
    for name, ask in questions.items():
        for value in (TABLE, DOUBLE_TABLE):
            case(f"resource/{name}/{value.dtype.name}", lambda tf, v=value, f=ask: asked(tf, v, f))


def add_slices():
    """Writing a part of a variable."""
    keys = {
        "row": (slice(1, None), slice(None, None, 2)),
        "element": (0, -1),
        "axes": (Ellipsis, None, slice(None, None, -1)),
    }

    def written(tf, table, key, resource):
        variable, first = begun(tf, table, resource)
        with first:
            write = variable[key].assign(table[key] * 2 + 1)
        return tf.identity(write, name="after")

    for name, key in keys.items():
        for table in (TABLE, DOUBLE_TABLE):
            for resource in (False, True):
                case(
                    f"slice_assign/{name}/{table.dtype.name}/{resource}",
                    lambda tf, t=table, k=key, r=resource: written(tf, t, k, r),
                )


def add_references():
    """What is written through the place that a reference stands for is written."""

    def passed(tf, value):
        variable, first = begun(tf, value)
        with first:
            same = tf.raw_ops.RefIdentity(input=variable._ref())
        return tf.identity(tf.assign_add(same, value), name="after")

    for value in (TABLE, DOUBLE_TABLE):
        case(f"ref_identity/{value.dtype.name}", lambda tf, v=value: passed(tf, v))


def add_counts():
    def counted(tf, value, resource):
        variable, first = begun(tf, value, resource)
        with first:
            step = tf.count_up_to(variable, 9)
            return tf.identity(step, name="counted")

    for value in (np.int32(3), np.int64(8)):
        for resource in (False, True):
            case(
                f"count_up_to/{value.dtype.name}/{resource}",
                lambda tf, v=value, r=resource: counted(tf, v, r),
            )

    def initialized(tf, value, begin):
        variable, first = begun(tf, value)
        with first if begin else tf.control_dependencies([]):
            return tf.is_variable_initialized(variable)

    for value in (TABLE, np.int64(3)):
        for begin in (True, False):
            case(
                f"is_variable_initialized/{value.dtype.name}/{begin}",
                lambda tf, v=value, b=begin: initialized(tf, v, b),
            )


def add_summaries():
    """The bytes that event files hold."""

    def coded(tf, summary):
        return tf.decode_raw(summary, tf.uint8)

    for value in (floats(0.5)[0], np.int32(3), np.float64(-1.25)):
        case(
            f"summary/scalar/{value.dtype.name}",
            lambda tf, v=value: coded(tf, tf.summary.scalar("level", v)),
        )
    for value in (normal(4, 3), ints(1, 1, 5), np.zeros(3)):
        case(
            f"summary/histogram/{value.dtype.name}",
            lambda tf, v=value: coded(tf, tf.summary.histogram("spread", v)),
        )
    case(
        "summary/merge",
        lambda tf: coded(
            tf, tf.summary.merge([tf.summary.scalar("a", 1.0), tf.summary.histogram("b", [2.0])])
        ),
    )
    case("summary/merge/all", lambda tf: coded(tf, merged(tf)))


def merged(tf):
    tf.summary.scalar("a", 0.25)
    tf.summary.scalar("b", 2.5)
    tf.summary.scalar("c", 0)
    return tf.summary.merge_all()


for _add in (
    add_scatters,
    add_nd_scatters,
    add_resources,
    add_slices,
    add_references,
    add_counts,
    add_summaries,
):
    _add()
