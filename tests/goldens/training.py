"""Cases of training: optimizers for five steps, learning rates, averages, initializers, scopes.

`TRAINING` maps an id to a builder, which takes the `tensorflow` module and returns
``(run, values)``: what one step runs (or None), and what is looked at after every step, by name.
"""

import numpy as np

TRAINING = {}
STEPS = 5

START = np.array([[0.9, -1.2, 0.05], [1.5, 0.4, -0.7], [-0.3, 2.2, 0.6], [0.1, -0.8, 1.1]])
TARGET = np.array([[1.0, -1.0, 0.5], [-0.5, 0.25, 2.0], [0.0, 1.5, -1.0], [0.3, 0.2, 0.1]])
BIAS = np.array([0.5, -0.25, 1.0])
IDS = [[2, 0], [2, 3], [0, 2]]  # rows that come twice, and one (1) that never comes

OPTIMIZERS = {
    "GradientDescent": {},
    "Momentum": {"momentum": 0.9},
    "Momentum/nesterov": {"momentum": 0.8, "use_nesterov": True},
    "Adam": {},
    "Adam/betas": {"beta1": 0.7, "beta2": 0.95, "epsilon": 1e-3},
    "RMSProp": {},
    "RMSProp/momentum": {"decay": 0.7, "momentum": 0.5, "epsilon": 1e-2},
    "RMSProp/centered": {"centered": True, "momentum": 0.3},
    "Adagrad": {},
    "Adagrad/initial": {"initial_accumulator_value": 1.5},
    "Adadelta": {"rho": 0.8, "epsilon": 1e-4},
    "Ftrl": {},
    "Ftrl/penalties": {
        "l1_regularization_strength": 0.05,
        "l2_regularization_strength": 0.1,
        "initial_accumulator_value": 0.3,
    },
    "Ftrl/power": {"learning_rate_power": -0.3, "l1_regularization_strength": 0.02},
    "Ftrl/shrinkage": {"l2_shrinkage_regularization_strength": 0.2},
    "ProximalGradientDescent": {},
    "ProximalGradientDescent/penalties": {
        "l1_regularization_strength": 0.3,
        "l2_regularization_strength": 0.2,
    },
    "ProximalAdagrad": {},
    "ProximalAdagrad/penalties": {
        "l1_regularization_strength": 0.3,
        "l2_regularization_strength": 0.2,
    },
    "AdagradDA": {},
    "AdagradDA/penalties": {
        "l1_regularization_strength": 0.02,
        "l2_regularization_strength": 0.1,
    },
}
#: Of tf.contrib.opt.
CONTRIB = {
    "Nadam": {},
    "LazyAdam": {"beta1": 0.7},
    "MomentumW/nesterov": {"weight_decay": 0.02, "momentum": 0.8, "use_nesterov": True},
    "AdamW": {"weight_decay": 0.05},
}
#: One of each operation that writes chosen rows only.
OF_ROWS = (
    "Momentum",
    "RMSProp",
    "RMSProp/centered",
    "Adagrad",
    "Adadelta",
    "Ftrl",
    "Ftrl/shrinkage",
    "ProximalGradientDescent",
    "ProximalAdagrad",
    "AdagradDA",
)


def case(name):
    """Add the decorated builder as a case."""

    def add(build):
        assert name not in TRAINING, name
        TRAINING[name] = build
        return build

    return add


def optimizer(tf, kind, global_step, rate=0.1):
    """An optimizer by its name in the table."""
    if kind in CONTRIB:
        make = getattr(tf.contrib.opt, kind.partition("/")[0] + "Optimizer")
        return make(learning_rate=rate, **CONTRIB[kind])
    make = getattr(tf.train, kind.partition("/")[0] + "Optimizer")
    if kind.startswith("AdagradDA"):
        return make(rate, global_step, **OPTIMIZERS[kind])
    return make(rate, **OPTIMIZERS[kind])


def slots(tf, made, variables):
    """Everything that the optimizer keeps beside the variables."""
    found = {}
    for name in made.get_slot_names():
        for variable in variables:
            slot = made.get_slot(variable, name)
            if slot is not None:
                found[f"{name} of {variable.op.name}"] = slot
    return found


def dense(tf, kind, dtype, resource=False):
    w = tf.Variable(START.astype(dtype), name="W", use_resource=resource)
    b = tf.Variable(BIAS.astype(dtype), name="b", use_resource=resource)
    step = tf.train.get_or_create_global_step()
    made = optimizer(tf, kind, step)
    loss = tf.reduce_sum(tf.square(w * b - TARGET.astype(dtype)))
    train = made.minimize(loss, global_step=step)
    return train, dict(slots(tf, made, [w, b]), W=w, b=b, step=step, loss=loss)


