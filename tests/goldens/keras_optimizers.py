"""Cases of Keras' optimizers: five steps of each, of whole variables and of some rows."""

import numpy as np
from goldens.keras_scripts import script

STEPS = 5
START = [[0.9, -1.2], [1.5, 0.4], [-0.3, 2.2]]
TARGET = [[1.0, -1.0], [-0.5, 0.25], [0.0, 1.5]]

OPTIMIZERS = {
    "SGD": {},
    "SGD momentum": {"momentum": 0.9, "learning_rate": 0.1},
    "SGD nesterov": {"momentum": 0.9, "nesterov": True, "lr": 0.1},
    "SGD decay": {"decay": 0.5, "learning_rate": 0.2},
    "SGD clipnorm": {"clipnorm": 0.5, "learning_rate": 0.2},
    "SGD clipvalue": {"clipvalue": 0.3, "learning_rate": 0.2},
    "RMSprop": {},
    "RMSprop momentum": {"momentum": 0.5, "rho": 0.7},
    "RMSprop centered": {"centered": True},
    "RMSprop centered momentum": {"centered": True, "momentum": 0.3},
    "Adagrad": {"learning_rate": 0.1},
    "Adadelta": {"learning_rate": 1.0},
    "Adam": {"learning_rate": 0.1},
    "Adam amsgrad": {"learning_rate": 0.1, "amsgrad": True, "beta_1": 0.7},
    "Adam decay": {"learning_rate": 0.1, "decay": 0.1, "epsilon": 1e-3},
    "Adamax": {"learning_rate": 0.1},
    "Nadam": {"learning_rate": 0.1},
    "Ftrl": {"learning_rate": 0.1},
    "Ftrl penalties": {"learning_rate": 0.1, "l1_regularization_strength": 0.1},
    "Ftrl shrinkage": {"learning_rate": 0.1, "l2_shrinkage_regularization_strength": 0.2},
}


def made(keras, name, options):
    return getattr(keras.optimizers, name.split()[0])(**options)


def five_steps(keras, optimizer, loss, params, inputs=()):
    """The values of all that is trained and kept, at the start and after each step."""
    K = keras.backend
    with K.name_scope("training"):
        updates = optimizer.get_updates(loss, params)
    run = K.function(list(inputs), [loss], updates=updates)
    kept = list(params) + list(optimizer.weights)
    values = [K.batch_get_value(kept)]
    losses = []
    for _ in range(STEPS):
        losses.append(run([np.ones((2, 2), np.float32)] if inputs else [])[0])
        values.append(K.batch_get_value(kept))
    found = {v.name: np.stack([row[i] for row in values]) for i, v in enumerate(kept)}
    found["loss"] = np.stack(losses)
    return found


def dense(name, options):
    def build(tf, keras):
        K = keras.backend
        W = K.variable(START, name="dense/kernel")
        b = K.variable([0.5, -0.25], name="dense/bias")
        loss = K.mean(K.square(W + b - K.constant(TARGET)))
        optimizer = made(keras, name, options)
        found = five_steps(keras, optimizer, loss, [W, b])
        config = optimizer.get_config()
        found["config"] = {
            key: round(float(value), 6) if isinstance(value, (float, np.generic)) else value
            for key, value in config.items()
        }
        found["slots"] = optimizer.get_slot_names()
        return found

    return build


def of_rows(name, options):
    def build(tf, keras):
        K = keras.backend
        table = K.variable(START * 2, name="embedding")
        rows = K.gather(table, K.constant([1, 3, 1], dtype="int32"))
        loss = K.mean(K.square(rows - K.constant(TARGET)))
        return five_steps(keras, made(keras, name, options), loss, [table])

    return build


for _name, _options in OPTIMIZERS.items():
    script("optimizers %s" % _name)(dense(_name, _options))
    if not any(part in _name for part in ("clip", "decay")):
        script("optimizers %s of rows" % _name)(of_rows(_name, _options))


def of_wide_rows(name, options):
    def build(tf, keras):
        K = keras.backend
        table = K.variable([[0.5, 1.0, -0.3], [0.2, -0.7, 0.9]], name="embedding")
        loss = K.mean(K.square(K.gather(table, K.constant([1], dtype="int32"))))
        return five_steps(keras, made(keras, name, options), loss, [table])

    return build


for _name in ("SGD momentum", "Adagrad"):
    script("optimizers %s of wide rows" % _name)(of_wide_rows(_name, OPTIMIZERS[_name]))


