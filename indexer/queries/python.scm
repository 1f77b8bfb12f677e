; Python: functions, methods and classes at any depth, lambdas that are given a name, and type aliases.

(function_definition
  name: (identifier) @name
  body: (block . (expression_statement . (string) @doc)?) @body) @definition.function

(class_definition
  name: (identifier) @name
  body: (block . (expression_statement . (string) @doc)?) @body) @definition.class

(decorated_definition definition: (_ body: (_) @body)) @wrapper

(expression_statement
  (assignment
    left: (identifier) @name
    right: (lambda body: (_) @body))) @definition.function

(type_alias_statement left: (type (identifier) @name)) @definition.type
(type_alias_statement left: (type (generic_type (identifier) @name))) @definition.type

(decorator) @decorator
(comment) @comment
(import_statement) @import
(import_from_statement) @import
(future_import_statement) @import
