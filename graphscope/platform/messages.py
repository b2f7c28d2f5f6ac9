"""Settings of sessions and runs: accepted with all their fields, and without effect.

There is one device, and runs are not traced. Field names are those of tensorflow/core/protobuf/
config.proto of 1.15; a field that does not exist there is refused as there.
"""

from __future__ import annotations

from typing import Any, ClassVar


class Message:
    """A record of settings. Fields that are messages, lists or maps are there from the start.

    Errors: ValueError for a field that there is not, AttributeError when one is assigned.
    """

    FIELDS: ClassVar[dict[str, Any]] = {}

    def __init__(self, **fields: Any) -> None:
        for name, default in self.FIELDS.items():
            self.__dict__[name] = default() if isinstance(default, type) else default
        for name, value in fields.items():
            if name not in self.FIELDS:
                raise ValueError(f'Protocol message {type(self).__name__} has no "{name}" field.')
            self.__dict__[name] = value

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in self.FIELDS:
            raise AttributeError(f"Assignment not allowed (no field {name!r} in protocol message).")
        self.__dict__[name] = value

    def CopyFrom(self, other: Message) -> None:
        self.__dict__.update(other.__dict__)

    MergeFrom = CopyFrom

    def HasField(self, name: str) -> bool:
        return name in self.__dict__

    def SerializeToString(self) -> bytes:
        return b""

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        raise TypeError("unhashable object")

    def __repr__(self) -> str:
        set_fields = {k: v for k, v in self.__dict__.items() if v or v is False}
        return "".join(f"{name}: {value}\n" for name, value in set_fields.items())


class GPUOptions(Message):
    FIELDS: ClassVar[dict[str, Any]] = {
        "allocator_type": "",
        "allow_growth": False,
        "deferred_deletion_bytes": 0,
        "experimental": Message,
        "force_gpu_compatible": False,
        "per_process_gpu_memory_fraction": 0.0,
        "polling_active_delay_usecs": 0,
        "polling_inactive_delay_msecs": 0,
        "visible_device_list": "",
    }


class OptimizerOptions(Message):
    DEFAULT = OFF = 0
    L0, L1 = -1, 0
    ON_1, ON_2 = 1, 2
    FIELDS: ClassVar[dict[str, Any]] = {
        "do_common_subexpression_elimination": False,
        "do_constant_folding": False,
        "do_function_inlining": False,
        "global_jit_level": 0,
        "max_folded_constant_in_bytes": 0,
        "opt_level": 0,
    }


class RewriterConfig(Message):
    DEFAULT, ON, OFF, AGGRESSIVE = 0, 1, 2, 3
    FIELDS: ClassVar[dict[str, Any]] = {
        "arithmetic_optimization": 0,
        "auto_mixed_precision": 0,
        "auto_parallel": Message,
        "constant_folding": 0,
        "debug_stripper": 0,
        "dependency_optimization": 0,
        "disable_meta_optimizer": False,
        "disable_model_pruning": False,
        "function_optimization": 0,
        "layout_optimizer": 0,
        "loop_optimization": 0,
        "memory_optimization": 0,
        "meta_optimizer_iterations": 0,
        "optimizers": list,
        "remapping": 0,
        "scoped_allocator_optimization": 0,
        "shape_optimization": 0,
    }


class GraphOptions(Message):
    FIELDS: ClassVar[dict[str, Any]] = {
        "build_cost_model": 0,
        "build_cost_model_after": 0,
        "enable_bfloat16_sendrecv": False,
        "enable_recv_scheduling": False,
        "infer_shapes": False,
        "optimizer_options": OptimizerOptions,
        "place_pruned_graph": False,
        "rewrite_options": RewriterConfig,
        "timeline_step": 0,
    }


class ConfigProto(Message):
    FIELDS: ClassVar[dict[str, Any]] = {
        "allow_soft_placement": False,
        "cluster_def": Message,
        "device_count": dict,
        "device_filters": list,
        "experimental": Message,
        "gpu_options": GPUOptions,
        "graph_options": GraphOptions,
        "inter_op_parallelism_threads": 0,
        "intra_op_parallelism_threads": 0,
        "isolate_session_state": False,
        "log_device_placement": False,
        "operation_timeout_in_ms": 0,
        "placement_period": 0,
        "rpc_options": Message,
        "session_inter_op_thread_pool": list,
        "share_cluster_devices_in_session": False,
        "use_per_session_threads": False,
    }


class RunOptions(Message):
    NO_TRACE, SOFTWARE_TRACE, HARDWARE_TRACE, FULL_TRACE = 0, 1, 2, 3
    FIELDS: ClassVar[dict[str, Any]] = {
        "debug_options": Message,
        "experimental": Message,
        "inter_op_thread_pool": 0,
        "output_partition_graphs": False,
        "report_tensor_allocations_upon_oom": False,
        "timeout_in_ms": 0,
        "trace_level": 0,
    }


class StepStats(Message):
    FIELDS: ClassVar[dict[str, Any]] = {"dev_stats": list}


class RunMetadata(Message):
    """What a run could tell of itself: stays empty."""

    FIELDS: ClassVar[dict[str, Any]] = {
        "cost_graph": Message,
        "function_graphs": list,
        "partition_graphs": list,
        "step_stats": StepStats,
    }


class SessionLog(Message):
    STATUS_UNSPECIFIED, START, STOP, CHECKPOINT = 0, 1, 2, 3
    FIELDS: ClassVar[dict[str, Any]] = {"checkpoint_path": "", "msg": "", "status": 0}
