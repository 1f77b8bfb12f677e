; C#: types, methods, constructors, properties and events whose accessors have code, operators, local functions, and
; lambdas that are given a name.

(class_declaration name: (_) @name body: (_)? @body) @definition.class
(record_declaration name: (_) @name body: (_)? @body) @definition.class
(record_declaration "struct" name: (_) @name body: (_)? @body) @definition.struct
(struct_declaration name: (_) @name body: (_)? @body) @definition.struct
(interface_declaration name: (_) @name body: (_)? @body) @definition.interface
(enum_declaration name: (_) @name body: (_)? @body) @definition.enum
(delegate_declaration name: (_) @name) @definition.type
(namespace_declaration name: (_) @name body: (_) @body) @definition.module

(method_declaration name: (_) @name body: (_)? @body) @definition.method
(constructor_declaration name: (_) @name body: (_) @body) @definition.constructor
(destructor_declaration "~" @name name: (_) @name body: (_) @body) @definition.method
(operator_declaration "operator" @name operator: _ @name body: (_) @body) @definition.method
(conversion_operator_declaration type: (_) @name body: (_) @body) @definition.method
(indexer_declaration "this" @name [accessors: (_) value: (_)] @body) @definition.method
(property_declaration name: (_) @name value: (arrow_expression_clause) @body) @definition.method
(property_declaration
  name: (_) @name
  accessors: (accessor_list (accessor_declaration body: (_))) @body) @definition.method
(event_declaration name: (_) @name accessors: (_) @body) @definition.method
(local_function_statement name: (_) @name body: (_) @body) @definition.function

(variable_declarator name: (_) @name (lambda_expression body: (_) @body)) @definition.function
(local_declaration_statement (variable_declaration
  (variable_declarator (lambda_expression body: (_) @body)) .)) @wrapper
(field_declaration (variable_declaration
  (variable_declarator (lambda_expression body: (_) @body)) .)) @wrapper

(attribute_list) @decorator
(comment) @comment
(using_directive) @import
(extern_alias_directive) @import
(file_scoped_namespace_declaration) @import
