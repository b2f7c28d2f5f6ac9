"""A lesson that is led: what is typed on the page is done as in a shell."""

from graphscope.learn.verb import main

SCRIPT = """\
import graphscope as tf

a = tf.constant(2.0, name="a")
print(tf.Session().run(tf.add(a, 1.0, name="total")))
"""
PAGE = """\
---
lesson: 99
title: Two conversations
script: small.py
---

```console
$ graphscope small.py
(gs 0/1 FWD)> plan
```

And the same program once more:

```console
$ graphscope small.py
(gs 0/1 FWD)> plan
```
"""


def test_each_command_line_begins_with_an_empty_graph(tmp_path, monkeypatch, capsys):
    (tmp_path / "here").mkdir()
    (tmp_path / "small.py").write_text(SCRIPT)
    (tmp_path / "99_two.md").write_text(PAGE)
    (tmp_path / "answers.txt").write_text("\n" * 9)
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    main([str(tmp_path / "99_two.md"), "--script", str(tmp_path / "answers.txt")])
    said = capsys.readouterr().out
    assert said.count("1 node will run for 'total'") == 2, said
    assert "total_1" not in said
