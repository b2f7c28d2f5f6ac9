"""Settings of sessions and runs: accepted with all their fields, and without effect.

There is one device. Runs are traced when RunOptions say so. Field names are those of
tensorflow/core/protobuf/config.proto of 1.15; a field that does not exist there is refused as
there.
"""

from __future__ import annotations

import copy
import numbers
from typing import Any, ClassVar, TypeVar

from graphscope.platform import textformat, wire

_M = TypeVar("_M", bound="Message")


class Message:
    """A record of settings. Fields that are messages, lists or maps are there from the start.

    FIELDS: the fields in the order of their numbers, with their defaults; a class makes its own.
    NAMES:  what the numbers of an enumeration are called.
    NUMBERS: the numbers of fields that are not those of their places.
    ONEOFS: groups of fields of which a message has one: setting one clears the others.
    PASSED_ON: nobody looks into it, and it is written as it was read.
    Errors: ValueError for a field that there is not, AttributeError when one is assigned,
    TypeError for a value of another kind.
    """

    FIELDS: ClassVar[dict[str, Any]] = {}
    NAMES: ClassVar[dict[str, dict[int, str]]] = {}
    NUMBERS: ClassVar[dict[str, int]] = {}
    ONEOFS: ClassVar[dict[str, tuple[str, ...]]] = {}
    PASSED_ON: ClassVar[bool] = False

    def __init__(self, **fields: Any) -> None:
        held = self.__dict__
        if not fields:
            held["_given"] = set()
            return
        unknown = [name for name in fields if name not in self.FIELDS]
        if unknown:
            raise ValueError(f'Protocol message {type(self).__name__} has no "{unknown[0]}" field.')
        held["_given"] = {name for name, value in fields.items() if value is not None}
        for name, value in fields.items():
            held[name] = _field(self, name, self.FIELDS[name], value)

    def __getattr__(self, name: str) -> Any:
        """A field that nobody has asked for yet: it is made then."""
        if name not in self.FIELDS:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        value = self.__dict__[name] = _field(self, name, self.FIELDS[name], None)
        return value

    def __setattr__(self, name: str, value: Any) -> None:
        default = self.FIELDS.get(name)
        if name not in self.FIELDS:
            raise AttributeError(f"Assignment not allowed (no field {name!r} in protocol message).")
        if isinstance(default, type):
            raise AttributeError(
                f'Assignment not allowed to field "{name}" in protocol message object: change '
                "what is in it, or give it CopyFrom"
            )
        checked = _scalar(self, name, default, value)
        group = next((names for names in self.ONEOFS.values() if name in names), ())
        for other in group:
            self.ClearField(other)
        self.__dict__[name] = checked
        self.__dict__["_given"].update({name} & set(group))

    def ClearField(self, name: str) -> None:
        """Set a field back to what it is at first. Errors: ValueError for one there is not."""
        if name not in self.FIELDS:
            raise ValueError(f'Protocol message {type(self).__name__} has no "{name}" field.')
        self.__dict__[name] = _field(self, name, self.FIELDS[name], None)
        self.__dict__["_given"].discard(name)

    def WhichOneof(self, group: str) -> str | None:
        """The field of the group that is set. Errors: ValueError for a group there is not."""
        if group not in self.ONEOFS:
            raise ValueError(f'Protocol message has no oneof "{group}" field.')
        held, names = self.__dict__, self.ONEOFS[group]
        for name in held["_given"]:  # setting one of them takes that from the others
            if name in names and name in held:
                return str(name)
        return next((name for name in names if name in held and self._is_set(name)), None)

    def CopyFrom(self, other: Message) -> None:
        if other is not self:
            taken = copy.deepcopy(other.__dict__)
            self.__dict__.clear()
            self.__dict__.update(taken)

    def MergeFrom(self, other: Message) -> None:
        """Take over what is set in the other message."""
        for name in other._set_fields():
            mine, value = getattr(self, name), copy.deepcopy(other.__dict__[name])
            if isinstance(mine, Message):
                mine.MergeFrom(value)
            elif isinstance(mine, list):
                mine.extend(value)
            elif isinstance(mine, dict):
                mine.update(value)
            else:
                self.__dict__[name] = value
        self.__dict__["_given"] |= other.__dict__["_given"]

    def adopt(self, name: str, message: Message) -> None:
        """Hold a message in a field, itself and no copy of it."""
        self.__dict__[name] = message
        self.__dict__["_given"].add(name)

    def HasField(self, name: str) -> bool:
        return name in self.__dict__ and self._is_set(name)

    def SerializeToString(self) -> bytes:
        return wire.serialized(self)

    def ParseFromString(self, serialized: bytes) -> int:
        """Become what is serialized. Errors: ValueError when the bytes are no message."""
        self.CopyFrom(type(self)())
        wire.merge(self, serialized)
        return len(serialized)

    @classmethod
    def FromString(cls: type[_M], serialized: bytes) -> _M:
        message = cls()
        wire.merge(message, serialized)
        return message

    def _set_fields(self) -> list[str]:
        """The fields that were given, or differ from their defaults."""
        held = self.__dict__
        return [name for name in self.FIELDS if name in held and self._is_set(name)]

    def _is_set(self, name: str) -> bool:
        """Whether a field that is there is given, or differs from its default."""
        value, default = self.__dict__[name], self.FIELDS[name]
        is_given = name in self.__dict__["_given"]
        if isinstance(value, Message):
            return is_given or bool(value._set_fields())
        if is_given and any(name in names for names in self.ONEOFS.values()):
            return True
        return bool(value) if isinstance(default, type) else bool(value != default)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and repr(self) == repr(other)

    def __hash__(self) -> int:
        raise TypeError("unhashable object")

    def __repr__(self) -> str:
        """The text format of protocol buffers."""
        return textformat.written((name, self._shown(name)) for name in self._set_fields())

    def _shown(self, name: str) -> Any:
        value = vars(self)[name]
        named = isinstance(value, int) and value in self.NAMES.get(name, {})
        return textformat.Word(self.NAMES[name][value]) if named else value


