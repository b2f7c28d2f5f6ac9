"""What the modules of training, summaries and their tests hold beside their public names."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from graphscope.compat.inner import of
from graphscope.contrib import framework
from graphscope.graph import dtypes
from graphscope.platform import logging, messages
from graphscope.summary import chrome_trace, events, fakes, reading, writer
from graphscope.train import (
    monitored_session,
    moving_averages,
    services,
    slots,
    timers,
    wrapped_sessions,
)
from graphscope.train.global_step import (
    GLOBAL_STEP_READ_KEY,
    global_step_increment,
    global_step_read,
)

#: Modules that are modules here, with what is behind them.
WINDOWS: dict[str, ModuleType] = {"tensorflow.python.platform.tf_logging": logging}

_CACHE = of(writer, "FileWriter", "FileWriterCache")

#: Modules below tensorflow.python.
TRAINING: dict[str, dict[str, Any]] = {
    "client.timeline": of(chrome_trace, "Timeline"),
    "pywrap_tensorflow": {"TF_bfloat16_type": lambda: dtypes.bfloat16.as_numpy_dtype},
    "summary.summary_iterator": of(events, "summary_iterator"),
    "summary.writer.writer": _CACHE,
    "summary.writer.writer_cache": _CACHE,
    "training.basic_session_run_hooks": {
        "NeverTriggerTimer": timers.NeverTriggerTimer,
        "SummaryWriterCache": writer.FileWriterCache,
        "_HookTimer": timers.Timer,
    },
    "training.monitored_session": {
        "USE_DEFAULT": monitored_session.USE_DEFAULT,
        "_CoordinatedSession": wrapped_sessions.CoordinatedSession,
        "_HookedSession": wrapped_sessions.HookedSession,
        "_PREEMPTION_ERRORS": wrapped_sessions.INTERRUPTIONS,
        "_RecoverableSession": wrapped_sessions.RecoverableSession,
        "_WrappedSession": wrapped_sessions.WrappedSession,
    },
    "training.moving_averages": of(
        moving_averages, "assign_moving_average", "weighted_moving_average"
    ),
    "training.slot_creator": of(
        slots, "create_slot", "create_slot_with_initializer", "create_zeros_slot"
    ),
    "training.supervisor": of(
        services, "SVStepCounterThread", "SVSummaryThread", "SVTimerCheckpointThread"
    ),
    "training.training_util": {
        "GLOBAL_STEP_READ_KEY": GLOBAL_STEP_READ_KEY,
        "_get_global_step_read": global_step_read,
        "_get_or_create_global_step_read": global_step_read,
        "_increment_global_step": global_step_increment,
    },
}

_PUBLIC = {name: getattr(framework, name) for name in framework.__all__}

#: Modules beside tensorflow.python.
AROUND: dict[str, dict[str, Any]] = {
    "tensorflow.contrib.framework.python": {},
    "tensorflow.contrib.framework.python.framework": {},
    "tensorflow.contrib.framework.python.framework.checkpoint_utils": {},
    "tensorflow.contrib.framework.python.ops": _PUBLIC,
    "tensorflow.contrib.framework.python.ops.variables": _PUBLIC,
    "tensorflow.contrib.testing": {},
    "tensorflow.contrib.testing.python": {},
    "tensorflow.contrib.testing.python.framework": {},
    "tensorflow.contrib.testing.python.framework.fake_summary_writer": of(
        fakes, "FakeSummaryWriter"
    ),
    "tensorflow.contrib.testing.python.framework.util_test": of(
        reading,
        "assert_summary",
        "latest_event_file",
        "latest_events",
        "latest_summaries",
        "simple_values_from_events",
        "to_summary_proto",
    ),
    "tensorflow.core.protobuf.debug_pb2": of(messages, "DebugOptions", "DebugTensorWatch"),
}
