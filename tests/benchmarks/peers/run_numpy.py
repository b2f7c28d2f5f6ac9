# ruff: noqa: B905 - Python 3.7 has no strict zip
"""numpy by hand: every step written out, every result in an array that is there already."""

import numpy as np
from protocol import Model, serve

ZERO, ONE = np.float32(0), np.float32(1)


def empty(*shape):
    return np.empty(shape, np.float32)


class Loss:
    """The mean cross entropy of a softmax; `flow` is its slope along the logits."""

    def __init__(self, y):
        rows, columns = y.shape
        self.y, self.scale = y, np.float32(1.0 / rows)
        self.rows, self.flow, self.work = empty(rows, 1), empty(rows, columns), empty(rows, columns)

    def __call__(self, logits):
        np.max(logits, axis=1, keepdims=True, out=self.rows)
        np.subtract(logits, self.rows, out=logits)
        np.exp(logits, out=self.flow)
        np.sum(self.flow, axis=1, keepdims=True, out=self.rows)
        np.divide(self.flow, self.rows, out=self.flow)
        np.log(self.rows, out=self.rows)
        np.subtract(logits, self.rows, out=self.work)
        np.multiply(self.work, self.y, out=self.work)
        np.subtract(self.flow, self.y, out=self.flow)
        np.multiply(self.flow, self.scale, out=self.flow)
        return -self.work.sum() * self.scale


class Dense:
    """x W + b, with a relu or without; `flow` is the slope along x."""

    def __init__(self, batch, weights, bias, rate, relu, first):
        self.weights, self.bias, self.rate, self.first = weights, bias, rate, first
        self.out = empty(batch, len(bias))
        self.mask = np.empty(self.out.shape, bool) if relu else None
        self.slope, self.slope_of_bias = np.empty_like(weights), np.empty_like(bias)
        self.flow = None if first else empty(batch, len(weights))

    def forward(self, x):
        self.x = x
        np.matmul(x, self.weights, out=self.out)
        np.add(self.out, self.bias, out=self.out)
        if self.mask is not None:
            np.maximum(self.out, ZERO, out=self.out)
        return self.out

    def backward(self, flow):
        if self.mask is not None:
            np.greater(self.out, ZERO, out=self.mask)
            np.multiply(flow, self.mask, out=flow)
        if not self.first:
            np.matmul(flow, self.weights.T, out=self.flow)
        np.matmul(self.x.T, flow, out=self.slope)
        np.sum(flow, axis=0, out=self.slope_of_bias)
        for value, slope in ((self.weights, self.slope), (self.bias, self.slope_of_bias)):
            np.multiply(slope, self.rate, out=slope)
            np.subtract(value, slope, out=value)
        return self.flow


class Perceptron(Model):
    def prepare(self):
        batch, last = len(self.x), len(self.w) - 2
        self.layers = [
            Dense(batch, self.w[i], self.w[i + 1], self.rate, i < last, i == 0)
            for i in range(0, len(self.w), 2)
        ]
        self.loss = Loss(self.y)

    def step(self):
        x = self.x
        for layer in self.layers:
            x = layer.forward(x)
        loss = self.loss(x)
        flow = self.loss.flow
        for layer in reversed(self.layers):
            flow = layer.backward(flow)
        return loss


def sigmoid(x, out):
    np.negative(x, out=out)
    np.exp(out, out=out)
    np.add(out, ONE, out=out)
    np.divide(ONE, out, out=out)


