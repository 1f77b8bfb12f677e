; Elixir, where every definition is a call. Adjacent clauses of the same name and arity are one definition (`@clause`);
; `@spec`, `@impl` and the like are its decorators, `@doc` and `@typedoc` are read as comments.

; def name(...) do ... end, def name(...), do: ..., with or without a guard
(call
  target: (identifier) @_keyword
  (arguments . [
    (identifier) @name
    (call target: (identifier) @name (arguments) @clause)
    (binary_operator left: (identifier) @name operator: "when")
    (binary_operator left: (call target: (identifier) @name (arguments) @clause) operator: "when")
  ] . ","? @body)
  (do_block)? @body
  (#any-of? @_keyword "def" "defp" "defn" "defnp" "defdelegate")) @definition.function
(call
  target: (identifier) @_keyword
  (arguments . [
    (identifier) @name
    (call target: (identifier) @name (arguments) @clause)
    (binary_operator left: (identifier) @name operator: "when")
    (binary_operator left: (call target: (identifier) @name (arguments) @clause) operator: "when")
  ] . ","? @body)
  (do_block)? @body
  (#any-of? @_keyword "defmacro" "defmacrop" "defguard" "defguardp")) @definition.macro

; def left <~> right
(call
  target: (identifier) @_keyword
  (arguments . [
    (binary_operator operator: _ @name) @clause
    (binary_operator left: (binary_operator operator: _ @name) @clause operator: "when")
  ] . ","? @body)
  (do_block)? @body
  (#any-of? @_keyword "def" "defp")
  (#not-eq? @name "when")) @definition.function
(call
  target: (identifier) @_keyword
  (arguments . [
    (binary_operator operator: _ @name) @clause
    (binary_operator left: (binary_operator operator: _ @name) @clause operator: "when")
  ] . ","? @body)
  (do_block)? @body
  (#any-of? @_keyword "defmacro" "defmacrop")
  (#not-eq? @name "when")) @definition.macro

; total = fn list -> ... end
(binary_operator
  left: (identifier) @name
  operator: "="
  right: (anonymous_function . "fn" . (stab_clause "->" @body))) @definition.function

(call
  target: (identifier) @_keyword
  (arguments . (_) @name)
  (do_block (unary_operator operand: (call
    target: (identifier) @_attribute
    (arguments . [(string) (sigil)] @doc)))) @body
  (#eq? @_keyword "defmodule")
  (#eq? @_attribute "moduledoc")) @definition.module
(call
  target: (identifier) @_keyword
  (arguments . (_) @name)
  (do_block) @body
  (#eq? @_keyword "defmodule")) @definition.module
(call
  target: (identifier) @_keyword
  (arguments . (_) @name)
  (do_block (unary_operator operand: (call
    target: (identifier) @_attribute
    (arguments . [(string) (sigil)] @doc)))) @body
  (#eq? @_keyword "defprotocol")
  (#eq? @_attribute "moduledoc")) @definition.interface
(call
  target: (identifier) @_keyword
  (arguments . (_) @name)
  (do_block) @body
  (#eq? @_keyword "defprotocol")) @definition.interface

; defimpl Size, for: Map do ... end is Size.Map, as Elixir itself calls it
(call
  target: (identifier) @_keyword
  (arguments . (alias) @receiver (keywords (pair key: (keyword) @_for value: (_) @name)))
  (do_block) @body
  (#eq? @_keyword "defimpl")
  (#match? @_for "^for:")) @definition.module
(call
  target: (identifier) @_keyword
  (arguments . (alias) @name .)
  (do_block) @body
  (#eq? @_keyword "defimpl")) @definition.module

; @type name(...) :: ..., @callback name(...) :: ...
(unary_operator operand: (call
  target: (identifier) @_attribute
  (arguments . (binary_operator left: [(identifier) @name (call target: (identifier) @name)] operator: "::"))
  (#any-of? @_attribute "type" "typep" "opaque"))) @definition.type
(unary_operator operand: (call
  target: (identifier) @_attribute
  (arguments . [
    (binary_operator left: (call target: (identifier) @name) operator: "::")
    (binary_operator left: (binary_operator left: (call target: (identifier) @name)) operator: "when")
  ])
  (#any-of? @_attribute "callback" "macrocallback"))) @definition.function

; ExUnit
(call
  target: (identifier) @_keyword
  (arguments . (string) @name)
  (do_block) @body
  (#any-of? @_keyword "test" "property")) @definition.function
(call
  target: (identifier) @_keyword
  (arguments . (string) @name)
  (do_block) @body
  (#eq? @_keyword "describe")) @definition.module

(unary_operator operand: (call
  target: (identifier) @_attribute
  (#any-of? @_attribute "spec" "impl" "deprecated" "dialyzer" "tag"))) @decorator
(unary_operator operand: (call
  target: (identifier) @_attribute
  (arguments . [(boolean) (keywords)])
  (#any-of? @_attribute "doc" "typedoc"))) @decorator
(unary_operator operand: (call
  target: (identifier) @_attribute
  (arguments . [(string) (sigil)])
  (#any-of? @_attribute "doc" "typedoc"))) @comment
(comment) @comment
(source (call
  target: (identifier) @_keyword
  (#any-of? @_keyword "alias" "import" "require" "use")) @import)
