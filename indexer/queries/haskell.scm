; Haskell: functions with their type signatures, types, classes and instances. The signature and the clauses of a
; function are one definition (`@clause`). A binding without arguments counts at the top level, in classes and in
; instances; in a `where` or `let` it is only a value, unless a signature says that it is a function.

(declarations (signature name: [(variable) @name @clause (prefix_id (operator) @name @clause)]) @definition.function)
(class_declarations (signature name: [(variable) @name @clause (prefix_id (operator) @name @clause)]) @definition.function)
(instance_declarations (signature name: [(variable) @name @clause (prefix_id (operator) @name @clause)]) @definition.method)
(local_binds (signature
  name: [(variable) @name @clause (prefix_id (operator) @name @clause)]
  type: [(function) (context) (forall)]) @definition.function)

(function name: [(variable) @name @clause (prefix_id (operator) @name @clause)] match: (_) @body) @definition.function
(function (infix operator: [(operator) @name @clause (infix_id (_) @name @clause)]) match: (_) @body) @definition.function
(function
  (function_head_parens (infix operator: [(operator) @name @clause (infix_id (_) @name @clause)]))
  match: (_) @body) @definition.function

(declarations (bind name: [(variable) @name @clause (prefix_id (operator) @name @clause)] match: (_) @body) @definition.function)
(class_declarations (bind name: (_) @name @clause match: (_) @body) @definition.function)
(instance_declarations (bind name: [(variable) @name @clause (prefix_id (operator) @name @clause)] match: (_) @body) @definition.method)
(local_binds
  (signature type: [(function) (context) (forall)])
  .
  (bind name: (_) @name @clause match: (_) @body) @definition.function)
(instance_declarations (function name: [(variable) @name @clause (prefix_id (operator) @name @clause)] match: (_) @body) @definition.method)
(instance_declarations (function
  (infix operator: [(operator) @name @clause (infix_id (_) @name @clause)])
  match: (_) @body) @definition.method)
(foreign_import (signature name: (variable) @name)) @definition.function

(data_type name: (_) @name ["=" "where"]? @body) @definition.type
(newtype name: (_) @name) @definition.type
(type_synonym name: (_) @name) @definition.type
(type_family name: (_) @name ["where"]? @body) @definition.type
(class name: (_) @name "where"? @body) @definition.trait
(instance name: (_) @receiver patterns: (type_patterns) @name "where"? @body) @definition.module

[(comment) (haddock) (pragma)] @comment
[(import) (header)] @import
