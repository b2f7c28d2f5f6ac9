"""Cases of datasets, queues, readers and examples, under TensorFlow 1.15 and here.

`PIPELINES` maps an id to a function of the `tensorflow` module and of an empty folder: it returns
plain lists, texts and numbers. `MISTAKES` maps an id to a function that raises.
"""

import numpy as np

PIPELINES = {}
MISTAKES = {}


def case(function):
    assert function.__name__ not in PIPELINES
    PIPELINES[function.__name__] = function
    return function


def mistake(function):
    assert function.__name__ not in MISTAKES
    MISTAKES[function.__name__] = function
    return function


def plain(value):
    """The value as json keeps it."""
    if isinstance(value, dict):
        return {key: plain(value[key]) for key in sorted(value)}
    if hasattr(value, "dense_shape"):
        return [plain(value.indices), plain(value.values), plain(value.dense_shape)]
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, (np.ndarray, np.generic)):
        return plain(value.tolist())
    return value


def elements(tf, dataset, limit=40):
    """What a one-shot iterator gives."""
    following = tf.data.make_one_shot_iterator(dataset).get_next()
    found = []
    with tf.Session() as sess:
        try:
            while len(found) < limit:
                found.append(plain(sess.run(following)))
        except tf.errors.OutOfRangeError:
            found.append("end")
    return found


def numbers(tf, *args):
    return tf.data.Dataset.range(*args)


# ---- datasets ----------------------------------------------------------------------------------


@case
def slices_of_a_nesting(tf, folder):
    nested = {"a": np.arange(6).reshape(3, 2), "b": (np.array(["x", "y", "z"]), np.ones(3))}
    dataset = tf.data.Dataset.from_tensor_slices(nested)
    told = [str(dataset.output_types["a"]), str(dataset.output_shapes["a"]), str(dataset)]
    return [*elements(tf, dataset), told]


@case
def one_element(tf, folder):
    return elements(tf, tf.data.Dataset.from_tensors(([1, 2], 3.5)))


@case
def sparse_slices(tf, folder):
    sparse = tf.SparseTensor([[0, 1], [2, 0], [2, 3]], [1, 2, 3], [4, 5])
    return elements(tf, tf.data.Dataset.from_tensor_slices(sparse).batch(3))


@case
def ranges(tf, folder):
    return [elements(tf, numbers(tf, *args)) for args in ((4,), (2, 5), (10, 0, -3))]


@case
def some_of_them(tf, folder):
    base = numbers(tf, 8)
    made = [
        base.take(3),
        base.take(-1),
        base.skip(5),
        base.skip(-1),
        base.skip(20),
        base.shard(3, 1),
        base.repeat(2),
        base.take(0).repeat(),
        base.concatenate(numbers(tf, 2)),
        base.filter(lambda x: tf.equal(x % 3, 0)),
        base.apply(tf.data.experimental.take_while(lambda x: x < 3)),
        base.map(lambda x: x % 4).apply(tf.data.experimental.unique()),
        base.cache().prefetch(2).take(3).repeat(2),
    ]
    return [elements(tf, each) for each in made]


@case
def side_by_side(tf, folder):
    both = tf.data.Dataset.zip((numbers(tf, 3), {"x": numbers(tf, 5).map(lambda x: x * x)}))
    return [elements(tf, both), elements(tf, both.enumerate(5))]


@case
def batches(tf, folder):
    base = numbers(tf, 7)
    made = [base.batch(3), base.batch(3, drop_remainder=True), base.batch(2, True).batch(2)]
    return [[elements(tf, each), str(each.output_shapes)] for each in made]


@case
def batches_and_back(tf, folder):
    made = numbers(tf, 5).map(lambda x: (x, tf.stack([x, x + 1]))).batch(2)
    return elements(tf, made.apply(tf.data.experimental.unbatch()))


@case
def padded(tf, folder):
    base = numbers(tf, 1, 6).map(lambda x: (tf.fill([x], x), tf.as_string(x)))
    made = [
        base.padded_batch(2, ([None], [])),
        base.padded_batch(2, ([6], []), (tf.constant(-1, tf.int64), "")),
        base.padded_batch(3, ([-1], []), drop_remainder=True),
    ]
    return [[elements(tf, each), str(each.output_shapes)] for each in made]


@case
def functions_of_several(tf, folder):
    base = tf.data.Dataset.from_tensor_slices(([1.0, 2.0], [3, 4]))
    swapped = base.map(lambda x, n: {"n": n, "x": x * tf.cast(n, tf.float32)}, 4)
    return elements(tf, swapped.map(lambda d: (d["x"] + 1, d["n"])))


