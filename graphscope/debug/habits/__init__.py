"""The habits of `check`: each measures one thing of a training, on the side."""
