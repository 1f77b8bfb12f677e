"""From a sentence of documentation to the words that one would type.

"Returns true if the file exists." is asked for as "check if file exists". Patterns and a list of verbs, English only;
nothing is learned. Which queries are made of a phrase is for `queries`.
"""

from __future__ import annotations

import html
import re
from typing import NamedTuple

_MOST_WORDS = 12  # of a phrase; people type three to ten

_SENTENCE_END = re.compile(r"(?<=[.!?])(?<!\be\.g\.)(?<!\bi\.e\.)\s+(?=[A-Z`'\"])")

# Markup of documentation tools. The corpus has most of it taken off; comments and other data have not.
_URL = re.compile(r"<?\b(?:https?|ftp)://[^\s<>)\]]+(?<![.,;:!?])>?|\bwww\.[^\s<>)\]]+(?<![.,;:!?])")
_INLINE_TAG = re.compile(r"\{@\w+\s+([^}]*)\}")
_LINK = re.compile(r"!?\[([^\]]+)\](?:\([^)]*\)|\[[^\]]*\])|\[\[?([\w.:#]+)\]?\]")
_ROLE = re.compile(r"(?::[\w+-]+)+:`(~?)!?([^`<]*?)(?:\s*<[^`>]*>)?`")
_TARGET = re.compile(r"`([^`<]+?)\s*<[^`>]*>`_{0,2}")
_MARKUP = re.compile(r"</?[A-Za-z][^<>]{0,80}>")
_COMMAND = re.compile(r"(?:^|(?<=\s))[@\\](?:brief|summary|short|c|p|a|em|b|e|ref|link|endlink|code)\s+")
_QUOTE = re.compile(
    r"[`\"\u201c\u201d\u2018]|(?<!\w)['*_]{1,2}(?=\w)|(?<=[^\W_])['*_]{1,2}(?!\w)|(?<!\w)[*_]{1,2}(?!\w)"
)
_MEMBER = re.compile(r"(?<=\w)#(?=\w)|(?<!\S)#(?=[a-z]\w*\b)")  # Javadoc's Type#method

_ASIDE = re.compile(r"\s[(\[].*?[)\]](?=[\s,.;:]|$)|\s[(\[].*$")
_CLAUSE = re.compile(
    r"[.;:]\s|,\s(?:and|or|but|which|if|when|then|so|where|while|e\.g|i\.e|such as|for example|otherwise|else|false"
    r"|true|or else|not|as|with|without|unless|because|since|this|it|in)\b|\s(?:e\.g|i\.e)\.|\s[-\u2013\u2014]+\s"
    r"|\s(?:or|and|else|otherwise)\s(?:returns?\s)?(?:false|true|none|null|nil|otherwise|else|0|-1)\b|\sotherwise\b"
)
_GIVEN = (
    r"(?:given|specified|provided|supplied)\s+(?!by\b|in\b|to\b|as\b|with\b|for\b|at\b|from\b|on\b|that\b|via\b|and\b)"
)
_ARTICLES = re.compile(rf"\b(?:(?:the|an?|this|these|its|their)\s+(?!is\b|was\b|will\b|can\b|are\b))(?:{_GIVEN})?")
_BARE_GIVEN = re.compile(rf"(?<=\w\s){_GIVEN}")
_SUBJECT = re.compile(
    r"^(?:(?:an?|the|this|these)\s+)?(?:(?:simple|small|private|internal|static|utility|convenience|shortcut|helper"
    r"|virtual|abstract|public|api|generic|little|class|instance|async)\s+)*"
    r"(?:functions?|methods?|routines?|helpers?|utility|shortcut|macro|procedure|callback|hook|command|script|decorator"
    r"|subroutine|endpoint|it|we|this)\s+"
    r"(?:(?:is\s+)?(?:used\s+|responsible\s+|intended\s+|meant\s+)?(?:to|that|which)\s+|(?:will|can|should|may|must)\s+"
    r"(?:be\s+(?:used|called)\s+to\s+)?|(?=\w+s\s))"
)
_USED_TO = re.compile(r"^(?:is\s+)?(?:used|responsible|helps?|allows?(?:\s+(?:you|us|users?))?)\s+to\s+(?=\w)")
_BEING = re.compile(r"^(?:is|are|will)\s+(?=\w)")  # what is left of "Color is the color of" and "add will add"
_TRUTH = r"(?:true|1|a\s+bool(?:ean)?(?:\s+value)?|bool(?:ean)?)"
_WHETHER = re.compile(
    rf"^(?:(?:returns?|gets?|gives?|yields?|answers?)\s+(?:{_TRUTH}\s+)?(?:(?:indicat|tell|specify|say)ing\s+)?"
    rf"(?:if(?:\s+and\s+only\s+if)?|iff|only\s+if|whether(?:\s+or\s+not)?)"
    rf"|returns?\s+{_TRUTH}\s+(?:when|for)"
    r"|(?:checks?|tests?|determines?|tells?|verify|verifies|indicates?|decides?|sees?|finds?\s+out|figures?\s+out"
    r"|specify|specifies|detects?|asserts?|queries|query|asks?)\s+(?:to\s+see\s+)?(?:if|whether(?:\s+or\s+not)?)"
    r"|(?:checks?|tests?)\s+that|(?:true|1)\s+(?:if|when|iff)|whether(?:\s+or\s+not)?)\s+"
)
_CHECK = "check if "
_DANGLING_LIST = """
    a an and are as at be by can e.g for from has have i.e if in into is its of on onto or so than that the their
    then they to via was were when where which while who whose will with without
"""
_DANGLING = frozenset(_DANGLING_LIST.split())

