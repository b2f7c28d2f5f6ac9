"""DeZero, by its Variables and functions."""

from importlib.metadata import version

import dezero
import dezero.functions as F
from protocol import Model, serve


class Trained(Model):
    def prepare(self):
        self.w = [dezero.Variable(w) for w in self.w]
        self.labels = self.y.argmax(axis=1) if self.y.ndim else None

    def backward(self, loss):
        for w in self.w:
            w.cleargrad()
        loss.backward()

    def step(self):
        loss = F.softmax_cross_entropy(self.logits(), self.labels)
        self.backward(loss)
        self.update()
        return loss.data

    def update(self):
        for w in self.w:
            w.data = w.data - self.rate * w.grad.data

    def weights(self):
        return [w.data for w in self.w]


class Perceptron(Trained):
    def logits(self):
        *hidden, weights, bias = self.w
        x = self.x
        for i in range(0, len(hidden), 2):
            x = F.relu(F.linear(x, hidden[i], hidden[i + 1]))
        return F.linear(x, weights, bias)


class Tiny(Trained):
    def step(self):
        a, b, c, d, e = self.w
        h = F.relu(a * self.x + b)
        error = (h * c + d) * e - self.y
        loss = error * error + b * b
        self.backward(loss)
        return loss.data

    def learn(self):
        loss = self.step()
        self.update()
        return loss


MODELS = {
    "softmax": Perceptron,
    "mlp1": Perceptron,
    "mlp2": Perceptron,
    "tiny": Tiny,
    "tiny_fed": Tiny,
}

if __name__ == "__main__":
    serve(MODELS, about={"dezero": version("dezero")})
