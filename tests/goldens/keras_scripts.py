"""Cases of Keras that do something: values of variables, functions, optimizers, metrics.

`SCRIPTS` maps an id to a function of the `tensorflow` and the `keras` module, which returns arrays
and plain data by name.
"""

import numpy as np

SCRIPTS = {}


def script(name):
    """Add the decorated function as a case."""

    def add(build):
        assert name not in SCRIPTS, name
        SCRIPTS[name] = build
        return build

    return add


# ---- the backend -------------------------------------------------------------------------------


@script("K names and types")
def _names(tf, keras):
    K = keras.backend
    x = K.placeholder((None, 3))
    named = K.placeholder(ndim=2, name="mine", dtype="int32")
    v = K.variable([[1, 2], [3, 4]], name="v")
    other = K.variable(np.zeros((2, 3)), dtype="float64")
    return {
        "names": [t.name for t in (x, named, v, other)],
        "shapes": [K.int_shape(t) for t in (x, named, v, other)],
        "ranks": [K.ndim(t) for t in (x, named, v, other)],
        "types": [K.dtype(t) for t in (x, named, v, other)],
        "count": int(K.count_params(other)),
        "uids": [K.get_uid("a"), K.get_uid("a"), K.get_uid("b")],
        "unknown": K.int_shape(K.placeholder()),
        "keras tensor": K.is_keras_tensor(x),
        "phase": [K.learning_phase().name, K.learning_phase().op.type],
        "settings": [K.floatx(), K.epsilon(), K.image_data_format(), K.backend()],
    }


@script("K variables and values")
def _values(tf, keras):
    K = keras.backend
    v = K.variable([1.0, 2.0], name="v")
    w = K.zeros((2, 2))
    found = {"v": K.eval(v), "w": K.get_value(w), "twice": K.eval(v * 2)}
    K.set_value(v, [5, 6])
    found["set"] = K.get_value(v)
    K.batch_set_value([(v, [7, 8]), (w, np.ones((2, 2)))])
    found["batch"], found["batch of w"] = K.batch_get_value([v, w])
    K.set_value(v, [9, 9])
    found["again"] = K.eval(v)
    found["made"] = K.eval(K.ones((2,), name="mine")) + K.eval(K.eye(2))
    found["uniform"] = K.eval(K.random_uniform_variable((2, 3), -1, 1))
    found["normal"] = K.eval(K.random_normal_variable((2, 3), 1, 0.5, seed=5))
    found["constant"] = K.eval(K.constant(3, shape=(2, 2)))
    return found


@script("K.function")
def _function(tf, keras):
    K = keras.backend
    x, y = K.placeholder((None, 2)), K.placeholder((2,))
    v = K.variable([1.0, 2.0])
    double = K.function([x, y], [x * 2 + y, K.sum(x)])
    count = K.function([x], [K.sum(x) + K.sum(v)], updates=[(v, v + 1.0)])
    pair = K.function([x], [x + 1], updates=[(v, v * 2)])
    single = K.function([x], K.sum(x))
    rows = np.array([[1, 2], [3, 4]])
    found = {}
    found["double"], found["sum"] = double([rows, np.array([10, 20])])
    (found["first"],) = count([rows])
    (found["second"],) = count([rows])
    found["v"] = K.get_value(v)
    (found["plus"],) = pair([rows])
    found["doubled"] = K.get_value(v)
    found["single"] = single([rows])
    return found


@script("K updates and gradients")
def _updates(tf, keras):
    K = keras.backend
    v = K.variable([1.0, 2.0], name="v")
    loss = K.sum(K.square(v))
    (slope,) = K.gradients(loss, [v])
    found = {"slope": K.eval(slope)}
    found["none"] = K.gradients(K.sum(K.stop_gradient(v)), [v]) == [None]
    found["sub"] = K.eval(K.update_sub(v, [0.5, 0.5]))
    found["set"] = K.eval(K.update(v, v * 3))
    average = K.moving_average_update(v, K.constant([1.0, 1.0]), 0.9)
    K.get_session().run(tf.global_variables_initializer())
    K.get_session().run(average)
    found["average"] = K.eval(v)
    return found


@script("K.learning_phase is fed")
def _phase(tf, keras):
    K = keras.backend
    x = K.placeholder((2,))
    chosen = K.in_train_phase(x * 2, x * 3)
    f = K.function([x, K.learning_phase()], [chosen])
    return {"train": f([np.array([1, 2]), 1])[0], "test": f([np.array([1, 2]), 0])[0]}


@script("losses by name")
def _losses(tf, keras):
    losses = keras.losses
    names = [
        "mse",
        "MAE",
        "mape",
        "msle",
        "kld",
        "cosine_similarity",
        "hinge",
        "poisson",
        "logcosh",
        "categorical_hinge",
    ]
    return {
        "functions": [losses.get(name).__name__ for name in names],
        "written": [
            losses.serialize(losses.get("mse")),
            losses.serialize(losses.Huber(delta=0.5)),
            losses.serialize(losses.BinaryCrossentropy(from_logits=True, name="mine")),
        ],
        "read": losses.deserialize(losses.serialize(losses.Huber(delta=0.5))).get_config(),
        "none": losses.get(None),
    }


def _formatted(tf, keras, *values):
    """What K.print_tensor prints of the values, which are fed."""
    K, texts = keras.backend, []
    for value in values:
        x = K.placeholder(value.shape, dtype=value.dtype.name)
        before = len(tf.get_default_graph().get_operations())
        shown = K.print_tensor(x, "x = ")
        made = tf.get_default_graph().get_operations()[before:]
        text = next(op.outputs[0] for op in made if op.type == "StringFormat")
        texts.append(K.get_session().run(text, {x: value}).decode())
        assert made[-1] is shown.op
    return {"texts": texts}


@script("K.print_tensor of numbers")
def _printed(tf, keras):
    rows = np.arange(80, dtype=np.float32).reshape(8, 10) / 3
    return _formatted(
        tf,
        keras,
        np.float32([0.1, 1, 1e-5, 123456789, np.nan, np.inf]),
        np.array([0.1, 1 / 3, 1e20]),
        rows,
        rows[:2, :3],
        np.arange(8).reshape(2, 2, 2),
        np.arange(162).reshape(9, 2, 9),
        np.int32(7),
        np.array([True, False]),
        np.zeros((0, 2), np.float32),
        np.zeros((2, 0), np.float32),
    )


@script("strings formatted")
def _strings(tf, keras):
    K = keras.backend
    run = K.get_session().run
    words = tf.constant(["a b", 'say "yes"', "new\nline", "\xe9"])
    form = tf.strings.format
    return {
        "words": run(form("<{}>", words)).decode("latin-1"),
        "two": run(form("{} and {}", [words[0], tf.range(9)], summarize=2)).decode(),
        "all": run(form("%", tf.range(9), placeholder="%", summarize=-1)).decode(),
        "none": run(form("only text", [])).decode(),
    }
