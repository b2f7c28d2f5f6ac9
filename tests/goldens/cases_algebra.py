"""Cases of linear algebra and of products over chosen axes."""

import numpy as np
from goldens.case import case, forms, normal, positive, public

SQUARE = normal(3, 3) + 2 * np.eye(3, dtype=np.float32)
SYMMETRIC = SQUARE + SQUARE.T
DEFINITE = SQUARE @ SQUARE.T + np.eye(3, dtype=np.float32)
BATCH = np.stack([SQUARE, SQUARE.T + 1])
DOUBLE = SQUARE.astype(np.float64)


def add_inverses():
    for name in ("matrix_inverse", "matrix_determinant"):
        case(name, public(name), SQUARE)
        case(name + "/batch", public(name), BATCH)
        case(name + "/float64", public(name), DOUBLE)
    case(  # TensorFlow's gradient of it is transposed: it ignores `adjoint`
        "matrix_inverse/adjoint",
        lambda tf, a: tf.stop_gradient(tf.matrix_inverse(a, adjoint=True), name="r"),
        DOUBLE,
    )
    case("matrix_solve", public("matrix_solve"), DOUBLE, DOUBLE[:, :2])
    case(
        "matrix_solve/adjoint",
        lambda tf, a, b: tf.matrix_solve(a, b, adjoint=True),
        BATCH.astype(np.float64),
        normal(2, 3, 1).astype(np.float64),
    )
    for lower in (True, False):
        case(
            f"matrix_triangular_solve/{lower}",
            lambda tf, a, b, low=lower: tf.matrix_triangular_solve(a, b, lower=low),
            DOUBLE,
            DOUBLE[:, :2],
        )
    case(
        "matrix_solve_ls",
        public("matrix_solve_ls"),
        normal(4, 2).astype("f8"),
        DOUBLE[[0, 1, 2, 0], :1],
    )
    case("slogdet", lambda tf, a: list(tf.linalg.slogdet(a)), DOUBLE)
    case("slogdet/batch", lambda tf, a: list(tf.linalg.slogdet(a)), BATCH.astype("f8"))
    case("logdet", public("linalg.logdet"), DEFINITE.astype("f8"))
    for lower, upper in ((1, 0), (-1, 1), (0, -1)):
        case(
            f"matrix_band_part/{lower}{upper}",
            lambda tf, a, x=lower, y=upper: tf.matrix_band_part(a, x, y),
            normal(2, 3, 4),
        )
    forms("matrix_band_part", lambda tf, a: tf.matrix_band_part(a, 0, 1), (DOUBLE,))
    case("matrix_transpose", public("matrix_transpose"), normal(2, 3, 4))


def add_factors():
    case("cholesky", public("cholesky"), DEFINITE.astype("f8"))
    case("cholesky/batch", public("cholesky"), np.stack([DEFINITE, DEFINITE + 1]))
    case("cholesky_solve", public("cholesky_solve"), np.tril(DOUBLE), DOUBLE[:, :2])
    case("self_adjoint_eigvals", public("self_adjoint_eigvals"), SYMMETRIC.astype("f8"))
    case(
        "self_adjoint_eig",
        lambda tf, a: [t if i == 0 else tf.abs(t) for i, t in enumerate(tf.self_adjoint_eig(a))],
        SYMMETRIC.astype("f8"),
    )
    case("svd/values", lambda tf, a: tf.svd(a, compute_uv=False), normal(3, 4).astype("f8"))
    for rows, columns in ((3, 4), (4, 3), (3, 3)):
        case(
            f"svd/{rows}{columns}",
            lambda tf, a: [t if i == 0 else tf.abs(t) for i, t in enumerate(tf.svd(a))],
            normal(rows, columns).astype("f8"),
        )
    case(
        "qr",
        lambda tf, a: [tf.abs(t) for t in tf.qr(a)],
        normal(4, 3).astype("f8"),
    )

    forms("qr", lambda tf, a: [tf.abs(t) for t in tf.qr(a)], (BATCH.astype("f8"),))


