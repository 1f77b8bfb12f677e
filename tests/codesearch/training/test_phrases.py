"""Sentences of documentation as one would type them: verbs, conditions, subjects, markup, what is left out."""

from __future__ import annotations

import pytest

from codesearch.training.phrases import imperative, opening, phrase, plain

TYPED = [
    ("Returns True if the file exists.", "check if file exists"),
    ("Return whether or not a user is logged in, False otherwise.", "check if user is logged in"),
    ("Returns a boolean indicating whether the queue is empty", "check if queue is empty"),
    ("Checks that the given path is absolute.", "check if path is absolute"),
    ("Determine if the point lies in the polygon", "check if point lies in polygon"),
    ("True if debugging is on.", "check if debugging is on"),
    ("Returns when the server has stopped.", "return when server has stopped"),
    ("Access the cache.", "access cache"),
    ("Process all items of the queue.", "process all items of queue"),
    ("Does the real work.", "do real work"),
    ("Matches a pattern against the text.", "match pattern against text"),
    ("Parses JSON.", "parse json"),
    ("Caches the result of a call.", "cache result of call"),
    ("Applies a filter to each row.", "apply filter to each row"),
    ("Copies the directory tree.", "copy directory tree"),
    ("Pushes a value onto the stack.", "push value onto stack"),
    ("Gets or sets the name of the user.", "get or set name of user"),
    ("Removes and returns the first item.", "remove and return first item"),
    ("Insert, delete or replace the element", "insert, delete or replace element"),
    ("Recursively walks the tree (depth first).", "recursively walk tree"),
    ("This function returns the number of bytes.", "return number of bytes"),
    ("Helper method to convert a list into a dict", "convert list into dict"),
    ("Used to compare two versions", "compare two versions"),
    ("Zorbles the frame.", "zorble frame"),
    ("Create the callable that is used in a join.", "create callable that is used in join"),
    ("Create a file with the values given by the user", "create file with values given by user"),
    ("Find a user by the specified e-mail address, or return None.", "find user by e-mail address"),
    ("Sort rows, e.g. by name, in place", "sort rows"),
    ("Add x to y. Then print it.", "add x to y"),
    ("Feed the cat", "feed cat"),
]

NO_ACTION = [
    ("The session of this request.", "session of request"),
    ("Options for the parser.", "options for parser"),
    ("List of all names", "list of all names"),
    ("Is the file open?", "file open"),
    ("Redis MODULE command.", "redis module command"),
]

NOTHING = [
    "Like `open`, but safe.",
    "Called when the user leaves.",
    "If there is no file, fail.",
    "See Shop.load.",
    "",
    ".",
]

VERBS = {
    **dict.fromkeys(("access", "process", "focus", "pass", "match"), None),
    "matches": "match",
    "parses": "parse",
    "caches": "cache",
    "applies": "apply",
    "ties": "tie",
    "does": "do",
    "closes": "close",
    "fixes": "fix",
    "goes": "go",
    "uses": "use",
}


@pytest.mark.parametrize(("documentation", "typed"), TYPED)
def test_a_sentence_as_one_types_it(documentation, typed):
    """Third person and conditions become what one asks for; articles, subjects and asides go."""
    assert phrase(documentation) == (typed, True)


@pytest.mark.parametrize(("documentation", "typed"), NO_ACTION)
def test_a_sentence_without_a_verb_is_no_action(documentation, typed):
    """A thing is named, not done: there is no "how to" for it."""
    assert phrase(documentation) == (typed, False)


@pytest.mark.parametrize("documentation", NOTHING)
def test_a_sentence_about_something_else_is_no_phrase(documentation):
    """What only compares or tells when something is called cannot be searched by."""
    assert phrase(documentation) == ("", False)


def test_verbs_by_their_third_person():
    """A verb stays, its third person loses the right ending, and no other word becomes a verb."""
    for word, verb in VERBS.items():
        assert imperative(word) == (verb or word)
    assert [imperative(word) for word in ("has", "is", "this", "pages", "classes", "has", "ss", "s", "")] == [
        None, None, None, "page", None, None, None, None, None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("documentation", "name", "typed"),
    [
        ("GetQuery returns the value of a key.", "GetQuery", "return value of key"),
        ("free_all -- releases all the buffers", "free_all", "release all buffers"),
        ("getCommand(key): read the command", "getCommand", "read command"),
        ("load loads the file", "load", "load file"),
        ("Load the file", "load", "load file"),
        ("copy set of files", "copy", "copy set of files"),
        ("GetQueryArray returns all values", "GetQuery", "getqueryarray returns all values"),
    ],
)
def test_a_sentence_that_begins_with_the_name(documentation, name, typed):
    """The function's own name goes, as long as it is no verb of the sentence."""
    assert phrase(documentation, name).text == typed


@pytest.mark.parametrize(
    ("marked_up", "words"),
    [
        ("Return a :class:`~shop.cart.Cart` for ``name``.", "Return a Cart for name."),
        ("Calls :py:meth:`Cart.add` of `cart <http://x.y/z>`_", "Calls Cart.add of cart"),
        ("Returns the {@link Foo#bar} of <code>x</code>.", "Returns the Foo bar of x."),
        ('{@code a + b} of <a href="x">c</a><br/>d', "a + b of c d"),
        ("Read [the manual](https://x.y/a_b(1)) or [Vec::push]", "Read the manual) or Vec::push"),
        ("Fetch https://example.com/a?b=c, then parse", "Fetch, then parse"),
        ("Returns 'info', \"x\" and *bold* or __init__ &amp; a_b", "Returns info, x and bold or init & a_b"),
        ("@brief Adds \\p left to \\c right", "Adds left to right"),
        ("if a < b and c > d", "if a < b and c > d"),
    ],
)
def test_markup_becomes_plain_words(marked_up, words):
    """Addresses, tags, roles, links and quotes go, and what they mark up stays."""
    assert plain(marked_up) == words


def test_the_opening_ends_with_the_sentence():
    """A sentence ends before a capital, not behind an abbreviation or inside a number."""
    assert opening("Adds 1.5 to x.\n  Returns it.") == "Adds 1.5 to x."
    assert opening("Takes names, e.g. Anna. Ends.") == "Takes names, e.g. Anna."
    assert opening("one line") == "one line"


def test_a_phrase_has_at_most_twelve_words():
    """A long sentence is cut where one stops typing, and does not end in "of the"."""
    assert phrase("Add one two three four five six seven eight nine ten of the twelve") == (
        "add one two three four five six seven eight nine ten", True,
    )  # fmt: skip
    assert phrase("the " + "of " * 20).text == ""
