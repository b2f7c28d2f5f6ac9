"""The program that the tests of moving through a run step."""

import graphscope as gs

HERE = "stepped.py:"


class Program:
    """Five nodes, two of which write. With x = 2:

    t=1 layer/a = x + 1 = 3        t=2 layer/b = a * 2 = 6       t=3 grow: n = 10 + b = 16
    t=4 c = b^2 = 36               t=5 again: n = 16 + 1 = 17
    """

    def __init__(self):
        self.n = gs.Variable(10.0, name="n")
        self.x = gs.placeholder(gs.float32, [], name="x")
        with gs.name_scope("layer"):
            self.a = gs.add(self.x, 1.0, name="a")
            self.b = gs.multiply(self.a, 2.0, name="b")
        self.grow = gs.assign_add(self.n, self.b, name="grow")
        self.c = gs.square(self.b, name="c")
        self.again = gs.assign_add(self.n, 1.0, name="again")
        self.session = gs.Session()
        self.session.run(gs.global_variables_initializer())

    def debug(self, fetches=None, feed=None):
        fetches = [self.c, self.grow, self.again] if fetches is None else fetches
        return gs.debug(self.session, fetches, {self.x: 2.0} if feed is None else feed)


def place(stop):
    return (stop.t, stop.node.name if stop.node else None, stop.reason)


def stops_of(d):
    """The times at which `cont` stops."""
    times = []
    while d.t < d.timeline.end:
        times.append(d.cont().t)
    return times
