"""What is built on gradients: second derivatives, functions with a gradient of their own, tapes."""

from graphscope.derivatives.custom import (
    custom_gradient as custom_gradient,
)
from graphscope.derivatives.custom import (
    get_dependent_variables as get_dependent_variables,
)
from graphscope.derivatives.custom import (
    recompute_grad as recompute_grad,
)
from graphscope.derivatives.defun import Defun as Defun
from graphscope.derivatives.hessians import hessian_vector_product as hessian_vector_product
from graphscope.derivatives.hessians import hessians as hessians
from graphscope.derivatives.tape import GradientTape as GradientTape
