"""The part of tf.contrib that teaching scripts use: layers, framework, losses, distributions."""
