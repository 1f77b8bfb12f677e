; Dart: functions, methods and accessors, constructors, classes, mixins, extensions and enums. The grammar puts a
; signature and its body side by side, and at the top level the words before a signature as well.

(class_definition name: (identifier) @name body: (class_body) @body) @definition.class
(mixin_declaration (mixin) . (identifier) @name (class_body) @body) @definition.trait
(extension_declaration name: (identifier) @name body: (_) @body) @definition.module
(extension_type_declaration name: (identifier) @name body: (_) @body) @definition.class
(enum_declaration name: (identifier) @name body: (_) @body) @definition.enum
(type_alias (type_identifier) @name) @definition.type
(class_definition
  (abstract)
  (interface)
  name: (identifier) @name
  body: (class_body) @body) @definition.interface

(program [
  (function_signature name: (_) @name)
  (getter_signature name: (_) @name)
  (setter_signature name: (_) @name)
] @definition.function . (function_body) @definition.function @body)
(program "external" @definition.function . [
  (function_signature name: (_) @name)
  (getter_signature name: (_) @name)
  (setter_signature name: (_) @name)
] @definition.function)
(local_function_declaration (lambda_expression
  parameters: (function_signature name: (_) @name)
  body: (function_body) @body)) @definition.function

; In types: a declaration has no body, a method has one behind it.
(declaration (function_signature name: (_) @name)) @definition.method
(declaration (getter_signature name: (_) @name)) @definition.method
(declaration (setter_signature name: (_) @name)) @definition.method
(declaration (operator_signature (binary_operator) @name)) @definition.method
([
  (method_signature (function_signature name: (_) @name))
  (method_signature (getter_signature name: (_) @name))
  (method_signature (setter_signature name: (_) @name))
  (method_signature (operator_signature "operator" . _ @name))
] @definition.method . (function_body) @definition.method @body)

; Constructors, of which `Type.named` is called `named`.
(declaration (constructor_signature name: (identifier) @name .  parameters: (_))) @definition.constructor
(declaration (constructor_signature name: (identifier) "." name: (identifier) @name)) @definition.constructor
(declaration (constant_constructor_signature (identifier) @name . (formal_parameter_list))) @definition.constructor
(declaration (factory_constructor_signature (identifier) @name . (formal_parameter_list))) @definition.constructor
(declaration (redirecting_factory_constructor_signature
  (identifier) @name . (formal_parameter_list))) @definition.constructor
([
  (method_signature (constructor_signature name: (identifier) @name . parameters: (_)))
  (method_signature (constructor_signature name: (identifier) "." name: (identifier) @name))
  (method_signature (factory_constructor_signature (identifier) @name . (formal_parameter_list)))
] @definition.constructor . (function_body) @definition.constructor @body)

; Functions that are given a name.
(program [(final_builtin) (const_builtin)] @definition.function . (type_identifier)? .
  (static_final_declaration_list . (static_final_declaration
    (identifier) @name
    (function_expression body: (_) @body)) .) @definition.function)
(local_variable_declaration (initialized_variable_definition
  name: (identifier) @name
  value: (function_expression body: (_) @body))) @definition.function
(declaration (static_final_declaration_list . (static_final_declaration
  (identifier) @name
  (function_expression body: (_) @body)) .)) @definition.method
(declaration (initialized_identifier_list . (initialized_identifier
  (identifier) @name
  (function_expression body: (_) @body)) .)) @definition.method

(annotation) @decorator
(comment) @comment
(documentation_comment) @comment
(import_or_export) @import
(library_name) @import
(part_directive) @import
(part_of_directive) @import
