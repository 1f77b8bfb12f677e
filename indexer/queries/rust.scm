; Rust: functions, types, traits, impl blocks as modules of their type, modules, macros, and closures with a name.

(function_item name: (_) @name body: (_) @body) @definition.function
(function_signature_item name: (_) @name) @definition.function
(impl_item body: (_ (function_item name: (_) @name body: (_) @body) @definition.method))

(struct_item name: (_) @name body: (field_declaration_list)? @body) @definition.struct
(enum_item name: (_) @name body: (_) @body) @definition.enum
(union_item name: (_) @name body: (_) @body) @definition.type
(trait_item name: (_) @name body: (_) @body) @definition.trait
(type_item name: (_) @name) @definition.type
(mod_item name: (_) @name body: (_) @body) @definition.module

(impl_item type: (_) @name body: (_) @body) @definition.module
(impl_item type: (generic_type type: (_) @name) body: (_) @body) @definition.module
(impl_item type: (scoped_type_identifier name: (_) @name) body: (_) @body) @definition.module
(impl_item type: (generic_type type: (scoped_type_identifier name: (_) @name)) body: (_) @body) @definition.module
(impl_item type: (reference_type type: (type_identifier) @name) body: (_) @body) @definition.module

(macro_definition name: (_) @name ["{" "(" "["] @body) @definition.macro
(let_declaration pattern: (identifier) @name value: (closure_expression body: (_) @body)) @definition.function

(attribute_item) @decorator
(line_comment) @comment
(block_comment) @comment
(use_declaration) @import
(extern_crate_declaration) @import
(mod_item !body) @import