# Verbs that documentation begins with, in the form that people type. Forms in -s are found by taking the ending off.
_VERB_LIST = """
    abort accept access accumulate acquire activate add adjust advance aggregate align allocate allow alter analyze
    annotate append apply approximate archive ask assemble assert assign associate attach attempt authenticate
    authorize await backup balance batch begin bind block boot bootstrap bring broadcast browse bubble buffer build bump
    bundle cache calculate call cancel capitalize capture cast catch center change charge check choose chop clamp
    classify clean cleanup clear clip clone close coerce collapse collect combine commit compare compile complete
    compose compress compute concatenate configure confirm connect consolidate construct consume contain continue
    control convert copy correct count crawl create crop cross cut cycle deactivate debug decide declare decode
    decompress decorate decrease decrement decrypt deduplicate defer define delay delegate delete deliver deploy
    dequeue derive describe deserialize destroy detach detect determine disable disallow discard disconnect discover
    dispatch display dispose divide do download draw drop dump duplicate echo edit embed emit emulate enable encode
    encrypt end enforce enqueue ensure enter enumerate erase escape establish estimate evaluate examine execute exit
    expand expect expire explode export expose extend extract fail feed fetch fill filter finalize find finish fire fit
    fix flag flash flatten flip flush focus fold follow force fork format forward free freeze fuse gather generate
    get give go grab grant group grow guess halt handle hash help hide highlight hook identify ignore implement
    import include increase increment index indicate infer inform inherit initialise initialize inject insert
    inspect install instantiate instruct integrate intercept interleave interpolate interpret intersect introspect
    invalidate invert invoke issue iterate join keep kill label launch lay leave limit link list listen load
    localize locate lock log logout look lookup loop lower mail make manage map mark mask match measure memoize
    merge migrate minify minimize mock modify monitor mount move multiply mutate navigate negate normalize notify
    obtain offer offset open optimize order output overlay override overwrite pack pad page paginate paint parse
    partition pass paste patch pause peek perform permute persist pick ping pipe place plot poll pop populate post
    precompute predict prefix prepare prepend preprocess preserve press prevent print process produce profile
    project prompt propagate protect provide prune publish pull purge push put query queue quit quote raise
    randomize rank reach read realign rearrange rebuild recalculate receive reclaim recognize recompute reconnect
    record recover recreate rectify redirect redo reduce refer reflect refresh refuse register reject release reload
    remap remove rename render reorder repair repeat replace replay reply report request require rescale reserve
    reset reshape resize resolve respond restart restore restrict resume retrieve retry return reuse reverse revert
    revoke rewind rewrite rollback rotate round route run sample sanitize save scale scan schedule scrape scroll
    search seed seek select send serialize serve set setup shift show shrink shuffle shut shutdown sign simplify
    simulate skip sleep slice slugify snapshot solve sort spawn specify split stack start step stop store stream
    strip submit subscribe substitute subtract suggest sum summarize supply suppress swap switch sync synchronize
    tag take tell terminate test throw tie toggle tokenize touch trace track train transfer transform translate
    transpose traverse trigger trim truncate try tune turn tweak unbind unblock undo unescape uninstall unlink
    unlock unmount unpack unquote unregister unserialize unset unsubscribe untar unwrap unzip update upgrade upload
    upsert use validate verify view visit wait walk warn warp watch weigh wrap write yield zip zoom
"""
_VERBS = frozenset(_VERB_LIST.split())

# First words that are followed by an article and are no verb all the same.
_NO_VERB_LIST = """
    about above after against all almost also although always among another any are as at because before behind
    below between both but by called can catches could does during each either entirely even every everything
    exactly except false few for from given half has have here how if in inside instead internal into is its just
    least like may maybe means more most must near never nil no none not note null of on once one only onto or other
    otherwise our out outside over part per plus private public quite rather same see should similar since so some
    sometimes still such synonymous than that the then there these this those though through thus to true under
    unless unlike until upon used using usually very was we were what whatever when whenever where whereas whether
    which while who whose why will with within without works would yes you your
"""
_NO_VERBS = frozenset(_NO_VERB_LIST.split())
_BEHIND_NOUNS = frozenset({"of", "is", "was", "which"})  # "list of names"
_ARTICLE = re.compile(r"(?:an?|the|all|every|each|this|given)\b")


