"""What is asked of clusters and of the devices that replicas get; see make_clusters.py."""

CLUSTERS = {
    "dense": {"worker": ["w0:2222", "w1:2222", "w2:2222"], "ps": ["p0:2222", "p1:2222"]},
    "sparse": {"worker": {1: "w1:2222"}, "ps": ("p0:2222",)},
    "gap": {"worker": {0: "w0:1", 2: "w2:1"}},
    "one": {"local": ["localhost:0"]},
    "empty": {},
    "no tasks": {"worker": []},
}
WRONG = {
    "a list": "tf.train.ClusterSpec(['worker'])",
    "a job of text": "tf.train.ClusterSpec({'worker': 'w0:2222'})",
    "an address of a number": "tf.train.ClusterSpec({'worker': [2222]})",
    "a job of a number": "tf.train.ClusterSpec({1: ['w0:2222']})",
    "no job": "tf.train.ClusterSpec({'ps': ['a']}).num_tasks('worker')",
    "no job of indices": "tf.train.ClusterSpec({'ps': ['a']}).task_indices('worker')",
    "no job of tasks": "tf.train.ClusterSpec({'ps': ['a']}).job_tasks('worker')",
    "no task": "tf.train.ClusterSpec({'ps': ['a']}).task_address('ps', 1)",
    "a server of nothing": "tf.train.Server(3)",
    "a server without a job": "tf.train.Server({'ps': ['a'], 'worker': ['b']})",
    "a server without a task": "tf.train.Server({'ps': ['a', 'b']}, job_name='ps')",
    "a setter of nothing": "tf.train.replica_device_setter(cluster=3)",
    "a strategy of nothing": "tf.train.replica_device_setter(ps_tasks=1, ps_strategy=3)",
}
#: Arguments of replica_device_setter, and the device around it and around a part of the graph.
SETTERS = {
    "tasks": ({"ps_tasks": 2}, None, None),
    "cluster": ({"cluster": CLUSTERS["dense"]}, None, None),
    "a worker": ({"cluster": CLUSTERS["dense"], "worker_device": "/job:worker/task:1"}, None, None),
    "a processor": ({"ps_tasks": 3, "worker_device": "/job:worker/task:0/gpu:1"}, "/cpu:0", None),
    "inside": ({"ps_tasks": 2}, None, "/cpu:0"),
    "a job inside": ({"ps_tasks": 2}, None, "/job:ps/task:1"),
    "another job inside": ({"ps_tasks": 2}, None, "/job:other"),
    "not merged": ({"ps_tasks": 2, "merge_devices": False}, None, "/cpu:0"),
    "no parameter servers": ({"ps_tasks": 0}, "/gpu:0", None),
    "no ps in the cluster": ({"cluster": {"worker": ["a"]}}, None, None),
    "a ps of its own": ({"ps_tasks": 2, "ps_device": "/job:store/cpu:0"}, None, None),
    "operations of its own": ({"ps_tasks": 2, "ps_ops": ["MatMul"]}, None, None),
}


def answers(tf):
    """All that is asked, as plain data."""
    return {
        "clusters": {name: cluster(tf, given) for name, given in CLUSTERS.items()},
        "wrong": {name: failure(tf, words) for name, words in WRONG.items()},
        "devices": {name: devices(tf, *given) for name, given in SETTERS.items()},
        "servers": servers(tf),
    }


def cluster(tf, given):
    spec = tf.train.ClusterSpec(given)
    written = spec.as_cluster_def().SerializeToString()
    read = tf.train.ClusterDef.FromString(written)
    again = [tf.train.ClusterSpec(part) for part in (spec, spec.as_cluster_def(), read)]
    return {
        "dict": [[job, repr(tasks)] for job, tasks in sorted(spec.as_dict().items())],
        "jobs": sorted(spec.jobs),
        "counts": [spec.num_tasks(job) for job in sorted(spec.jobs)],
        "indices": [spec.task_indices(job) for job in sorted(spec.jobs)],
        "tasks": [spec.job_tasks(job) for job in sorted(spec.jobs) if spec.num_tasks(job)],
        "addresses": [
            spec.task_address(job, i) for job in sorted(spec.jobs) for i in spec.task_indices(job)
        ],
        "text": str(spec),
        "message": str(spec.as_cluster_def()),
        "bytes": sorted(bytearray(written)),
        "true": bool(spec),
        "equal": [spec == other for other in (*again, spec.as_dict(), None)],
        "different": spec != again[0],
    }


def failure(tf, words):
    try:
        eval(words, {"tf": tf})
    except Exception as error:
        return [type(error).__name__, str(error)]
    return None


def devices(tf, arguments, around, within):
    """The devices of some operations, by their names."""
    with tf.Graph().as_default() as graph, tf.device(around):
        setter = tf.train.replica_device_setter(**arguments)
        with tf.device(setter):
            x = tf.placeholder(tf.float32, [None, 2], name="x")
            w = tf.Variable([[1.0], [2.0]], name="w")
            b = tf.get_variable("b", [1], use_resource=True)
            with tf.device(within):
                inner = tf.Variable(0.0, name="inner")
                doubled = tf.multiply(inner, 2.0, name="doubled")
            loss = tf.reduce_sum(tf.matmul(x, w, name="product") + b + doubled, name="loss")
            tf.train.MomentumOptimizer(0.1, 0.9).minimize(loss, name="train")
        names = ("x", "w", "w/read", "w/Assign", "b", "inner", "doubled", "product", "loss")
        names += ("w/Momentum", "train")
        found = [[name, graph.get_operation_by_name(name).device] for name in names]
        return {"none": setter is None, "devices": found}


def servers(tf):
    """A server of one task: what it says of itself, and a session of it."""
    server = tf.train.Server.create_local_server()
    with tf.Graph().as_default():
        v = tf.Variable(2.0)
        with tf.Session(server.target) as session:
            session.run(tf.global_variables_initializer())
            value = float(session.run(v * 3.0))
    given = tf.train.Server(
        {"worker": ["localhost:0"]}, config=tf.ConfigProto(allow_soft_placement=True), start=False
    )
    return {
        "local": str(server.server_def),
        "target": type(server.target).__name__,
        "value": value,
        "given": str(given.server_def),
        "again": str(tf.train.Server(given.server_def, start=False).server_def),
    }
