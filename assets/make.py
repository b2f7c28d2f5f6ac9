"""Draw the README's picture anew: one training step of the demo's program, after it has run.

python assets/make.py
"""

import runpy
from pathlib import Path

import graphscope as gs
from graphscope import compat
from graphscope.learn.demo import PROGRAM

compat.install()
program = runpy.run_path(str(PROGRAM))
images, labels = program["mnist"].train.next_batch(100)
feed = {program["x"]: images, program["y_"]: labels}
with gs.debug(program["sess"], program["train_step"], feed) as d:
    d.run_to_end()
    d.draw(output=str(Path(__file__).with_name("train_step.png")))
