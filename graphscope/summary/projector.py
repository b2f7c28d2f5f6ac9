"""The settings of TensorBoard's Projector page (tf.contrib.tensorboard.plugins.projector)."""

from __future__ import annotations

import os
from typing import Any

FILE_NAME = "projector_config.pbtxt"


class SpriteMetadata:
    """One picture that holds a small picture of each point.

    single_image_dim: the width and the height of a small one.
    """

    def __init__(self) -> None:
        self.image_path = ""
        self.single_image_dim: list[int] = []


class EmbeddingInfo:
    """Which variable is shown, and what stands beside its rows: paths of files."""

    def __init__(self, tensor_name: str = "", metadata_path: str = "") -> None:
        self.tensor_name = tensor_name
        self.metadata_path = metadata_path
        self.bookmarks_path = ""
        self.tensor_path = ""
        self.tensor_shape: list[int] = []
        self.sprite = SpriteMetadata()

    def lines(self) -> list[str]:
        """The message in protobuf's text format."""
        texts = ("tensor_name", "metadata_path", "bookmarks_path", "tensor_path")
        own = [f'  {name}: "{getattr(self, name)}"' for name in texts if getattr(self, name)]
        own += [f"  tensor_shape: {size}" for size in self.tensor_shape]
        if self.sprite.image_path:
            sizes = [f"    single_image_dim: {size}" for size in self.sprite.single_image_dim]
            own += ["  sprite {", f'    image_path: "{self.sprite.image_path}"', *sizes, "  }"]
        return ["embeddings {", *own, "}"]


class Embeddings(list[EmbeddingInfo]):
    """The embeddings of a `ProjectorConfig`; `add` makes one."""

    def add(self, **fields: Any) -> EmbeddingInfo:
        self.append(EmbeddingInfo(**fields))
        return self[-1]


class ProjectorConfig:
    """All settings of the page."""

    def __init__(self) -> None:
        self.model_checkpoint_path = ""
        self.embeddings = Embeddings()

    def __str__(self) -> str:
        head = [f'model_checkpoint_path: "{self.model_checkpoint_path}"']
        lines = head if self.model_checkpoint_path else []
        return "\n".join([*lines, *(line for e in self.embeddings for line in e.lines()), ""])


def visualize_embeddings(summary_writer: Any, config: ProjectorConfig) -> None:
    """Write the settings into the writer's folder, where TensorBoard finds them.

    Errors: ValueError when the writer has no folder.
    """
    folder = summary_writer.get_logdir()
    if folder is None:
        raise ValueError("Summary writer must have a logdir")
    with open(os.path.join(folder, FILE_NAME), "w", encoding="utf-8") as file:
        file.write(str(config))
