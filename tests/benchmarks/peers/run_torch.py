# ruff: noqa: B905 - Python 3.7 has no strict zip
"""PyTorch as one writes it: eager, with the weights updated in place. `nn`: torch.nn.LSTM alone."""

import os
import sys
import time

import numpy as np
import torch
from protocol import Model, best_of, serve
from torch.nn import functional

THREADS = int(os.environ.get("OMP_NUM_THREADS", "1"))


class Trained(Model):
    """The weights as they come; a kind of model says what its logits are."""

    def prepare(self):
        self.w = [torch.tensor(w, requires_grad=True) for w in self.w]
        self.rate = float(self.rate)

    def step(self):
        x, y = torch.from_numpy(self.x), torch.from_numpy(self.y)
        loss = functional.cross_entropy(self.logits(x), y)
        loss.backward()
        with torch.no_grad():
            for w in self.w:
                w.sub_(w.grad, alpha=self.rate)
                w.grad = None
        return loss.item()

    def weights(self):
        return [w.detach().numpy() for w in self.w]


class Perceptron(Trained):
    def logits(self, x):
        *hidden, weights, bias = self.w
        for i in range(0, len(hidden), 2):
            x = torch.relu(torch.addmm(hidden[i + 1], x, hidden[i]))
        return torch.addmm(bias, x, weights)


class Lstm(Trained):
    """The gates unrolled, written out as they are in TensorFlow's BasicLSTMCell."""

    def logits(self, x):
        kernel, gates, weights, bias = self.w
        units = kernel.shape[1] // 4
        c = h = torch.zeros(x.shape[0], units)
        for row in x.unbind(1):
            i, j, f, o = torch.addmm(gates, torch.cat([row, h], 1), kernel).chunk(4, 1)
            c = c * torch.sigmoid(f + 1.0) + torch.sigmoid(i) * torch.tanh(j)
            h = torch.tanh(c) * torch.sigmoid(o)
        return torch.addmm(bias, h, weights)


class LstmOfTorch(Lstm):
    """torch.nn.LSTM; its weights are transposed, its gates in another order: i, f, j, o."""

    def prepare(self):
        kernel, gates = self.w[:2]
        self.units, self.inputs = kernel.shape[1] // 4, self.x.shape[2]
        self.layer = torch.nn.LSTM(self.inputs, self.units, batch_first=True)
        own = np.concatenate([kernel, gates[None]])
        i, j, f, o = np.split(own, 4, axis=1)
        own = np.concatenate([i, f, j, o], axis=1)
        own[-1, self.units : 2 * self.units] += 1  # TensorFlow's forget_bias
        parts = own[: self.inputs].T, own[self.inputs : -1].T, own[-1], 0 * own[-1]
        with torch.no_grad():
            for parameter, value in zip(self.layer.parameters(), parts):
                parameter.copy_(torch.tensor(value))
        self.layer.bias_hh_l0.requires_grad_(False)  # it would learn beside the other bias
        super().prepare()
        self.dense = self.w[2:]
        self.w = [*self.layer.parameters()][:3] + self.dense

    def logits(self, x):
        outputs, _ = self.layer(x)
        return torch.addmm(self.dense[1], outputs[:, -1], self.dense[0])

    def weights(self):
        inputs, hidden, gates, weights, bias = (w.detach().numpy() for w in self.w)
        own = np.concatenate([inputs.T, hidden.T, gates[None]])
        i, f, j, o = np.split(own, 4, axis=1)
        own = np.concatenate([i, j, f, o], axis=1)
        own[-1, 2 * self.units : 3 * self.units] -= 1
        return [own[:-1], own[-1], weights, bias]


class Cnn(Trained):
    """PyTorch has the channels first."""

    def prepare(self):
        super().prepare()
        for i in (0, 2):
            value = self.w[i].detach().permute(3, 2, 0, 1).contiguous()
            self.w[i] = value.requires_grad_()

    def logits(self, x):
        x = x.permute(0, 3, 1, 2)
        for i in (0, 2):
            x = torch.relu(functional.conv2d(x, self.w[i], self.w[i + 1], padding=2))
            x = functional.max_pool2d(x, 2)
        x = x.permute(0, 2, 3, 1).reshape(x.shape[0], -1)
        x = torch.relu(torch.addmm(self.w[5], x, self.w[4]))
        return torch.addmm(self.w[7], x, self.w[6])

    def weights(self):
        found = super().weights()
        return [w.transpose(2, 3, 1, 0) if w.ndim == 4 else w for w in found]


class Tiny(Trained):
    def step(self):
        a, b, c, d, e = self.w
        x, y = torch.from_numpy(self.x), torch.from_numpy(self.y)
        h = torch.relu(a * x + b)
        error = (h * c + d) * e - y
        loss = error * error + b * b
        return loss, torch.autograd.grad(loss, self.w)

    def learn(self):
        loss, slopes = self.step()
        with torch.no_grad():
            for w, slope in zip(self.w, slopes):
                w.sub_(slope, alpha=self.rate)
        return loss.item()


def construction(length, rounds, clock):
    """Seconds to trace a chain by torch.fx, and to run it with its gradient."""
    clock = getattr(time, clock)

    def chain(x, w):
        y = x
        for _ in range(length // 4):
            y = torch.mm(torch.tanh(y) + w, w) * w
        return y

    def measured():
        x, w = torch.full((10, 10), 0.1), torch.full((10, 10), 0.1)
        began = clock()
        torch.fx.symbolic_trace(chain)
        found = {"build": clock() - began}
        began = clock()
        chain(x, w)
        found["first run"] = clock() - began
        x.requires_grad_()
        began = clock()
        torch.autograd.grad(chain(x, w).sum(), x)
        found["gradient"] = clock() - began
        return found

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
    torch.set_num_threads(THREADS)
    torch.set_num_interop_threads(THREADS)
    about = {"torch": torch.__version__}
    if sys.argv[1:] == ["nn"]:
        serve({"lstm": LstmOfTorch}, about=about)
    else:
        import torch.fx

        serve(MODELS, {"construction": construction}, about)
