"""Several machines: their names are kept as TensorFlow keeps them, and what needs them is refused.

The goldens are made by goldens/make_clusters.py.
"""

import importlib
import json
from pathlib import Path

import pytest
from goldens.running_clusters import CLUSTERS, SETTERS, WRONG, cluster, devices, failure, servers

from graphscope import compat

GOLDENS = json.loads((Path(__file__).parent.parent / "goldens" / "clusters.json").read_text())


@pytest.fixture(scope="module")
def tf():
    with compat.installed():
        yield importlib.import_module("tensorflow")


@pytest.mark.parametrize("name", CLUSTERS)
def test_a_cluster_is_what_tensorflow_says_it_is(tf, name):
    assert cluster(tf, CLUSTERS[name]) == GOLDENS["clusters"][name]


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_cluster_is_refused_alike(tf, name):
    assert failure(tf, WRONG[name]) == GOLDENS["wrong"][name]


@pytest.mark.parametrize("name", SETTERS)
def test_operations_carry_the_devices_of_replicas(tf, name):
    assert devices(tf, *SETTERS[name]) == GOLDENS["devices"][name]


def test_a_server_of_one_task_is_this_process(tf):
    assert servers(tf) == GOLDENS["servers"]


def test_a_strategy_of_its_own(tf):
    with tf.Graph().as_default():
        setter = tf.train.replica_device_setter(ps_tasks=4, ps_strategy=lambda op: len(op.name))
        with tf.device(setter):
            v = tf.Variable(1.0, name="abc")
        assert v.op.device == "/job:ps/task:3"


MACHINES = {"ps": ["localhost:2222"], "worker": ["localhost:2223", "localhost:2224"]}


@pytest.mark.parametrize(
    "ask",
    [
        lambda tf: tf.train.Server(MACHINES, job_name="worker", task_index=1),
        lambda tf: tf.train.Server(tf.train.ClusterSpec(MACHINES), job_name="ps"),
    ],
)
def test_several_machines_are_refused_in_a_sentence(tf, ask):
    with pytest.raises(tf.errors.UnimplementedError) as caught:
        ask(tf)
    assert caught.value.message == (
        "GraphScope is one process on one machine, and this cluster has several tasks (ps 1, "
        "worker 2): to train on them, export the graph and run it with TensorFlow"
    )


def test_waiting_for_other_machines_is_refused(tf):
    with pytest.raises(tf.errors.UnimplementedError, match=r"Server\.join\(\) waits for ever"):
        tf.train.Server.create_local_server().join()


def test_the_gradients_of_other_machines_are_refused(tf):
    with pytest.raises(tf.errors.UnimplementedError) as caught:
        tf.train.SyncReplicasOptimizer(
            tf.train.GradientDescentOptimizer(0.1), replicas_to_aggregate=3, total_num_replicas=3
        )
    assert "waits for the gradients of 3 machines" in caught.value.message
    assert "train with the GradientDescentOptimizer itself" in caught.value.message


def test_a_session_on_another_machine_is_refused(tf):
    with pytest.raises(tf.errors.NotFoundError, match="GraphScope runs in this process"):
        tf.Session("grpc://localhost:2222")


def test_a_monitored_session_of_a_local_server(tf):
    with tf.Graph().as_default():
        server = tf.train.Server.create_local_server()
        step = tf.train.get_or_create_global_step()
        count = tf.assign_add(step, 1)
        with tf.train.MonitoredTrainingSession(master=server.target, is_chief=True) as session:
            assert [session.run(count) for _ in range(3)] == [1, 2, 3]


def test_settings_of_devices_are_accepted_and_change_nothing(tf):
    config = tf.ConfigProto(
        allow_soft_placement=True,
        log_device_placement=False,
        gpu_options=tf.GPUOptions(per_process_gpu_memory_fraction=0.3, allow_growth=True),
        intra_op_parallelism_threads=2,
    )
    with tf.Graph().as_default(), tf.device("/gpu:1"):
        y = tf.constant([1.0, 2.0]) * 2.0
        assert y.op.device == "/device:GPU:1"
        with tf.Session(config=config) as session:
            assert session.run(y).tolist() == [2.0, 4.0]
