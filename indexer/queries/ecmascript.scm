; What JavaScript and TypeScript share. Functions count when they have a name: their own, or that of what they are
; assigned to. An object literal that holds functions is a module, and they are its methods.

(function_declaration name: (_) @name body: (_) @body) @definition.function
(generator_function_declaration name: (_) @name body: (_) @body) @definition.function
(class_declaration name: (_) @name body: (_) @body) @definition.class
(method_definition name: (_) @name body: (_) @body) @definition.method

(export_statement declaration: (function_declaration name: (_) @name body: (_) @body)) @definition.function
(export_statement declaration: (generator_function_declaration name: (_) @name body: (_) @body)) @definition.function
(export_statement declaration: (class_declaration name: (_) @name body: (_) @body)) @definition.class
(export_statement "default" @name value: [
  (arrow_function body: (_) @body)
  (function_expression !name body: (_) @body)
]) @definition.function
(export_statement "default" @name value: (class !name body: (_) @body)) @definition.class
(export_statement "default" value: (class name: (_) @name body: (_) @body)) @definition.class
(export_statement "default" value: (function_expression name: (_) @name body: (_) @body)) @definition.function

; const f = () => ..., function expressions, classes and objects with methods; the declarator alone where a declaration has several
(variable_declarator name: (identifier) @name value: [
  (arrow_function body: (_) @body)
  (function_expression body: (_) @body)
  (generator_function body: (_) @body)
]) @definition.function
(lexical_declaration . (variable_declarator name: (identifier) @name value: [
  (arrow_function body: (_) @body)
  (function_expression body: (_) @body)
  (generator_function body: (_) @body)
]) .) @definition.function
(variable_declaration . (variable_declarator name: (identifier) @name value: [
  (arrow_function body: (_) @body)
  (function_expression body: (_) @body)
  (generator_function body: (_) @body)
]) .) @definition.function
(export_statement declaration: (lexical_declaration . (variable_declarator name: (identifier) @name value: [
  (arrow_function body: (_) @body)
  (function_expression body: (_) @body)
  (generator_function body: (_) @body)
]) .)) @definition.function
(_ . (variable_declarator name: (identifier) @name value: (class body: (_) @body)) .) @definition.class
(export_statement declaration: (_ . (variable_declarator
  name: (identifier) @name
  value: (class body: (_) @body)) .)) @definition.class

; exports.x = function ..., Type.prototype.run = function ...
(assignment_expression
  left: [
    (identifier) @name
    (member_expression object: [(identifier) (this)] property: (_) @name)
    (member_expression object: (member_expression object: (identifier) @receiver property: (_)) property: (_) @name)
  ]
  right: [
    (arrow_function body: (_) @body)
    (function_expression body: (_) @body)
    (generator_function body: (_) @body)
  ]) @definition.function
(expression_statement (assignment_expression
  left: [
    (identifier) @name
    (member_expression object: [(identifier) (this)] property: (_) @name)
    (member_expression object: (member_expression object: (identifier) @receiver property: (_)) property: (_) @name)
  ]
  right: [
    (arrow_function body: (_) @body)
    (function_expression body: (_) @body)
    (generator_function body: (_) @body)
  ])) @definition.function

; { get() {}, post: function () {} }
(pair key: (_) @name value: [
  (arrow_function body: (_) @body)
  (function_expression body: (_) @body)
  (generator_function body: (_) @body)
]) @definition.method
(variable_declarator name: (identifier) @name value: (object [
  (method_definition)
  (pair value: [(arrow_function) (function_expression)])
]) @body) @definition.module
(_ . (variable_declarator name: (identifier) @name value: (object [
  (method_definition)
  (pair value: [(arrow_function) (function_expression)])
]) @body) .) @definition.module
(export_statement declaration: (_ . (variable_declarator name: (identifier) @name value: (object [
  (method_definition)
  (pair value: [(arrow_function) (function_expression)])
]) @body) .)) @definition.module
(assignment_expression
  left: (member_expression object: (identifier) @receiver property: (_) @name)
  right: (object [
    (method_definition)
    (pair value: [(arrow_function) (function_expression)])
  ]) @body) @definition.module

(decorator) @decorator
(comment) @comment
(import_statement) @import
(export_statement source: (_)) @import