def sparse(tf, kind, dtype, resource=False, columns=3):
    table = tf.Variable(START[:, :columns].astype(dtype), name="table", use_resource=resource)
    step = tf.train.get_or_create_global_step()
    made = optimizer(tf, kind, step)
    rows = tf.nn.embedding_lookup(table, IDS)
    wanted = tf.constant(TARGET[np.array([[2, 0], [1, 3], [0, 3]]), :columns].astype(dtype))
    loss = tf.reduce_sum(tf.square(rows - wanted))
    train = made.minimize(loss, global_step=step)
    return train, dict(slots(tf, made, [table]), table=table, step=step, loss=loss)


def add_optimizers():
    for kind in OPTIMIZERS:
        case("dense/" + kind)(lambda tf, kind=kind: dense(tf, kind, "float32"))
        case("sparse/" + kind)(lambda tf, kind=kind: sparse(tf, kind, "float32"))
        case("resource/" + kind)(lambda tf, kind=kind: dense(tf, kind, "float32", True))
        case("sparse resource/" + kind)(lambda tf, kind=kind: sparse(tf, kind, "float32", True))
    for kind in CONTRIB:
        if "W" not in kind:  # when a ref variable decays, TensorFlow leaves open
            case("dense/" + kind)(lambda tf, kind=kind: dense(tf, kind, "float32"))
            case("sparse/" + kind)(lambda tf, kind=kind: sparse(tf, kind, "float32"))
        case("resource/" + kind)(lambda tf, kind=kind: dense(tf, kind, "float32", True))
        of_rows = "values of rows/" if kind == "LazyAdam" else "sparse resource/"
        case(of_rows + kind)(lambda tf, kind=kind: sparse(tf, kind, "float32", True))
    for kind in ("Adam", "Momentum", "RMSProp/centered", "Adagrad"):
        case("float64/" + kind)(lambda tf, kind=kind: dense(tf, kind, "float64"))
    for kind in OF_ROWS:
        for resource in (False, True):
            case(f"narrow sparse/{kind}/{resource}")(
                lambda tf, kind=kind, resource=resource: sparse(tf, kind, "float32", resource, 2)
            )
    for kind in ("GradientDescent", "Adam", "Momentum", "RMSProp", "Adagrad", "Adadelta"):
        case("half/" + kind)(lambda tf, kind=kind: dense(tf, kind, "float16"))
        case("sparse half/" + kind)(lambda tf, kind=kind: sparse(tf, kind, "float16"))


def add_decays():
    table = {
        "exponential": lambda tf, step: tf.train.exponential_decay(0.5, step, 3, 0.7),
        "exponential/staircase": lambda tf, step: tf.train.exponential_decay(
            0.5, step, 2, 0.7, staircase=True, name="rate"
        ),
        "natural_exp": lambda tf, step: tf.train.natural_exp_decay(0.5, step, 3, 0.7),
        "natural_exp/staircase": lambda tf, step: tf.train.natural_exp_decay(
            0.5, step, 2, 0.7, staircase=True
        ),
        "inverse_time": lambda tf, step: tf.train.inverse_time_decay(0.5, step, 3, 0.7),
        "inverse_time/staircase": lambda tf, step: tf.train.inverse_time_decay(
            0.5, step, 2, 0.7, staircase=True
        ),
        "polynomial": lambda tf, step: tf.train.polynomial_decay(0.5, step, 3, 0.01, power=2.0),
        "cosine": lambda tf, step: tf.train.cosine_decay(0.5, step, 4, alpha=0.1),
        "linear_cosine": lambda tf, step: tf.train.linear_cosine_decay(0.5, step, 4),
    }
    choices = {  # TensorFlow makes these with tf.cond
        "polynomial/cycle": lambda tf, step: tf.train.polynomial_decay(0.5, step, 2, cycle=True),
        "piecewise": lambda tf, step: tf.train.piecewise_constant(step, [0, 2], [0.5, 0.25, 0.1]),
        "cosine_restarts": lambda tf, step: tf.train.cosine_decay_restarts(0.5, step, 2),
        "cosine_restarts/equal": lambda tf, step: tf.train.cosine_decay_restarts(
            0.5, step, 2, t_mul=1.0, m_mul=0.5, alpha=0.1
        ),
    }
    for name, make in table.items():
        case("decay/" + name)(lambda tf, make=make: decaying(tf, make))
    for name, make in choices.items():
        case("values of decay/" + name)(lambda tf, make=make: decaying(tf, make))


def decaying(tf, make):
    step = tf.Variable(0, name="global_step", trainable=False)
    rate = make(tf, step)
    return tf.assign_add(step, 1), {"rate": rate, "step": step}


