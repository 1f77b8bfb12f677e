; Lua: functions under any of their notations. `function Account:deposit()` is a method of Account, and a table that
; holds functions is a module.

(function_declaration name: (identifier) @name ["end" (block)] @body) @definition.function
(function_declaration
  name: (dot_index_expression table: (_) @receiver field: (_) @name)
  ["end" (block)] @body) @definition.function
(function_declaration
  name: (method_index_expression table: (_) @receiver method: (_) @name)
  ["end" (block)] @body) @definition.method

; M.f = function () ... end, local f = function () ... end
(assignment_statement
  (variable_list . name: [
    (identifier) @name
    (dot_index_expression table: (_) @receiver field: (_) @name)
    (bracket_index_expression table: (_) @receiver field: (string) @name)
  ])
  (expression_list . value: (function_definition ["end" (block)] @body) .)) @definition.function
(variable_declaration (assignment_statement
  (variable_list . name: (identifier) @name)
  (expression_list . value: (function_definition ["end" (block)] @body) .))) @definition.function

; { on_line = function () ... end }
(field
  name: [(identifier) (string)] @name
  value: (function_definition ["end" (block)] @body)) @definition.method
(assignment_statement
  (variable_list . name: [
    (identifier) @name
    (dot_index_expression table: (_) @receiver field: (_) @name)
  ])
  (expression_list . value: (table_constructor (field value: (function_definition))) @body .)) @definition.module
(variable_declaration (assignment_statement
  (variable_list . name: (identifier) @name)
  (expression_list . value: (table_constructor (field value: (function_definition))) @body .))) @definition.module

[(comment) (hash_bang_line)] @comment
