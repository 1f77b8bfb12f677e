; What JavaScript and TypeScript share. Functions count when they have a name: their own, or that of what they are
; assigned to. An object literal that holds functions is a module, and they are its methods.

(function_declaration name: (_) @name body: (_) @body) @definition.function
(generator_function_declaration name: (_) @name body: (_) @body) @definition.function
(class_declaration name: (_) @name body: (_) @body) @definition.class
(method_definition name: (_) @name body: (_) @body) @definition.method

(export_statement "default" @name value: [
  (arrow_function body: (_) @body)
  (function_expression !name body: (_) @body)
]) @definition.function
(export_statement "default" value: (function_expression name: (_) @name body: (_) @body)) @definition.function
(export_statement "default" @name value: (class !name body: (_) @body)) @definition.class
(export_statement "default" value: (class name: (_) @name body: (_) @body)) @definition.class
(export_statement declaration: (_ name: (_) @name)) @wrapper

; const f = () => ...
(variable_declarator name: (identifier) @name value: [
  (arrow_function body: (_) @body)
  (function_expression body: (_) @body)
  (generator_function body: (_) @body)
]) @definition.function
(variable_declarator name: (identifier) @name value: (class body: (_) @body)) @definition.class
(lexical_declaration . (variable_declarator value: (_ body: (_) @body)) .) @wrapper
(variable_declaration . (variable_declarator value: (_ body: (_) @body)) .) @wrapper
(export_statement declaration: (_ . (variable_declarator value: (_ body: (_) @body)) .)) @wrapper

; const View = memo(() => ...), at the top level only: deeper down it is a value that a callback computes
(program (_ . (variable_declarator name: (identifier) @name value: (call_expression arguments: (arguments . [
  (arrow_function body: (statement_block) @body)
  (function_expression body: (_) @body)
]))) .) @definition.function)
(program (export_statement declaration: (_ . (variable_declarator
  name: (identifier) @name
  value: (call_expression arguments: (arguments . [
    (arrow_function body: (statement_block) @body)
    (function_expression body: (_) @body)
  ]))) .)) @definition.function)

; exports.x = function ..., Type.prototype.run = function ...
(assignment_expression
  left: [
    (identifier) @name
    (member_expression property: (_) @name)
  ]
  right: [
    (arrow_function body: (_) @body)
    (function_expression body: (_) @body)
    (generator_function body: (_) @body)
  ]) @definition.function
(assignment_expression
  left: (member_expression
    object: (member_expression object: (identifier) @receiver property: (_) @prototype)
    property: (_) @name)
  right: (function_expression body: (_) @body)
  (#eq? @prototype "prototype")) @definition.function
(expression_statement (assignment_expression right: (_ body: (_) @body))) @wrapper

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
(lexical_declaration . (variable_declarator value: (object) @body) .) @wrapper
(variable_declaration . (variable_declarator value: (object) @body) .) @wrapper
(export_statement declaration: (_ . (variable_declarator value: (object) @body) .)) @wrapper
(assignment_expression
  left: (member_expression object: (identifier) @receiver property: (_) @name)
  right: (object [
    (method_definition)
    (pair value: [(arrow_function) (function_expression)])
  ]) @body) @definition.module
(expression_statement (assignment_expression right: (object) @body)) @wrapper
(export_statement "default" @name value: (object [
  (method_definition)
  (pair value: [(arrow_function) (function_expression)])
]) @body) @definition.module

(decorator) @decorator
(comment) @comment
(import_statement) @import
(export_statement source: (_)) @import
(program (_ . (variable_declarator value: (call_expression function: (identifier) @call)) .
  (#eq? @call "require")) @import)
