"""Several machines: what a script says of them is kept, and where it would need them it ends.

A cluster is data, and operations carry the devices that a script gives them, so that a graph made
here can be run by TensorFlow on machines of that name. GraphScope itself is one process.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import cycle
from typing import Any

from graphscope.errors import UnimplementedError
from graphscope.graph.graph import Operation
from graphscope.platform.devices import DeviceSpec
from graphscope.platform.messages import ClusterDef, ServerDef

#: The operations that keep something: a parameter server holds these.
STANDARD_PS_OPS = (
    *("Variable", "VariableV2", "AutoReloadVariable", "VarHandleOp"),
    *("MutableHashTable", "MutableHashTableV2", "MutableHashTableOfTensors"),
    *("MutableHashTableOfTensorsV2", "MutableDenseHashTable", "MutableDenseHashTableV2"),
    *("BoostedTreesEnsembleResourceHandleOp", "BoostedTreesQuantileStreamResourceHandleOp"),
    "ResourceConditionalAccumulator",
)


#: Where several machines are needed.
_EXPORT = "export the graph and run it with TensorFlow"


class ClusterSpec:
    """The tasks of several machines, grouped into jobs.

    cluster: for each job its addresses: a list, or a dictionary by task numbers; or a ClusterDef.
    Errors: TypeError for anything else. Source: tf.train.ClusterSpec.
    """

    def __init__(self, cluster: Any) -> None:
        if isinstance(cluster, ClusterSpec):
            cluster = cluster.as_cluster_def()
        if isinstance(cluster, ClusterDef):
            self._jobs = {job.name: dict(job.tasks) for job in cluster.job}
        elif isinstance(cluster, dict):
            self._jobs = {name: _numbered(name, tasks) for name, tasks in cluster.items()}
        else:
            raise TypeError(
                "`cluster` must be a dictionary mapping one or more job names to lists of network "
                "addresses, or a `ClusterDef` protocol buffer"
            )
        self.as_cluster_def()  # TypeError for what is no text

    def as_cluster_def(self) -> Any:
        """The same as a message, sorted by names."""
        made: Any = ClusterDef()
        for name, tasks in sorted(self._jobs.items()):
            job = made.job.add(name=_text(name, "Job name"))
            job.tasks.update((i, _text(tasks[i], "Task address")) for i in sorted(tasks))
        return made

    def as_dict(self) -> dict[str, Any]:
        """For each job the list of its addresses; a dictionary where numbers are left out."""
        return {
            name: self.job_tasks(name) if tasks and max(tasks) + 1 == len(tasks) else dict(tasks)
            for name, tasks in self._jobs.items()
        }

    @property
    def jobs(self) -> list[str]:
        """The names of the jobs."""
        return list(self._jobs)

    def num_tasks(self, job_name: str) -> int:
        """How many tasks the job has. Errors: ValueError for no job of the cluster."""
        return len(self._job(job_name))

    def task_indices(self, job_name: str) -> list[int]:
        """The numbers of the job's tasks. Errors: ValueError for no job of the cluster."""
        return sorted(self._job(job_name))

    def task_address(self, job_name: str, task_index: int) -> str:
        """The address of a task. Errors: ValueError for no job of the cluster, or no task."""
        tasks = self._job(job_name)
        if task_index not in tasks:
            raise ValueError(f"No task with index {task_index!r} in job {job_name!r}")
        return tasks[task_index]

    def job_tasks(self, job_name: str) -> list[str | None]:
        """The addresses of a job, None for a number that is left out.

        Errors: ValueError for no job of the cluster, or one without tasks.
        """
        tasks = self._job(job_name)
        return [tasks.get(i) for i in range(max(tasks) + 1)]

    def _job(self, name: str) -> dict[int, str]:
        if name not in self._jobs:
            raise ValueError(f"No such job in cluster: {name!r}")
        return self._jobs[name]

    def __bool__(self) -> bool:
        return bool(self._jobs)

    def __eq__(self, other: object) -> bool:
        return self._jobs == (other._jobs if isinstance(other, ClusterSpec) else other)

    __hash__ = None  # type: ignore[assignment]

    def __str__(self) -> str:
        jobs = (f"{name!r}: {tasks!r}" for name, tasks in sorted(self.as_dict().items()))
        return f"ClusterSpec({{{', '.join(jobs)}}})"


def _numbered(name: Any, tasks: Any) -> dict[int, str]:
    if isinstance(tasks, Mapping):
        return dict(tasks)
    if isinstance(tasks, list | tuple):
        return dict(enumerate(tasks))
    raise TypeError(
        f"The tasks for job {name!r} must be a list or a dictionary from integers to strings."
    )


def _text(value: Any, what: str) -> str:
    if not isinstance(value, str | bytes):
        raise TypeError(f"{what} {value!r} must be bytes or unicode")
    return value.decode() if isinstance(value, bytes) else value