@case
def what_is_around(tf, folder):
    offset = tf.constant(10, tf.int64)
    return elements(tf, numbers(tf, 3).map(lambda x: x + offset))


@case
def flattened(tf, folder):
    return elements(tf, numbers(tf, 4).flat_map(lambda x: tf.data.Dataset.range(x).repeat(2)))


@case
def interleaved(tf, folder):
    def some(x):
        return tf.data.Dataset.range(10 * x, 10 * x + x)

    base = numbers(tf, 1, 6)
    return [
        elements(tf, base.interleave(some, cycle_length=cycle, block_length=block))
        for cycle, block in ((1, 1), (2, 1), (3, 2), (9, 3))
    ]


@case
def windows(tf, folder):
    made = []
    for size, shift, stride, drop in ((3, None, 1, False), (3, 1, 2, True), (2, 4, 1, False)):
        window = numbers(tf, 9).window(size, shift, stride, drop)
        made.append(elements(tf, window.flat_map(lambda each: each.batch(10))))
    return made


@case
def scanned_and_reduced(tf, folder):
    base = numbers(tf, 6)
    zero = tf.constant(0, tf.int64)
    sums = base.apply(tf.data.experimental.scan(zero, lambda s, x: (s + x, s * x)))
    total = base.reduce((zero, zero), lambda s, x: (s[0] + x, s[1] + 1))
    only = tf.data.experimental.get_single_element(base.batch(10))
    with tf.Session() as sess:
        return [elements(tf, sums), plain(sess.run([total, only]))]


@case
def groups(tf, folder):
    by = tf.data.experimental.group_by_window(
        lambda x: x % 3, lambda key, some: some.map(lambda x: x * 10 + key).batch(4), window_size=3
    )
    lengths = tf.data.experimental.bucket_by_sequence_length(
        lambda x: tf.size(x), [2, 4], [3, 2, 2], padded_shapes=[None]
    )
    rows = numbers(tf, 1, 9).map(lambda x: tf.range(x % 5 + 1))
    return [elements(tf, numbers(tf, 14).apply(by)), elements(tf, rows.apply(lengths))]


@case
def chosen(tf, folder):
    sources = [numbers(tf, 10 * i, 10 * i + 3) for i in range(3)]
    order = tf.data.Dataset.from_tensor_slices(np.array([0, 2, 1, 1, 0, 2, 0, 0, 1], np.int64))
    return elements(tf, tf.data.experimental.choose_from_datasets(sources, order))


@case
def counted(tf, folder):
    return elements(tf, tf.data.experimental.Counter(3, 2).take(4))


@case
def random_orders(tf, folder):
    base = numbers(tf, 10)
    made = [
        base.shuffle(10, seed=1),
        base.shuffle(4, seed=1),
        base.shuffle(3, seed=9).repeat(2),
        base.shuffle(20, seed=2).batch(4).repeat(2),
        base.shuffle(5, seed=2, reshuffle_each_iteration=False).map(lambda x: -x).repeat(2),
        base.repeat(2).shuffle(6, seed=3),
        base.apply(tf.data.experimental.shuffle_and_repeat(4, 2, seed=5)),
        tf.data.experimental.RandomDataset(seed=4).take(3),
    ]
    return [elements(tf, each) for each in made]


@case
def random_orders_by_the_seed_of_the_graph(tf, folder):
    tf.set_random_seed(7)
    base = numbers(tf, 6)
    drawn = base.map(lambda x: tf.random_uniform([], 0, 1000, tf.int32) + tf.cast(x, tf.int32))
    weights = tf.random_uniform([2], 0, 1000, tf.int32)
    with tf.Session() as sess:
        told = plain(sess.run(weights))
    return [elements(tf, base.shuffle(6)), elements(tf, drawn), told]


@case
def a_generator(tf, folder):
    def generate(stop):
        for i in range(stop):
            yield {"n": i, "row": [float(i)] * i}

    types = {"n": tf.int32, "row": tf.float32}
    shapes = {"n": [], "row": [None]}
    dataset = tf.data.Dataset.from_generator(generate, types, shapes, args=(3,))
    return [elements(tf, dataset.repeat(2)), str(dataset.output_shapes["row"])]


# ---- iterators ---------------------------------------------------------------------------------


