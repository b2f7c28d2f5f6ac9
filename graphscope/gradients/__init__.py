"""The backward pass as nodes of the same graph, and what is built on it: second derivatives,
functions with a gradient of their own, tapes."""

from graphscope.gradients import bodies as _bodies  # noqa: F401 (declares rules)
from graphscope.gradients.backward import AggregationMethod as AggregationMethod
from graphscope.gradients.backward import UnconnectedGradients as UnconnectedGradients
from graphscope.gradients.backward import as_indexed_slices as as_indexed_slices
from graphscope.gradients.backward import differentiable_ops as differentiable_ops
from graphscope.gradients.backward import gradients as gradients
from graphscope.gradients.custom import custom_gradient as custom_gradient
from graphscope.gradients.custom import get_dependent_variables as get_dependent_variables
from graphscope.gradients.custom import recompute_grad as recompute_grad
from graphscope.gradients.defun import Defun as Defun
from graphscope.gradients.second_order import hessian_vector_product as hessian_vector_product
from graphscope.gradients.second_order import hessians as hessians
from graphscope.gradients.tape import GradientTape as GradientTape
