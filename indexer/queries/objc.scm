; What Objective-C adds to C: classes, categories as modules of their class, protocols, methods by their selector, and
; blocks that are given a name.

(class_interface . "@interface" . (identifier) @name [
  (instance_variables)
  (property_declaration)
  (method_declaration)
  (declaration)
  "@end"
] @body) @definition.class
(class_implementation . "@implementation" . (identifier) @name [
  (instance_variables)
  (implementation_definition)
  "@end"
] @body) @definition.class
(protocol_declaration . "@protocol" . (identifier) @name [
  (property_declaration)
  (method_declaration)
  (qualified_protocol_interface_declaration)
  "@end"
] @body) @definition.interface
(class_interface . "@interface" . (identifier) @name category: (_) "@end" @body) @definition.module
(class_implementation . "@implementation" . (identifier) @name category: (_) "@end" @body) @definition.module

(method_definition ["-" "+"] . (method_type)? . (identifier) @name (compound_statement) @body) @definition.method
(method_definition
  ["-" "+"] . (method_type)?
  . ((identifier) @name . (method_parameter ":" @name))+
  (compound_statement) @body) @definition.method
(method_definition
  "-" . (method_type)?
  . (identifier) @name
  . (compound_statement) @body
  (#eq? @name "init")) @definition.constructor
(method_definition
  "-" . (method_type)?
  . ((identifier) @name . (method_parameter ":" @name))+
  (compound_statement) @body
  (#any-match? @name "^initWith")) @definition.constructor

(type_definition declarator: (function_declarator
  declarator: (parenthesized_declarator (block_pointer_declarator declarator: (type_identifier) @name)))) @definition.type
(declaration declarator: (init_declarator
  declarator: [
    (function_declarator declarator: (parenthesized_declarator (block_pointer_declarator declarator: (_) @name)))
    (identifier) @name
  ]
  value: (block_literal (compound_statement) @body))) @definition.function