@script("optimizers set and read numbers")
def _numbers(tf, keras):
    K = keras.backend
    optimizer = keras.optimizers.SGD(0.5)
    before = optimizer.lr
    v = K.variable([1.0], name="v")
    optimizer.get_updates(K.sum(v * v), [v])
    first = K.get_value(optimizer.lr)
    K.set_value(optimizer.lr, 0.25)
    second = K.get_value(optimizer.learning_rate)
    optimizer.lr = 0.125
    return {
        "name": [getattr(before, "name", None), optimizer.lr.name, optimizer.iterations.name],
        "first": float(first),
        "second": float(second),
        "third": float(K.get_value(optimizer.lr)),
        "iterations": K.get_value(optimizer.iterations),
    }


@script("optimizers with a constraint")
def _constraint(tf, keras):
    K = keras.backend
    v = K.variable([1.0, -2.0], name="v", constraint=lambda w: K.clip(w, -1.5, 0.8))
    return five_steps(keras, keras.optimizers.SGD(0.1), K.sum(v * v), [v])


@script("optimizers minimize a function")
def _minimize(tf, keras):
    K = keras.backend
    v = K.variable([1.0, -2.0], name="v")
    step = keras.optimizers.Adam(0.1).minimize(lambda: K.sum(v * v), [v])
    session = K.get_session()
    for _ in range(3):
        session.run(step)
    return {"v": K.get_value(v), "step": step.name}


@script("optimizers by name")
def _by_name(tf, keras):
    optimizers = keras.optimizers
    names = ["sgd", "RMSprop", "adagrad", "adadelta", "Adam", "adamax", "nadam", "ftrl"]
    kinds = [type(optimizers.get(name)).__name__ for name in names]
    config = {"class_name": "Adam", "config": {"lr": 0.3, "name": "mine"}}
    again = optimizers.get(config)
    wrapped = optimizers.get(tf.train.GradientDescentOptimizer(0.1))
    return {
        "kinds": kinds,
        "again": [again.get_config()["name"], round(float(again.get_config()["learning_rate"]), 6)],
        "wrapped": type(wrapped).__name__,
        "iterations": wrapped.iterations.name,
    }


@script("optimizers of tf.train")
def _wrapped(tf, keras):
    K = keras.backend
    v = K.variable([1.0, -2.0], name="v")
    wrapped = keras.optimizers.get(tf.train.AdamOptimizer(0.1))
    with K.name_scope("training"):
        updates = wrapped.get_updates(K.sum(v * v), [v])
    run = K.function([], [K.sum(v)], updates=updates)
    for _ in range(3):
        run([])
    return {"v": K.get_value(v), "iterations": K.get_value(wrapped.iterations)}


@script("optimizers with a schedule")
def _schedule(tf, keras):
    K = keras.backend
    v = K.variable([1.0, -2.0], name="v")
    schedules = keras.optimizers.schedules
    rate = schedules.ExponentialDecay(0.1, decay_steps=2, decay_rate=0.5)
    found = five_steps(keras, keras.optimizers.SGD(rate), K.sum(v * v), [v])
    found["config"] = rate.get_config()
    found["written"] = schedules.serialize(rate)["class_name"]
    return found


@script("optimizers' schedules")
def _schedules(tf, keras):
    K, schedules = keras.backend, keras.optimizers.schedules
    made = {
        "exponential": schedules.ExponentialDecay(1.0, 3, 0.5, staircase=True),
        "inverse": schedules.InverseTimeDecay(1.0, decay_steps=2, decay_rate=0.5),
        "polynomial": schedules.PolynomialDecay(1.0, 4, end_learning_rate=0.1, power=2.0),
        "pieces": schedules.PiecewiseConstantDecay([2.0, 4.0], values=[1.0, 0.5, 0.1]),
    }
    step = K.placeholder(())
    found = {}
    for name, one in made.items():
        run = K.function([step], [one(step)])
        found[name] = np.stack([run([i])[0] for i in range(6)])
        found["of " + name] = one.get_config()
        again = schedules.deserialize(schedules.serialize(one))
        found["again " + name] = again.get_config() == one.get_config()
    return found


def _raised(function):
    try:
        function()
    except Exception as error:
        # Both say TensorFlow's sentence; what follows it says more here.
        return [type(error).__name__, str(error).splitlines()[0].partition(" The ")[0]]
    return None


@script("optimizers refuse")
def _refused(tf, keras):
    K = keras.backend
    v = K.variable([1.0, 2.0], name="v")
    w = K.variable([1.0, 2.0], name="w")
    sgd = keras.optimizers.SGD()
    return {
        "argmax": _raised(lambda: sgd.get_gradients(K.cast(K.argmax(v), "float32"), [v])),
        "round": _raised(lambda: sgd.get_gradients(K.sum(K.round(v)), [v])),
        "other": _raised(lambda: sgd.get_gradients(K.sum(v), [v, w])),
        "unknown": _raised(lambda: keras.optimizers.SGD(alpha=1)),
        "negative": _raised(lambda: keras.optimizers.SGD(clipnorm=-1)),
        "none": _raised(lambda: sgd.apply_gradients([(None, v)])),
    }
