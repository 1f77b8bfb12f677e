; OCaml: functions at any depth, types, modules and functors, module types, classes and their methods. A definition runs
; from `let`, `type` or `and` to the end of its binding.

(value_definition ["let" "and"] @definition.function . "rec"? . (let_binding
  pattern: [(value_name) (parenthesized_operator)] @name
  (parameter)
  "=" @body) @definition.function)
(value_definition ["let" "and"] @definition.function . "rec"? . (let_binding
  pattern: [(value_name) (parenthesized_operator)] @name
  body: (fun_expression body: (_) @body)) @definition.function)
(value_definition ["let" "and"] @definition.function . "rec"? . (let_binding
  pattern: [(value_name) (parenthesized_operator)] @name
  body: (function_expression "function" . _ @body)) @definition.function)
(external (value_name) @name) @definition.function

(module_definition (module_binding . (module_name) @name)) @definition.module
(module_definition (module_binding . (module_name) @name "=" @body body: (structure))) @definition.module
(class_definition (class_binding (class_name) @name "=" @body)) @definition.class
(method_definition (method_name) @name "=" @body) @definition.method

(open_module) @import
