; Groovy: methods in types and in scripts, types, and closures that are given a name.

(class_declaration name: (_) @name body: (_) @body) @definition.class
(record_declaration name: (_) @name body: (_) @body) @definition.class
(interface_declaration name: (_) @name body: (_) @body) @definition.interface
(annotation_type_declaration name: (_) @name body: (_) @body) @definition.interface
(trait_declaration name: (_) @name body: (_) @body) @definition.trait
(enum_declaration name: (_) @name body: (_) @body) @definition.enum

(method_declaration name: (_) @name body: (_)? @body) @definition.function
(constructor_declaration name: (_) @name body: (_) @body) @definition.constructor

(field_declaration (variable_declarator name: (_) @name value: (closure) @body)) @definition.method
(local_variable_declaration (variable_declarator name: (_) @name value: (closure) @body)) @definition.function
(local_variable_declaration name: (_) @name value: (closure) @body) @definition.function
(expression_statement (assignment_expression left: (identifier) @name right: (closure) @body)) @definition.function

(annotation) @decorator
(line_comment) @comment
(block_comment) @comment
(groovydoc_comment) @comment
(package_declaration) @import
(import_declaration) @import
