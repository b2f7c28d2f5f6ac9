"""Run the tests of the C extension with tools that see every wrong access to memory.

    python tests/kernels/sanitize.py             # AddressSanitizer and UBSan, then valgrind
    python tests/kernels/sanitize.py valgrind    # only that
    python tests/kernels/sanitize.py arm         # products on an emulated ARM processor

The extension is built into a copy of the package, from the sources that pyproject.toml names. With
the sanitizers all tests of kernels that use it run, on every set of instructions. Valgrind knows no
AVX-512 and is slow: under it the other sets do products of a few dozen shapes. Needs gcc, valgrind
and Python 3.11; the last one aarch64-linux-gnu-gcc and qemu-aarch64. Returns 0 when nothing was
found.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from itertools import product
from pathlib import Path

import tomllib

HERE = Path(__file__).resolve()
ROOT = HERE.parents[2]
#: Tests that do not reach the extension; they would only take time.
NOT_OURS = {"test_random.py"}


def built(folder: Path, *flags: str) -> dict[str, str]:
    """Build a copy of the package there; returns an environment in which it is found."""
    shutil.copytree(
        ROOT / "graphscope", folder / "graphscope", ignore=shutil.ignore_patterns("*.so")
    )
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    for module in settings["tool"]["setuptools"]["ext-modules"]:
        target = module["name"].replace(".", "/") + sysconfig.get_config_var("EXT_SUFFIX")
        include = sysconfig.get_paths()["include"]
        command = ["gcc", "-shared", "-fPIC", "-pthread", "-g", *flags]
        command += [*module.get("extra-compile-args", []), f"-I{include}", *module["sources"]]
        subprocess.run([*command, "-lm", "-o", str(folder / target)], cwd=ROOT, check=True)
    return {**os.environ, "PYTHONPATH": str(folder), "PYTHONMALLOC": "malloc"}


def sanitizers(folder: Path) -> int:
    flags = ["-O1", "-fno-omit-frame-pointer", "-fsanitize=address,undefined"]
    environment = built(folder, *flags, "-fno-sanitize-recover=all")
    library = ["gcc", "-print-file-name=libasan.so"]
    environment["LD_PRELOAD"] = subprocess.run(
        library, capture_output=True, text=True, check=True
    ).stdout.strip()
    environment["ASAN_OPTIONS"] = "detect_leaks=0"  # Python itself leaves much behind
    tests = [
        str(file) for file in sorted(HERE.parent.glob("test_*.py")) if file.name not in NOT_OURS
    ]
    pytest = [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "-p", "no:cacheprovider"]
    command = [*pytest, "-o", "addopts=", "-W", "ignore", *tests]
    return subprocess.run(command, cwd=folder, env=environment).returncode


def valgrind(folder: Path) -> int:
    environment = built(folder, "-O2") | {"OPENBLAS_NUM_THREADS": "1"}
    log = folder / "valgrind.log"
    command = ["valgrind", f"--log-file={log}", sys.executable, str(HERE), "drive"]
    code = subprocess.run(command, cwd=ROOT, env=environment).returncode
    reports = re.split(r"^==\d+== $", log.read_text(), flags=re.MULTILINE)
    # Python and numpy have some of their own; ours have a line of ours in them.
    sources = "|".join(
        re.escape(file.name) for file in (ROOT / "graphscope/kernels").glob("_*.[ch]")
    )
    ours = [report for report in reports if re.search(rf"\((?:{sources}):\d+\)", report)]
    print("\n".join(ours), f"{len(reports)} reports of valgrind, {len(ours)} of them ours")
    return code or int(bool(ours))


def arm(folder: Path) -> int:
    program, kernels = str(folder / "products"), ROOT / "graphscope/kernels"
    sources = [
        str(HERE.parent / "products.c"),
        *(str(kernels / f"_{x}.c") for x in ("matmul", "threads")),
    ]
    command = ["aarch64-linux-gnu-gcc", "-O3", "-static", "-pthread", "-ffp-contract=off"]
    command += ["-fno-strict-aliasing", f"-I{kernels}", f"-I{sysconfig.get_paths()['include']}"]
    command += [*sources, "-lm", "-o", program]  # what calls Python is there, but is not called
    subprocess.run([*command, "-Wl,--unresolved-symbols=ignore-all"], check=True)
    return subprocess.run(["qemu-aarch64", program]).returncode


def drive(_: Path) -> int:
    """Products of many shapes, layouts and endings, compared with numpy's."""
    import numpy as np

    from graphscope.kernels import _native

    random, wrong, count = np.random.default_rng(0), 0, 0
    shapes = [(1, 1, 1), (3, 5, 7), (13, 33, 17), (25, 8, 34), (7, 300, 31), (30, 3, 9)]
    ways = product(_native.INSTRUCTIONS, (np.float32, np.float64), shapes, range(4), range(4))
    for name, dtype, (rows, inner, columns), turned, ending in ways:
        _native.use(name)
        a = random.standard_normal((rows, inner)).astype(dtype)
        b = random.standard_normal((inner, columns)).astype(dtype)
        row, base = np.ones(columns, dtype), np.ones((rows, columns), dtype)
        out = np.full((rows, 2 * columns), 7, dtype)[:, :: 1 + (ending == 3)][:, :columns]
        keywords, wanted = [
            ({}, a @ b),
            ({"bias": _native.Operand(row), "relu": True}, np.maximum(a @ b + row, 0)),
            ({"base": _native.Operand(base)}, base + a @ b),
            ({"base": _native.Operand(base), "rate": _native.Operand(base[0, 0, ...])}, 1 - a @ b),
        ][ending]
        _native.Product(
            _native.Operand(a.T.copy() if turned & 1 else a),
            _native.Operand(b.T.copy() if turned & 2 else b),
            _native.Operand(out),
            transpose_a=bool(turned & 1),
            transpose_b=bool(turned & 2),
            **keywords,
        )()
        wrong += not np.allclose(out, wanted, rtol=1e-3, atol=1e-3)
        count += 1
    print(f"{count} products on {', '.join(_native.INSTRUCTIONS)}, {wrong} of them wrong")
    return int(wrong > 0)


def main(words: list[str]) -> int:
    tools = {"sanitizers": sanitizers, "valgrind": valgrind, "arm": arm, "drive": drive}
    for name in words or ["sanitizers", "valgrind"]:
        with tempfile.TemporaryDirectory() as folder:
            code = tools[name](Path(folder))
        print(f"{name}: {'nothing found' if code == 0 else f'failed with code {code}'}", flush=True)
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
