"""Graphs to draw, and their scenes."""

from __future__ import annotations

from typing import Any

import numpy as np

import graphscope as tf
from graphscope.debug.facts import Facts
from graphscope.debug.names import Names
from graphscope.debug.scene import Scene, scene_of_fetch, scene_of_run
from graphscope.engine.session import Session
from graphscope.graph.graph import Graph, Operation


class Model:
    """A graph that has been built, with what is fed and fetched by name."""

    def __init__(self, graph: Graph, feeds: dict[Any, Any], **fetches: Any) -> None:
        self.graph, self.feeds, self.fetches = graph, feeds, fetches
        self.facts, self.names = Facts(graph), Names(graph)

    def scene(self, *names: str, feeds: dict[Any, Any] | None = None) -> Scene:
        """Without a run."""
        elements = [self.graph.as_graph_element(self.fetches[name]) for name in names]
        fed = self.feeds if feeds is None else feeds
        return scene_of_fetch(elements, fed, names, self.facts, self.names)

    def run(self, *names: str, steps: int, breakpoints: frozenset[Operation] = frozenset()) -> Any:
        """The scenes of a run after 0, 1, 2 ... steps."""
        with self.graph.as_default():
            session = Session(graph=self.graph)
            session.run(tf.global_variables_initializer())
            debugger = tf.debug(session, [self.fetches[name] for name in names], self.feeds)
        scenes = []
        for t in range(steps + 1):
            if t:
                debugger.step()
            line = debugger.timeline
            scenes.append(scene_of_run(line, names, debugger.facts, debugger.names, breakpoints))
        return scenes


def needed(scene: Scene) -> set[Operation]:
    """What a picture shows when nothing in it is opened."""
    return {*scene.plan.nodes, *scene.plan.given}


def softmax_regression(pixels: int = 784) -> Model:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [None, pixels])
        W = tf.Variable(tf.zeros([pixels, 10]))
        b = tf.Variable(tf.zeros([10]))
        y = tf.nn.softmax(tf.matmul(x, W) + b)
        y_ = tf.placeholder(tf.float32, [None, 10])
        loss = tf.reduce_mean(-tf.reduce_sum(y_ * tf.log(y), reduction_indices=[1]))
        train_step = tf.train.GradientDescentOptimizer(0.5).minimize(loss)
        accuracy = tf.reduce_mean(tf.cast(tf.equal(tf.argmax(y, 1), tf.argmax(y_, 1)), tf.float32))
        init = tf.global_variables_initializer()
    feeds = {x: np.ones((100, pixels), np.float32), y_: np.eye(10, dtype=np.float32)[[3] * 100]}
    return Model(graph, feeds, x=x, W=W, y=y, y_=y_, loss=loss, train_step=train_step,
                 accuracy=accuracy, init=init)  # fmt: skip


def perceptron() -> Model:
    """Two layers in scopes, a counter of steps, a loss that is made of many operations."""
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [None, 6], name="x")
        t = tf.placeholder(tf.float32, [None, 3], name="labels")
        with tf.name_scope("hidden"):
            first = tf.Variable(tf.random_normal([6, 4]), name="W")
            bias = tf.Variable(tf.zeros([4]), name="b")
            h = tf.nn.relu(tf.matmul(x, first) + bias)
        with tf.name_scope("output"):
            second = tf.Variable(tf.random_normal([4, 3]), name="W")
            logits = tf.matmul(h, second)
        with tf.name_scope("loss"):
            loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(labels=t, logits=logits))
        steps = tf.Variable(0, name="global_step", trainable=False)
        train = tf.train.GradientDescentOptimizer(0.1).minimize(loss, global_step=steps)
        init = tf.global_variables_initializer()
    feeds = {x: np.ones((2, 6), np.float32), t: np.eye(3, dtype=np.float32)[:2]}
    return Model(graph, feeds, x=x, h=h, logits=logits, loss=loss, train=train, init=init,
                 steps=steps)  # fmt: skip


