; C, and what C++ and Objective-C share with it: functions, structs, unions, enums, type names and macros with
; parameters. Prototypes and plain macros stay in blocks, many to one.

(function_definition
  declarator: [
    (function_declarator declarator: (identifier) @name)
    (function_declarator declarator: (parenthesized_declarator (identifier) @name))
    (pointer_declarator declarator: (function_declarator declarator: (identifier) @name))
    (pointer_declarator declarator: (pointer_declarator declarator: (function_declarator
      declarator: (identifier) @name)))
  ]
  body: (_) @body) @definition.function

(struct_specifier name: (_) @name body: (_) @body) @definition.struct
(enum_specifier name: (_) @name body: (_) @body) @definition.enum
(union_specifier name: (_) @name body: (_) @body) @definition.type

(type_definition declarator: (type_identifier) @name) @definition.type
(type_definition declarator: (function_declarator
  declarator: (parenthesized_declarator (pointer_declarator declarator: (type_identifier) @name)))) @definition.type
(type_definition
  type: (struct_specifier body: (_) @body)
  . declarator: (type_identifier) @name) @definition.struct
(type_definition
  type: (enum_specifier body: (_) @body)
  . declarator: (type_identifier) @name) @definition.enum
(type_definition
  type: (union_specifier body: (_) @body)
  . declarator: (type_identifier) @name) @definition.type

(preproc_function_def name: (_) @name value: (_)? @body) @definition.macro

(comment) @comment
(preproc_include) @import
