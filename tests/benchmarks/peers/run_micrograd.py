# ruff: noqa: B905 - Python 3.7 has no strict zip
"""micrograd: single numbers with a tape."""

from importlib.metadata import version

from micrograd.engine import Value
from protocol import Model, serve


class Tiny(Model):
    def prepare(self):
        self.w = [float(w) for w in self.w]
        self.x, self.y, self.rate = float(self.x), float(self.y), float(self.rate)

    def step(self):
        a, b, c, d, e = own = [Value(w) for w in self.w]
        h = (a * self.x + b).relu()
        error = (h * c + d) * e - self.y
        loss = error * error + b * b
        loss.backward()
        return loss.data, [w.grad for w in own]

    def learn(self):
        loss, slopes = self.step()
        self.w = [w - self.rate * slope for w, slope in zip(self.w, slopes)]
        return loss


if __name__ == "__main__":
    serve({"tiny": Tiny, "tiny_fed": Tiny}, about={"micrograd": version("micrograd")})
