; Zig: functions, the containers that are given a name with what is in them, and tests.

(function_declaration name: (identifier) @name body: (block)? @body) @definition.function
([
  (struct_declaration (function_declaration name: (identifier) @name body: (block)? @body) @definition.method)
  (enum_declaration (function_declaration name: (identifier) @name body: (block)? @body) @definition.method)
  (union_declaration (function_declaration name: (identifier) @name body: (block)? @body) @definition.method)
  (opaque_declaration (function_declaration name: (identifier) @name body: (block)? @body) @definition.method)
])

(variable_declaration (identifier) @name . (struct_declaration "{" @body)) @definition.struct
(variable_declaration (identifier) @name . (opaque_declaration "{" @body)) @definition.struct
(variable_declaration (identifier) @name . (enum_declaration "{" @body)) @definition.enum
(variable_declaration (identifier) @name . (error_set_declaration "{" @body)) @definition.enum
(variable_declaration (identifier) @name . (union_declaration "{" @body)) @definition.type
(variable_declaration (identifier) @name . (union_declaration "{" @body (function_declaration))) @definition.struct

(test_declaration [(string) (identifier)] @name (block) @body) @definition.function

(comment) @comment
(variable_declaration (builtin_function (builtin_identifier) @_import (#eq? @_import "@import"))) @import
