; Julia: functions in their long and short forms, macros, types and modules. The grammar has no node for a body: what
; stands behind the signature is its beginning. A string before a definition documents it.

(module_definition name: (identifier) @name . _ @body) @definition.module
(struct_definition (type_head [
  (identifier) @name
  (parametrized_type_expression . (identifier) @name)
  (binary_expression . (identifier) @name)
  (binary_expression . (parametrized_type_expression . (identifier) @name))
]) . _ @body) @definition.struct
([
  (abstract_definition (type_head [
    (_) @name
    (_ . (identifier) @name)
    (_ . (_ . (identifier) @name))
  ]))
  (primitive_definition (type_head [(_) @name (_ . (identifier) @name)]))
]) @definition.type
(macro_definition (signature (call_expression . (_) @name)) . _ @body) @definition.macro
(macrocall_expression
  (macro_identifier) @_macro
  (macro_argument_list . (identifier) @name . (compound_statement) @body)
  (#eq? @_macro "@enum")) @definition.enum

; function name(...) ... end; the result's type and `where` are wrapped around the call
(function_definition (signature (identifier) @name)) @definition.function
(function_definition
  (signature [
    (call_expression . (_) @name)
    (_ . (call_expression . (_) @name))
    (where_expression . (typed_expression . (call_expression . (_) @name)))
    (where_expression . (where_expression . (call_expression . (_) @name)))
  ])
  . _ @body) @definition.function
(function_definition
  (signature [
    (call_expression . (parametrized_type_expression . (_) @name))
    (_ . (call_expression . (parametrized_type_expression . (_) @name)))
  ])
  . _ @body) @definition.function
(function_definition
  (signature [
    (call_expression . (field_expression value: (_) @receiver (_) @name .))
    (_ . (call_expression . (field_expression value: (_) @receiver (_) @name .)))
    (where_expression . (typed_expression . (call_expression . (field_expression value: (_) @receiver (_) @name .))))
  ])
  . _ @body) @definition.function
(function_definition
  (signature [
    (call_expression . (parenthesized_expression (typed_expression (_) @name .)))
    (_ . (call_expression . (parenthesized_expression (typed_expression (_) @name .))))
  ])
  . _ @body) @definition.function

; name(...) = ...
(assignment
  . [
    (call_expression . (_) @name)
    (where_expression . (call_expression . (_) @name))
    (typed_expression . (call_expression . (_) @name))
    (where_expression . (typed_expression . (call_expression . (_) @name)))
  ]
  (operator) . _ @body) @definition.function
(assignment
  . [
    (call_expression . (parametrized_type_expression . (_) @name))
    (where_expression . (call_expression . (parametrized_type_expression . (_) @name)))
  ]
  (operator) . _ @body) @definition.function
(assignment
  . [
    (call_expression . (field_expression value: (_) @receiver (_) @name .))
    (where_expression . (call_expression . (field_expression value: (_) @receiver (_) @name .)))
    (typed_expression . (call_expression . (field_expression value: (_) @receiver (_) @name .)))
  ]
  (operator) . _ @body) @definition.function
(assignment
  . [
    (call_expression . (parenthesized_expression (typed_expression (_) @name .)))
    (where_expression . (call_expression . (parenthesized_expression (typed_expression (_) @name .))))
  ]
  (operator) . _ @body) @definition.function

; name = x -> ..., name = function (x) ... end
(assignment . (identifier) @name (arrow_function_expression (_) . (_) @body)) @definition.function
(assignment . (identifier) @name (function_definition (signature (argument_list)) . _ @body)) @definition.function
(const_statement (assignment (arrow_function_expression (_) . (_) @body))) @wrapper
(const_statement (assignment (function_definition (signature (argument_list)) . _ @body))) @wrapper

; @inline, Base.@kwdef and others in front
(macrocall_expression (macro_argument_list (function_definition (signature) . _ @body) .)) @wrapper
(macrocall_expression (macro_argument_list (struct_definition (type_head) . _ @body) .)) @wrapper
(macrocall_expression (macro_argument_list
  (assignment . [(call_expression) (where_expression) (typed_expression)] (operator) . _ @body) .)) @wrapper

; "..." before a definition
((string_literal) @doc . [
  (module_definition name: (identifier) . _ @body)
  (struct_definition (type_head) . _ @body)
  (abstract_definition (type_head (_) @name))
  (primitive_definition (type_head (_) @name))
  (macro_definition (signature) . _ @body)
  (function_definition (signature (call_expression)) . _ @body)
  (function_definition (signature (_ . (call_expression))) . _ @body)
  (function_definition (signature (_ . (_ . (call_expression)))) . _ @body)
  (function_definition (signature (identifier) @name))
  (assignment . [(call_expression) (where_expression) (typed_expression)] (operator) . _ @body)
  (const_statement (assignment (arrow_function_expression (_) . (_) @body)))
  (macrocall_expression (macro_argument_list (function_definition (signature) . _ @body) .))
  (macrocall_expression (macro_argument_list (struct_definition (type_head) . _ @body) .))
  (macrocall_expression (macro_argument_list . (identifier) . (compound_statement) @body))
] @wrapper)

(line_comment) @comment
(block_comment) @comment
(using_statement) @import
(import_statement) @import
