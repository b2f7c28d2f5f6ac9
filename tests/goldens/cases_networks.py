"""Cases of convolutions, pooling, normalization, embeddings, sampled losses and dropout."""

import numpy as np
from goldens.case import case, floats, ints, normal, positive, public

IMAGES = normal(2, 5, 6, 3)
ROWS = normal(2, 7, 3)
LONGS = np.array([[1], [4], [0]], np.int64)


def add_convolutions():
    filters = normal(3, 2, 3, 4)
    for padding in ("SAME", "VALID"):
        for strides in ([1, 1, 1, 1], [1, 2, 2, 1], [1, 3, 1, 1]):
            case(
                f"conv2d/{padding}/{strides[1]}{strides[2]}",
                lambda tf, a, b, s=strides, p=padding: tf.nn.conv2d(a, b, strides=s, padding=p),
                IMAGES,
                filters,
            )
    case(
        "conv2d/unknown",
        lambda tf, a, b: tf.nn.conv2d(a, b, [1, 1, 1, 1], "SAME", name="c"),
        IMAGES,
        filters,
        shapes=[[None, None, 6, 3], [3, 2, 3, 4]],
    )
    case(
        "conv2d/float64",
        lambda tf, a, b: tf.nn.conv2d(a, b, strides=1, padding="VALID"),
        IMAGES.astype(np.float64),
        filters.astype(np.float64),
    )
    case(
        "conv2d/one_pixel",
        lambda tf, a, b: tf.nn.conv2d(input=a, filter=b, strides=[1, 2, 2, 1], padding="SAME"),
        IMAGES,
        normal(1, 1, 3, 2),
    )
    case(
        "conv2d/explicit",
        lambda tf, a, b: tf.nn.conv2d(a, b, 1, [[0, 0], [1, 0], [0, 2], [0, 0]]),
        IMAGES,
        filters,
    )
    case(
        "conv2d/second",
        lambda tf, a, b: tf.gradients(tf.nn.conv2d(a, b, 1, "SAME") ** 2, [a, b])[1],
        IMAGES,
        filters / np.float32(8),
    )


def add_other_convolutions():
    case(
        "conv1d",
        lambda tf, a, b: tf.nn.conv1d(a, b, stride=2, padding="SAME"),
        ROWS,
        normal(3, 3, 2),
    )
    case("conv1d/valid", lambda tf, a, b: tf.nn.conv1d(a, b, 1, "VALID"), ROWS, normal(2, 3, 4))
    for padding in ("SAME", "VALID"):
        case(
            "atrous_conv2d/" + padding,
            lambda tf, a, b, p=padding: tf.nn.atrous_conv2d(a, b, 2, p),
            IMAGES,
            normal(2, 2, 3, 4),
        )
    case(
        "convolution",
        lambda tf, a, b: tf.nn.convolution(a, b, "VALID", strides=[2, 1]),
        IMAGES,
        normal(3, 2, 3, 4),
    )


def add_transposed():
    case(
        "conv2d_transpose",
        lambda tf, a, b: tf.nn.conv2d_transpose(a, b, [2, 10, 12, 4], [1, 2, 2, 1]),
        IMAGES,
        normal(3, 3, 4, 3),
    )
    case(
        "conv2d_transpose/valid",
        lambda tf, a, b: tf.nn.conv2d_transpose(
            a, b, output_shape=[2, 7, 7, 4], strides=[1, 1, 1, 1], padding="VALID"
        ),
        IMAGES,
        normal(3, 2, 4, 3),
    )
    case(
        "conv2d_transpose/batch",
        lambda tf, a, b: tf.nn.conv2d_transpose(
            a, b, tf.stack([tf.shape(a)[0], 10, 12, 4]), strides=[1, 2, 2, 1]
        ),
        IMAGES,
        normal(3, 3, 4, 3),
        shapes=[[None, 5, 6, 3], [3, 3, 4, 3]],
    )
    for strides, padding in ((1, "SAME"), (2, "VALID")):
        case(
            f"depthwise_conv2d/{padding}",
            lambda tf, a, b, s=strides, p=padding: tf.nn.depthwise_conv2d(a, b, [1, s, s, 1], p),
            IMAGES,
            normal(2, 3, 3, 2),
        )
    case(
        "depthwise_conv2d/rate",
        lambda tf, a, b: tf.nn.depthwise_conv2d(a, b, [1, 1, 1, 1], "SAME", rate=[2, 2]),
        IMAGES,
        normal(2, 2, 3, 2),
    )
    case(
        "separable_conv2d",
        lambda tf, a, b, c: tf.nn.separable_conv2d(a, b, c, [1, 1, 1, 1], "SAME"),
        IMAGES,
        normal(2, 2, 3, 2),
        normal(1, 1, 6, 4),
    )


