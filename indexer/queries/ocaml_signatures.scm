; What OCaml's interfaces share with its modules: types, and what signatures and class types declare.

(type_definition ["type" "and"] @definition.type . (type_binding name: (_) @name) @definition.type)

(value_specification (value_name) @name type: (function_type)) @definition.function
(module_type_definition (module_type_name) @name "=" @body) @definition.interface
(class_type_definition (class_type_binding (class_type_name) @name "=" @body)) @definition.interface
(method_specification (method_name) @name) @definition.method

((value_specification (value_name) @name type: (function_type)) @definition.function
  . (comment) @doc (#match? @doc "^\\(\\*\\*[^*]"))

(comment) @comment
