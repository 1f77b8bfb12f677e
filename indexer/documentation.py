"""From comments and documentation strings as they are written to the words in them.

Works on text alone, for the comment marks of any language: which comment belongs to which definition is decided in
`split`.
"""

from __future__ import annotations

import re
import textwrap

_BLOCK_MARKS = (
    ("/*", "*/"),
    ("--[[", "]]"),
    ("--[=[", "]=]"),
    ("{-|", "-}"),
    ("{-", "-}"),
    ("(*", "*)"),
    ("<#", "#>"),
    ("#=", "=#"),
    ("#|", "|#"),
    ("=begin", "=end"),
    ('"""', '"""'),
    ("'''", "'''"),
)
_COMMENT_MARKS = ("/*", "(*", "<#", "=head", "=item", "=pod")
_STRING_PREFIX = re.compile(r"^~?[A-Za-z]{1,2}(?=[\"'])")
_ATTRIBUTE = re.compile(r"^@\w*doc\s+(?=[~\"'])")  # Elixir: @doc """..."""
_PRAGMA = "{-#"
_LINE_MARK = re.compile(r"^[ \t]*(?://[/!]*|#+[!:]?(?!\w)|#(?=\w)|--+\s?\|?|%+|;+) ?(?P<rest>.*)$")
_STAR = re.compile(r"^[ \t]*\*+(?!\w)[ \t]?|^[ \t]*\*+(?=\w)")
_POD = re.compile(r"^=(?:pod|head\d|item|over|encoding)\b")
_POD_HEADING = re.compile(rb"^=head[12]\b", re.MULTILINE)
_POD_LAYOUT = re.compile(r"^=(?:pod|over|back|encoding|cut|begin|end|for)\b")
_POD_CODE = re.compile(r"\b[BCFILSX](?:<< (.*?) >>|<([^<>]*)>)")
_NO_WORDS = re.compile(r"^(?:[^\w`]{3,}|\.(?i:synopsis|description))$")  # rules, and what opens PowerShell's help
_XML_REFERENCE = re.compile(r"<(?:see|seealso|paramref|typeparamref)\s+\w+=\"(?:\w:)?([^\"]*)\"\s*/>")
_XML_TAG = re.compile(r"</?(?:summary|remarks|param|returns|value|exception|para|c|code|example|inheritdoc)\b[^>]*>")
_LICENCE = re.compile(r"copyright|licen[cs]ed?\b|spdx|all rights reserved|^#!|-\*-.*coding", re.IGNORECASE)


def clean_comments(comments: list[str]) -> str:
    """Return the text of comments that stand directly below each other, without marks and common indentation."""
    lines: list[str] = []
    for comment in comments:
        lines.extend(_clean_one(comment))
    return _finish(lines)


def clean_docstring(text: str) -> str:
    """Return the text of a documentation string literal, or of one comment, without marks and common indentation."""
    text = _STRING_PREFIX.sub("", text.strip())
    if text.startswith(_COMMENT_MARKS):
        return clean_comments([text])
    for quotes in ('"""', "'''", '"', "'"):
        if text.startswith(quotes):
            text = text[len(quotes) :].removesuffix(quotes)
            break
    first, *rest = text.expandtabs(4).splitlines() or [""]
    return _finish([first.strip(), *textwrap.dedent("\n".join(rest)).splitlines()], dedent=False)


def last_section(text: bytes) -> int:
    """Return where in Perl's POD the last section begins, the only one that is about what follows; else 0."""
    if not text.startswith(b"="):
        return 0
    return max((match.start() for match in _POD_HEADING.finditer(text)), default=0)


def is_licence(comment: str) -> bool:
    """Return whether a comment at the head of a file is about the file and its owner, not about what follows."""
    return _LICENCE.search(comment) is not None


def _clean_one(comment: str) -> list[str]:
    stripped = comment.strip()
    if stripped.startswith(_PRAGMA):
        return []
    attribute = _ATTRIBUTE.match(stripped)
    if attribute:
        return clean_docstring(stripped[attribute.end() :]).splitlines()
    for opening, closing in _BLOCK_MARKS:
        if stripped.startswith(opening):
            return _clean_block(stripped[len(opening) :].removesuffix(closing), starred=opening in ("/*", "(*"))
    if _POD.match(stripped):
        return _clean_pod(stripped)
    lines = []
    for line in stripped.splitlines():
        marked = _LINE_MARK.match(line)
        lines.append(marked["rest"] if marked else line)
    return lines


def _clean_block(text: str, *, starred: bool) -> list[str]:
    """Drop the stars in front of the lines; a first line starts right behind the opening mark."""
    first, *rest = text.expandtabs(4).splitlines() or [""]
    if starred:
        first = first.lstrip("*!<")
        rest = [_STAR.sub("", line) for line in rest]
    if not first.strip():
        return rest
    return [first.strip(), *textwrap.dedent("\n".join(rest)).splitlines()]


def _clean_pod(text: str) -> list[str]:
    """Drop commands and formatting codes of Perl's POD."""
    lines = []
    for line in text.splitlines():
        if not _POD_LAYOUT.match(line):
            shown = line.partition(" ")[2].strip() if line.startswith("=") else line
            lines.append(_POD_CODE.sub(r"\1\2", shown))
    return lines


def _finish(lines: list[str], *, dedent: bool = True) -> str:
    """Blank ruled lines, drop XML tags, dedent, and drop blank lines at both ends."""
    text = "\n".join("" if _NO_WORDS.match(line.strip()) else line.rstrip() for line in lines)
    if "</" in text or "/>" in text:
        text = _XML_TAG.sub("", _XML_REFERENCE.sub(r"\1", text))
    if dedent:
        text = textwrap.dedent(text)
    text = text.strip().removeprefix("| ")  # Haddock's mark, where it opens a block comment
    return "\n".join(line.rstrip() for line in text.splitlines())
