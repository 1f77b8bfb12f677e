; Java: types, methods with and without a body, constructors, and lambdas that are given a name.

(class_declaration name: (_) @name body: (_) @body) @definition.class
(record_declaration name: (_) @name body: (_) @body) @definition.class
(interface_declaration name: (_) @name body: (_) @body) @definition.interface
(annotation_type_declaration name: (_) @name body: (_) @body) @definition.interface
(enum_declaration name: (_) @name body: (_) @body) @definition.enum
(method_declaration name: (_) @name body: (_)? @body) @definition.method
(constructor_declaration name: (_) @name body: (_) @body) @definition.constructor
(compact_constructor_declaration name: (_) @name body: (_) @body) @definition.constructor

(variable_declarator name: (_) @name value: (lambda_expression body: (_) @body)) @definition.function
(field_declaration . (_)* . (variable_declarator value: (lambda_expression body: (_) @body)) .) @wrapper
(local_variable_declaration . (_)* . (variable_declarator value: (lambda_expression body: (_) @body)) .) @wrapper

(annotation) @decorator
(marker_annotation) @decorator
(line_comment) @comment
(block_comment) @comment
(import_declaration) @import
(package_declaration) @import