class Lstm(Model):
    """The gates i, j, f, o of all times in one array; x beside h, as the product wants them."""

    def prepare(self):
        kernel, self.gate_bias = self.w[0], self.w[1].copy()
        batch, times, inputs = self.x.shape
        units = kernel.shape[1] // 4
        self.units, self.inputs = units, inputs
        self.both = empty(times + 1, batch, inputs + units)
        self.cells = np.zeros((times + 1, batch, units), np.float32)
        self.gates, self.active = empty(times, batch, 4 * units), empty(times, batch, units)
        self.slope, self.one_slope = np.empty_like(kernel), np.empty_like(kernel)
        self.slope_of_bias, self.one_bias = np.empty_like(self.w[1]), np.empty_like(self.w[1])
        self.flow, self.dc, self.dh = empty(batch, 4 * units), empty(batch, units), None
        self.back, self.work = empty(batch, inputs + units), empty(batch, units)
        self.dense = Dense(batch, self.w[2], self.w[3], self.rate, False, False)
        self.loss = Loss(self.y)

    def forward(self, t):
        both, gates, units = self.both[t], self.gates[t], self.units
        both[:, : self.inputs] = self.x[:, t]
        np.matmul(both, self.w[0], out=gates)
        np.add(gates, self.w[1], out=gates)
        i, j = gates[:, :units], gates[:, units : 2 * units]
        f, o = gates[:, 2 * units : 3 * units], gates[:, 3 * units :]
        np.add(f, ONE, out=f)
        sigmoid(i, i)
        np.tanh(j, out=j)
        sigmoid(gates[:, 2 * units :], gates[:, 2 * units :])
        np.multiply(self.cells[t], f, out=self.cells[t + 1])
        np.multiply(i, j, out=self.work)
        np.add(self.cells[t + 1], self.work, out=self.cells[t + 1])
        np.tanh(self.cells[t + 1], out=self.active[t])
        np.multiply(self.active[t], o, out=self.both[t + 1][:, self.inputs :])

    def backward(self, t, dh):
        gates, units, work, flow, dc = self.gates[t], self.units, self.work, self.flow, self.dc
        i, j = gates[:, :units], gates[:, units : 2 * units]
        f, o = gates[:, 2 * units : 3 * units], gates[:, 3 * units :]
        active = self.active[t]
        di, dj = flow[:, :units], flow[:, units : 2 * units]
        df, do = flow[:, 2 * units : 3 * units], flow[:, 3 * units :]
        np.multiply(dh, active, out=do)
        np.multiply(active, active, out=work)
        np.subtract(ONE, work, out=work)
        np.multiply(work, dh, out=work)
        np.multiply(work, o, out=work)
        np.add(dc, work, out=dc)
        np.multiply(dc, j, out=di)
        np.multiply(dc, self.cells[t], out=df)
        for gate, slope in ((i, di), (f, df), (o, do)):
            np.multiply(slope, gate, out=slope)
            np.subtract(ONE, gate, out=work)
            np.multiply(slope, work, out=slope)
        np.multiply(j, j, out=work)
        np.subtract(ONE, work, out=work)
        np.multiply(dc, i, out=dj)
        np.multiply(dj, work, out=dj)
        np.matmul(self.both[t].T, flow, out=self.one_slope)
        np.add(self.slope, self.one_slope, out=self.slope)
        np.sum(flow, axis=0, out=self.one_bias)
        np.add(self.slope_of_bias, self.one_bias, out=self.slope_of_bias)
        np.matmul(flow, self.w[0].T, out=self.back)
        np.multiply(dc, f, out=dc)
        return self.back[:, self.inputs :]

    def step(self):
        self.both[0][:, self.inputs :] = 0
        times = self.x.shape[1]
        for t in range(times):
            self.forward(t)
        hidden = self.both[times][:, self.inputs :]
        loss = self.loss(self.dense.forward(hidden))
        dh = self.dense.backward(self.loss.flow)
        for array in (self.slope, self.slope_of_bias, self.dc):
            array[...] = 0
        for t in reversed(range(times)):
            dh = self.backward(t, dh)
        for value, slope in ((self.w[0], self.slope), (self.w[1], self.slope_of_bias)):
            np.multiply(slope, self.rate, out=slope)
            np.subtract(value, slope, out=value)
        return loss


