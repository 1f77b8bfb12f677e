; Swift: functions, initialisers, subscripts, computed properties, types and closures that are given a name.
; An extension is a module called after the type it extends; the functions in it are methods all the same.

(function_declaration "func" . name: _ @name body: (_) @body) @definition.function
(protocol_function_declaration "func" . name: _ @name) @definition.function
(class_declaration
  "extension"
  body: (class_body (function_declaration "func" . name: _ @name body: (_) @body) @definition.method))

(init_declaration name: "init" @name body: (_)? @body) @definition.constructor
(deinit_declaration "deinit" @name body: (_) @body) @definition.method
(subscript_declaration "subscript" @name (computed_property) @body) @definition.method

(property_declaration
  name: (pattern bound_identifier: (simple_identifier) @name)
  computed_value: (computed_property) @body) @definition.function
(class_declaration
  "extension"
  body: (class_body (property_declaration
    name: (pattern bound_identifier: (simple_identifier) @name)
    computed_value: (computed_property) @body) @definition.method))

(property_declaration
  name: (pattern bound_identifier: (simple_identifier) @name)
  value: (lambda_literal . "{" (lambda_function_type) . "in" @body)) @definition.function
(property_declaration
  name: (pattern bound_identifier: (simple_identifier) @name)
  value: (lambda_literal !type) @body) @definition.function

(class_declaration "class" name: (type_identifier) @name body: (_) @body) @definition.class
(class_declaration "actor" name: (type_identifier) @name body: (_) @body) @definition.class
(class_declaration "struct" name: (type_identifier) @name body: (_) @body) @definition.struct
(class_declaration "enum" name: (type_identifier) @name body: (_) @body) @definition.enum
(class_declaration "extension" name: (_) @name body: (_) @body) @definition.module
(protocol_declaration name: (type_identifier) @name body: (_) @body) @definition.interface
(typealias_declaration "typealias" . name: (type_identifier) @name) @definition.type

(modifiers (attribute) @decorator)
[(comment) (multiline_comment)] @comment
(import_declaration) @import
