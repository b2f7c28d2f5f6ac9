"""`plot_model`: the layers of a Keras model, a box each. Source: tf.keras.utils of 1.15."""

from __future__ import annotations

from typing import Any


def plot_model(
    model: Any,
    to_file: str = "model.png",
    show_shapes: bool = False,
    show_layer_names: bool = True,
    rankdir: str = "TB",
    expand_nested: bool = False,
    dpi: int = 96,
) -> Any:
    """Draw the layers into a file, .png, .svg or .dot, and return the `Picture`.

    Names and shapes are always shown, and layers stand below each other. For the operations inside,
    graphscope.draw(model.output). Errors: ValueError for a model that has no inputs yet.
    """
    from graphscope.show import draw

    if not model.outputs:
        raise ValueError(
            "This model has not yet been built. Build the model first by calling `build()` or "
            "calling the model on a batch of data."
        )
    picture = draw(model.outputs, depth=0, ghosts=False)
    picture.save(to_file)
    return picture
