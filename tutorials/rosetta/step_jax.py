"""The same step in JAX: a function of the weights that gives other weights."""

import jax
import jax.numpy as jnp


def loss_of(weights, x, y_):
    W, b = weights
    return jnp.mean((x @ W + b - y_) ** 2)


@jax.jit
def train(weights, x, y_):
    loss, gradients = jax.value_and_grad(loss_of)(weights, x, y_)
    return loss, jax.tree_util.tree_map(lambda w, g: w - 0.1 * g, weights, gradients)


x = jnp.array([[1.0, 2.0], [3.0, 4.0]])
y_ = jnp.array([[1.0], [0.0]])
weights = (jnp.array([[1.0], [-1.0]]), jnp.array([0.5]))
loss, weights = train(weights, x, y_)

print("loss", round(float(loss), 4))
print("W", [round(v, 4) for v in weights[0].ravel().tolist()])