INITIALIZERS = {
    "zeros": lambda tf: tf.zeros_initializer(),
    "zeros/class": lambda tf: tf.zeros_initializer,
    "ones": lambda tf: tf.ones_initializer(),
    "constant": lambda tf: tf.constant_initializer(0.25),
    "constant/list": lambda tf: tf.constant_initializer([1.0, 2.0, 3.0]),
    "random_uniform": lambda tf: tf.random_uniform_initializer(-0.5, 0.75),
    "random_uniform/seed": lambda tf: tf.random_uniform_initializer(-1, 1, seed=7),
    "random_normal": lambda tf: tf.random_normal_initializer(stddev=0.1),
    "random_normal/seed": lambda tf: tf.random_normal_initializer(1.0, 0.1, seed=3),
    "truncated_normal": lambda tf: tf.truncated_normal_initializer(stddev=0.02),
    "truncated_normal/seed": lambda tf: tf.truncated_normal_initializer(0.5, 2.0, seed=11),
    "uniform_unit_scaling": lambda tf: tf.uniform_unit_scaling_initializer(factor=1.43),
    "variance_scaling": lambda tf: tf.variance_scaling_initializer(),
    "variance_scaling/fan_out": lambda tf: tf.variance_scaling_initializer(
        2.0, "fan_out", "uniform", seed=5
    ),
    "variance_scaling/untruncated": lambda tf: tf.variance_scaling_initializer(
        0.5, "fan_avg", "untruncated_normal"
    ),
    "orthogonal": lambda tf: tf.orthogonal_initializer(gain=1.5),
    "identity": lambda tf: tf.initializers.identity(gain=2.0),
    "glorot_uniform": lambda tf: tf.glorot_uniform_initializer(),
    "glorot_normal": lambda tf: tf.glorot_normal_initializer(seed=2),
    "he_normal": lambda tf: tf.initializers.he_normal(),
    "he_uniform": lambda tf: tf.initializers.he_uniform(seed=4),
    "lecun_normal": lambda tf: tf.initializers.lecun_normal(),
    "lecun_uniform": lambda tf: tf.initializers.lecun_uniform(),
    "default": lambda tf: None,
}


def add_initializers():
    shapes = {"matrix": [3, 4], "kernel": [2, 2, 3, 2], "vector": [5]}
    for name, make in INITIALIZERS.items():
        for shape_name, shape in shapes.items():
            if name == "identity" and shape_name != "matrix":
                continue
            if name == "orthogonal" and shape_name == "vector":
                continue
            case(f"initializer/{name}/{shape_name}")(
                lambda tf, make=make, shape=shape: initialized(tf, make, shape)
            )


def initialized(tf, make, shape):
    tf.set_random_seed(1234)
    with tf.variable_scope("layer"):
        first = tf.get_variable("w", shape, initializer=make(tf))
    second = tf.get_variable("v", shape, initializer=make(tf))
    return None, {"w": first, "v": second}


@case("average/variables")
def _(tf):
    w = tf.Variable(START.astype("float32"), name="W")
    with tf.variable_scope("layer"):
        b = tf.get_variable("b", [3], initializer=tf.ones_initializer())
    step = tf.Variable(0, name="step", trainable=False)
    averages = tf.train.ExponentialMovingAverage(0.9, num_updates=step)
    loss = tf.reduce_sum(tf.square(w * b - TARGET.astype("float32")))
    train = tf.train.GradientDescentOptimizer(0.1).minimize(loss, global_step=step)
    with tf.control_dependencies([train]):
        both = tf.group(averages.apply())
    return both, {"W of": averages.average(w), "b of": averages.average(b)}


@case("average/tensor")
def _(tf):
    w = tf.Variable([1.0, 2.0], name="W")
    doubled = tf.multiply(w, 2.0, name="doubled")
    averages = tf.train.ExponentialMovingAverage(0.75, zero_debias=True)
    update = averages.apply([doubled])
    return update, {"average": averages.average(doubled)}


@case("two optimizers, one step")
def _(tf):
    w = tf.Variable(START.astype("float32"), name="W")
    b = tf.get_variable("b", [3])
    step = tf.train.create_global_step()
    loss = tf.reduce_sum(tf.square(w - TARGET.astype("float32")))
    penalty = tf.reduce_sum(tf.abs(w)) + tf.reduce_sum(tf.square(b - 1.0))
    first = tf.train.AdamOptimizer(0.05).minimize(loss, global_step=step)
    with tf.control_dependencies([first]):
        second = tf.train.AdamOptimizer(0.01, name="Second").minimize(
            tf.identity(penalty), global_step=step, var_list=[w]
        )
    return second, {"step": step}


