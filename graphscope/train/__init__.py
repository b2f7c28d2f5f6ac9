"""Training: optimizers, learning rates, moving averages, sessions with hooks (tf.train)."""

from graphscope.later import later as _later

with _later(__name__):
    from graphscope.formats.graph_util import write_graph
    from graphscope.formats.messages import SaverDef
    from graphscope.platform.messages import ClusterDef, JobDef, ServerDef
    from graphscope.train.adagrad import (
        AdadeltaOptimizer,
        AdagradDAOptimizer,
        AdagradOptimizer,
        ProximalAdagradOptimizer,
    )
    from graphscope.train.adam import AdamOptimizer
    from graphscope.train.checkpoint_reader import (
        NewCheckpointReader,
        list_variables,
        load_checkpoint,
        load_variable,
    )
    from graphscope.train.checkpoint_state import (
        checkpoint_exists,
        generate_checkpoint_state_proto,
        get_checkpoint_mtimes,
        get_checkpoint_state,
        latest_checkpoint,
        remove_checkpoint,
        update_checkpoint_state,
    )
    from graphscope.train.cluster import (
        ClusterSpec,
        Server,
        SyncReplicasOptimizer,
        replica_device_setter,
    )
    from graphscope.train.coordinator import Coordinator, LooperThread
    from graphscope.train.ftrl import FtrlOptimizer
    from graphscope.train.global_step import (
        assert_global_step,
        create_global_step,
        get_global_step,
        get_or_create_global_step,
        global_step,
    )
    from graphscope.train.gradient_descent import (
        GradientDescentOptimizer,
        ProximalGradientDescentOptimizer,
    )
    from graphscope.train.hooks import (
        FeedFnHook,
        FinalOpsHook,
        GlobalStepWaiterHook,
        LoggingTensorHook,
        NanLossDuringTrainingError,
        NanTensorHook,
        StopAtStepHook,
    )
    from graphscope.train.learning_rate_decay import (
        cosine_decay,
        cosine_decay_restarts,
        exponential_decay,
        inverse_time_decay,
        linear_cosine_decay,
        natural_exp_decay,
        noisy_linear_cosine_decay,
        piecewise_constant,
        polynomial_decay,
    )
    from graphscope.train.momentum import MomentumOptimizer
    from graphscope.train.monitored_session import (
        ChiefSessionCreator,
        MonitoredSession,
        MonitoredTrainingSession,
        SessionCreator,
        SingularMonitoredSession,
        WorkerSessionCreator,
    )
    from graphscope.train.moving_averages import ExponentialMovingAverage
    from graphscope.train.optimizer import Optimizer
    from graphscope.train.restoring import init_from_checkpoint
    from graphscope.train.rmsprop import RMSPropOptimizer
    from graphscope.train.run_hooks import (
        SessionRunArgs,
        SessionRunContext,
        SessionRunHook,
        SessionRunValues,
    )
    from graphscope.train.saver import Saver, export_meta_graph, import_meta_graph
    from graphscope.train.scaffold import Scaffold
    from graphscope.train.session_manager import SessionManager
    from graphscope.train.supervisor import Supervisor
    from graphscope.train.timers import SecondOrStepTimer
    from graphscope.train.writing_hooks import (
        CheckpointSaverHook,
        CheckpointSaverListener,
        ProfilerHook,
        StepCounterHook,
        SummarySaverHook,
    )

__all__ = [
    "AdadeltaOptimizer",
    "AdagradDAOptimizer",
    "AdagradOptimizer",
    "AdamOptimizer",
    "CheckpointSaverHook",
    "CheckpointSaverListener",
    "ChiefSessionCreator",
    "ClusterDef",
    "ClusterSpec",
    "Coordinator",
    "ExponentialMovingAverage",
    "FeedFnHook",
    "FinalOpsHook",
    "FtrlOptimizer",
    "GlobalStepWaiterHook",
    "GradientDescentOptimizer",
    "JobDef",
    "LoggingTensorHook",
    "LooperThread",
    "MomentumOptimizer",
    "MonitoredSession",
    "MonitoredTrainingSession",
    "NanLossDuringTrainingError",
    "NanTensorHook",
    "NewCheckpointReader",
    "Optimizer",
    "ProfilerHook",
    "ProximalAdagradOptimizer",
    "ProximalGradientDescentOptimizer",
    "RMSPropOptimizer",
    "Saver",
    "SaverDef",
    "Scaffold",
    "SecondOrStepTimer",
    "Server",
    "ServerDef",
    "SessionCreator",
    "SessionManager",
    "SessionRunArgs",
    "SessionRunContext",
    "SessionRunHook",
    "SessionRunValues",
    "SingularMonitoredSession",
    "StepCounterHook",
    "StopAtStepHook",
    "SummarySaverHook",
    "Supervisor",
    "SyncReplicasOptimizer",
    "WorkerSessionCreator",
    "assert_global_step",
    "checkpoint_exists",
    "cosine_decay",
    "cosine_decay_restarts",
    "create_global_step",
    "exponential_decay",
    "export_meta_graph",
    "generate_checkpoint_state_proto",
    "get_checkpoint_mtimes",
    "get_checkpoint_state",
    "get_global_step",
    "get_or_create_global_step",
    "global_step",
    "import_meta_graph",
    "init_from_checkpoint",
    "inverse_time_decay",
    "latest_checkpoint",
    "linear_cosine_decay",
    "list_variables",
    "load_checkpoint",
    "load_variable",
    "natural_exp_decay",
    "noisy_linear_cosine_decay",
    "piecewise_constant",
    "polynomial_decay",
    "remove_checkpoint",
    "replica_device_setter",
    "update_checkpoint_state",
    "write_graph",
]
