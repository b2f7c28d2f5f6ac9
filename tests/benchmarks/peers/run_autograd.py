# ruff: noqa: B905 - Python 3.7 has no strict zip
"""HIPS autograd: numpy with a tape."""

import time
from importlib.metadata import version

import autograd.numpy as np
from autograd import grad, value_and_grad
from protocol import Model, best_of, serve


class Trained(Model):
    def prepare(self):
        def loss_of(weights):
            logits = self.logits(weights)
            shifted = logits - np.max(logits, axis=1, keepdims=True)
            sums = np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))
            return -np.mean(np.sum(self.y * (shifted - sums), axis=1))

        self.value_and_slopes = value_and_grad(loss_of)

    def step(self):
        loss, slopes = self.value_and_slopes(self.w)
        self.w = [w - self.rate * slope for w, slope in zip(self.w, slopes)]
        return loss


class Perceptron(Trained):
    def logits(self, weights):
        x = self.x
        for i in range(0, len(weights) - 2, 2):
            x = np.maximum(np.dot(x, weights[i]) + weights[i + 1], np.float32(0))
        return np.dot(x, weights[-2]) + weights[-1]


def sigmoid(x):
    return np.float32(1) / (np.float32(1) + np.exp(-x))


class Lstm(Trained):
    def logits(self, weights):
        kernel, gates, last, bias = weights
        units = kernel.shape[1] // 4
        c = h = np.zeros((len(self.x), units), np.float32)
        for t in range(self.x.shape[1]):
            whole = np.dot(np.concatenate([self.x[:, t], h], axis=1), kernel) + gates
            i, j = whole[:, :units], whole[:, units : 2 * units]
            f, o = whole[:, 2 * units : 3 * units], whole[:, 3 * units :]
            c = c * sigmoid(f + np.float32(1)) + sigmoid(i) * np.tanh(j)
            h = np.tanh(c) * sigmoid(o)
        return np.dot(h, last) + bias


class Tiny(Model):
    def prepare(self):
        def loss_of(weights):
            a, b, c, d, e = weights
            h = np.maximum(a * self.x + b, 0.0)
            error = (h * c + d) * e - self.y
            return error * error + b * b

        self.w = [float(w) for w in self.w]
        self.x, self.y, self.rate = float(self.x), float(self.y), float(self.rate)
        self.value_and_slopes = value_and_grad(loss_of)

    def step(self):
        return self.value_and_slopes(self.w)

    def learn(self):
        loss, slopes = self.step()
        self.w = [w - self.rate * slope for w, slope in zip(self.w, slopes)]
        return loss


def construction(length, rounds, clock):
    """Seconds of the chain as it is computed, and of its gradient; there is no graph to build."""
    clock = getattr(time, clock)

    def chain(x, w):
        y = x
        for _ in range(length // 4):
            y = np.dot(np.tanh(y) + w, w) * w
        return y

    def measured():
        x = np.full((10, 10), 0.1, np.float32)
        began = clock()
        chain(x, x)
        found = {"first run": clock() - began}
        w = x.copy()
        began = clock()
        grad(lambda x: np.sum(chain(x, w)))(w)
        found["gradient"] = clock() - began
        return found

    return best_of(rounds, measured)


MODELS = {
    "softmax": Perceptron,
    "mlp1": Perceptron,
    "mlp2": Perceptron,
    "lstm": Lstm,
    "tiny": Tiny,
    "tiny_fed": Tiny,
}

if __name__ == "__main__":
    serve(MODELS, {"construction": construction}, {"autograd": version("autograd")})
