"""Bugs of what is computed, and of what is fed: numbers, axes, shapes, pairs."""

from graphscope.learn.zoo.bug import Bug, Way

BUGS = (
    Bug(
        "log-of-zero",
        "The loss falls to 0.141, and then it is nan for ever.",
        at_run=48,
        mistake='tf.log(tf.nn.softmax(logits), name="log_p")',
        repaired='tf.nn.log_softmax(logits, name="log_p")',
        repair="A softmax that is sure enough is exactly 0 in float32, and log(0) is -inf. 0 * "
        "-inf is nan, even for an example whose answer is right. log_softmax takes the logits.",
        guilty="log_p",
        route=(
            Way("goto end", "runs it"),
            Way("nan", "-Inf is born at log_p: log(0) in 1 of 10 rows"),
        ),
        asks={"lint": "log-of-zero", "check": "finite numbers", "nan": ""},
        seen="forums.fast.ai 1441",
    ),
    Bug(
        "where-nan",
        "The loss is finite and falls, and one of the weights is nan from the first step on.",
        at_run=2,
        mistake='tf.pow(W, 0.5, name="root")',
        repaired='tf.pow(tf.maximum(W, 1e-6), 0.5, name="root")',
        repair="tf.where computes both sides, and hands the gradient 0 to the one it did not "
        "take. The slope of the root at 0 is infinite, and 0 times infinity is nan.",
        guilty="root",
        route=(
            Way("goto end", "runs it"),
            Way("nan", "Inf is born in the gradient of root, the side that was not taken"),
        ),
        asks={"lint": "where-branch", "check": "finite numbers", "nan": "", "flow": "W"},
        seen="tensorflow/tensorflow#2540",
    ),
    Bug(
        "wrong-axis",
        "The loss begins at 5.717, which is near ln 300, and not near ln 3.",
        at_run=22,
        mistake='axis=0, name="p"',
        repaired='axis=1, name="p"',
        repair="Axis 0 is that of the examples: what adds up to 1 are the columns, not the rows.",
        guilty="Softmax",
        route=(Way("lint", "softmax-over-batch: the columns add up to 1, not the rows"),),
        asks={"lint": "softmax-over-batch", "check": "loss at the start"},
    ),
    Bug(
        "broadcasting",
        "The loss stays at 6.1892, the variance of the targets; all predictions are alike.",
        at_run=22,
        mistake='tf.subtract(prediction, y, name="residual")',
        repaired='tf.subtract(tf.squeeze(prediction, 1), y, name="residual")',
        repair="A column of 64 less a row of 64 is a table of 64 x 64: every prediction is "
        "compared with every target, and the best for all of them is the mean.",
        guilty="residual",
        route=(Way("lint", "broadcast: residual makes [64,64]"),),
        asks={"lint": "broadcast"},
        seen="keras-team/keras#14627, pytorch/pytorch#16045, jsboige/CoursIA#926",
    ),
    Bug(
        "double-softmax",
        "Accuracy 1.000, and yet the loss stays at 0.5516.",
        at_run=402,
        mistake="logits=p)",
        repaired="logits=logits)",
        repair="The cross entropy takes a softmax itself. Of what is between 0 and 1 already, it "
        "cannot make less than -ln(e / (e + 2)) = 0.5514 with 3 classes.",
        guilty="p",
        route=(Way("lint", "softmax-twice: p is a softmax, and is fed into another"),),
        asks={"lint": "softmax-twice"},
        seen="NVIDIA/DeepLearningExamples#468, ariecattan/SciCo#2",
    ),
    Bug(
        "transposed-batch",
        "No error, and the loss stays at 1.091, where 0.151 is possible.",
        at_run=12,
        mistake="batch = examples[at : at + 8].T",
        repaired="batch = examples[at : at + 8]",
        repair="8 examples of 8 numbers fit either way. Any other size of the batch would have "
        "been an error.",
        guilty="x",
        route=(Way("lint", "feed-transposed: x was fed a square matrix that is a transposed one"),),
        asks={"lint": "feed-transposed"},
    ),
    Bug(
        "shuffled-labels",
        "Accuracy 0.758, but on the rest 0.367, which is no better than a guess.",
        at_run=102,
        mistake="kinds[rng.permutation(240)]",
        repaired="kinds[order]",
        repair="Inputs and labels were put into two different orders. What is left can only be "
        "learned by heart.",
        guilty="labels",
        route=(Way("check", "pairing: what one half teaches is of no use for the other"),),
        asks={"check": "pairing"},
        seen="xudonmao/VMT#1",
    ),
    Bug(
        "shadowing-feed",
        "The loss stays at 0.970, where 0.145 is possible; 1000 times larger, x would do.",
        at_run=402,
        mistake="feed = {x: off",
        repaired="feed = {metres: off",
        repair="x is no longer the placeholder, but the product. What is fed hides all that is "
        "above it: the multiplication by 1000 does not run.",
        guilty="millimetres",
        route=(Way("feeds", "millimetres is fed in the middle; 1 node above it does not run"),),
        asks={"why_not": "metres"},
        seen="tensorflow/tensorflow#1988",
    ),
)