class Repeated(list[Any]):
    """A field of several messages; `item` is their class."""

    item: ClassVar[type[Message]]

    def add(self, **fields: Any) -> Any:
        """A new message at the end, which is returned."""
        self.append(self.item(**fields))
        return self[-1]


def repeated(item: type[Message]) -> type[Repeated]:
    """The class of a field that has several messages of one class."""
    return type(f"Repeated{item.__name__}", (Repeated,), {"item": item})


class Map(dict[str, Any]):
    """Messages by their names; who asks for one that is not there makes it."""

    item: ClassVar[type[Message]]

    def __missing__(self, name: str) -> Any:
        if not isinstance(name, str):
            raise TypeError(f"{name!r} has type {type(name).__name__}, but expected one of: str")
        self[name] = made = self.item()
        return made

    def get_or_create(self, name: str) -> Any:
        return self[name]


def mapped(item: type[Message]) -> type[Map]:
    """The class of a field that has messages of one class, each by a name."""
    return type(f"Map{item.__name__}", (Map,), {"item": item})


def _field(message: Message, name: str, default: Any, value: Any) -> Any:
    """What a field holds at first. A message may be given as a dictionary."""
    if not isinstance(default, type):
        return default if value is None else _scalar(message, name, default, value)
    made = default()
    if isinstance(made, Message):
        if value is not None:
            made.CopyFrom(default(**value) if isinstance(value, dict) else value)
    elif isinstance(made, dict):
        made.update(value or {})
    else:
        made.extend(() if value is None else value)
    return made


_KINDS: dict[type, tuple[type, ...]] = {
    bool: (bool, numbers.Integral),
    int: (numbers.Integral,),
    float: (numbers.Real,),
    wire.Float32: (numbers.Real,),
    str: (str, bytes),
    bytes: (bytes,),
}


def _scalar(message: Message, name: str, default: Any, value: Any) -> Any:
    names = message.NAMES.get(name, {})
    if isinstance(value, str) and value in names.values():
        return next(number for number, text in names.items() if text == value)
    kinds = _KINDS[type(default)]
    if not isinstance(value, kinds):
        expected = ", ".join(kind.__name__ for kind in kinds)
        raise TypeError(
            f"{name}: {value!r} has type {type(value).__name__}, but expected one of: {expected}"
        )
    if isinstance(default, str) and isinstance(value, bytes):
        return value.decode()
    return type(default)(value)


_JIT = {0: "DEFAULT", -1: "OFF", 1: "ON_1", 2: "ON_2"}
_SWITCH = {0: "DEFAULT", 1: "ON", 2: "OFF", 3: "AGGRESSIVE"}


