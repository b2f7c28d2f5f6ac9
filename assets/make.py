"""Draw the README's picture anew: why is W1 not trained?

python assets/make.py
"""

from pathlib import Path

import numpy as np

import graphscope as gs

x = gs.placeholder(gs.float32, [None, 4], name="x")
y_ = gs.placeholder(gs.float32, [None, 3], name="y_")
W1 = gs.Variable(gs.ones([4, 5]), name="W1")
hidden = gs.matmul(x, W1, name="hidden")
best = gs.argmax(hidden, axis=1, name="best")
picked = gs.one_hot(best, 5, name="picked")
W2 = gs.Variable(gs.ones([5, 3]), name="W2")
logits = gs.matmul(picked, W2, name="logits")
loss = gs.reduce_mean(gs.square(logits - y_), name="loss")
train = gs.train.GradientDescentOptimizer(0.1).minimize(loss)

session = gs.Session()
session.run(gs.global_variables_initializer())
feed = {x: np.random.RandomState(0).randn(8, 4), y_: np.eye(3)[np.arange(8) % 3]}
with gs.debug(session, train, feed) as d:
    d.run_to_end()
    d.draw(d.why("W1"), output=str(Path(__file__).with_name("why.png")))
