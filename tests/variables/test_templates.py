"""tf.make_template: the names of scopes and variables are those that TensorFlow 1.15 gives."""

import pytest

import graphscope as gs


@pytest.fixture(autouse=True)
def graph():
    with gs.Graph().as_default() as fresh:
        yield fresh


def scaled(x, n=2):
    return gs.multiply(x, gs.get_variable("w", [n]), name="out")


def names(variables):
    return [v.name for v in variables]


def test_all_calls_share_the_variables_of_the_first():
    first, second = gs.make_template("t", scaled), gs.make_template("t", scaled, n=3)
    assert (first.variable_scope_name, first.variables, first.name) == (None, [], "t")
    results = [first(1.0), first(1.0), second(1.0), second(2.0)]
    assert [y.name for y in results] == ["t/out:0", "t_1/out:0", "t_2/out:0", "t_1_1/out:0"]
    assert names(gs.trainable_variables()) == ["t/w:0", "t_1/w:0"]
    assert first.variable_scope_name == "t/"
    assert names(first.variables) == names(first.global_variables) == ["t/w:0"]
    assert names(second.trainable_variables) == ["t_1/w:0"]
    assert (first.non_trainable_variables, first.local_variables) == ([], [])
    assert first.variable_scope.name == "t"


def test_the_scope_is_where_it_is_first_called_or_made():
    with gs.variable_scope("outer"):
        now = gs.make_template("now", scaled, create_scope_now_=True)
        later, unique = (
            gs.make_template("later", scaled),
            gs.make_template("t", scaled, unique_name_="u"),
        )
    assert now.variable_scope_name == "outer/now/"
    with gs.variable_scope("other"):
        for template in (now, later, unique, unique):
            template(1.0)
    assert names(gs.global_variables()) == ["outer/now/w:0", "other/later/w:0", "other/u/w:0"]
    with pytest.raises(ValueError, match="already exists"), gs.variable_scope("other"):
        gs.make_template("t", scaled, unique_name_="u")(1.0)


def test_templates_inside_templates_and_getters():
    asked = []

    def getter(getter, name, *args, **kwargs):
        asked.append(name)
        return getter(name, *args, **kwargs)

    outer = gs.make_template(
        "o", lambda x: gs.make_template("inner", scaled)(x), custom_getter_=getter
    )
    outer(1.0)
    outer(1.0)
    assert names(outer.variables) == ["o/inner/w:0"]
    assert asked == ["o/inner/w"] * 2


def test_mistakes():
    new = gs.make_template("new", lambda x: gs.Variable(x) * 2)
    new(1.0)
    with pytest.raises(ValueError, match="Trainable variable created when calling a template"):
        new(1.0)
    with pytest.raises(ValueError, match="name cannot be None"):
        gs.make_template(None, scaled)


def test_a_first_call_that_fails_is_no_first_call():
    template = gs.make_template("t", scaled)
    with pytest.raises(TypeError):
        template(1.0, unknown=3)
    template(1.0)
    template(1.0)
    assert names(template.variables) == ["t/w:0"]
