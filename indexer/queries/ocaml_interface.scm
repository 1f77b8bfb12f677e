; What only OCaml's interfaces have: modules and classes that are specified and not made, and comments below a type.

(module_definition (module_binding . (module_name) @name module_type: (signature "sig" @body))) @definition.module
(class_definition (class_binding (class_name) @name)) @definition.class
(class_definition (class_binding (class_name) @name class_type: [
  (class_body_type) @body
  (class_function_type codomain: [
    (class_body_type) @body
    (class_function_type codomain: [(class_body_type) @body (class_function_type codomain: (class_body_type) @body)])
  ])
])) @definition.class
(external (value_name) @name) @definition.function

((type_definition . "type" . (type_binding name: (_) @name) .) @definition.type
  . (comment) @doc (#match? @doc "^\\(\\*\\*[^*]"))

(open_module_signature) @import