class GPUOptions(Message):
    FIELDS: ClassVar[dict[str, Any]] = {
        "per_process_gpu_memory_fraction": 0.0,
        "allocator_type": "",
        "deferred_deletion_bytes": 0,
        "allow_growth": False,
        "visible_device_list": "",
        "polling_active_delay_usecs": 0,
        "polling_inactive_delay_msecs": 0,
        "force_gpu_compatible": False,
        "experimental": Message,
    }


class OptimizerOptions(Message):
    DEFAULT, OFF, ON_1, ON_2 = 0, -1, 1, 2
    L0, L1 = -1, 0
    FIELDS: ClassVar[dict[str, Any]] = {
        "do_common_subexpression_elimination": False,
        "do_constant_folding": False,
        "opt_level": 0,
        "do_function_inlining": False,
        "global_jit_level": 0,
        "max_folded_constant_in_bytes": 0,
    }
    NAMES: ClassVar[dict[str, dict[int, str]]] = {
        "opt_level": {0: "L1", -1: "L0"},
        "global_jit_level": _JIT,
    }


class RewriterConfig(Message):
    DEFAULT, ON, OFF, AGGRESSIVE = 0, 1, 2, 3
    FIELDS: ClassVar[dict[str, Any]] = {
        "layout_optimizer": 0,
        "disable_model_pruning": False,
        "constant_folding": 0,
        "memory_optimization": 0,
        "auto_parallel": Message,
        "arithmetic_optimization": 0,
        "dependency_optimization": 0,
        "loop_optimization": 0,
        "function_optimization": 0,
        "debug_stripper": 0,
        "meta_optimizer_iterations": 0,
        "shape_optimization": 0,
        "remapping": 0,
        "scoped_allocator_optimization": 0,
        "disable_meta_optimizer": False,
        "auto_mixed_precision": 0,
        "optimizers": list,
    }
    NUMBERS: ClassVar[dict[str, int]] = {
        "arithmetic_optimization": 7,
        "dependency_optimization": 8,
        "loop_optimization": 9,
        "function_optimization": 10,
        "debug_stripper": 11,
        "meta_optimizer_iterations": 12,
        "shape_optimization": 13,
        "remapping": 14,
        "scoped_allocator_optimization": 15,
        "disable_meta_optimizer": 19,
        "auto_mixed_precision": 23,
        "optimizers": 100,
    }
    NAMES: ClassVar[dict[str, dict[int, str]]] = {
        name: _SWITCH
        for name, default in FIELDS.items()
        if type(default) is int and name not in ("memory_optimization", "meta_optimizer_iterations")
    }


class GraphOptions(Message):
    FIELDS: ClassVar[dict[str, Any]] = {
        "enable_recv_scheduling": False,
        "optimizer_options": OptimizerOptions,
        "build_cost_model": 0,
        "infer_shapes": False,
        "place_pruned_graph": False,
        "enable_bfloat16_sendrecv": False,
        "timeline_step": 0,
        "build_cost_model_after": 0,
        "rewrite_options": RewriterConfig,
    }
    NUMBERS: ClassVar[dict[str, int]] = {
        "enable_recv_scheduling": 2,
        "optimizer_options": 3,
        "build_cost_model": 4,
        "infer_shapes": 5,
        "place_pruned_graph": 6,
        "enable_bfloat16_sendrecv": 7,
        "timeline_step": 8,
        "build_cost_model_after": 9,
        "rewrite_options": 10,
    }


class ThreadPoolOptionProto(Message):
    FIELDS: ClassVar[dict[str, Any]] = {"num_threads": 0, "global_name": ""}


class JobDef(Message):
    """tasks: their addresses, by number."""

    FIELDS: ClassVar[dict[str, Any]] = {"name": "", "tasks": dict}


class ClusterDef(Message):
    FIELDS: ClassVar[dict[str, Any]] = {"job": repeated(JobDef)}


class ConfigProto(Message):
    FIELDS: ClassVar[dict[str, Any]] = {
        "device_count": dict,
        "intra_op_parallelism_threads": 0,
        "placement_period": 0,
        "device_filters": list,
        "inter_op_parallelism_threads": 0,
        "gpu_options": GPUOptions,
        "allow_soft_placement": False,
        "log_device_placement": False,
        "use_per_session_threads": False,
        "graph_options": GraphOptions,
        "operation_timeout_in_ms": 0,
        "session_inter_op_thread_pool": repeated(ThreadPoolOptionProto),
        "rpc_options": Message,
        "cluster_def": ClusterDef,
        "isolate_session_state": False,
        "experimental": Message,
    }