@case
def initialized_again(tf, folder):
    stop = tf.placeholder(tf.int64, [])
    iterator = tf.data.Dataset.range(stop).shuffle(4, seed=3).make_initializable_iterator()
    following = iterator.get_next()
    found = []
    with tf.Session() as sess:
        for count in (3, 5, 5):
            sess.run(iterator.initializer, {stop: count})
            found.append([plain(sess.run(following)) for _ in range(3)])
    return found


@case
def switched(tf, folder):
    first, second = numbers(tf, 3), numbers(tf, 10, 14).map(lambda x: x + 1)
    iterator = tf.data.Iterator.from_structure(first.output_types, first.output_shapes)
    following = iterator.get_next()
    begin = [iterator.make_initializer(each) for each in (first, second)]
    found = []
    with tf.Session() as sess:
        for i in (0, 1, 0):
            sess.run(begin[i])
            found.append([plain(sess.run(following)) for _ in range(2)])
    return found


@case
def fed(tf, folder):
    handle = tf.placeholder(tf.string, [])
    iterator = tf.data.Iterator.from_string_handle(handle, tf.int64, [])
    following = iterator.get_next()
    first = numbers(tf, 5).make_one_shot_iterator()
    second = numbers(tf, 20, 25).make_initializable_iterator()
    with tf.Session() as sess:
        sess.run(second.initializer)
        names = sess.run([first.string_handle(), second.string_handle()])
        return [plain(sess.run(following, {handle: names[i]})) for i in (0, 1, 1, 0, 1)]


@case
def names_of_nodes(tf, folder):
    dataset = tf.data.Dataset.from_tensor_slices(np.arange(4)).shuffle(3, seed=1).batch(2).repeat()
    iterator = dataset.make_initializable_iterator()
    iterator.get_next()
    tf.FIFOQueue(3, [tf.int32], [[]]).enqueue([1])
    tf.train.batch(tf.train.slice_input_producer([np.arange(4)], shuffle=False), 2)
    return [op.name for op in tf.get_default_graph().get_operations()]


# ---- queues ------------------------------------------------------------------------------------


@case
def a_queue(tf, folder):
    queue = tf.FIFOQueue(10, [tf.int32, tf.float32], [[], [2]])
    come = queue.enqueue_many([[1, 2, 3], np.arange(6.0).reshape(3, 2)])
    with tf.Session() as sess:
        sess.run(come)
        sess.run(queue.enqueue([4, [7.0, 8.0]]))
        found = [plain(sess.run(queue.size())), plain(sess.run(queue.dequeue()))]
        found.append(plain(sess.run(queue.dequeue_many(2))))
        sess.run(queue.close())
        found.append(plain(sess.run(queue.dequeue_up_to(5))))
        return [*found, plain(sess.run([queue.size(), queue.is_closed()])), queue.name]


@case
def a_random_queue(tf, folder):
    queue = tf.RandomShuffleQueue(100, 2, tf.int32, [[]], seed=3)
    with tf.Session() as sess:
        sess.run(queue.enqueue_many([np.arange(12)]))
        one = queue.dequeue()
        found = [plain(sess.run(one)) for _ in range(3)]
        sess.run(queue.close())
        return [found, plain(sess.run(queue.dequeue_many(6)))]


@case
def a_padding_queue(tf, folder):
    queue = tf.PaddingFIFOQueue(10, [tf.string, tf.int32], [[], [None]], names=["name", "row"])
    with tf.Session() as sess:
        for i in range(3):
            sess.run(queue.enqueue({"name": "n%d" % i, "row": list(range(i))}))
        return plain(sess.run(queue.dequeue_many(3)))


def through_queues(tf, fetches, limit=20):
    """What runs give until the queues are at their end."""
    found = []
    with tf.Session() as sess:
        sess.run([tf.global_variables_initializer(), tf.local_variables_initializer()])
        coordinator = tf.train.Coordinator()
        threads = tf.train.start_queue_runners(sess, coordinator)
        try:
            while not coordinator.should_stop() and len(found) < limit:
                found.append(plain(sess.run(fetches)))
        except tf.errors.OutOfRangeError:
            found.append("end")
        finally:
            coordinator.request_stop()
        coordinator.join(threads)
    return found


@case
def producers(tf, folder):
    texts = tf.train.string_input_producer(["a", "b", "c"], num_epochs=2, shuffle=False).dequeue()
    whole = tf.train.range_input_producer(4, num_epochs=2, shuffle=True, seed=1).dequeue()
    rows = tf.train.slice_input_producer([np.arange(3), np.eye(3)], num_epochs=1, shuffle=False)
    return [through_queues(tf, each) for each in (texts, whole, rows)]


