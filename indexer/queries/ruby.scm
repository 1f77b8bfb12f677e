; Ruby: methods, classes, modules, and blocks that are given a name: lambdas, define_method, Struct.new.

(method name: (_) @name body: (_) @body) @definition.function
(method name: (_) @name !body "end" @body) @definition.function
(singleton_method object: (self) name: (_) @name body: (_) @body) @definition.method
(singleton_method object: (self) name: (_) @name !body "end" @body) @definition.method
(singleton_method object: [(identifier) (constant)] @receiver name: (_) @name body: (_) @body) @definition.method
(singleton_method object: [(identifier) (constant)] @receiver name: (_) @name !body "end" @body) @definition.method
(module body: (body_statement (method name: (_) @name) @definition.method))
(call arguments: (argument_list . (_ name: (_) @name))) @wrapper

(class name: (_) @name body: (_) @body) @definition.class
(class name: (_) @name !body "end" @body) @definition.class
(module name: (_) @name body: (_) @body) @definition.module
(module name: (_) @name !body "end" @body) @definition.module

(assignment left: [(identifier) (constant)] @name right: (lambda body: (_) @body)) @definition.function
(assignment left: (constant) @name right: (call
  receiver: (constant)
  method: (identifier) @call
  block: (_ body: (_) @body))
  (#eq? @call "new")) @definition.class
(call
  method: (identifier) @call
  arguments: (argument_list . (simple_symbol) @name)
  block: (_ body: (_) @body)
  (#any-of? @call "define_method" "define_singleton_method")) @definition.function

(comment) @comment
(program (call
  method: (identifier) @call
  (#any-of? @call "require" "require_relative" "load" "autoload")) @import)