class Convolution:
    """A convolution with SAME padding, bias, relu, and a max pool of 2 x 2."""

    def __init__(self, shape, taps, bias, rate, first):
        batch, height, width, channels = shape
        self.taps, self.bias, self.rate, self.first = taps, bias, rate, first
        self.size, self.around = len(taps), len(taps) // 2
        around, outs = self.around, taps.shape[3]
        wide = (batch, height + 2 * around, width + 2 * around, channels)
        self.wide = np.zeros(wide, np.float32)
        self.rows = empty(batch, height, width, self.size, self.size, channels)
        self.flat = self.rows.reshape(batch * height * width, -1)
        self.matrix = taps.reshape(-1, outs)
        self.out = empty(batch, height, width, outs)
        self.flat_out = self.out.reshape(-1, outs)
        self.flow, self.flat_flow = (lambda a: (a, a.reshape(-1, outs)))(np.empty_like(self.out))
        self.pooled = empty(batch, height // 2, width // 2, outs)
        self.taken, self.mask = (np.empty(self.pooled.shape, bool) for _ in range(2))
        self.relu = np.empty(self.pooled.shape, bool)
        self.slope, self.slope_of_bias = np.empty_like(self.matrix), np.empty_like(bias)

    def forward(self, x):
        around, size = self.around, self.size
        height, width = x.shape[1:3]
        self.wide[:, around : around + height, around : around + width] = x
        for i in range(size):
            for j in range(size):
                self.rows[:, :, :, i, j] = self.wide[:, i : i + height, j : j + width]
        np.matmul(self.flat, self.matrix, out=self.flat_out)
        np.add(self.flat_out, self.bias, out=self.flat_out)
        parts = [self.out[:, i::2, j::2] for i in range(2) for j in range(2)]
        np.maximum(parts[0], parts[1], out=self.pooled)
        np.maximum(self.pooled, parts[2], out=self.pooled)
        np.maximum(self.pooled, parts[3], out=self.pooled)
        np.maximum(self.pooled, ZERO, out=self.pooled)  # as good as before the pool, and a quarter
        return self.pooled

    def backward(self, flow):
        np.greater(self.pooled, ZERO, out=self.relu)
        np.multiply(flow, self.relu, out=flow)
        self.taken[...] = False
        for i in range(2):
            for j in range(2):
                np.equal(self.out[:, i::2, j::2], self.pooled, out=self.mask)
                np.greater(self.mask, self.taken, out=self.mask)
                np.logical_or(self.taken, self.mask, out=self.taken)
                np.multiply(flow, self.mask, out=self.flow[:, i::2, j::2])
        np.matmul(self.flat.T, self.flat_flow, out=self.slope)
        np.sum(self.flat_flow, axis=0, out=self.slope_of_bias)
        back = None if self.first else self.to_the_images()
        for value, slope in ((self.matrix, self.slope), (self.bias, self.slope_of_bias)):
            np.multiply(slope, self.rate, out=slope)
            np.subtract(value, slope, out=value)
        return back

    def to_the_images(self):
        around, size = self.around, self.size
        height, width = self.out.shape[1:3]
        np.matmul(self.flat_flow, self.matrix.T, out=self.flat)
        self.wide[...] = 0
        for i in range(size):
            for j in range(size):
                part = self.wide[:, i : i + height, j : j + width]
                np.add(part, self.rows[:, :, :, i, j], out=part)
        inside = self.wide[:, around : around + height, around : around + width]
        found = inside.copy()
        self.wide[...] = 0
        return found


class Cnn(Model):
    def prepare(self):
        shape = self.x.shape
        self.layers = []
        for i in (0, 2):
            own = Convolution(shape, self.w[i], self.w[i + 1], self.rate, i == 0)
            self.layers.append(own)
            shape = own.pooled.shape
        batch, self.pooled = len(self.x), shape
        self.dense = [
            Dense(batch, self.w[4], self.w[5], self.rate, True, False),
            Dense(batch, self.w[6], self.w[7], self.rate, False, False),
        ]
        self.loss = Loss(self.y)

    def step(self):
        x = self.x
        for layer in self.layers:
            x = layer.forward(x)
        x = x.reshape(len(x), -1)
        for layer in self.dense:
            x = layer.forward(x)
        loss = self.loss(x)
        flow = self.loss.flow
        for layer in reversed(self.dense):
            flow = layer.backward(flow)
        flow = flow.reshape(self.pooled)
        for layer in reversed(self.layers):
            flow = layer.backward(flow)
        return loss


class Tiny(Model):
    """Python's own numbers, which are the quickest."""

    def prepare(self):
        self.w = [float(w) for w in self.w]
        self.x, self.y, self.rate = float(self.x), float(self.y), float(self.rate)

    def step(self):
        a, b, c, d, e = self.w
        x = self.x
        h = a * x + b
        if h < 0:
            h = 0.0
        s = h * c + d
        error = s * e - self.y
        g = 2 * error
        ge = g * e
        dh = ge * c if h > 0 else 0.0
        return error * error + b * b, [dh * x, dh + 2 * b, ge * h, ge, g * s]

    def learn(self):
        loss, slopes = self.step()
        self.w = [w - self.rate * slope for w, slope in zip(self.w, slopes)]
        return loss


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
    serve(MODELS)