def add_pooling():
    tied = np.round(normal(2, 5, 6, 3))
    for kind in ("max_pool", "avg_pool"):
        for padding in ("SAME", "VALID"):
            for size, step in ((2, 2), (3, 2), (2, 1)):
                case(
                    f"{kind}/{padding}/{size}{step}",
                    lambda tf, a, k=kind, n=size, s=step, p=padding: getattr(tf.nn, k)(
                        a, ksize=[1, n, n, 1], strides=[1, s, s, 1], padding=p
                    ),
                    IMAGES,
                )
        case(
            kind + "/ties",
            lambda tf, a, k=kind: getattr(tf.nn, k)(
                value=a, ksize=[1, 3, 3, 1], strides=[1, 1, 1, 1], padding="SAME", name="p"
            ),
            tied,
        )
        case(
            kind + "/second",
            lambda tf, a, k=kind: tf.gradients(getattr(tf.nn, k)(a, 2, 2, "SAME") ** 2, a)[0],
            IMAGES,
        )
    case("lrn", lambda tf, a: tf.nn.lrn(a, 4, bias=1.0, alpha=0.001 / 9, beta=0.75), IMAGES)
    case(
        "lrn/radius",
        lambda tf, a: tf.nn.local_response_normalization(a, depth_radius=1, alpha=0.5, name="n"),
        normal(1, 2, 2, 5),
    )


def add_normalization():
    case(
        "batch_normalization",
        lambda tf, a, b, c: tf.nn.batch_normalization(a, b, c, None, None, 1e-3),
        normal(4, 3),
        normal(3),
        positive(3),
    )
    case(
        "batch_normalization/all",
        lambda tf, a: tf.nn.batch_normalization(
            a,
            *tf.nn.moments(a, [0]),
            offset=tf.ones([3]),
            scale=tf.ones([3]) * 2.0,
            variance_epsilon=1e-3,
            name="bn",
        ),
        normal(4, 3),
    )
    case(
        "batch_norm_with_global_normalization",
        lambda tf, a, b, c: tf.nn.batch_norm_with_global_normalization(
            a, b, c, tf.zeros([3]), tf.ones([3]) * 3.0, 0.01, True
        ),
        IMAGES,
        normal(3),
        positive(3),
    )
    case(
        "fused_batch_norm",
        lambda tf, a, b, c: tf.nn.fused_batch_norm(a, b, c)[0],
        IMAGES,
        positive(3),
        normal(3),
    )
    case(
        "fused_batch_norm/statistics",
        lambda tf, a, b, c: [
            tf.stop_gradient(t, name="x") for t in tf.nn.fused_batch_norm(a, b, c)
        ],
        IMAGES,
        positive(3),
        normal(3),
    )
    case(
        "fused_batch_norm/inference",
        lambda tf, a, b, c: tf.nn.fused_batch_norm(
            a, b, c, mean=tf.ones([3]), variance=tf.ones([3]) * 2.0, is_training=False
        )[0],
        IMAGES,
        positive(3),
        normal(3),
    )


def add_moments():
    case(
        "weighted_moments",
        lambda tf, a, b: list(tf.nn.weighted_moments(a, [0], b)),
        normal(4, 3),
        positive(4, 1),
    )
    case(
        "sufficient_statistics",
        lambda tf, a: list(
            tf.nn.normalize_moments(*tf.nn.sufficient_statistics(a, [0, 1], shift=None))
        ),
        normal(4, 3),
    )


def add_activations():
    case("nn.crelu", public("nn.crelu"), normal(2, 3))
    case("nn.zero_fraction", public("nn.zero_fraction"), ints([0, 1, 0], [2, 0, 0]))
    case("nn.relu_layer", public("nn.relu_layer"), normal(2, 3), normal(3, 4), normal(4))
    case(
        "nn.weighted_cross_entropy",
        lambda tf, a, b: tf.nn.weighted_cross_entropy_with_logits(
            targets=a, logits=b, pos_weight=2.5
        ),
        np.abs(np.sin(normal(2, 3))),
        normal(2, 3),
    )
    for full in (False, True):
        case(
            f"nn.log_poisson_loss/{full}",
            lambda tf, a, b, f=full: tf.nn.log_poisson_loss(a, b, compute_full_loss=f),
            positive(2, 3) * 2,
            normal(2, 3),
        )


