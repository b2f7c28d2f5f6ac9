"""Events and settings as bytes and as text, and event files read again."""

import json
from types import SimpleNamespace

import pytest

import graphscope as gs
from graphscope.platform.messages import (
    ConfigProto,
    GraphOptions,
    OptimizerOptions,
    RunMetadata,
    RunOptions,
    SessionLog,
)
from graphscope.summary.chrome_trace import Timeline
from graphscope.summary.events import Event, summary_iterator
from graphscope.summary.fakes import FakeSummaryWriter
from graphscope.summary.messages import HistogramProto, Image, Summary, Value
from graphscope.summary.reading import (
    assert_summary,
    latest_event_file,
    latest_summaries,
    simple_values_from_events,
)
from graphscope.summary.writer import FileWriter, FileWriterCache

# The bytes are those that TensorFlow 1.15 writes for the same messages.
WIRE = [
    (SessionLog(status=1, checkpoint_path="x", msg="y"), b"\x08\x01\x12\x01x\x1a\x01y"),
    (RunOptions(trace_level=3, timeout_in_ms=5), b"\x08\x03\x10\x05"),
    (RunOptions(report_tensor_allocations_upon_oom=True), b"\x38\x01"),
    (ConfigProto(device_count={"CPU": 2}), b"\x0a\x07\x0a\x03CPU\x10\x02"),
    (
        ConfigProto(graph_options=GraphOptions(optimizer_options=OptimizerOptions(opt_level=-1))),
        b"\x52\x0d\x1a\x0b\x18" + b"\xff" * 9 + b"\x01",
    ),
]


@pytest.mark.parametrize(("message", "expected"), WIRE, ids=lambda x: type(x).__name__)
def test_settings_as_bytes(message, expected):
    assert message.SerializeToString() == expected
    assert type(message).FromString(expected) == message
    other = type(message)()
    assert other.ParseFromString(expected) == len(expected)
    assert other == message


def test_an_event_is_one_of_its_kinds():
    event = Event(1.5, 3, session_log=SessionLog(status=2))
    again = Event.FromString(event.SerializeToString())
    assert (again.wall_time, again.step) == (1.5, 3)
    assert again.WhichOneof("what") == "session_log"
    assert again.session_log.status == SessionLog.STOP
    assert not again.HasField("summary")
    assert (again.summary, again.file_version) == (Summary(), "")
    assert repr(again) == "wall_time: 1.5\nstep: 3\nsession_log {\n  status: STOP\n}\n"
    with pytest.raises(ValueError, match="Event has no"):
        Event(nothing=1)
    with pytest.raises(AttributeError, match="no field"):
        again.nothing  # noqa: B018


def test_summaries_as_text():
    summary = Summary([Value(tag="a", simple_value=1.0), Value(tag="b", image=Image(1, 2))])
    assert repr(summary) == (
        'value {\n  tag: "a"\n  simple_value: 1.0\n}\n'
        'value {\n  tag: "b"\n  image {\n    height: 1\n    width: 2\n  }\n}\n'
    )
    assert (
        repr(Value(tag="c", histo=HistogramProto(max=2.0))) == 'tag: "c"\nhisto {\n  max: 2.0\n}\n'
    )
    assert summary == Summary.FromString(summary.SerializeToString())
    assert summary != Summary()


def test_a_file_is_read_again(tmp_path):
    with FileWriter(str(tmp_path)) as writer:
        writer.add_summary(Summary([Value(tag="a", simple_value=2.0)]), 8)
        writer.add_session_log(SessionLog(status=SessionLog.START), 9)
        writer.add_run_metadata(RunMetadata(), "t", 9)
        with pytest.raises(ValueError, match="already used"):
            writer.add_run_metadata(RunMetadata(), "t", 9)
    events = list(summary_iterator(latest_event_file(str(tmp_path))))
    kinds = ["file_version", "summary", "session_log", "tagged_run_metadata"]
    assert [event.WhichOneof("what") for event in events] == kinds
    assert [event.step for event in events] == [0, 8, 9, 9]
    (found,) = latest_summaries(str(tmp_path))
    assert simple_values_from_events([found], ["a", "b"]) == {"a": 2.0}
    assert_summary(["a"], {"a": 2.0}, found.summary)
    with pytest.raises(ValueError, match="Expected tags"):
        assert_summary(["b"], {}, found.summary)
    assert latest_summaries(str(tmp_path / "nothing")) == []


def test_a_fake_writer_keeps_what_it_is_given(tmp_path):
    FakeSummaryWriter.install()
    with pytest.raises(ValueError, match="already installed"):
        FakeSummaryWriter.install()
    writer = FileWriterCache.get(str(tmp_path))
    FakeSummaryWriter.uninstall()
    with pytest.raises(ValueError, match="not installed"):
        FakeSummaryWriter.uninstall()
    FileWriterCache.clear()
    writer.add_summary(Summary([Value(tag="a", simple_value=2.0)]), 8)

    failures: list[str] = []
    case = SimpleNamespace(fail=failures.append)
    writer.assert_summaries(case, str(tmp_path), expected_summaries={8: {"a": 2.0}})
    assert not failures
    writer.assert_summaries(case, "elsewhere", expected_summaries={8: {"a": 3.0}, 9: {}})
    assert len(failures) == 3


def test_a_trace_as_chrome_draws_it():
    metadata = RunMetadata()
    with gs.Graph().as_default(), gs.Session() as session:
        total = gs.add(gs.constant(1.0, name="a"), gs.constant(2.0, name="b"), name="total")
        session.run(total, options=RunOptions(trace_level=3), run_metadata=metadata)
    trace = json.loads(Timeline(metadata.step_stats).generate_chrome_trace_format())
    names, *boxes = trace["traceEvents"]
    assert names["args"]["name"].endswith("CPU:0 Compute")
    (box,) = [box for box in boxes if box["args"]["name"] == "total"]
    assert box["args"] == {"name": "total", "op": "Add", "input0": "a", "input1": "b"}
    assert box["dur"] >= 0