def branches() -> Model:
    """Lanes, a stopped gradient, a regularizer, NaN, gradients of gradients, a clipped norm."""
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [None, 4])
        W = tf.Variable(tf.ones([4, 3]))
        V = tf.Variable(tf.ones([4, 3]), name="V")
        a = tf.tanh(tf.matmul(x, W))
        c = tf.stop_gradient(tf.sigmoid(tf.matmul(x, V)))
        out = tf.log(a * c - 1.0)
        loss = tf.reduce_mean(tf.square(out)) + 0.01 * tf.nn.l2_loss(W)
        rate = tf.placeholder_with_default(0.1, [], name="lr")
        step = tf.train.GradientDescentOptimizer(rate).minimize(loss)
        other = tf.reduce_sum(a)
        optimizer = tf.train.GradientDescentOptimizer(0.1)
        step2 = optimizer.minimize(other)
        slope = tf.gradients(other, W)[0]
        curve = tf.gradients(slope, W)[0]
        clipped, _ = tf.clip_by_global_norm([slope], 1.0)
        careful = optimizer.apply_gradients([(clipped[0], W)])
        count = tf.assign_add(tf.Variable(0, name="n"), 2)
        parts = tf.split(x, 2, 1)
        group = tf.group(step, step2)
        const = tf.constant(3.0)
    feeds = {x: np.ones((2, 4), np.float32)}
    return Model(graph, feeds, x=x, W=W, a=a, loss=loss, step=step, step2=step2, curve=curve,
                 careful=careful, count=count, part=parts[1], group=group, const=const,
                 slope=slope)  # fmt: skip


def deep(layers: int) -> Model:
    """A chain of many layers."""
    with tf.Graph().as_default() as graph:
        x = h = tf.placeholder(tf.float32, [None, 4], name="x")
        for number in range(layers):
            with tf.name_scope(f"layer{number}"):
                h = tf.nn.relu(tf.matmul(h, tf.Variable(tf.ones([4, 4]), name="W")))
        train = tf.train.GradientDescentOptimizer(0.1).minimize(tf.reduce_sum(h))
    return Model(graph, {x: np.ones((1, 4), np.float32)}, train=train, x=x)


def nested() -> Model:
    """Scopes in scopes, Adam with a learning rate that is computed, a counter of steps."""
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [None, 4], name="x")
        h = x
        with tf.name_scope("tower"):
            for layer in ("one", "two"):
                with tf.name_scope(layer):
                    h = tf.tanh(tf.matmul(h, tf.Variable(tf.ones([4, 4]), name="W")))
        with tf.name_scope("loss"):
            loss = tf.reduce_mean(tf.square(h))
        steps = tf.Variable(0, name="global_step", trainable=False)
        rate = tf.train.exponential_decay(0.1, steps, 10, 0.5)
        train = tf.train.AdamOptimizer(rate).minimize(loss, global_step=steps)
    return Model(graph, {x: np.ones((2, 4), np.float32)}, x=x, h=h, loss=loss, train=train)


def recurrent(steps: int) -> Model:
    """The same weights in every step."""
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [None, 3], name="x")
        W = tf.Variable(tf.ones([3, 3]), name="W")
        h = x
        for _ in range(steps):
            h = tf.tanh(tf.matmul(h, W) + x)
        loss = tf.reduce_sum(h, name="loss")
        train = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
    return Model(graph, {x: np.ones((1, 3), np.float32)}, train=train, loss=loss)


def controlled() -> Model:
    """A loop that is trained, and a cond in a loop."""
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [3], name="x")
        w = tf.Variable(0.5, name="w")

        def again(i: Any, h: Any) -> Any:
            doubled = tf.cond(tf.equal(i, 1), lambda: tf.multiply(h, 2.0), lambda: tf.negative(h))
            return i + 1, tf.tanh(doubled * w)

        _, h = tf.while_loop(lambda i, h: i < 3, again, [0, x])
        loss = tf.reduce_sum(tf.cond(h[0] > 0, lambda: tf.square(h), lambda: tf.abs(h)))
        train = tf.train.GradientDescentOptimizer(0.1).minimize(loss, name="train")
    return Model(graph, {x: np.ones(3, np.float32)}, h=h, loss=loss, train=train)


#: (name, model, what is fetched) for everything that is to be drawn without a mistake. The largest
#: have just so many boxes that they are folded.
def everything() -> list[tuple[str, Model, tuple[str, ...]]]:
    soft, mlp, wild = softmax_regression(), perceptron(), branches()
    scopes, loops = nested(), controlled()
    return [
        *((f"soft {name}", soft, (name,)) for name in soft.fetches),
        ("soft two", soft, ("train_step", "loss")),
        *((f"mlp {name}", mlp, (name,)) for name in mlp.fetches),
        ("mlp two", mlp, ("train", "loss")),
        *((f"wild {name}", wild, (name,)) for name in wild.fetches),
        ("wild two", wild, ("step", "step2", "loss")),
        ("deep", deep(14), ("train",)),
        *((f"nested {name}", scopes, (name,)) for name in scopes.fetches),
        *((f"controlled {name}", loops, (name,)) for name in loops.fetches),
        ("recurrent", recurrent(12), ("train",)),
    ]
