"""Takes names out of code: a function's own, and those of its parameters and variables.

Works with patterns on text, for any language; when something is hidden is for `passages`.
"""

from __future__ import annotations

import re

_HIDDEN_NAME = "Func"  # what AdvTest calls every function
_HIDDEN_VARIABLE = "arg_{}"
_LEAST_VARIABLE = 2  # characters; single letters say nothing and are everywhere

# Before a name: no letter, and nothing that makes it a member (`a.name`, `a->name`, `A::name`); `...name` is none.
_NO_MEMBER = r"(?<!\w)(?:(?<!\.)|(?<=\.\.))(?<!->)(?<!::)"
_ASSIGNED = re.compile(
    r"(?:^[ \t]*|[;{][ \t]*|\b(?:var|let|const|auto|for|my|local|val|mut)[ \t]+)\$?([a-z_]\w*)"
    r"(?:[ \t]+:?=(?![=>~])|[ \t]+in\b)",
    re.MULTILINE,
)
_TYPE_FIRST = frozenset({"c", "cpp", "java", "csharp", "dart", "groovy", "cuda"})  # a parameter's last word is its name
_TYPE_AND_NAME = re.compile(r"\w[\s*&>\]]+\w")
_LAST_WORD = re.compile(r"(\w+)\s*\??\s*(?:\[[^\]]*\]\s*)*$")
_FIRST_WORD = re.compile(r"(\w+)")
_POINTED_TO = re.compile(r"\(\s*[*&^]\s*(\w+)")  # the name in `int (*compare)(void *, void *)`
_SELECTOR_PART = re.compile(r":\s*\([^()]*\)\s*(\w+)")
_RECEIVER = re.compile(r"\s*func\s*\(([^()]*)\)")
_VALUE = re.compile(r"=|(?<!:):(?!:)")  # what is behind is a type or a default
_KEYWORD_LIST = """
    self this cls super return if else for while in not and or new int str let var const void true false null none nil
    bool char float double long short unsigned signed string byte any mut ref out static final async await type def
    is as do end then case when with from import error
"""
_KEYWORDS = frozenset(_KEYWORD_LIST.split())


def hide_name(text: str, name: str) -> str:
    """Return `text` with the function's name replaced wherever it stands as a word."""
    return re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", _HIDDEN_NAME, text) if name else text


def hide_variables(code: str, signature: str, language: str) -> str:
    """Return `code` with parameters and assigned variables numbered, in the order in which they are found.

    Some names stay. A name becomes the same everywhere but as a member behind a dot, two names never become one, and
    strings and comments change with the code.
    """
    taken = set(re.findall(r"\w+", code))
    numbered: dict[str, str] = {}
    number = 0
    for name in dict.fromkeys([*parameters(signature, language), *_ASSIGNED.findall(code)]):
        if len(name) < _LEAST_VARIABLE or name.lower() in _KEYWORDS or name.isdigit() or name == _HIDDEN_NAME:
            continue
        while _HIDDEN_VARIABLE.format(number) in taken:
            number += 1
        numbered[name] = _HIDDEN_VARIABLE.format(number)
        number += 1
    if not numbered:
        return code
    pattern = re.compile(rf"{_NO_MEMBER}(?:{'|'.join(map(re.escape, numbered))})(?!\w)")
    return pattern.sub(lambda found: numbered[found[0]], code)


def parameters(signature: str, language: str) -> list[str]:
    """Return the names of a function's parameters in their order, the receiver of Go's methods among them.

    A parameter that has no name, or whose name cannot be told from its type, is left out.
    """
    if language == "objc":
        return _SELECTOR_PART.findall(signature)
    receiver = _RECEIVER.match(signature) if language == "go" else None
    parts = _split_at_commas(_first_list(signature[receiver.end() if receiver else 0 :]))
    names = [_name_of(part, language) for part in ([receiver[1]] if receiver else []) + parts]
    return [name for name in names if name]


def _name_of(part: str, language: str) -> str | None:
    pointed_to = _POINTED_TO.search(part)
    if pointed_to:
        return pointed_to[1]
    left = _VALUE.split(part, maxsplit=1)[0].strip()
    if language in _TYPE_FIRST and not _TYPE_AND_NAME.search(left):
        return None
    found = _FIRST_WORD.match(left) if language == "go" else _LAST_WORD.search(left)
    return found[1] if found else None


def _first_list(signature: str) -> str:
    """Return what stands between the first parenthesis and its partner."""
    start = signature.find("(")
    if start < 0:
        return ""
    depth = 0
    for place in range(start, len(signature)):
        depth += (signature[place] == "(") - (signature[place] == ")")
        if depth == 0:
            return signature[start + 1 : place]
    return signature[start + 1 :]


def _split_at_commas(parameters: str) -> list[str]:
    """Split at the commas outside brackets; the `>` of an arrow closes none."""
    parts, depth, before = [""], 0, ""
    for character in parameters:
        depth += character in "([{<"
        depth -= character in ")]}" or (character == ">" and before not in "-=")
        if character == "," and depth <= 0:
            parts.append("")
        else:
            parts[-1] += character
        before = character
    return parts
