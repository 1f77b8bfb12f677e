"""From a documentation comment to the sentence that a person could have asked: its first paragraph, as plain prose.

The indexer has taken the comment marks off. Here go the conventions of the documentation tools: sections, tags, markup.
Whether what is left is worth learning from is for `filters` to say.
"""

from __future__ import annotations

import html
import re

_MOST_CHARACTERS = 2_000  # of a paragraph that is looked at: 256 words are shorter

# A line that opens what is no prose: parameters, sections, examples, rules, directives.
_SECTION = re.compile(
    r"""^\s*(?:
        [@\\](?!brief|summary|short|description|desc|details|sa\b|code\b|c\b|p\b|a\b|em\b|b\b|link|ref\b|see\s+\w+\s+for)\w+
      | :\w[\w\s*.`|,\[\]]*:(?:\s|$)                                   # reStructuredText fields
      | (?:args?|arguments|parameters?|params|returns?|raises?|throws|yields?|examples?|usage|notes?|see\ also
          |attributes|options|todo|references?|warnings?|input|output|inputs|outputs|keyword\ arguments|kwargs
          |errors|panics|safety|side\ effects|signature|call-seq|since|author|type
        )\s*:(?:\s|$)
      | \#+\s*(?:examples?|arguments|errors|panics|safety|returns?|parameters)\b
      | >>>|\.\.\s+\w|```|~~~|-{3,}|={3,}|\*{3,}|<pre|<code>$|\$\s|<(?:table|ul|ol|li|dl|h\d)\b
      | call-seq:
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_UNDERLINE = re.compile(r"^\s*[-=~^\"*#+]{3,}\s*$")
_LEADING_TAG = re.compile(r"^\s*[@\\](?:brief|summary|short|description|desc|details)\b:?\s*", re.IGNORECASE)
_PARAGRAPH_TAG = re.compile(r"<(?:p|br|para)\s*/?>", re.IGNORECASE)
_INLINE_TAG = re.compile(r"\{@(?:link|linkplain|code|literal|value|see)\s+([^}]*)\}", re.IGNORECASE)
_ROLE = re.compile(r":[\w:+-]{2,20}:`~?!?([^`<]*?)(?:\s*<[^`>]*>)?`")
_LINK = re.compile(r"\[([^\]]+)\]\([^)\s]*\)|\[\[?`?([\w.:#]+(?:\(\))?)`?\]?\]|`([^`<]+?)\s*<[^`>]*>`_{1,2}")
_MARKUP = re.compile(  # and not a type's parameters, as in `List<String>`
    r"</?(?:a|abbr|b|bdi|big|blockquote|center|cite|code|dd|div|dl|dt|em|font|h\d|hr|i|img|kbd|li|ol|p|para|pre|s|samp"
    r"|see|small|span|strike|strong|sub|sup|table|tbody|td|th|thead|tr|tt|u|ul|var)(?:\s[^<>]{0,200})?/?>",
    re.IGNORECASE,
)
_INLINE_COMMAND = re.compile(r"[@\\](?:c|p|a|em|b|e|ref|link|endlink)\s")
_QUOTING = re.compile(r"``?|(?<!\w)[*_]{1,2}(?=\w)|(?<=\w)[*_]{1,2}(?!\w)")
_FIRST_SENTENCES = re.compile(r"\s+")


def first_paragraph(documentation: str) -> str:
    """Return the first paragraph of a documentation comment on one line, without markup; "" if it has no prose.

    `documentation` is text without comment marks, as a `Definition` has it. A paragraph ends at a blank line, at a
    section or tag such as `Args:` or `@param`, and at an example.
    """
    lines: list[str] = []
    text = _PARAGRAPH_TAG.sub("\n\n", documentation[:_MOST_CHARACTERS])
    for line in text.splitlines():
        if not line.strip():
            if lines:
                break
            continue
        if _UNDERLINE.match(line):
            lines.clear()  # what stood above was a heading
            continue
        if _SECTION.match(line):
            break
        lines.append(_LEADING_TAG.sub("", line))
    return _as_prose(" ".join(lines))


def _as_prose(text: str) -> str:
    text = _INLINE_TAG.sub(r"\1", text)
    text = _ROLE.sub(r"\1", text)
    text = _LINK.sub(lambda found: next(group for group in found.groups() if group is not None), text)
    text = html.unescape(_MARKUP.sub("", text))
    text = _QUOTING.sub("", _INLINE_COMMAND.sub("", text))
    text = _FIRST_SENTENCES.sub(" ", text).strip()
    return text.removesuffix("::").removesuffix(":").strip()
