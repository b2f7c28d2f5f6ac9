"""What every worker speaks: one line of JSON asks, one line of JSON answers.

It runs on Python 3.7 too, which TensorFlow 1.15 needs, and imports nothing but numpy.

    ["build", "softmax", "/tmp/softmax.npz"]   the model with these weights and data
    ["learn", 20]                              so many steps; answer: the losses
    ["weights", "/tmp/weights.npz"]            written there
    ["sample", 0.003, "perf_counter"]          seconds of one step, as the mean of about 3 ms
    ["measure", "construction", 10000, ...]         whatever a worker offers beside; answer: numbers
    ["about"]                                  versions
"""

import gc
import json
import os
import sys
import time
import traceback

import numpy as np


class Model:
    """A model with its weights and its batch. `arrays`: w0, w1, ..., x, y and rate."""

    def __init__(self, arrays):
        self.x, self.y = arrays["x"], arrays["y"]
        self.rate = arrays["rate"]
        count = sum(name[0] == "w" for name in arrays)
        self.w = [arrays[f"w{i}"] for i in range(count)]
        self.prepare()

    def prepare(self):
        """What is done once."""

    def step(self):
        """What is timed: one training step. Returns the loss."""
        raise NotImplementedError

    def learn(self):
        """The same with an update, where the step itself has none."""
        return self.step()

    def weights(self):
        """The present ones, in the order in which they were given."""
        return self.w


class Worker:
    def __init__(self, models, measures, about):
        self.models, self.measures, self._about = models, measures, about
        self.model, self.repeats = None, None

    def build(self, name, path):
        if name not in self.models:
            return None
        self.model = self.repeats = None
        with np.load(path) as file:
            arrays = {key: file[key] for key in file.files}
        self.model = self.models[name](arrays)
        return name

    def learn(self, steps):
        return [float(self.model.learn()) for _ in range(steps)]

    def weights(self, path):
        np.savez(path, *[np.asarray(w) for w in self.model.weights()])
        return path

    def sample(self, seconds, clock="perf_counter"):
        step, clock = self.model.step, getattr(time, clock)
        if self.repeats is None:
            step()
            began = clock()
            step()
            self.repeats = max(1, int(seconds / (clock() - began)))
        step()  # not timed: the caches are full of what the others did
        began = clock()
        for _ in range(self.repeats):
            step()
        return (clock() - began) / self.repeats

    def measure(self, name, *arguments):
        if name not in self.measures:
            return None
        return self.measures[name](*arguments)

    def about(self):
        return dict(self._about, python=sys.version.split()[0], numpy=np.__version__)

    def serve(self, asked, answers):
        for line in asked:
            command = json.loads(line)
            try:
                answer = {"answer": getattr(self, command[0])(*command[1:])}
            except Exception as error:  # whoever asked decides what becomes of it
                traceback.print_exc()
                answer = {"error": f"{type(error).__name__}: {error}"}
            answers.write(json.dumps(answer) + "\n")
            answers.flush()


def serve(models, measures=None, about=None):
    """Answer until nobody asks any more. What libraries print goes to the standard error."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    Worker(models, measures or {}, about or {}).serve(sys.stdin, answers)


def best_of(rounds, measured):
    """The smallest value of each name, of several calls that give such."""
    found = []
    for _ in range(rounds):
        gc.collect()  # what the call before has left is not of this one
        found.append(measured())
    return {name: min(one[name] for one in found) for name in found[0]}
