"""Names of nodes inside the messages of collections, which are kept there as bytes.

Field numbers are those of tensorflow/core/protobuf: variable.proto, control_flow.proto,
queue_runner.proto and saver.proto of 1.15.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from graphscope.formats.messages import SaverDef, VariableMessage
from graphscope.platform.messages import Message, repeated
from graphscope.platform.wire import TextMap

Rename = Callable[[str], str]
_Fields = dict[str, Any]


class _Values(Message):
    FIELDS: ClassVar[_Fields] = {"values": list, "external_values": TextMap}


class _CondContext(Message):
    FIELDS: ClassVar[_Fields] = {
        "context_name": "",
        "pred_name": "",
        "pivot_name": "",
        "branch": 0,
        "values_def": _Values,
    }


class _WhileContext(Message):
    FIELDS: ClassVar[_Fields] = {
        "context_name": "",
        "parallel_iterations": 0,
        "back_prop": False,
        "swap_memory": False,
        "pivot_name": "",
        "pivot_for_pred_name": "",
        "pivot_for_body_name": "",
        "loop_exit_names": list,
        "values_def": _Values,
        "loop_enter_names": list,
        "maximum_iterations_name": "",
    }


class _ControlFlowContext(Message):
    FIELDS: ClassVar[_Fields] = {"cond_ctxt": _CondContext, "while_ctxt": _WhileContext}


_CondContext.FIELDS["nested_contexts"] = repeated(_ControlFlowContext)
_WhileContext.FIELDS["nested_contexts"] = repeated(_ControlFlowContext)


class _QueueRunner(Message):
    FIELDS: ClassVar[_Fields] = {
        "queue_name": "",
        "enqueue_op_name": list,
        "close_op_name": "",
        "cancel_op_name": "",
    }


#: What a collection's bytes are, by its key.
_MESSAGES: dict[str, type[Message]] = {
    **dict.fromkeys(
        (
            *("variables", "trainable_variables", "local_variables", "model_variables"),
            *("moving_average_variables", "global_step", "metric_variables"),
        ),
        VariableMessage,
    ),
    "cond_context": _CondContext,
    "while_context": _WhileContext,
    "queue_runners": _QueueRunner,
    "savers": SaverDef,
}


def renamed_bytes(key: str, told: bytes, rename: Rename) -> bytes:
    """A message of a collection with other names in it; as it is, when it holds no such."""
    kind = _MESSAGES.get(key)
    if kind is None:
        return told
    message = kind.FromString(told)
    _rename(message, rename)
    return message.SerializeToString()


def _rename(message: Message, rename: Rename) -> None:
    queue = [message]
    for one in queue:
        for name in one._set_fields():
            value = getattr(one, name)
            if isinstance(value, str):
                setattr(one, name, rename(value))
            elif isinstance(value, dict):
                pairs = {rename(key): rename(text) for key, text in value.items()}
                value.clear()
                value.update(pairs)
            elif isinstance(value, Message):
                queue.append(value)
            elif isinstance(value, list):
                queue += [item for item in value if isinstance(item, Message)]
                value[:] = [rename(item) if isinstance(item, str) else item for item in value]
