# ruff: noqa: B905 - Python 3.7 has no strict zip
"""JAX: the whole step compiled by jit, fed with numpy arrays."""

import time

import jax
import jax.numpy as np
from jax import lax
from protocol import Model, best_of, serve


class Trained(Model):
    def prepare(self):
        self.w = [np.asarray(w) for w in self.w]
        rate = float(self.rate)

        def loss_of(weights, x, y):
            logits = self.logits(weights, x)
            return -np.mean(np.sum(y * jax.nn.log_softmax(logits), axis=1))

        def step(weights, x, y):
            loss, slopes = jax.value_and_grad(loss_of)(weights, x, y)
            return [w - rate * slope for w, slope in zip(weights, slopes)], loss

        self.compiled = jax.jit(step)

    def step(self):
        self.w, loss = self.compiled(self.w, self.x, self.y)
        jax.block_until_ready(self.w)
        return loss


class Perceptron(Trained):
    def logits(self, weights, x):
        for i in range(0, len(weights) - 2, 2):
            x = jax.nn.relu(x @ weights[i] + weights[i + 1])
        return x @ weights[-2] + weights[-1]


class Lstm(Trained):
    def logits(self, weights, x):
        kernel, gates, last, bias = weights
        c = h = np.zeros((x.shape[0], kernel.shape[1] // 4), x.dtype)
        for t in range(x.shape[1]):
            whole = np.concatenate([x[:, t], h], 1) @ kernel + gates
            i, j, f, o = np.split(whole, 4, axis=1)
            c = c * jax.nn.sigmoid(f + 1) + jax.nn.sigmoid(i) * np.tanh(j)
            h = np.tanh(c) * jax.nn.sigmoid(o)
        return h @ last + bias


class Cnn(Trained):
    def logits(self, weights, x):
        for i in (0, 2):
            x = lax.conv_general_dilated(
                x, weights[i], (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC")
            )
            x = jax.nn.relu(x + weights[i + 1])
            x = lax.reduce_window(x, -np.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "SAME")
        x = jax.nn.relu(x.reshape(x.shape[0], -1) @ weights[4] + weights[5])
        return x @ weights[6] + weights[7]


class Tiny(Model):
    def prepare(self):
        def loss_of(weights, x, y):
            a, b, c, d, e = weights
            h = jax.nn.relu(a * x + b)
            error = (h * c + d) * e - y
            return error * error + b * b

        self.w = [np.asarray(w) for w in self.w]
        self.compiled = jax.jit(jax.value_and_grad(loss_of))

    def step(self):
        return jax.block_until_ready(self.compiled(self.w, self.x, self.y))

    def learn(self):
        loss, slopes = self.step()
        self.w = [w - self.rate * slope for w, slope in zip(self.w, slopes)]
        return loss


def construction(length, rounds, clock):
    """Seconds to trace a chain; nobody compiles one of 10,000 operations."""

    clock = getattr(time, clock)

    def chain(x, w):
        y = x
        for _ in range(length // 4):
            y = (np.tanh(y) + w) @ w * w
        return y

    def measured():
        jax.clear_caches()
        x = np.full((10, 10), 0.1)
        began = clock()
        jax.make_jaxpr(chain)(x, x)
        return {"build": clock() - began}

    return best_of(rounds, measured)


MODELS = {
    "softmax": Perceptron,
    "mlp1": Perceptron,
    "mlp2": Perceptron,
    "lstm": Lstm,
    "cnn50": Cnn,
    "cnn100": Cnn,
    "tiny": Tiny,
    "tiny_fed": Tiny,
}

if __name__ == "__main__":
    serve(MODELS, {"construction": construction}, {"jax": jax.__version__})
