"""Names taken out of code: by hand in several languages, and as properties over generated code."""

from __future__ import annotations

import re
from random import Random

import pytest

from codesearch.training.hiding import hide_name, hide_variables, parameters

PARAMETERS = [
    ("python", "def f(self, path: Dict[str, int] = None, *args, mode='r', **more) -> bool", "self path args mode more"),
    ("javascript", "function f(first, second = {a: 1, b: 2}, ...rest)", "first second rest"),
    ("typescript", "f(names: Map<string, number>, done?: (one: Error) => void): void", "names done"),
    ("go", "func (r *Router) Handle(path string, first, second int, h func(a, b int) error) (int, error)",
     "r path first second h"),
    ("java", "public <T> List<T> sort(Map<String, T> rows, final int[] keys, int sizes[])", "rows keys sizes"),
    ("c", "static int scan(const char *text, size_t size, int (*compare)(void *, void *), void)", "text size compare"),
    ("cpp", "void put(std::map<int, int>& rows, const std::string &key = std::string(), Foo&&)", "rows key"),
    ("csharp", "public static int Count(this IEnumerable<string> rows, out int total)", "rows total"),
    ("rust", "fn scan<'a>(&'a mut self, text: &str, f: impl Fn(u8, u8) -> bool) -> usize", "self text f"),
    ("php", "function scan(array $rows, ?int $limit = null, &$found)", "rows limit found"),
    ("ruby", "def scan(rows, limit: 5, &block)", "rows limit block"),
    ("kotlin", "fun scan(rows: List<Int>, limit: Int = 5): Int", "rows limit"),
    ("swift", "func scan(in rows: [Int], upTo limit: Int) -> Int", "rows limit"),
    ("objc", "- (void)scan:(NSArray *)rows upTo:(int)limit", "rows limit"),
    ("ruby", "def scan", ""),
    ("c", "int scan(int, char *)", ""),
    ("python", "def cut(off, in_the: middle", "off in_the"),
]  # fmt: skip

HIDDEN = [
    (
        "python",
        "def f(rows, size=3)",
        "def f(rows, size=3):\n    sum = 0\n    for row in rows:\n        sum += row.size\n    return sum",
        "def f(arg_0, arg_1=3):\n    arg_2 = 0\n    for arg_3 in arg_0:\n        arg_2 += arg_3.size\n    return arg_2",
    ),
    (
        "javascript",
        "function f(first, ...rest)",
        "function f(first, ...rest) {\n  const all = [first, ...rest];\n  return all.first;\n}",
        "function f(arg_0, ...arg_1) {\n  const arg_2 = [arg_0, ...arg_1];\n  return arg_2.first;\n}",
    ),
    (
        "go",
        "func (box *Box) Add(name string) string",
        "func (box *Box) Add(name string) string {\n\tvalue := box.name\n\tbox.name = name\n\treturn value\n}",
        "func (arg_0 *Box) Add(arg_1 string) string {\n\targ_2 := arg_0.name\n\targ_0.name = arg_1\n\treturn arg_2\n}",
    ),
    (
        "php",
        "function add($name, $names)",
        "function add($name, $names) {\n    $this->name = $name;\n    return self::name($names);\n}",
        "function add($arg_0, $arg_1) {\n    $this->name = $arg_0;\n    return self::name($arg_1);\n}",
    ),
    (
        "c",
        "int f(struct box *arg_0, int n)",
        "int f(struct box *arg_0, int n) { return arg_0->arg_0 + arg_1(n); }",
        "int f(struct box *arg_2, int n) { return arg_2->arg_0 + arg_1(n); }",
    ),
]


@pytest.mark.parametrize(("language", "signature", "names"), PARAMETERS)
def test_parameters_by_hand(language, signature, names):
    """Names, not types, whichever comes first; commas inside types and defaults divide nothing."""
    assert " ".join(parameters(signature, language)) == names


@pytest.mark.parametrize(("language", "signature", "code", "hidden"), HIDDEN)
def test_variables_hidden_by_hand(language, signature, code, hidden):
    """Parameters and assigned variables are numbered; members keep their names, a number that is taken is passed."""
    assert hide_variables(code, signature, language) == hidden


def test_the_name_is_hidden_as_a_word():
    """Every occurrence, in a call and a string too; no part of a longer name; names may hold marks."""
    assert hide_name("def get(x): get(get_all, 'get', budget)", "get") == "def Func(x): Func(get_all, 'Func', budget)"
    assert hide_name("def empty?; empty? && empty", "empty?") == "def Func; Func && empty"
    assert hide_name("a.b", "") == "a.b"


def test_nothing_to_hide():
    """Code without a name that can be hidden stays as it is."""
    code = "def f(self, x):\n    return self.x"
    assert hide_variables(code, "def f(self, x)", "python") == code


def generated(draw):
    """Python of random names, with members, strings and taken numbers among them."""
    names = draw.sample(["path", "paths", "row", "arg_0", "arg_1", "arg_3", "total", "size", "pathology"], 6)
    lines = [f"def work({names[0]}, {names[1]}=None):"]
    for _ in range(draw.randint(2, 12)):
        left, right, third = draw.choices(names, k=3)
        lines.append(draw.choice((
            f"    {left} = {right} + {third}",
            f"    {left}.{right} = {third}.{left}({right})",
            f"    for {left} in {right}: print('{third}', {third}[{left}])",
            f"    {left}({right}, {third})  # {left} of {right}",
        )))  # fmt: skip
    return "\n".join(lines)


@pytest.mark.parametrize("seed", range(40))
def test_hiding_is_a_renaming(seed):
    """Token by token: each name becomes one other name or stays, no two become one, and members always stay."""
    code = generated(Random(seed))
    hidden = hide_variables(code, code.partition(":")[0], "python")
    before, after = (re.findall(r"\.?\b\w+|\W", text) for text in (code, hidden))
    assert len(before) == len(after)
    became: dict[str, str] = {}
    for old, new in zip(before, after, strict=True):
        if old.startswith("."):
            assert old == new
        else:
            assert became.setdefault(old, new) == new
    assert len(set(became.values())) == len(became)
    assert became["work"] == "work"
    first = re.search(r"\((\w+)", code)[1]
    assert became[first] != first