@case
def batches_of_queues(tf, folder):
    def rows():
        return tf.train.slice_input_producer([np.arange(5)], num_epochs=1, shuffle=False)

    made = [
        tf.train.batch(rows(), 2),
        tf.train.batch({"n": rows()[0]}, 2, allow_smaller_final_batch=True),
        tf.train.batch([tf.range(rows()[0])], 3, dynamic_pad=True),
        tf.train.batch([tf.stack([rows()[0]] * 2)], 4, enqueue_many=True),
    ]
    shuffled = tf.train.shuffle_batch(rows(), 5, 20, 4)
    found = [through_queues(tf, each) for each in made]
    return [found, sorted(through_queues(tf, shuffled)[0])]


# ---- files -------------------------------------------------------------------------------------


def write_lines(folder):
    names = []
    for i in range(2):
        names.append("%s/%d.csv" % (folder, i))
        with open(names[-1], "wb") as file:
            file.write(
                b"n,x,t\n" + b"".join(b"%d,%d.5,t%d\r\n" % (10 * i + j, j, j) for j in (1, 2))
            )
    return names


def without(folder, value):
    """The value without the name of the folder."""
    if isinstance(value, list):
        return [without(folder, each) for each in value]
    return value.replace(folder, "") if isinstance(value, str) else value


@case
def lines_of_files(tf, folder):
    names = write_lines(folder)
    defaults = [[0], [0.0], [""]]
    lines = tf.data.TextLineDataset(names).skip(1)
    each = tf.data.Dataset.list_files(folder + "/*.csv", shuffle=False)
    values = tf.data.experimental.CsvDataset(
        names, [tf.int32, tf.float32], header=True, select_cols=[0, 1]
    )
    parsed = each.flat_map(lambda name: tf.data.TextLineDataset(name).skip(1)).map(
        lambda line: tf.decode_csv(line, defaults)
    )
    return [elements(tf, lines), elements(tf, parsed), elements(tf, values)]


@case
def lines_by_a_reader(tf, folder):
    names = tf.train.string_input_producer(write_lines(folder), num_epochs=2, shuffle=False)
    key, value = tf.TextLineReader(skip_header_lines=1).read(names)
    fields = tf.decode_csv(value, [[0], [0.0], [""]])
    return without(folder, through_queues(tf, tf.train.batch([key, *fields], 3)))


@case
def other_readers(tf, folder):
    with open(folder + "/bytes", "wb") as file:
        file.write(bytes(range(11)))
    found = []
    for reader in (
        tf.WholeFileReader(),
        tf.FixedLengthRecordReader(3, header_bytes=1, footer_bytes=1),
        tf.IdentityReader(),
    ):
        names = tf.train.string_input_producer([folder + "/bytes"], num_epochs=1)
        found.append(without(folder, through_queues(tf, reader.read(names))))
    pieces = tf.data.FixedLengthRecordDataset([folder + "/bytes"], 5, 1)
    return [found, elements(tf, pieces)]


@case
def files(tf, folder):
    write = tf.write_file(folder + "/new/text", "some")
    with tf.Session() as sess:
        sess.run(write)
        found = sess.run([tf.read_file(folder + "/new/text"), tf.matching_files(folder + "/*/t*")])
    return without(folder, plain(found))


# ---- examples ----------------------------------------------------------------------------------


def feature(tf, *values):
    kind = type(values[0]) if values else int
    if kind is int:
        return tf.train.Feature(int64_list=tf.train.Int64List(value=values))
    if kind is float:
        return tf.train.Feature(float_list=tf.train.FloatList(value=values))
    return tf.train.Feature(bytes_list=tf.train.BytesList(value=values))


def example(tf, **values):
    """A serialized example; with one feature its bytes do not depend on an order."""
    made = {name: feature(tf, *own) for name, own in values.items()}
    return tf.train.Example(features=tf.train.Features(feature=made)).SerializeToString()


def three(tf):
    return [
        example(tf, a=[1], b=[1.0, 2.0], c=[b"x"], v=[1, 2, 3]),
        example(tf, a=[2], b=[3.0, 4.0], v=[], s=[1.0, 2.0, 3.0, 4.0]),
        example(tf, a=[3], b=[5.0, 6.0], c=[b"\xff"], v=[7], s=[5.0, 6.0]),
    ]