class Phrase(NamedTuple):
    """Words to type; `is_action` when they begin with a verb, so that "how to" can stand before them."""

    text: str
    is_action: bool


def opening(documentation: str) -> str:
    """Return the first sentence, on one line."""
    return _SENTENCE_END.split(" ".join(documentation.split()), maxsplit=1)[0]


def plain(text: str) -> str:
    """Return text on one line without addresses, markup and quotes; what was marked up stays."""
    text = _INLINE_TAG.sub(r"\1", _URL.sub("", text))
    text = _ROLE.sub(lambda role: role[2].rpartition(".")[2] if role[1] else role[2], text)
    text = _LINK.sub(lambda link: link[1] or link[2], _TARGET.sub(r"\1", text))
    text = html.unescape(_MARKUP.sub(" ", text))
    text = _QUOTE.sub("", _COMMAND.sub("", text))
    return re.sub(r"\s+([.,;:!?])(?=\s|$)", r"\1", " ".join(_MEMBER.sub(" ", text).split()))


def phrase(documentation: str, name: str = "") -> Phrase:
    """Return the first sentence as one would type it; `name` is the function's, with which Go's sentences begin.

    Empty when the sentence is about something else: "Like `open`, but ...", "Called when ...", "If there is ...".
    """
    sentence = _without_name(opening(plain(documentation)), name).lower()
    words = _CLAUSE.split(_ASIDE.sub("", f"{sentence} "), maxsplit=1)[0].strip(" .,:;!?")
    words = _USED_TO.sub("", _BEING.sub("", _SUBJECT.sub("", words)))
    words, condition = _WHETHER.subn("", words)
    verb, is_action = ("", True) if condition else _with_verb(words)
    words = _ARTICLES.sub("", f"{words} " if condition else f"{verb} ")
    words = _BARE_GIVEN.sub("", words)
    if not is_action and words.partition(" ")[0].strip(",") in _NO_VERBS:
        return Phrase("", is_action=False)
    return Phrase(_shortened(f"{_CHECK}{words}" if condition else words), is_action)


def imperative(word: str) -> str | None:
    """Return the verb that a lower-case word is, without its third person's ending, or None."""
    if word in _VERBS:
        return word
    if word.endswith("ies") and f"{word[:-3]}y" in _VERBS:
        return f"{word[:-3]}y"
    if word.endswith("s") and word[:-1] in _VERBS:
        return word[:-1]
    return word[:-2] if word.endswith("es") and word[:-2] in _VERBS else None


def _with_verb(words: str) -> tuple[str, bool]:
    """Return the words with their verb in the imperative, behind adverbs in -ly, and whether there is one."""
    parts = words.split()
    place = next((place for place, word in enumerate(parts) if not _is_adverb(word)), len(parts))
    if place + 1 >= len(parts):
        return words, False
    first, comma = parts[place].rstrip(","), "," * parts[place].endswith(",")
    verb = imperative(first) or _before_article(first, parts[place + 1])
    if verb is None or parts[place + 1] in _BEHIND_NOUNS:
        return words, False
    third = verb != first
    parts[place] = verb + comma
    for later in range(place + 1, len(parts) - 1) if third else ():
        if parts[later - 1] in {"and", "or", "then"} and parts[later].endswith(
            "s"
        ):  # "gets or sets", "reads and returns"
            parts[later] = imperative(parts[later]) or parts[later]
    return " ".join(parts), True


def _is_adverb(word: str) -> bool:
    return word.endswith("ly") and word not in _VERBS


def _before_article(word: str, following: str) -> str | None:
    """Return as a verb what is in no list and stands before an article: "defrags the dictionary"."""
    if not word.isalpha() or word in _NO_VERBS or word.endswith(("ed", "ing", "ly")) or not _ARTICLE.match(following):
        return None
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    if word.endswith(("sses", "shes", "ches", "xes", "zzes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def _without_name(sentence: str, name: str) -> str:
    """Drop the function's own name from the head: "GetQuery returns the value", "free_all -- releases all"."""
    if not name or not sentence.startswith(name):
        return sentence
    match = re.match(r"(?:\([^)]*\))?(\s*(?::|-+|—)\s+|\s+)(?=(\w+))", sentence[len(name) :])
    if match is None:
        return sentence
    follows = match[2].lower()
    verb = imperative(follows)
    if match[1].strip() or (verb is not None and verb != follows) or not name.isalpha() or not name.islower():
        return sentence[len(name) + match.end() :]
    return sentence


def _shortened(words: str) -> str:
    every = words.split()
    kept = every[:_MOST_WORDS]
    while kept and len(kept) < len(every) and kept[-1].strip(",") in _DANGLING:
        kept.pop()
    return " ".join(kept).strip(" .,:;!?")
