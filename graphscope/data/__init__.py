"""Data sets, as TensorFlow's tutorials read them."""
