"""A script with flags, tf.app.run and logging, as they stood in the models repository."""

import tensorflow as tf

flags = tf.app.flags
FLAGS = flags.FLAGS
flags.DEFINE_integer("fa_steps", 10, "Number of steps to run.")
flags.DEFINE_float("fa_rate", 0.5, "Initial learning rate.")
flags.DEFINE_string("fa_data_dir", "data", "Directory with the data.")
flags.DEFINE_boolean("fa_verbose", True, "Whether to say much.")
tf.app.flags.DEFINE_bool("fa_fake", False, "If true, uses fake data.")
tf.logging.set_verbosity(tf.logging.ERROR)
seen = {}


def main(argv):
    tf.logging.info("steps: %d", FLAGS.fa_steps)
    v = tf.Variable(1.0, name="v")
    step = tf.train.GradientDescentOptimizer(FLAGS.fa_rate).minimize(tf.square(v - 3.0))
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for _ in range(FLAGS.fa_steps):
            sess.run(step)
        seen["v"] = sess.run(v)
    seen["rest"] = argv[1:]
    seen["flags"] = [FLAGS.fa_steps, FLAGS.fa_rate, FLAGS.fa_data_dir, FLAGS.fa_verbose]
    return 3


words = ["flags_and_app.py", "--fa_steps=4", "-fa_rate", "0.25", "--nofa_verbose", "left", "over"]
try:
    tf.app.run(main=main, argv=words)
except SystemExit as leaving:
    code = leaving.code

FLAGS.fa_data_dir = "elsewhere"
print("exit code", code)
RESULTS = dict(seen, code=code, data_dir=FLAGS.fa_data_dir, fake=FLAGS.fa_fake)
