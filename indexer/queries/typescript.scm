; What TypeScript adds to JavaScript. Members without a body stay in the outline of their interface or class, unless
; they are abstract: then their documentation stands nowhere else.

(abstract_class_declaration name: (_) @name body: (_) @body) @definition.class
(interface_declaration name: (_) @name body: (_) @body) @definition.interface
(enum_declaration name: (_) @name body: (_) @body) @definition.enum
(type_alias_declaration name: (_) @name) @definition.type
(internal_module name: (_) @name body: (_) @body) @definition.module
(module name: (_) @name body: (_) @body) @definition.module
(ambient_declaration "global" @name (statement_block) @body) @definition.module
(function_signature name: (_) @name) @definition.function
(abstract_method_signature name: (_) @name) @definition.method
(public_field_definition
  name: (_) @name
  value: [
    (arrow_function body: (_) @body)
    (function_expression body: (_) @body)
  ]) @definition.method

(ambient_declaration (_ name: (_) @name)) @wrapper
(expression_statement (internal_module body: (_) @body)) @wrapper
(import_alias) @import
