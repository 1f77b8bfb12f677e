"""What is put aside before Objective-C is parsed."""

from __future__ import annotations

import pytest

from indexer.macros import without_macros


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("typedef NS_ENUM(NSInteger, Policy) {", "enum                       Policy  {"),
        ("NS_ASSUME_NONNULL_BEGIN", "                       "),
        ("FOUNDATION_EXPORT NSString *a;", "                  NSString *a;"),
        ("- (void)a API_AVAILABLE(ios(9), macosx(10.12));", "- (void)a                                     ;"),
        ("#if DEBUG\nelse if (a) {}\n#endif", "         \nelse if (a) {}\n      "),
        ('#import "a.h"', '#import "a.h"'),
        ("a = NS_ENUM_COUNT;", "a = NS_ENUM_COUNT;"),
        ("int NS = API_NAME(1) + 2;", "int NS = API_NAME(1) + 2;"),
    ],
)
def test_macros_become_blanks_of_the_same_length(source: str, expected: str) -> None:
    """Attributes and conditions become blanks, an enum becomes C's, and values stay what they are."""
    assert without_macros(source.encode()).decode() == expected
