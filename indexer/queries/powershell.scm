; PowerShell: functions, filters and workflows, classes and enums, and script blocks that are given a name. The grammar
; has no node for a body in braces, so the brace is where a signature ends.

(function_statement (function_name) @name "{" @body) @definition.function
(function_statement (function_name) @name "{" @body . (comment) @doc (#match? @doc "^<#")) @definition.function
(pipeline (assignment_expression
  (left_assignment_expression) @name
  value: (pipeline (pipeline_chain . (_ (_ (_ (_ (_ (_ (_ (_ (_ (script_block_expression "{" @body)))))))))) .)))) @definition.function

(class_statement . (simple_name) @name "{" @body) @definition.class
(enum_statement . (simple_name) @name "{" @body) @definition.enum
(class_method_definition (simple_name) @name "{" @body) @definition.method

(comment) @comment
(ERROR . (type_literal)) @decorator ; an attribute of a class or enum, which the grammar does not know
(pipeline (pipeline_chain (command
  command_name: (command_name) @_using
  (#any-of? @_using "using" "Import-Module" "import-module")))) @import
