"""Files of other systems, read and written: graphs, meta graphs, and what TensorFlow knows of its
operations. Checkpoints as arrays are on a lower floor, in `graphscope.ops.checkpoints`."""