def add_functions():
    pair = (DOUBLE,), (np.stack([DOUBLE.T, np.eye(3)]),)
    forms("expm", lambda tf, a: tf.identity(tf.linalg.expm(a), name="e"), *pair)
    forms("sqrtm", public("linalg.sqrtm"), (DEFINITE.astype("f8"),), (BATCH @ BATCH,))
    whole = DEFINITE + 0.5j * SQUARE
    forms("logm", public("linalg.logm"), (whole,), (np.stack([whole.T, whole]),))
    forms(
        "lu",
        lambda tf, a: [tf.stop_gradient(t, name="r") for t in tf.linalg.lu(a)],
        (SQUARE,),
        (BATCH.astype("f8"),),
    )
    forms("lu/int64", lambda tf, a: list(tf.linalg.lu(a, tf.int64)), (whole,))


def add_products():
    left, right = normal(2, 3, 4), normal(2, 4, 2)
    forms(
        "batch_mat_mul",
        lambda tf, a, b: tf.raw_ops.BatchMatMul(x=a, y=b),
        (left, right),
        (left[:, None].astype("f8"), right[:, None].astype("f8")),
    )
    forms(
        "batch_mat_mul/adjoint",
        lambda tf, a, b: tf.raw_ops.BatchMatMul(x=a, y=b, adj_x=True, adj_y=True),
        (left, normal(2, 5, 3)),
    )
    case("trace", public("trace"), normal(3, 3))
    case("trace/batch", public("trace"), normal(2, 3, 4))
    for ord in ("euclidean", 1, 2, np.inf, 3):
        for axis in (None, 1):
            case(
                f"norm/{ord}/{axis}",
                lambda tf, a, o=ord, x=axis: tf.norm(a, ord=o, axis=x),
                positive(2, 3),
            )
    case("norm/keep", lambda tf, a: tf.norm(a, axis=0, keep_dims=True), normal(2, 3))
    for ord in ("fro", 1, np.inf):
        case(f"norm/matrix/{ord}", lambda tf, a, o=ord: tf.norm(a, o, axis=[0, 1]), normal(2, 3))
    for name, axes in (("1", 1), ("2", 2), ("pairs", [[1, 2], [0, 1]]), ("one", [2, 1])):
        shape = {"1": (4, 2), "2": (3, 4, 2), "pairs": (3, 4, 2), "one": (2, 4, 3)}[name]
        case(
            "tensordot/" + name,
            lambda tf, a, b, x=axes: tf.tensordot(a, b, axes=x),
            normal(2, 3, 4),
            normal(*shape),
        )
    case(
        "tensordot/unknown",
        lambda tf, a, b: tf.tensordot(a, b, [[2], [0]]),
        normal(2, 3, 4),
        normal(4, 5),
        shapes=[[None, 3, 4], [4, 5]],
    )
    for equation, shapes in [
        ("ij,jk->ik", ((2, 3), (3, 4))),
        ("ij,kj->ik", ((2, 3), (4, 3))),
        ("bij,bjk->bik", ((5, 2, 3), (5, 3, 4))),
        ("ijk,k->ij", ((2, 3, 4), (4,))),
        ("i,j->ij", ((2,), (3,))),
        ("ij->ji", ((2, 3),)),
        ("ij->", ((2, 3),)),
        ("ij->i", ((2, 3),)),
        ("ij,ij->", ((2, 3), (2, 3))),
        ("ij,jk", ((2, 3), (3, 4))),
        ("aij,ajk,k->ai", ((2, 3, 4), (2, 4, 5), (5,))),
    ]:
        case(
            f"einsum/{equation}",
            lambda tf, *xs, e=equation: tf.identity(tf.einsum(e, *xs), name="sum"),
            *[normal(*shape) for shape in shapes],
        )


for _add in (add_inverses, add_factors, add_functions, add_products):
    _add()