def wanted(tf):
    return {
        "a": tf.FixedLenFeature([], tf.int64),
        "b": tf.FixedLenFeature([2], tf.float32),
        "c": tf.FixedLenFeature([], tf.string, default_value="none"),
        "v": tf.VarLenFeature(tf.int64),
        "s": tf.FixedLenSequenceFeature([2], tf.float32, allow_missing=True),
    }


@case
def bytes_of_examples(tf, folder):
    found = [example(tf, a=[1, -2, 300]), example(tf, b=[1.5, -0.1]), example(tf, c=[b"x", b""])]
    steps = tf.train.FeatureList(feature=[feature(tf, 1), feature(tf, 2, 3)])
    sequence = tf.train.SequenceExample()
    sequence.context.feature["l"].int64_list.value.append(2)
    sequence.feature_lists.feature_list["t"].CopyFrom(steps)
    found.append(sequence.SerializeToString())
    made = tf.train.Example.FromString(three(tf)[0])
    own = made.features.feature
    told = [sorted(own), list(own["v"].int64_list.value), own["b"].WhichOneof("kind"), str(made)]
    return [plain(found), told]


@case
def examples_parsed(tf, folder):
    many = tf.parse_example(three(tf), wanted(tf))
    one = tf.parse_single_example(three(tf)[1], wanted(tf))
    shapes = [str(many[k].shape) for k in "abcs"] + [str(one[k].shape) for k in "abcs"]
    with tf.Session() as sess:
        return [plain(sess.run(many)), plain(sess.run(one)), shapes]


@case
def sequences_parsed(tf, folder):
    made = tf.train.SequenceExample(
        context=tf.train.Features(feature={"l": feature(tf, 2)}),
        feature_lists=tf.train.FeatureLists(
            feature_list={
                "t": tf.train.FeatureList(feature=[feature(tf, 1), feature(tf, 2)]),
                "v": tf.train.FeatureList(feature=[feature(tf, 1), feature(tf, 2, 3), feature(tf)]),
            }
        ),
    )
    found = tf.parse_single_sequence_example(
        made.SerializeToString(),
        {"l": tf.FixedLenFeature([], tf.int64)},
        {"t": tf.FixedLenSequenceFeature([], tf.int64), "v": tf.VarLenFeature(tf.int64)},
    )
    with tf.Session() as sess:
        return plain(sess.run(found))


@case
def records(tf, folder):
    found = []
    kinds = tf.python_io.TFRecordCompressionType
    for packing in (kinds.NONE, kinds.GZIP, kinds.ZLIB):
        path = "%s/%d" % (folder, packing)
        options = tf.python_io.TFRecordOptions(packing)
        with tf.python_io.TFRecordWriter(path, options=options) as writer:
            for each in three(tf):
                writer.write(each)
        found.append(len(list(tf.python_io.tf_record_iterator(path, options=options))))
        word = {0: "", 1: "ZLIB", 2: "GZIP"}[packing]
        parsed = tf.data.TFRecordDataset([path], word).map(
            lambda text: tf.parse_single_example(text, wanted(tf))
        )
        found.append(elements(tf, parsed.map(lambda d: (d["a"], d["v"])).batch(2)))
    with tf.python_io.TFRecordWriter(folder + "/plain") as writer:
        writer.write(b"rec")
    with open(folder + "/plain", "rb") as file:
        found.append(plain(file.read()))
    names = tf.train.string_input_producer([folder + "/0"], num_epochs=1)
    keys = through_queues(tf, tf.TFRecordReader().read(names)[0])
    return [found, len(keys), without(folder, keys[0])]


@case
def batches_parsed(tf, folder):
    parse = tf.data.experimental.parse_example_dataset({"b": tf.FixedLenFeature([2], tf.float32)})
    return elements(tf, tf.data.Dataset.from_tensor_slices(three(tf)).batch(2).apply(parse))


@case
def fields_of_lines(tf, folder):
    lines = ["1,2.5,a", '3,,"b,""c"', " 7 ,1e2,"]
    made = [
        tf.decode_csv(lines, [[0], [1.5], ["z"]]),
        tf.decode_csv("1|2", [tf.constant([0], tf.int64), [0.0]], field_delim="|"),
        tf.decode_csv("NA,1,x", [[5], [0]], na_value="NA", select_cols=[0, 1]),
        tf.decode_csv('"q",1', [[""], [0]], use_quote_delim=False),
    ]
    with tf.Session() as sess:
        return plain(sess.run(made))


# ---- mistakes ----------------------------------------------------------------------------------


