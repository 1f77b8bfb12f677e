"""The match of data flow in CodeBLEU: how many of the expected steps of values between variables were written.

A data flow is a set of edges between the places where variables stand. An edge goes to a variable that is read from
each place that may have given it its value ("comes from"), and to a variable that is assigned from each variable in
what is assigned ("computed from"). A variable is what the function itself defines: parameters and what it assigns. The
two sides of `a, b = b, a` are paired. Variables are then numbered as they appear, so that names do not count. The graph
is that of GraphCodeBERT (Guo et al., 2021, section 3) by rules of our own (`flow_rules`), the match that of Ren et al.
(2020), equation 5.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from codesearch.evaluation.generation.flow_rules import FLOW_RULES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from codesearch.evaluation.generation.flow_rules import FlowRules
    from indexer import SyntaxNode

COMES_FROM, COMPUTED_FROM = "comes from", "computed from"
_LOOP_TURNS = 2  # after two turns every definition in a loop has met every reading in it
_DEEPEST_LOOPS = 4  # nested this deep they are walked once: what was written badly may nest without end

Edge = tuple[str, str, str]  # the relation, the variable that receives, the variable that gives
Flow = Counter[Edge]

_Place = tuple[int, str]  # where a variable stands, in bytes, and its name
_Definitions = dict[str, frozenset[_Place]]  # where a name may have got its present value

_DEFAULTS = ("value", "default_value", "right")  # in a parameter or a pattern: what is read
_TYPE = "type"
_ALTERNATIVE = "alternative"
_ONE_OF_SEVERAL = ("elif_clause", "else_if_clause", "case_clause")  # an alternative that need not run either
_PLAIN = (":=", "==")  # of the tokens that end in "=", those that do not read what they assign


def data_flow(root: SyntaxNode, language: str) -> Flow | None:
    """Return the edges of a function, how often each stands there, as ("computed from", "v1", "v0"); v0 comes first.

    None for a language without rules.
    """
    rules = FLOW_RULES.get(language)
    if rules is None:
        return None
    walk = _Walk(rules)
    walk.run(root, {})
    numbers: dict[str, str] = {}
    for _, name in sorted({place for _, *places in walk.edges for place in places}):
        numbers.setdefault(name, f"v{len(numbers)}")
    return Counter((relation, numbers[to[1]], numbers[origin[1]]) for relation, to, origin in walk.edges)


def matched_edges(written: Flow, expected: Flow) -> tuple[int, int]:
    """Return how many of the expected edges were written, each as often as it is expected; and how many there are."""
    return (written & expected).total(), expected.total()


class _Walk:
    """A walk over a tree in the order in which it runs, with what every name may hold at each point.

    Each step returns the variables that were read in it.
    """

    def __init__(self, rules: FlowRules) -> None:
        self.edges: set[tuple[str, _Place, _Place]] = set()
        self._rules = rules
        self._loops = 0

    def run(self, node: SyntaxNode, known: _Definitions) -> list[_Place]:
        """Walk over `node`; `known` is brought up to date."""
        rules = self._rules
        if node.kind in rules.variables:
            return self._read(node, known)
        if node.kind in rules.parameters:
            return self._receive_all(node.children, [], known)
        if node.kind in rules.loops:
            return self._loop(node, known)
        if node.kind in rules.branches:
            return self._branch(node, known)
        if node.kind in rules.assignments:
            return self._assign(node, known)
        read = self._sequence(node, sorted(node.children, key=_turn), known)
        if node.kind in rules.updates:
            self._define(read[:1], [], known)
        return read

    def _sequence(self, parent: SyntaxNode, nodes: Iterable[SyntaxNode], known: _Definitions) -> list[_Place]:
        read: list[_Place] = []
        for node in nodes:
            part = (parent.kind, node.field)
            if part in self._rules.targets:
                read += self._receive(node, [], known)
            elif node.kind not in self._rules.variables or part not in self._rules.other_names:
                read += self.run(node, known)
        return read

    def _read(self, node: SyntaxNode, known: _Definitions) -> list[_Place]:
        name = node.text
        if name not in known:
            return []
        place = (node.start, name)
        self.edges |= {(COMES_FROM, place, origin) for origin in known[name]}
        return [place]

    def _define(self, targets: Sequence[_Place], sources: Sequence[_Place], known: _Definitions) -> None:
        for target in targets:
            self.edges |= {(COMPUTED_FROM, target, source) for source in sources}
            known[target[1]] = frozenset({target})

    def _receive(self, node: SyntaxNode, sources: Sequence[_Place], known: _Definitions) -> list[_Place]:
        """Let a target have a value: a name, names in a pattern, a parameter; or a part of what a name holds."""
        if node.kind in self._rules.variables:
            self._define([(node.start, node.text)], sources, known)
            return []
        if node.kind in self._rules.parts:
            read = self._sequence(node, node.children, known)
            for place in read[:1]:  # what it is a part of is changed by the value, and holds more than that
                self.edges |= {(COMPUTED_FROM, place, source) for source in sources}
                known[place[1]] |= {place}
            return read
        defaults = [one for one in node.children if one.field in _DEFAULTS and node.kind != "pair_pattern"]
        read = self._sequence(node, defaults, known)
        rest = [one for one in node.children if one.field != _TYPE and one not in defaults]
        return read + self._receive_all(rest, [*sources, *read], known)

    def _receive_all(self, nodes: Iterable[SyntaxNode], sources: Sequence[_Place], known: _Definitions) -> list[_Place]:
        return [place for node in nodes for place in self._receive(node, sources, known)]

    def _assign(self, node: SyntaxNode, known: _Definitions) -> list[_Place]:
        """Read the value, give it to the target, then walk over what is left: the body of a loop."""
        targets, values, others = self._sides(node)
        augmented = any(not one.named and one.kind[1:].endswith("=") and one.kind not in _PLAIN for one in others)
        read = [self._sequence(node, [value], known) for value in values]
        everything = [place for places in read for place in places]
        paired = len(targets) == len(values)
        for number, target in enumerate(targets):
            sources = read[number] if paired else everything
            before = self.run(target, known) if augmented else []
            self._receive(target, [*before, *sources], known)
        return everything + self._sequence(node, [one for one in others if one.named], known)

    def _sides(self, node: SyntaxNode) -> tuple[list[SyntaxNode], list[SyntaxNode], list[SyntaxNode]]:
        """Return the targets, the values and what is neither; of lists on a side, what is in them."""
        to, of = self._rules.assignments[node.kind]
        if not to:  # without fields: the value is the first part, the target the second
            named = [one for one in node.children if one.named]
            return named[1:2], named[:1], named[2:]
        targets = [one for one in node.children if one.field == to]
        values = [one for one in node.children if one.field == of and one not in targets]
        others = [one for one in node.children if one not in targets and one not in values]
        return self._listed(targets), self._listed(values), others

    def _listed(self, nodes: list[SyntaxNode]) -> list[SyntaxNode]:
        if len(nodes) == 1 and nodes[0].kind in self._rules.lists:
            return [one for one in nodes[0].children if one.named]
        return [one for one in nodes if one.named]

    def _loop(self, node: SyntaxNode, known: _Definitions) -> list[_Place]:
        read: list[_Place] = []
        self._loops += 1
        for _ in range(_LOOP_TURNS if self._loops <= _DEEPEST_LOOPS else 1):
            turn = dict(known)
            assigns = node.kind in self._rules.assignments
            read = self._assign(node, turn) if assigns else self._sequence(node, node.children, turn)
            _join(known, turn)
        self._loops -= 1
        return read

    def _branch(self, node: SyntaxNode, known: _Definitions) -> list[_Place]:
        """Walk over each arm from what is known before it; where one of them must run, nothing else is left."""
        arms = [one for one in node.children if {one.field, one.kind} & self._rules.arms]
        certain = any(one.field == _ALTERNATIVE and one.kind not in _ONE_OF_SEVERAL for one in arms)
        read: list[_Place] = []
        ends: list[_Definitions] = []
        for child in node.children:
            if child in arms:
                ends.append(dict(known))
                read += self._sequence(node, [child], ends[-1])
                continue
            if ends and child.named:  # what follows the arms (`finally`) follows any of them
                for end in ends:
                    _join(known, end)
            read += self._sequence(node, [child], known)
        if certain:
            known.clear()
        for end in ends:
            _join(known, end)
        return read


def _turn(node: SyntaxNode) -> int:
    """Order what stands in a comprehension as it runs: the clauses, then what is made of them."""
    return {"for_in_clause": -2, "if_clause": -1}.get(node.kind, 0)


def _join(known: _Definitions, other: _Definitions) -> None:
    for name, places in other.items():
        known[name] = known.get(name, frozenset()) | places
