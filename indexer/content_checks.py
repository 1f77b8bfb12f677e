"""Is this worth reading as source code? What only the bytes can tell: binary, minified, generated, its encoding.

Names and folders are judged in `default_rules`, languages in `languages`. A wrong "yes, leave it out" loses code that
someone wrote, a wrong "no" only costs a little time and noise; so every check asks for strong evidence.
"""

from __future__ import annotations

import codecs
import re

_UNREADABLE_SHARE = 0.3  # of the characters that are not UTF-8; Shift-JIS or GBK in most comments stays below it
_CONTROL_SHARE = 0.02  # of the bytes; text has none besides white space and form feeds, compressed data has 11 %
_CONTROL_BYTES = bytes({*range(0x01, 0x09), *range(0x0E, 0x1B), *range(0x1C, 0x20), 0x7F})  # 0x1B colours terminals

_MINIFIED_FROM = 2_000  # bytes; below it one long line is a person's one long line
_LONG_LINE = 1_000  # bytes
_LONG_LINES_SHARE = 0.5  # of the bytes that lie in long lines; embedded data in a hand-written file stays below it
_SCRIPT_MEAN_LINE = 110  # bytes a line, for the languages that are minified in practice; the bound of GitHub's linguist
_SCRIPT_SUFFIXES = (".js", ".mjs", ".cjs", ".jsx", ".css")

_HEADER_BYTES = 2_000  # generators say so above or right below the licence
# A line of comment, without its marks; not of a docstring, which may well speak about generated code.
_COMMENT_LINE = re.compile(rb"^[ \t]*(?:[#/*;%!<]|\(\*|\{-|'(?!'')|--|REM\b)[^\w@]*(.*)$", re.IGNORECASE)
_GENERATED = re.compile(
    rb"""
      (?-i:@generated\b)                                                     # the mark that code review tools look for
    | ^auto-?generated>                                                      # .NET, in angle brackets
    | ^code\ (?:is\ )?generated\ (?:by|from|using)\b                         # Go
    | \bdo\ not\ (?:edit|modify|change)\b.{0,120}\bgenerated\b
    | \bgenerated\b.{0,120}\bdo\ not\ (?:edit|modify|change)\b
    | ^(?:this|the)\ (?:source\ )?(?:file|code|class|module)\ (?:is|was|has\ been)\ (?:\w+[ -])?(?:auto-?)?generated\b
    | ^(?:auto-?|automatically[ ]|machine[- ]|programmatically[ ])generated\ (?:by|from|file|using|with|do)\b
    | ^generated\ by\ the\ protocol\ buffer\ compiler
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL | re.MULTILINE,
)

_ENCODED_WITH_A_MARK = (
    # the four-byte marks first: the mark of UTF-32 LE starts with that of UTF-16 LE
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

_NOT_ASCII = re.compile(rb"[\x80-\xff]+")
# Letters with accents stand alone among others, or in twos. In Cyrillic, Greek and East Asian encodings a word is a run
# of such bytes, and in UTF-8 each letter is one that can be decoded.
_LONGEST_ACCENTED = 2


def as_utf8(content: bytes) -> bytes:
    """Return UTF-16 and UTF-32, known by their byte order marks, and Western one-byte text as UTF-8.

    Latin-1 is read as Windows-1252, which has it in it. Anything else comes back as it is. Byte positions in a
    definition count in this text; line numbers are those of the file in any case.
    """
    for mark, encoding in _ENCODED_WITH_A_MARK:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, "replace").encode("utf-8", "replace")
    if content.isascii() or not _is_western(content):
        return content
    return content.decode("cp1252", "replace").encode("utf-8")


def _is_western(content: bytes) -> bool:
    """Whether all that is not ASCII is single letters of a Western encoding, as far as that can be told."""
    return all(len(run) <= _LONGEST_ACCENTED and not _is_utf8(run) for run in _NOT_ASCII.findall(content))


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def why_not_text(content: bytes) -> str:
    """Return "binary" or "not UTF-8 text" for bytes (after `as_utf8`) that no one can read, else ""."""
    if b"\0" in content:
        return "binary"
    if len(content) - len(content.translate(None, _CONTROL_BYTES)) > _CONTROL_SHARE * len(content):
        return "binary"
    if not _is_utf8(content):
        text = content.decode("utf-8", "replace")
        if text.count("\ufffd") > _UNREADABLE_SHARE * len(text):
            return "not UTF-8 text"
    return ""


def why_not_written_by_hand(path: str, content: bytes) -> str:
    """Return "minified" or "generated (its header says so)" for text that no one wrote, else ""."""
    if _is_minified(path, content):
        return "minified"
    if _says_generated(content[:_HEADER_BYTES]):
        return "generated (its header says so)"
    return ""


def _is_minified(path: str, content: bytes) -> bool:
    if len(content) < _MINIFIED_FROM:
        return False
    mean_line = len(content) / (content.count(b"\n") + 1)
    if path.lower().endswith(_SCRIPT_SUFFIXES) and mean_line > _SCRIPT_MEAN_LINE:
        return True
    lengths = list(map(len, content.splitlines()))
    if max(lengths) < _LONG_LINE:
        return False
    return sum(length for length in lengths if length >= _LONG_LINE) > _LONG_LINES_SHARE * len(content)


def _says_generated(header: bytes) -> bool:
    """Look in comment lines only: a code generator has the same words in its strings."""
    if b"generated" not in header.lower():  # what every way of saying so has in common
        return False
    comments = [found[1] for line in header.splitlines() if (found := _COMMENT_LINE.match(line))]
    return _GENERATED.search(b"\n".join(comments)) is not None
