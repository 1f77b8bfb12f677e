"""The keywords of each language for the weighted n-gram match of CodeBLEU: reserved words, as its reference lists them.

Literals such as `true` and `nil` are counted where the language reserves them. Nothing but data.
"""

from __future__ import annotations

KEYWORDS: dict[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "python": """False None True and as assert async await break class continue def del elif else except finally
            for from global if import in is lambda nonlocal not or pass raise return try while with yield""",
        "java": """abstract assert boolean break byte case catch char class const continue default do double else enum
            extends final finally float for goto if implements import instanceof int interface long native new package
            private protected public return short static strictfp super switch synchronized this throw throws transient
            try void volatile while true false null""",
        "javascript": """async await break case catch class const continue debugger default delete do else enum export
            extends false finally for function if implements import in instanceof interface let new null package
            private protected public return static super switch this throw true try typeof var void while with
            yield""",
        "go": """break case chan const continue default defer else fallthrough for func go goto if import interface map
            package range return select struct switch type var""",
        "php": """abstract and array as break callable case catch class clone const continue declare default die do echo
            else elseif empty enddeclare endfor endforeach endif endswitch endwhile eval exit extends final finally fn
            for foreach function global goto if implements include include_once instanceof insteadof interface isset
            list match namespace new or print private protected public readonly require require_once return static
            switch throw trait try unset use var while xor yield""",
        "ruby": """BEGIN END alias and begin break case class def defined do else elsif end ensure false for if in
            module next nil not or redo rescue retry return self super then true undef unless until when while yield""",
    }.items()
}