@mistake
def not_initialized(tf, folder):
    tf.Session().run(numbers(tf, 3).make_initializable_iterator().get_next())


@mistake
def at_the_end(tf, folder):
    tf.Session().run(numbers(tf, 0).make_one_shot_iterator().get_next())


@mistake
def one_shot_of_a_placeholder(tf, folder):
    tf.data.Dataset.range(tf.placeholder(tf.int64, [])).make_one_shot_iterator()


@mistake
def one_shot_of_a_variable(tf, folder):
    weight = tf.get_variable("w", [], use_resource=True)
    numbers(tf, 3).map(lambda x: weight.read_value()).make_one_shot_iterator()


@mistake
def rows_of_a_number(tf, folder):
    tf.data.Dataset.from_tensor_slices(3)


@mistake
def rows_that_differ(tf, folder):
    tf.data.Dataset.from_tensor_slices(([1, 2], [1, 2, 3]))


@mistake
def batch_of_other_shapes(tf, folder):
    elements(tf, numbers(tf, 3).map(lambda x: tf.range(x)).batch(2))


@mistake
def batch_of_none(tf, folder):
    elements(tf, numbers(tf, 3).batch(0))


@mistake
def test_that_is_no_truth(tf, folder):
    numbers(tf, 3).filter(lambda x: x)


@mistake
def no_dataset(tf, folder):
    numbers(tf, 3).flat_map(lambda x: x)


@mistake
def zip_of_a_list(tf, folder):
    tf.data.Dataset.zip([numbers(tf, 3)])


@mistake
def concatenated_types(tf, folder):
    numbers(tf, 3).concatenate(tf.data.Dataset.from_tensors(1.0))


@mistake
def initializer_of_other_types(tf, folder):
    iterator = tf.data.Iterator.from_structure(tf.int64, [])
    iterator.make_initializer(tf.data.Dataset.from_tensors(1.0))


@mistake
def a_generator_of_other_shapes(tf, folder):
    made = tf.data.Dataset.from_generator(lambda: iter([[1, 2]]), tf.int32, [])
    elements(tf, made)


@mistake
def more_than_one(tf, folder):
    tf.Session().run(tf.data.experimental.get_single_element(numbers(tf, 3)))


@mistake
def a_closed_queue(tf, folder):
    queue = tf.FIFOQueue(3, tf.int32, [[]])
    with tf.Session() as sess:
        sess.run(queue.close())
        sess.run(queue.dequeue())


@mistake
def into_a_closed_queue(tf, folder):
    queue = tf.FIFOQueue(3, tf.int32, [[]])
    with tf.Session() as sess:
        sess.run(queue.close())
        sess.run(queue.enqueue(1))


@mistake
def no_shapes(tf, folder):
    tf.Session().run(tf.FIFOQueue(3, tf.int32).dequeue_many(2))


@mistake
def no_epochs(tf, folder):
    tf.train.limit_epochs(tf.constant(1), 0)


@mistake
def no_file(tf, folder):
    elements(tf, tf.data.TextLineDataset(folder + "/none"))


@mistake
def nothing_matches(tf, folder):
    dataset = tf.data.Dataset.list_files(folder + "/none*")
    tf.Session().run(dataset.make_initializable_iterator().initializer)


@mistake
def a_cut_record(tf, folder):
    with tf.python_io.TFRecordWriter(folder + "/cut") as writer:
        writer.write(b"record")
    with open(folder + "/cut", "rb") as file:
        whole = file.read()
    with open(folder + "/cut", "wb") as file:
        file.write(whole[:-3])
    list(tf.python_io.tf_record_iterator(folder + "/cut"))


@mistake
def a_feature_that_is_missing(tf, folder):
    tf.Session().run(tf.parse_example(three(tf), {"z": tf.FixedLenFeature([], tf.int64)}))


@mistake
def a_feature_of_another_type(tf, folder):
    tf.Session().run(
        tf.parse_single_example(three(tf)[0], {"a": tf.FixedLenFeature([], tf.string)})
    )


@mistake
def no_features(tf, folder):
    tf.parse_single_example("", {})


@mistake
def a_fraction_among_whole_numbers(tf, folder):
    tf.train.Int64List(value=[1.5])


@mistake
def a_field_too_many(tf, folder):
    tf.Session().run(tf.decode_csv("1,2,3", [[0], [0]]))


@mistake
def a_field_that_is_required(tf, folder):
    tf.Session().run(tf.decode_csv(",1", [tf.constant([], tf.int32), [0]]))
