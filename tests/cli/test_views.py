"""What a person sees of a match on a terminal: literal texts at two widths."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from cli import views
from codesearch import Kind
from tests.cli.fakes import BASKET, PARSE, RETRY, ROOT, definition, match


def screen(found, width, snippet_lines=8, folder=ROOT, query="failed"):
    """Return what a terminal of that width shows, line by line."""
    console = Console(record=True, width=width, file=io.StringIO(), force_terminal=True, highlight=False)
    for line in views.match_lines(found, query, snippet_lines, folder, width):
        console.print(line, soft_wrap=True)
    return console.export_text().splitlines()


@pytest.mark.parametrize("width", [80, 200])
def test_a_short_match(width):
    """Header and numbered code, the same at both widths; the documentation is in the code, so not repeated."""
    assert screen(RETRY, width) == [
        "upload/queue.py:41-46  Queue.retry  method  0.91",
        "  41  def retry(self, job):",
        '  42      """Send a failed upload again."""',
        "  43      for attempt in range(3):",
        "  44          if self.send(job):",
        "  45              return attempt",
        "  46      raise UploadFailed(job)",
    ]


@pytest.mark.parametrize("width", [80, 200])
def test_a_long_match(width):
    """The documentation stands above, numbers are as wide as the widest, gaps show what is left out."""
    assert screen(PARSE, width, snippet_lines=3) == [
        "dates.go:7-28  Parse  function  0.50",
        "  Parse reads a date in any of the usual forms.",
        "   7  func Parse(text string) (Date, error) {",
        "   …",
        "  20      step12(text)",
        "  21      step13(text)",
        "   …",
    ]


def test_an_outline_is_shown_without_numbers():
    """A class is shown by its outline."""
    assert screen(BASKET, 80) == [
        "basket.py:1-30  Basket  class  0.25",
        "  class Basket:",
        '      """What a customer wants to buy."""',
        "",
        "      def add(self, item):",
    ]


def test_no_snippet_is_the_header_alone():
    """Zero lines of code leave one line."""
    assert screen(RETRY, 80, snippet_lines=0) == ["upload/queue.py:41-46  Queue.retry  method  0.91"]


LONG = match(
    "services/payments/gateway/adapters/settlement_reconciliation.py",
    "python",
    definition(
        Kind.METHOD,
        "SettlementReconciliationAdapter.reconcile_outstanding_transactions_of_merchant",
        "def reconcile_outstanding_transactions_of_merchant(self, merchant_identifier, since, until, limit=1000):\n"
        "        return 1",
        (1204, 1205),
    ),
    1.0,
)


def test_what_is_too_long_for_80_columns_is_cut_not_wrapped():
    """The path stays whole on a line of its own; name and code end with an ellipsis at the edge."""
    lines = screen(LONG, 80)
    assert lines == [
        "services/payments/gateway/adapters/settlement_reconciliation.py:1204-1205",
        "  SettlementReconciliationAdapter.reconcile_outstanding_transacti…  method  1.00",
        "  1204  def reconcile_outstanding_transactions_of_merchant(self, merchant_ident…",
        "  1205      return 1",
    ]
    assert max(map(len, lines)) <= 80


def test_200_columns_have_room_for_it():
    """The same match is whole in a wide terminal."""
    assert screen(LONG, 200) == [
        "services/payments/gateway/adapters/settlement_reconciliation.py:1204-1205  "
        "SettlementReconciliationAdapter.reconcile_outstanding_transactions_of_merchant  method  1.00",
        "  1204  def reconcile_outstanding_transactions_of_merchant"
        "(self, merchant_identifier, since, until, limit=1000):",
        "  1205      return 1",
    ]


def test_wide_characters_count_twice():
    """Code in Chinese is cut where the terminal's edge is."""
    wide = match("a.py", "python", definition(Kind.FUNCTION, "读", f'读 = "{"字" * 60}"', (1, 1)), 1.0)
    assert screen(wide, 40) == ["a.py:1-1  读  function  1.00", f'  1  读 = "{"字" * 14}…']


def test_a_path_elsewhere_is_absolute():
    """From another folder the path is one that opens from there."""
    assert screen(RETRY, 80, 0, Path("/elsewhere"))[0].startswith("/work space/shop/upload/queue.py:41-46  ")


def test_a_definition_without_a_name():
    """A top-level block has no name and leaves no hole in the header."""
    block = match("run.py", "python", definition(Kind.BLOCK, "", "main()", (9, 9)), 0.3)
    assert screen(block, 80) == ["run.py:9-9  block  0.30", "  9  main()"]


def test_the_words_of_the_query_are_marked_within_the_colours():
    """The mark is an underline on the word in the code, and on nothing else."""
    lines = list(views.match_lines(RETRY, "failed uploads", 8, ROOT, 80))
    underlined = [
        line.plain[span.start : span.end] for line in lines for span in line.spans if "underline" in str(span.style)
    ]
    assert underlined == ["failed", "upload", "Upload", "Failed"]


def test_escape_sequences_in_code_and_paths_are_harmless():
    """What a repository contains cannot control the terminal."""
    evil = match("a\x1b]0;x\x07.py", "python", replace(RETRY.definition, code="x = '\x1b[31m'", end_line=41), 1.0)
    assert screen(evil, 80)[0] == "a␛]0;x␇.py:41-41  Queue.retry  method  1.00"
    assert screen(evil, 80)[-1] == "  41  x = '␛[31m'"
