"""The order of a file's nodes, and the frames of its loops.

A file may tell its nodes in any order, and its loops are rings of nodes. Here every node comes
after those that it needs, but for what goes round in a loop; and the nodes of a loop's frame, with
those of the frames in it, stay together. Source: BuildControlFlowInfo in
tensorflow/core/graph/control_flow.cc.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphscope.formats import bodies

#: Names of frames, the outermost first; none for what is in no loop.
Path = tuple[str, ...]

_ENTERING, _LEAVING = ("Enter", "RefEnter"), ("Exit", "RefExit")
_MERGING, _GOING_ROUND = ("Merge", "RefMerge"), ("NextIteration", "RefNextIteration")


def maker(reference: str) -> tuple[str, int]:
    """The node that an input names, and which output it is; -1 for a node to wait for."""
    if reference.startswith("^"):
        return reference[1:], -1
    name, colon, number = reference.rpartition(":")
    return (name, int(number)) if colon and number.isdecimal() else (reference, 0)


@dataclass(eq=False)
class Frame:
    """The nodes of one frame in order, with the frames that are inside. `path` is () outside."""

    path: Path
    items: list[Any | Frame] = field(default_factory=list)


def ordered(nodes: Mapping[str, Any]) -> Frame:
    """The nodes, by their names, as frames in frames. Errors: ValueError for a ring of nodes that
    is no loop, or a loop whose Enters and Exits do not fit together."""
    needs = {name: list(dict.fromkeys(_needed(node, nodes))) for name, node in nodes.items()}
    owners = {told.name: n.name for n in nodes.values() for told in bodies.owned(n).values()}
    if owners:
        for name, node in nodes.items():  # who owns a body comes after what is in it
            if (owner := owners.get(bodies.around(node))) is not None:
                needs[owner].append(name)
    elif not any(node.op in _ENTERING or node.op in _LEAVING for node in nodes.values()):
        return Frame((), [nodes[name] for name in _sorted(needs, None)])
    paths = _paths(nodes, needs, owners)
    places = {name: i for i, name in enumerate(nodes)}
    frames = {path: Frame(path) for path in sorted(set(paths.values()) | {()}, key=len)}
    members: dict[Path, dict[Any, set[Any]]] = {path: {} for path in frames}
    first: dict[Any, int] = {}
    for path, frame in frames.items():
        if path:
            members[path[:-1]][frame] = set()
    for name, path in paths.items():
        members[path].setdefault(name, set())
        first[name] = places[name]
        for depth in range(len(path)):
            inner = frames[path[: depth + 1]]
            first[inner] = min(first.get(inner, places[name]), places[name])
        for other in needs[name]:
            level, item, needed = _meeting(name, other, paths, frames)
            if item != needed:
                members[level].setdefault(item, set()).add(needed)
    for path, frame in frames.items():
        frame.items = [
            item if isinstance(item, Frame) else nodes[item]
            for item in _sorted(members[path], first)
        ]
    return frames[()]


def _needed(node: Any, nodes: Mapping[str, Any]) -> Iterator[str]:
    """What has to be there before a node: not what goes round in a loop."""
    merges = node.op in _MERGING
    for reference in node.input:
        name = reference if reference in nodes else maker(reference)[0]
        if name in nodes and not (merges and nodes[name].op in _GOING_ROUND):
            yield name


def _owned_path(node: Any, nodes: Mapping[str, Any], owners: dict[str, str]) -> Path:
    """The bodies that a node of a graph of GraphScope is in, as the file tells them."""
    path: Path = ()
    while (name := bodies.around(node)) in owners:
        if name in path:
            raise ValueError(f"{name!r} is in itself")
        path = (name, *path)
        node = nodes[owners[name]]
    return path


def _paths(
    nodes: Mapping[str, Any], needs: dict[str, list[str]], owners: dict[str, str]
) -> dict[str, Path]:
    """For each node the frames that it is in."""
    if owners:
        return {name: _owned_path(node, nodes, owners) for name, node in nodes.items()}
    paths: dict[str, Path] = {}
    for name in _sorted(needs, None):
        path = max((paths[other] for other in needs[name]), key=len, default=())
        if nodes[name].op in _ENTERING:
            path = (*path, nodes[name].attr["frame_name"].s.decode())
        elif nodes[name].op in _LEAVING:
            if not path:
                raise ValueError(f"{name!r} leaves a loop, and is in none")
            path = path[:-1]
        paths[name] = path
    return paths


def _meeting(
    name: str, other: str, paths: dict[str, Path], frames: dict[Path, Frame]
) -> tuple[Path, Any, Any]:
    """Where two nodes, of which one needs the other, are side by side, and as what: themselves, or
    the frames that they are in."""
    mine, theirs = paths[name], paths[other]
    depth = 0
    while depth < min(len(mine), len(theirs)) and mine[depth] == theirs[depth]:
        depth += 1
    own = frames[mine[: depth + 1]] if len(mine) > depth else name
    needed = frames[theirs[: depth + 1]] if len(theirs) > depth else other
    return mine[:depth], own, needed


def _sorted(needs: Mapping[Any, Collection[Any]], first: Mapping[Any, int] | None) -> list[Any]:
    """All items, each after those that it needs, otherwise as in the file.

    needs: for each item the others, each once. Errors: ValueError when they go round in a ring.
    """
    rank = first or {item: i for i, item in enumerate(needs)}
    in_file = sorted(needs, key=rank.__getitem__)
    if all(rank[other] < rank[item] for item in in_file for other in needs[item]):
        return in_file  # most files are in order
    waiting = {item: len(needed) for item, needed in needs.items()}
    users: dict[Any, list[Any]] = {}
    for item, needed in needs.items():
        for other in needed:
            users.setdefault(other, []).append(item)
    heap = [(rank[item], i) for i, item in enumerate(needs) if not waiting[item]]
    items = list(needs)
    number = {item: i for i, item in enumerate(items)}
    heapq.heapify(heap)
    found = []
    while heap:
        item = items[heapq.heappop(heap)[1]]
        found.append(item)
        for user in users.get(item, ()):
            waiting[user] -= 1
            if not waiting[user]:
                heapq.heappush(heap, (rank[user], number[user]))
    if len(found) < len(items):
        stuck = next(item for item in items if waiting[item])
        name = stuck if isinstance(stuck, str) else stuck.path[-1]
        raise ValueError(f"the nodes of the graph go round in a ring, at {name!r}")
    return found
