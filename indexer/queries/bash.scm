; Bash and other shells: functions, however they are introduced.

(function_definition name: (word) @name body: (_) @body) @definition.function
(comment) @comment
