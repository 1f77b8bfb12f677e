; Kotlin: functions, constructors, types, objects, properties that are computed and lambdas that are given a name.
; What stands in a companion object belongs to the class: nobody writes `Ledger.Companion.open()`.

(function_declaration
  name: (identifier) @name
  (function_body)? @body) @definition.function
(function_declaration
  [
    (user_type . (identifier) @receiver)
    (nullable_type (user_type . (identifier) @receiver))
    (parenthesized_type (user_type . (identifier) @receiver))
  ]
  .
  name: (identifier) @name
  (function_body)? @body) @definition.method

(secondary_constructor "constructor" @name (block)? @body) @definition.constructor

(class_declaration name: (identifier) @name (class_body)? @body) @definition.class
(class_declaration "interface" name: (identifier) @name (class_body)? @body) @definition.interface
(class_declaration name: (identifier) @name (enum_class_body) @body) @definition.enum
(object_declaration name: (identifier) @name (class_body)? @body) @definition.module
(type_alias type: (identifier) @name) @definition.type

(property_declaration (variable_declaration . (identifier) @name) (getter (function_body)) @body) @definition.function
(property_declaration
  (user_type . (identifier) @receiver)
  .
  (variable_declaration . (identifier) @name)
  (getter (function_body)) @body) @definition.method

(property_declaration
  (variable_declaration . (identifier) @name)
  [
    (lambda_literal (lambda_parameters) . "->" @body)
    (anonymous_function (function_body) @body)
  ]) @definition.function
; A lambda without parameters of its own: the first arrow in it, if any, belongs to a `when` or to an inner lambda.
(property_declaration
  (variable_declaration . (identifier) @name)
  (lambda_literal) @body
  (#not-match? @body "^[{][^{}]*->")) @definition.function

(modifiers (annotation) @decorator)
(source_file (annotated_expression (annotation) (parenthesized_expression)) @decorator)
[(line_comment) (block_comment)] @comment
[(import) (package_header) (file_annotation)] @import
