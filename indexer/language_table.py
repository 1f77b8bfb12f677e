"""The table of languages: how a file is recognised, and which grammar reads it. Nothing but data.

Adding a language that has a grammar takes three things: a row in `GRAMMAR_LANGUAGES`, a query
`queries/<name>.scm` (its capture names are explained in `captures`), and a sample
`tests/indexer/samples/<name>.<suffix>` with its hand-written table in `tests/indexer`. The wheel of the grammar goes
into pyproject.toml and constraints.txt. A language without a grammar is one row in `PLAIN_LANGUAGES`.

What the rows mean is worked out in `languages` (recognition) and `grammars` (loading).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Grammar:
    """Where a parser comes from, and how the language names things.

    `module` is the import name of the grammar's wheel and `entry` its function that returns the pointer. `queries`
    are the stems of the query files, concatenated; empty means the language's own name. `separator` joins qualified
    names. A method called as one of `constructors`, or as its own type if `type_names_constructor`, is a constructor.
    `macros`: what only Objective-C's preprocessor understands is put aside before parsing, see the module `macros`.
    """

    module: str
    entry: str = "language"
    queries: tuple[str, ...] = ()
    separator: str = "."
    constructors: tuple[str, ...] = ()
    type_names_constructor: bool = False
    macros: bool = False


@dataclass(frozen=True, slots=True)
class Language:
    """How files of one language are recognised.

    `suffixes` are lower case and start with a dot; `filenames` are lower case; `interpreters` are what a shebang line
    names, without a version. `source` is false for documents and data, which are no source code.
    """

    name: str
    suffixes: tuple[str, ...] = ()
    filenames: tuple[str, ...] = ()
    interpreters: tuple[str, ...] = ()
    grammar: Grammar | None = None
    source: bool = True


GRAMMAR_LANGUAGES = (
    Language(
        "python",
        (".py", ".pyi", ".pyw", ".pyx", ".pxd"),
        ("sconstruct", "sconscript", "wscript"),
        ("python", "pypy"),
        Grammar("tree_sitter_python", constructors=("__init__", "__new__")),
    ),
    Language(
        "javascript",
        (".js", ".jsx", ".mjs", ".cjs", ".es6"),
        ("jakefile",),
        ("node", "nodejs", "bun"),
        Grammar("tree_sitter_javascript", queries=("ecmascript", "javascript"), constructors=("constructor",)),
    ),
    Language(
        "typescript",
        (".ts", ".mts", ".cts"),
        interpreters=("deno", "ts-node", "tsx"),
        grammar=Grammar(
            "tree_sitter_typescript", "language_typescript", ("ecmascript", "typescript"), constructors=("constructor",)
        ),
    ),
    Language(
        "tsx",
        (".tsx",),
        grammar=Grammar(
            "tree_sitter_typescript", "language_tsx", ("ecmascript", "typescript"), constructors=("constructor",)
        ),
    ),
    Language("java", (".java",), interpreters=("java",), grammar=Grammar("tree_sitter_java")),
    Language("go", (".go",), grammar=Grammar("tree_sitter_go")),
    Language(
        "ruby",
        (".rb", ".rake", ".gemspec", ".ru", ".rbw", ".podspec"),
        ("rakefile", "gemfile", "guardfile", "capfile", "vagrantfile", "podfile", "fastfile", "brewfile"),
        ("ruby", "jruby"),
        Grammar("tree_sitter_ruby", separator="::", constructors=("initialize",)),
    ),
    Language(
        "php",
        (".php", ".phtml", ".php5", ".inc"),
        interpreters=("php",),
        grammar=Grammar("tree_sitter_php", "language_php", separator="::", constructors=("__construct",)),
    ),
    Language("c", (".c", ".h"), interpreters=("tcc",), grammar=Grammar("tree_sitter_c", separator="::")),
    Language(
        "cpp",
        (".cpp", ".cc", ".cxx", ".c++", ".hpp", ".hh", ".hxx", ".h++", ".ipp", ".tpp", ".inl", ".ino", ".cppm", ".ixx"),
        grammar=Grammar("tree_sitter_cpp", queries=("c", "cpp"), separator="::", type_names_constructor=True),
    ),
    Language("rust", (".rs",), grammar=Grammar("tree_sitter_rust", separator="::", constructors=("new",))),
    Language("csharp", (".cs", ".csx"), grammar=Grammar("tree_sitter_c_sharp")),
    Language("kotlin", (".kt", ".kts"), interpreters=("kotlin",), grammar=Grammar("tree_sitter_kotlin")),
    Language("swift", (".swift",), interpreters=("swift",), grammar=Grammar("tree_sitter_swift")),
    Language("scala", (".scala", ".sc", ".sbt"), interpreters=("scala",), grammar=Grammar("tree_sitter_scala")),
    Language("lua", (".lua", ".rockspec"), interpreters=("lua", "luajit"), grammar=Grammar("tree_sitter_lua")),
    Language(
        "bash",
        (".sh", ".bash", ".zsh", ".ksh", ".bats", ".ebuild"),
        (".bashrc", ".bash_profile", ".bash_aliases", ".profile", ".zshrc", ".zshenv", "pkgbuild", "apkbuild"),
        ("bash", "sh", "zsh", "dash", "ash", "ksh", "bats"),
        Grammar("tree_sitter_bash"),
    ),
    Language(
        "haskell",
        (".hs", ".hsc", ".hs-boot"),
        interpreters=("runghc", "runhaskell"),
        grammar=Grammar("tree_sitter_haskell"),
    ),
    Language("elixir", (".ex", ".exs"), interpreters=("elixir", "iex"), grammar=Grammar("tree_sitter_elixir")),
    Language("objc", (".m", ".mm"), grammar=Grammar("tree_sitter_objc", queries=("c", "objc"), macros=True)),
    Language("zig", (".zig", ".zon"), grammar=Grammar("tree_sitter_zig", constructors=("init",))),
    Language(
        "perl",
        (".pl", ".pm", ".t", ".psgi"),
        ("cpanfile",),
        ("perl",),
        Grammar("tree_sitter_perl", separator="::", constructors=("new",)),
    ),
    Language(
        "julia", (".jl",), interpreters=("julia",), grammar=Grammar("tree_sitter_julia", type_names_constructor=True)
    ),
    Language(
        "ocaml",
        (".ml", ".mll", ".mly", ".eliom"),
        interpreters=("ocaml",),
        grammar=Grammar("tree_sitter_ocaml", "language_ocaml", ("ocaml_signatures", "ocaml")),
    ),
    Language(
        "ocaml_interface",
        (".mli", ".eliomi"),
        grammar=Grammar("tree_sitter_ocaml", "language_ocaml_interface", ("ocaml_signatures", "ocaml_interface")),
    ),
    Language("dart", (".dart",), interpreters=("dart",), grammar=Grammar("tree_sitter_dart")),
    Language(
        "powershell",
        (".ps1", ".psm1", ".psd1"),
        interpreters=("pwsh", "powershell"),
        grammar=Grammar("tree_sitter_powershell", type_names_constructor=True),
    ),
    Language(
        "groovy",
        (".groovy", ".gradle", ".gvy", ".gsh"),
        ("jenkinsfile",),
        ("groovy",),
        Grammar("dekobon_tree_sitter_groovy", type_names_constructor=True),
    ),
)

PLAIN_LANGUAGES = (
    Language("ada", (".adb", ".ads")),
    Language("apex", (".cls", ".trigger")),
    Language("assembly", (".asm", ".s")),
    Language("astro", (".astro",)),
    Language("awk", (".awk",), interpreters=("awk", "gawk", "mawk")),
    Language("batch", (".bat", ".cmd")),
    Language("clojure", (".clj", ".cljs", ".cljc", ".edn"), interpreters=("bb",)),
    Language("cmake", (".cmake",), ("cmakelists.txt",)),
    Language("cobol", (".cob", ".cbl", ".cpy")),
    Language("coffeescript", (".coffee",), ("cakefile",), ("coffee",)),
    Language("crystal", (".cr",), interpreters=("crystal",)),
    Language("cuda", (".cu", ".cuh")),
    Language("d", (".d", ".di")),
    Language("dockerfile", (".dockerfile",), ("dockerfile", "containerfile")),
    Language("elm", (".elm",)),
    Language("erlang", (".erl", ".hrl"), ("rebar.config",), ("escript",)),
    Language("fish", (".fish",), interpreters=("fish",)),
    Language("fortran", (".f", ".for", ".f77", ".f90", ".f95", ".f03", ".f08")),
    Language("fsharp", (".fs", ".fsi", ".fsx")),
    Language("gdscript", (".gd",)),
    Language("glsl", (".glsl", ".vert", ".frag", ".comp", ".geom")),
    Language("graphql", (".graphql", ".gql")),
    Language("haxe", (".hx",)),
    Language("hlsl", (".hlsl", ".fx")),
    Language("lisp", (".lisp", ".lsp", ".cl", ".el"), interpreters=("sbcl", "clisp")),
    Language("make", (".mk", ".mak"), ("makefile", "gnumakefile", "kbuild"), ("make",)),
    Language("matlab", (".matlab",)),
    Language("meson", (), ("meson.build", "meson_options.txt")),
    Language("metal", (".metal",)),
    Language("nim", (".nim", ".nims", ".nimble"), interpreters=("nim",)),
    Language("nix", (".nix",)),
    Language("pascal", (".pas", ".pp", ".dpr", ".lpr")),
    Language("prolog", (".pro", ".prolog"), interpreters=("swipl",)),
    Language("proto", (".proto", ".thrift")),
    Language("purescript", (".purs",)),
    Language("r", (".r", ".rprofile"), (".rprofile",), ("rscript",)),
    Language("racket", (".rkt",), interpreters=("racket",)),
    Language("reason", (".re", ".rei", ".res", ".resi")),
    Language("scheme", (".scm", ".ss", ".sld"), interpreters=("guile", "chibi-scheme")),
    Language("solidity", (".sol",)),
    Language("sql", (".sql", ".psql", ".plsql", ".ddl", ".dml")),
    Language("starlark", (".bzl", ".star"), ("build", "build.bazel", "workspace", "workspace.bazel", "tiltfile")),
    Language("svelte", (".svelte",)),
    Language("tcl", (".tcl", ".tk"), interpreters=("tclsh", "wish", "expect")),
    Language("terraform", (".tf", ".hcl")),
    Language("vb", (".vb", ".vbs", ".bas", ".frm")),
    Language("verilog", (".v", ".vh", ".sv", ".svh")),
    Language("vhdl", (".vhd", ".vhdl")),
    Language("vim", (".vim",), (".vimrc", "vimrc")),
    Language("vue", (".vue",)),
    Language("wgsl", (".wgsl",)),
)

DOCUMENT_LANGUAGES = (
    Language("asciidoc", (".adoc", ".asciidoc")),
    Language("css", (".css", ".scss", ".sass", ".less", ".styl")),
    Language("csv", (".csv", ".tsv", ".psv")),
    Language("diff", (".diff", ".patch")),
    Language("html", (".html", ".htm", ".xhtml")),
    Language("ini", (".ini", ".cfg", ".conf", ".properties", ".env"), (".editorconfig", ".gitconfig", ".env")),
    Language("json", (".json", ".json5", ".jsonc", ".jsonl", ".ndjson", ".geojson", ".webmanifest", ".ipynb")),
    Language("lock", (".lock", ".lockb"), ("go.sum", "go.mod", "package-lock.json", "pnpm-lock.yaml")),
    Language("log", (".log",)),
    Language("markdown", (".md", ".markdown", ".mdx", ".mdown")),
    Language("org", (".org",)),
    Language("rst", (".rst", ".rest")),
    Language("svg", (".svg",)),
    Language("template", (".j2", ".jinja", ".jinja2", ".mustache", ".hbs", ".ejs", ".tmpl", ".liquid")),
    Language("tex", (".tex", ".bib", ".sty", ".cls.tex")),
    Language("text", (".txt", ".text"), ("license", "licence", "copying", "notice", "authors", "readme", "changelog")),
    Language("toml", (".toml",)),
    Language("translation", (".po", ".pot")),
    Language("xml", (".xml", ".xsd", ".xsl", ".xslt", ".plist", ".csproj", ".vcxproj", ".resx", ".xaml", ".wsdl")),
    Language("yaml", (".yaml", ".yml")),
)