def add_embeddings():
    ids = ints([3, 0, 3], [1, 2, 4])
    for strategy in ("mod", "div"):
        case(
            "embedding_lookup/" + strategy,
            lambda tf, a, b, c, s=strategy: tf.nn.embedding_lookup([a, b], c, s),
            normal(3, 2),
            normal(2, 2),
            ids,
        )
    case(
        "embedding_lookup/max_norm",
        lambda tf, a, b: tf.nn.embedding_lookup(a, b, max_norm=0.5),
        normal(5, 2),
        ids,
    )
    places = np.array([[0, 0], [0, 1], [1, 0], [2, 2]], np.int64)
    for combiner in ("sum", "mean", "sqrtn"):
        for weighted in (False, True):
            case(
                f"embedding_lookup_sparse/{combiner}/{weighted}",
                lambda tf, a, b, c, how=combiner, w=weighted: tf.nn.embedding_lookup_sparse(
                    a,
                    tf.SparseTensor(places, b, [3, 3]),
                    tf.SparseTensor(places, c, [3, 3]) if w else None,
                    combiner=how,
                ),
                normal(5, 2),
                np.array([3, 1, 3, 0], np.int64),
                positive(4),
            )


def add_sampled():
    for name in ("log_uniform_candidate_sampler", "uniform_candidate_sampler"):
        for unique in (True, False):
            for count, classes in ((5, 50), (7, 8), (20, 64)):
                case(
                    f"nn.{name}/{unique}/{count}",
                    lambda tf, a, n=name, u=unique, c=count, m=classes: [
                        *getattr(tf.nn, n)(a, 1, c, u, m, seed=7)
                    ],
                    LONGS,
                )
    case(
        "nn.compute_accidental_hits",
        lambda tf, a, b: list(tf.nn.compute_accidental_hits(a, b, 2)),
        np.array([[1, 3], [4, 0]], np.int64),
        np.array([3, 4, 9], np.int64),
    )

    def losses(name, **options):
        def build(tf, weights, inputs):
            tf.set_random_seed(3)
            return getattr(tf.nn, name)(
                weights,
                tf.ones([9]),
                tf.constant(LONGS),
                inputs,
                num_sampled=4,
                num_classes=9,
                **options,
            )

        return build

    case("nn.nce_loss", losses("nce_loss"), normal(9, 4), normal(3, 4))
    case(
        "nn.nce_loss/hits",
        losses("nce_loss", remove_accidental_hits=True),
        normal(9, 4),
        normal(3, 4),
    )
    case("nn.sampled_softmax_loss", losses("sampled_softmax_loss"), normal(9, 4), normal(3, 4))


def add_dropout():
    for keep in (0.5, 0.8):
        case(
            f"nn.dropout/keep_prob/{keep}",
            lambda tf, a, k=keep: tf.nn.dropout(a, keep_prob=k, seed=5),
            normal(4, 5),
        )
    case("nn.dropout/rate", lambda tf, a: tf.nn.dropout(a, rate=0.25, seed=5), normal(4, 5))
    case("nn.dropout/none", lambda tf, a: tf.nn.dropout(a, 1.0), normal(4, 5))
    case(
        "nn.dropout/fed",
        lambda tf, a, b: tf.nn.dropout(a, tf.stop_gradient(b), seed=1, name="d"),
        normal(4, 5),
        floats(0.5)[0],
        shapes=[[None, 5], []],
    )
    case(
        "nn.dropout/noise_shape",
        lambda tf, a: tf.nn.dropout(a, 0.5, noise_shape=[None, 1, 5], seed=2),
        normal(2, 3, 5),
    )

    def by_graph_seed(tf, a):
        tf.set_random_seed(11)
        return tf.nn.dropout(a, 0.5)

    case("nn.dropout/graph_seed", by_graph_seed, normal(4, 5))


for _add in (
    add_convolutions,
    add_other_convolutions,
    add_transposed,
    add_pooling,
    add_normalization,
    add_moments,
    add_activations,
    add_embeddings,
    add_sampled,
    add_dropout,
):
    _add()