class Server:
    """One task of a cluster. A cluster of a single task is this process; others are refused.

    server_or_cluster_def: a ServerDef, or what a ClusterSpec takes. `job_name`, `task_index`:
    which task; they may be left out where there is one. `protocol`, `config` and `start` are kept
    and without effect.
    Errors: TypeError and ValueError for what names no task, UnimplementedError for a cluster of
    several. Source: tf.train.Server.
    """

    def __init__(
        self,
        server_or_cluster_def: Any,
        job_name: str | None = None,
        task_index: int | None = None,
        protocol: str | None = None,
        config: Any = None,
        start: bool = True,
    ) -> None:
        made: Any = _server_def(server_or_cluster_def, job_name, task_index, protocol)
        if config is not None:
            made.default_session_config.MergeFrom(config)
        self.server_def = made
        jobs = {job.name: len(job.tasks) for job in made.cluster.job}
        if sum(jobs.values()) > 1:
            tasks = ", ".join(f"{name} {count}" for name, count in jobs.items())
            raise UnimplementedError(
                None,
                None,
                f"GraphScope is one process on one machine, and this cluster has several tasks "
                f"({tasks}): to train on them, {_EXPORT}",
            )

    @property
    def target(self) -> str:
        """What tf.Session takes to run here."""
        return "local"

    def start(self) -> None:
        """Nothing has to be started."""

    def join(self) -> None:
        """Errors: UnimplementedError, where TensorFlow waits without end."""
        raise UnimplementedError(
            None,
            None,
            "Server.join() waits for ever, for work from other machines, and GraphScope has none: "
            f"leave it out, or {_EXPORT}",
        )

    @staticmethod
    def create_local_server(config: Any = None, start: bool = True) -> Server:
        """A server of one task in a job of the name ``local``."""
        return Server({"local": ["localhost:0"]}, protocol="grpc", config=config, start=start)


class SyncReplicasOptimizer:
    """Adds up the gradients of several machines before they are applied: refused.

    Errors: UnimplementedError. Source: tf.train.SyncReplicasOptimizer.
    """

    def __init__(
        self,
        opt: Any,
        replicas_to_aggregate: int,
        total_num_replicas: int | None = None,
        variable_averages: Any = None,
        variables_to_average: Any = None,
        use_locking: bool = False,
        name: str = "sync_replicas",
        **others: Any,
    ) -> None:
        raise UnimplementedError(
            None,
            None,
            f"SyncReplicasOptimizer waits for the gradients of {replicas_to_aggregate} machines, "
            f"and GraphScope is one process: train with the {type(opt).__name__} itself, or "
            f"{_EXPORT}",
        )


def _server_def(
    given: Any, job_name: str | None, task_index: int | None, protocol: str | None
) -> ServerDef:
    if isinstance(given, ServerDef):
        made = ServerDef()
        made.CopyFrom(given)
        said = {"job_name": job_name, "task_index": task_index, "protocol": protocol}
        for name, value in said.items():
            if value is not None:
                setattr(made, name, value)
        return made
    try:
        cluster = ClusterSpec(given)
    except TypeError:
        raise TypeError(
            "Could not convert `server_or_cluster_def` to a `tf.train.ServerDef` or "
            "`tf.train.ClusterSpec`."
        ) from None
    if job_name is None and len(cluster.jobs) != 1:
        raise ValueError("Must specify an explicit `job_name`.")
    job_name = cluster.jobs[0] if job_name is None else job_name
    indices = cluster.task_indices(job_name)
    if task_index is None and len(indices) != 1:
        raise ValueError("Must specify an explicit `task_index`.")
    return ServerDef(
        cluster=cluster.as_cluster_def(),
        job_name=job_name,
        task_index=indices[0] if task_index is None else task_index,
        protocol=protocol or "grpc",
    )


def replica_device_setter(
    ps_tasks: int = 0,
    ps_device: str = "/job:ps",
    worker_device: str = "/job:worker",
    merge_devices: bool = True,
    cluster: Any = None,
    ps_ops: Any = None,
    ps_strategy: Callable[[Operation], int] | None = None,
) -> Callable[[Operation], str] | None:
    """A function for tf.device: variables go to the parameter servers in turn, all else to a
    worker.

    ps_tasks: how many parameter servers there are; that is taken from a `cluster`, where one is
    given. ps_ops: the types of operations that go there. ps_strategy: gives the number of the
    server for one. merge_devices: False for one that leaves alone what has a device already.
    Returns: None, which tf.device takes too, where there are no parameter servers. All operations
    run on the one device that there is; what they carry goes with the graph.
    Errors: TypeError for no cluster, and for a strategy that is no function. Source:
    tf.train.replica_device_setter.
    """
    if cluster is not None:
        jobs = ClusterSpec(cluster).as_dict()
        ps_tasks = len(jobs.get(DeviceSpec.from_string(ps_device).job or "") or ())
    if ps_tasks == 0:
        return None
    turns = cycle(range(ps_tasks))
    if ps_strategy is not None and not callable(ps_strategy):
        raise TypeError("ps_strategy must be callable")
    kept = frozenset(STANDARD_PS_OPS if ps_ops is None else ps_ops)

    def placed(op: Operation) -> str:
        if not merge_devices and op.device:
            return op.device
        own = DeviceSpec.from_string(op.device)
        if not ps_device or op.type not in kept:
            return DeviceSpec.from_string(worker_device or "").make_merged_spec(own).to_string()
        server = DeviceSpec.from_string(ps_device)
        if server.job and own.job in (None, server.job):
            server = server.replace(task=ps_strategy(op) if ps_strategy else next(turns))
        return server.make_merged_spec(own).to_string()

    return placed