class ServerDef(Message):
    FIELDS: ClassVar[dict[str, Any]] = {
        "cluster": ClusterDef,
        "job_name": "",
        "task_index": 0,
        "default_session_config": ConfigProto,
        "protocol": "",
    }


class DebugTensorWatch(Message):
    FIELDS: ClassVar[dict[str, Any]] = {
        "node_name": "",
        "output_slot": 0,
        "debug_ops": list,
        "debug_urls": list,
        "tolerate_debug_op_creation_failures": False,
    }


class DebugOptions(Message):
    """What TensorFlow's own debugger watches: accepted, and without effect."""

    FIELDS: ClassVar[dict[str, Any]] = {
        "debug_tensor_watch_opts": repeated(DebugTensorWatch),
        "global_step": 0,
        "reset_disk_byte_usage": False,
    }
    NUMBERS: ClassVar[dict[str, int]] = {
        "debug_tensor_watch_opts": 4,
        "global_step": 10,
        "reset_disk_byte_usage": 11,
    }


class RunOptions(Message):
    NO_TRACE, SOFTWARE_TRACE, HARDWARE_TRACE, FULL_TRACE = 0, 1, 2, 3
    FIELDS: ClassVar[dict[str, Any]] = {
        "trace_level": 0,
        "timeout_in_ms": 0,
        "inter_op_thread_pool": 0,
        "output_partition_graphs": False,
        "debug_options": DebugOptions,
        "report_tensor_allocations_upon_oom": False,
        "experimental": Message,
    }
    NUMBERS: ClassVar[dict[str, int]] = {
        "output_partition_graphs": 5,
        "debug_options": 6,
        "report_tensor_allocations_upon_oom": 7,
        "experimental": 8,
    }
    NAMES: ClassVar[dict[str, dict[int, str]]] = {
        "trace_level": {
            0: "NO_TRACE",
            1: "SOFTWARE_TRACE",
            2: "HARDWARE_TRACE",
            3: "FULL_TRACE",
        }
    }


class CallableOptions(Message):
    FIELDS: ClassVar[dict[str, Any]] = {
        "feed": list,
        "fetch": list,
        "target": list,
        "run_options": RunOptions,
        "tensor_connection": list,
        "feed_devices": dict,
        "fetch_devices": dict,
        "fetch_skip_sync": False,
    }


class NodeExecStats(Message):
    """When one node ran, in microseconds."""

    FIELDS: ClassVar[dict[str, Any]] = {
        "node_name": "",
        "all_start_micros": 0,
        "op_start_rel_micros": 0,
        "op_end_rel_micros": 0,
        "all_end_rel_micros": 0,
        "memory": repeated(Message),
        "output": repeated(Message),
        "timeline_label": "",
        "scheduled_micros": 0,
        "thread_id": 0,
    }


class DeviceStepStats(Message):
    FIELDS: ClassVar[dict[str, Any]] = {"device": "", "node_stats": repeated(NodeExecStats)}


class StepStats(Message):
    FIELDS: ClassVar[dict[str, Any]] = {"dev_stats": repeated(DeviceStepStats)}


class RunMetadata(Message):
    """What a run tells of itself: when each node ran, if RunOptions ask for it."""

    FIELDS: ClassVar[dict[str, Any]] = {
        "step_stats": StepStats,
        "cost_graph": Message,
        "partition_graphs": repeated(Message),
        "function_graphs": repeated(Message),
    }


class SessionLog(Message):
    STATUS_UNSPECIFIED, START, STOP, CHECKPOINT = 0, 1, 2, 3
    FIELDS: ClassVar[dict[str, Any]] = {"status": 0, "checkpoint_path": "", "msg": ""}
    NAMES: ClassVar[dict[str, dict[int, str]]] = {
        "status": {0: "STATUS_UNSPECIFIED", 1: "START", 2: "STOP", 3: "CHECKPOINT"}
    }


class TaggedRunMetadata(Message):
    """A RunMetadata, serialized, in an event file."""

    FIELDS: ClassVar[dict[str, Any]] = {"tag": "", "run_metadata": b""}
