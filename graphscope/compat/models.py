"""tensorflow.saved_model, and the modules of it that scripts import."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from graphscope import saved_model
from graphscope.saved_model import (
    builder,
    constants,
    loader,
    main_op,
    signature_constants,
    signature_def_utils,
    tag_constants,
    utils,
)

_PARTS: dict[str, ModuleType] = {
    "builder": builder,
    "constants": constants,
    "loader": loader,
    "main_op": main_op,
    "signature_constants": signature_constants,
    "signature_def_utils": signature_def_utils,
    "tag_constants": tag_constants,
    "utils": utils,
}


def _public(module: ModuleType) -> dict[str, Any]:
    found = {name: getattr(module, name) for name in module.__all__}
    return {name: value for name, value in found.items() if not isinstance(value, ModuleType)}


#: Public modules by their names.
MODELS: dict[str, dict[str, Any]] = {
    "tensorflow.saved_model": _public(saved_model),
    **{f"tensorflow.saved_model.{name}": _public(part) for name, part in _PARTS.items()},
}
_LOADER = _public(loader)
_LOADER.pop("contains_saved_model")
MODELS["tensorflow.saved_model.loader"] = _LOADER

#: The same below tensorflow.python.
INNER_MODELS: dict[str, dict[str, Any]] = {
    "tensorflow.python.saved_model": {},
    **{f"tensorflow.python.saved_model.{name}": _public(part) for name, part in _PARTS.items()},
    "tensorflow.python.saved_model.builder_impl": _public(builder),
    "tensorflow.python.saved_model.loader": _LOADER,
    "tensorflow.python.saved_model.loader_impl": {
        **_public(loader),
        "parse_saved_model": loader.parse_saved_model,
    },
    "tensorflow.python.saved_model.main_op_impl": _public(main_op),
    "tensorflow.python.saved_model.saved_model": {
        "load": saved_model.load,
        "simple_save": saved_model.simple_save,
    },
    "tensorflow.python.saved_model.signature_def_utils_impl": _public(signature_def_utils),
    "tensorflow.python.saved_model.simple_save": {"simple_save": saved_model.simple_save},
    "tensorflow.python.saved_model.utils_impl": _public(utils),
}
