"""Files under TensorFlow's names, log lines, nested structures, paths beside a file."""

import pytest

import graphscope.errors
from graphscope.graph import nest
from graphscope.platform import gfile, io_gfile, logging, messages, resource_loader


def test_files(tmp_path):
    folder = tmp_path / "a" / "b"
    gfile.MakeDirs(folder)
    gfile.MakeDirs(folder)
    with gfile.GFile(folder / "x.txt", "w") as file:
        file.write("one\ntwo\n")
    with gfile.FastGFile(folder / "x.txt", "rb") as file:
        assert file.read() == b"one\ntwo\n"
    reader = gfile.GFile(str(folder / "x.txt"))
    assert reader.size() == 8
    assert reader.readline() == "one\n"
    assert list(reader) == ["two\n"]
    reader.close()
    gfile.Copy(folder / "x.txt", folder / "y.txt")
    assert gfile.ListDirectory(folder) == ["x.txt", "y.txt"]
    assert [p[-5:] for p in gfile.Glob(str(folder / "*.txt"))] == ["x.txt", "y.txt"]
    gfile.Rename(folder / "y.txt", folder / "z.txt")
    gfile.Remove(folder / "x.txt")
    assert [len(files) for _, _, files in gfile.Walk(tmp_path)] == [0, 0, 1]
    assert gfile.IsDirectory(folder)
    gfile.DeleteRecursively(tmp_path / "a")
    assert not gfile.Exists(folder)


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda at: gfile.GFile(at / "none").read(), "NotFoundError"),
        (lambda at: gfile.Remove(at / "none"), "NotFoundError"),
        (lambda at: gfile.Stat(at / "none"), "NotFoundError"),
        (lambda at: gfile.ListDirectory(at / "none"), "NotFoundError"),
        (lambda at: gfile.DeleteRecursively(at / "none"), "NotFoundError"),
        (lambda at: gfile.MkDir(at), "AlreadyExistsError"),
        (lambda at: gfile.GFile(at / "x", "w").read(), "PermissionDeniedError"),
        (lambda at: gfile.GFile(at / "x", "r").write("a"), "PermissionDeniedError"),
    ],
)
def test_errors_of_files(tmp_path, call, error):
    with pytest.raises(getattr(graphscope.errors, error)):
        call(tmp_path)


def test_log_lines(capsys):
    before = logging.get_logger().level
    logging.get_logger().handlers.clear()
    try:
        logging.set_verbosity(logging.INFO)
        assert logging.get_verbosity() == logging.INFO
        logging.info("step %d", 3)
        logging.debug("not seen")
        for _ in range(5):
            logging.log_first_n(logging.WARN, "twice", 2)
            logging.log_every_n(logging.ERROR, "first, fourth", 3)
    finally:
        logging.set_verbosity(before)
    handlers = logging.get_logger().handlers
    lines = capsys.readouterr().err.splitlines()
    if handlers:  # pytest may have set up logging itself
        assert lines[0] == "INFO:tensorflow:step 3"
        assert sum("twice" in line for line in lines) == 2
        assert sum("fourth" in line for line in lines) == 2


def test_nested_structures():
    structure = [1, (2, {"b": 4, "a": 3}), "text"]
    assert nest.flatten(structure) == [1, 2, 3, 4, "text"]
    assert nest.pack_sequence_as(structure, "vwxyz") == ["v", ("w", {"b": "y", "a": "x"}), "z"]
    assert nest.map_structure(lambda a, b: a + b, (1, [2]), (10, [20])) == (11, [22])
    with pytest.raises(ValueError, match="Structure had 2 elements, but flat_sequence had 1"):
        nest.pack_sequence_as([1, 2], [1])
    with pytest.raises(TypeError, match="don't have the same sequence type"):
        nest.assert_same_structure([1], (1,))


def test_paths_beside_this_file():
    path = resource_loader.get_path_to_datafile("test_files_and_messages.py")
    assert path == __file__
    assert b"paths beside" in resource_loader.load_resource("test_files_and_messages.py")


def test_settings_are_written_as_protocol_buffers_are():
    config = messages.ConfigProto(
        device_count={"GPU": 0}, gpu_options=messages.GPUOptions(allow_growth=True)
    )
    config.log_device_placement = True
    config.graph_options.optimizer_options.global_jit_level = messages.OptimizerOptions.ON_1
    assert repr(config) == (
        'device_count {\n  key: "GPU"\n  value: 0\n}\ngpu_options {\n  allow_growth: true\n}\n'
        "log_device_placement: true\n"
        "graph_options {\n  optimizer_options {\n    global_jit_level: ON_1\n  }\n}\n"
    )
    assert repr(messages.ConfigProto()) == ""
    assert repr(messages.ConfigProto(gpu_options={})) == "gpu_options {\n}\n"
    assert repr(messages.RunOptions(trace_level="FULL_TRACE")) == "trace_level: FULL_TRACE\n"


def test_settings_are_checked_and_merged():
    config = messages.ConfigProto(allow_soft_placement=1)
    assert config.allow_soft_placement is True
    for wrong, error in [
        (lambda: messages.ConfigProto(nope=1), ValueError),
        (lambda: setattr(config, "nope", 1), AttributeError),
        (lambda: setattr(config, "gpu_options", messages.GPUOptions()), AttributeError),
        (lambda: setattr(config, "allow_soft_placement", "yes"), TypeError),
    ]:
        with pytest.raises(error):
            wrong()
    more = messages.ConfigProto(device_filters=["/cpu:0"], inter_op_parallelism_threads=2)
    config.MergeFrom(more)
    assert (config.device_filters, config.HasField("gpu_options")) == (["/cpu:0"], False)
    other = messages.ConfigProto()
    other.CopyFrom(config)
    assert other == config
    other.device_filters.append("/gpu:0")
    assert other != config


def test_files_by_their_later_names(tmp_path):
    folder = tmp_path / "a" / "b"
    io_gfile.makedirs(folder)
    with io_gfile.GFile(folder / "x.txt", "w") as file:
        file.write("text")
    io_gfile.copy(folder / "x.txt", folder / "y.txt")
    io_gfile.rename(folder / "y.txt", folder / "z.txt")
    assert io_gfile.listdir(folder) == ["x.txt", "z.txt"]
    assert io_gfile.exists(folder / "z.txt")
    assert not io_gfile.exists(folder / "y.txt")
    assert io_gfile.glob(str(folder / "*.txt")) == [str(folder / n) for n in ("x.txt", "z.txt")]
    assert io_gfile.stat(folder / "z.txt").length == 4
    assert [files for _, _, files in io_gfile.walk(tmp_path)][-1:] == [["x.txt", "z.txt"]]
    io_gfile.remove(folder / "z.txt")
    io_gfile.rmtree(tmp_path / "a")
    assert not io_gfile.isdir(folder)
