; Perl: subs with the package that they belong to, classes, and anonymous subs that are given a name. POD directly before
; a sub documents it.

(subroutine_declaration_statement name: (_) @name body: (block) @body) @definition.function
(method_declaration_statement name: (_) @name body: (block) @body) @definition.method

; my ($self, ...) = @_; my $class = shift;
(subroutine_declaration_statement
  name: (_) @name
  body: (block . (expression_statement (assignment_expression left: (variable_declaration
    . "my" . _? . (scalar (varname) @_self))))) @body
  (#any-of? @_self "self" "class" "this" "proto")) @definition.method

(package_statement name: (package) @name (block) @body) @definition.module
(class_statement name: (package) @name (block) @body) @definition.class

(expression_statement (assignment_expression
  left: [
    (variable_declaration variable: (scalar (varname) @name))
    (scalar (varname) @name)
    (glob (varname) @name)
  ]
  right: (anonymous_subroutine_expression body: (block) @body))) @definition.function

((pod) @doc . (subroutine_declaration_statement body: (block) @body) @wrapper)
((pod) @doc . (method_declaration_statement body: (block) @body) @wrapper)

(package_statement name: (package) @package ";")
(comment) @comment
(pod) @comment
(use_statement) @import
(require_expression) @import
