"""mygrad: numpy with a tape. Labels are given to it as numbers, which its loss wants."""

from importlib.metadata import version

import mygrad as mg
from mygrad.nnet.activations import relu
from mygrad.nnet.losses import softmax_crossentropy
from protocol import Model, serve


class Trained(Model):
    def prepare(self):
        self.w = [mg.tensor(w) for w in self.w]
        self.labels = self.y.argmax(axis=1)

    def step(self):
        loss = softmax_crossentropy(self.logits(), self.labels)
        loss.backward()
        for w in self.w:
            w.data -= self.rate * w.grad
        return loss.item()

    def weights(self):
        return [w.data for w in self.w]


class Perceptron(Trained):
    def logits(self):
        *hidden, weights, bias = self.w
        x = self.x
        for i in range(0, len(hidden), 2):
            x = relu(mg.matmul(x, hidden[i]) + hidden[i + 1])
        return mg.matmul(x, weights) + bias


class Tiny(Trained):
    def prepare(self):
        self.w = [mg.tensor(w) for w in self.w]

    def step(self):
        a, b, c, d, e = self.w
        h = relu(a * self.x + b)
        error = (h * c + d) * e - self.y
        loss = error * error + b * b
        loss.backward()
        return loss

    def learn(self):
        loss = self.step().item()
        for w in self.w:
            w.data[...] = w.data - self.rate * w.grad
        return loss


MODELS = {
    "softmax": Perceptron,
    "mlp1": Perceptron,
    "mlp2": Perceptron,
    "tiny": Tiny,
    "tiny_fed": Tiny,
}

if __name__ == "__main__":
    serve(MODELS, about={"mygrad": version("mygrad")})
