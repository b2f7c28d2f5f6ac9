"""Optimizers. They add nodes: the gradients, and the operations that write the variables."""

from graphscope.train.gradient_descent import GradientDescentOptimizer
from graphscope.train.optimizer import Optimizer

__all__ = ["GradientDescentOptimizer", "Optimizer"]
