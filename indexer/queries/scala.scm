; Scala 2 and 3: functions, types, objects, givens, and lambdas that are given a name. An extension is no definition
; of its own: its functions are methods of the type it extends.

(function_definition name: (_) @name ["=" @body (block) @body]) @definition.function
(function_declaration name: (_) @name) @definition.function
(function_definition name: (identifier) @name (#eq? @name "this")) @definition.constructor
(extension_definition
  parameters: (parameters (parameter type: [
    (type_identifier) @receiver
    (generic_type type: (type_identifier) @receiver)
  ]))
  (function_definition name: (_) @name) @definition.method)

([
  (val_definition
    pattern: (identifier) @name
    value: [(lambda_expression "=>" @body) (case_block) @body (block . (lambda_expression "=>" @body) .)])
  (var_definition
    pattern: (identifier) @name
    value: [(lambda_expression "=>" @body) (case_block) @body (block . (lambda_expression "=>" @body) .)])
]) @definition.function

(class_definition name: (_) @name body: (_)? @body) @definition.class
(trait_definition name: (_) @name body: (_)? @body) @definition.trait
(enum_definition name: (_) @name body: (_) @body) @definition.enum
(object_definition name: (_) @name body: (_)? @body) @definition.module
(package_object name: (_) @name body: (_)? @body) @definition.module
(given_definition !name return_type: (_) @name "with" @body (with_template_body)) @definition.module
(given_definition name: (_) @name "with" @body (with_template_body)) @definition.module
(type_definition name: (_) @name) @definition.type

(annotation) @decorator
[(comment) (block_comment)] @comment
(import_declaration) @import
(package_clause !body) @import