@case("clipped gradients")
def _(tf):
    table = tf.Variable(START.astype("float32"), name="table")
    b = tf.Variable(BIAS.astype("float32"), name="b")
    loss = tf.reduce_sum(tf.square(tf.nn.embedding_lookup(table, [1, 1, 3]) * b))
    made = tf.train.MomentumOptimizer(0.1, 0.5)
    pairs = made.compute_gradients(loss)
    clipped, norm = tf.clip_by_global_norm([g for g, _ in pairs], 2.0)
    one = tf.clip_by_norm(clipped[0], 1.5)
    both = [tf.clip_by_value(one, -0.6, 0.8), clipped[1]]
    train = made.apply_gradients([(g, v) for g, (_, v) in zip(both, pairs)])
    return train, {"table": table, "b": b, "norm": norm}


@case("constraint")
def _(tf):
    w = tf.get_variable("w", [3], initializer=tf.zeros_initializer(), constraint=tf.abs)
    loss = tf.reduce_sum(tf.square(w - BIAS.astype("float32")))
    return tf.train.AdamOptimizer(0.3).minimize(loss), {"w": w}


@case("scatters")
def _(tf):
    w = tf.Variable(START.astype("float32"), name="W")
    rows = [[1.0, 2.0, 3.0], [0.5, 0.25, 2.0]]
    names = ("add", "sub", "mul", "div", "min", "max", "update")
    last = None
    for name in names:
        with tf.control_dependencies([] if last is None else [last]):
            last = getattr(tf, "scatter_" + name)(w, [2, 0], rows)
    with tf.control_dependencies([last]):
        last = tf.scatter_nd_add(w, [[1, 2], [3, 0], [1, 2]], [1.0, 2.0, 3.0])
    with tf.control_dependencies([last]):
        last = tf.scatter_nd_sub(w, [[1], [3]], rows)
    with tf.control_dependencies([last]):
        last = tf.scatter_nd_update(w, [[0, 0]], [9.0])
    return last, {"W": w}


@case("resource variables")
def _(tf):
    with tf.variable_scope("layer", use_resource=True):
        w = tf.get_variable("w", initializer=START.astype("float32"))
        count = tf.get_variable("count", [], tf.int64, tf.zeros_initializer(), trainable=False)
    written = w.assign_add(2.0 * w)
    with tf.control_dependencies([written.op]):
        last = tf.assign_sub(w, tf.identity(w.read_value()) * 0.5)
    last = last.scatter_add(tf.IndexedSlices([[1.0, 2.0, 3.0]], [2]))
    last = tf.scatter_nd_sub(last, [[0, 1]], [9.0])
    counted = tf.assign(count, count + 1)
    part = w.sparse_read([3, 1]) + tf.gather(w, [0, 0])
    looked_at = {"w": w, "count": count, "part": part, "known": tf.shape(w)}
    return tf.group(last, counted), looked_at


def through_places(tf, dtype, step):
    """Gradients through readings of a part, and through a second name of a variable's place."""
    w = tf.Variable(START.astype(dtype), name="W", use_resource=True)
    b = tf.Variable(BIAS.astype(dtype), name="b")
    corners = tf.gather_nd(w, step)
    loss = tf.reduce_sum(tf.square(corners)) * 0.5
    loss += tf.reduce_sum(tf.square(tf.raw_ops.RefIdentity(input=b._ref())))
    train = tf.train.MomentumOptimizer(0.1, 0.9).minimize(loss)
    return train, {"w": w, "b": b, "loss": loss}


case("places/float32")(lambda tf: through_places(tf, "float32", [[0, 1], [3, 2], [0, 1]]))
case("places/float64")(lambda tf: through_places(tf, "float64", [[2], [0]]))


@case("variable in parts")
def _(tf):
    parts = tf.fixed_size_partitioner(3)
    w = tf.get_variable("w", initializer=tf.constant(START, tf.float32), partitioner=parts)
    with tf.variable_scope("layer", partitioner=tf.fixed_size_partitioner(2, axis=1)):
        v = tf.get_variable("v", [2, 3], initializer=tf.glorot_uniform_initializer(seed=3))
    rows = tf.nn.embedding_lookup(w, [3, 0, 2], partition_strategy="div")
    loss = tf.reduce_sum(tf.square(rows - 1.0)) + tf.reduce_sum(tf.square(v))
    train = tf.train.MomentumOptimizer(0.1, 0.9).minimize(loss)
    return train, {"w": tf.convert_to_tensor(w), "v": v.as_tensor(), "first": next(iter(w))}


add_optimizers()
add_decays()
add_initializers()
