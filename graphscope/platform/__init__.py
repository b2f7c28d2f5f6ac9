"""What scripts use besides the graph: flags, logging, files, unit tests (tf.app, tf.gfile, ...)."""
