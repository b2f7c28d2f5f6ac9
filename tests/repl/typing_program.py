"""A training step at which the tests of typing stand."""

import numpy as np

import graphscope as gs


def debugger():
    """Before its first node; ``init`` does not run."""
    with gs.Graph().as_default() as graph:
        x = gs.placeholder(gs.float32, [None, 3], name="x")
        W = gs.Variable(np.ones((3, 2), np.float32), name="W")
        bias = gs.Variable(0.5, name="bias", trainable=False)
        with gs.name_scope("layer"):
            y = gs.nn.softmax(gs.matmul(x, W, name="product") + bias, name="y")
        loss = gs.reduce_mean(gs.square(y - 1.0), name="loss")
        train_step = gs.train.GradientDescentOptimizer(0.1).minimize(loss, name="train_step")
        init = gs.global_variables_initializer()
        session = gs.Session(graph=graph)
        session.run(init)
        return gs.debug(session, [train_step, loss], {x: np.eye(3)})
