"""What in a syntax tree defines, reads and carries variables, for each language whose data flow is compared.

Names of kinds and fields are those of the grammars. What the rules mean is worked out in `data_flow`.
"""

from __future__ import annotations

from dataclasses import dataclass

Pair = tuple[str, str]  # a node's kind and the field of one of its children


@dataclass(frozen=True, slots=True)
class FlowRules:
    """The rules of one language.

    `variables`: kinds of nodes that name one; `other_names`: where such a kind names something else (an attribute, a
    called method, an argument's keyword). `assignments`: a kind, with the fields of its target and of its value;
    without fields the value is its first part and the target the second. `lists`: kinds of targets or values of which
    each is one. `parts`: kinds of targets that are a part of what a variable holds (`a.b`, `a[i]`). `parameters`:
    kinds in which every variable is defined; `targets`: where a lone variable is. `updates`: kinds that read and
    define a variable (`i++`). `loops`: kinds that may run again. `branches`: kinds of which some children may not run,
    and `arms`: the fields or kinds of these children.
    """

    variables: frozenset[str]
    other_names: frozenset[Pair]
    assignments: dict[str, Pair]
    parameters: frozenset[str]
    branches: frozenset[str]
    loops: frozenset[str]
    lists: frozenset[str] = frozenset()
    parts: frozenset[str] = frozenset()
    updates: frozenset[str] = frozenset()
    targets: frozenset[Pair] = frozenset()
    arms: frozenset[str] = frozenset({"consequence", "alternative", "body", "else_clause"})


FLOW_RULES = {
    "python": FlowRules(
        variables=frozenset({"identifier"}),
        other_names=frozenset(
            {
                ("attribute", "attribute"),
                ("keyword_argument", "name"),
                ("function_definition", "name"),
                ("class_definition", "name"),
            }
        ),
        assignments={
            "assignment": ("left", "right"),
            "augmented_assignment": ("left", "right"),
            "named_expression": ("name", "value"),
            "for_statement": ("left", "right"),
            "for_in_clause": ("left", "right"),
            "as_pattern": ("alias", ""),
        },
        parameters=frozenset({"parameters", "lambda_parameters"}),
        branches=frozenset({"if_statement", "try_statement", "block"}),
        loops=frozenset({"for_statement", "while_statement"}),
        lists=frozenset({"pattern_list", "expression_list", "tuple_pattern", "tuple"}),
        parts=frozenset({"attribute", "subscript"}),
        arms=frozenset({"consequence", "alternative", "body", "except_clause", "else_clause", "case_clause"}),
    ),
    "java": FlowRules(
        variables=frozenset({"identifier"}),
        other_names=frozenset(
            {
                ("field_access", "field"),
                ("method_invocation", "name"),
                ("method_declaration", "name"),
                ("constructor_declaration", "name"),
                ("class_declaration", "name"),
            }
        ),
        assignments={
            "variable_declarator": ("name", "value"),
            "assignment_expression": ("left", "right"),
            "enhanced_for_statement": ("name", "value"),
            "resource": ("name", "value"),
        },
        parameters=frozenset({"formal_parameters", "inferred_parameters", "catch_formal_parameter"}),
        branches=frozenset({"if_statement", "try_statement", "try_with_resources_statement", "switch_block"}),
        loops=frozenset({"for_statement", "while_statement", "do_statement", "enhanced_for_statement"}),
        parts=frozenset({"field_access", "array_access"}),
        arms=frozenset(
            {"consequence", "alternative", "body", "catch_clause", "switch_block_statement_group", "switch_rule"}
        ),
        updates=frozenset({"update_expression"}),
        targets=frozenset({("lambda_expression", "parameters")}),
    ),
    "javascript": FlowRules(
        variables=frozenset({"identifier", "shorthand_property_identifier", "shorthand_property_identifier_pattern"}),
        other_names=frozenset({("function_declaration", "name"), ("class_declaration", "name")}),
        assignments={
            "variable_declarator": ("name", "value"),
            "assignment_expression": ("left", "right"),
            "augmented_assignment_expression": ("left", "right"),
            "for_in_statement": ("left", "right"),
        },
        parameters=frozenset({"formal_parameters"}),
        branches=frozenset({"if_statement", "try_statement", "switch_body"}),
        loops=frozenset({"for_statement", "while_statement", "do_statement", "for_in_statement"}),
        parts=frozenset({"member_expression", "subscript_expression"}),
        arms=frozenset({"consequence", "alternative", "body", "catch_clause", "switch_case", "switch_default"}),
        updates=frozenset({"update_expression"}),
        targets=frozenset({("arrow_function", "parameter"), ("catch_clause", "parameter")}),
    ),
    "go": FlowRules(
        variables=frozenset({"identifier"}),
        other_names=frozenset({("function_declaration", "name"), ("keyed_element", "key")}),
        assignments={
            "short_var_declaration": ("left", "right"),
            "assignment_statement": ("left", "right"),
            "var_spec": ("name", "value"),
            "const_spec": ("name", "value"),
            "range_clause": ("left", "right"),
        },
        parameters=frozenset({"parameter_list"}),
        branches=frozenset(
            {"if_statement", "expression_switch_statement", "type_switch_statement", "select_statement"}
        ),
        loops=frozenset({"for_statement"}),
        lists=frozenset({"expression_list"}),
        parts=frozenset({"selector_expression", "index_expression", "unary_expression"}),
        updates=frozenset({"inc_statement", "dec_statement"}),
        arms=frozenset(
            {"consequence", "alternative", "expression_case", "type_case", "communication_case", "default_case"}
        ),
    ),
    "php": FlowRules(
        variables=frozenset({"variable_name"}),
        other_names=frozenset(),
        assignments={
            "assignment_expression": ("left", "right"),
            "augmented_assignment_expression": ("left", "right"),
            "foreach_statement": ("", ""),
        },
        parameters=frozenset({"formal_parameters"}),
        branches=frozenset({"if_statement", "try_statement", "switch_block"}),
        loops=frozenset({"for_statement", "while_statement", "do_statement", "foreach_statement"}),
        parts=frozenset({"member_access_expression", "subscript_expression", "scoped_property_access_expression"}),
        arms=frozenset({"body", "alternative", "catch_clause", "case_statement", "default_statement"}),
        updates=frozenset({"update_expression"}),
        targets=frozenset({("catch_clause", "name")}),
    ),
    "ruby": FlowRules(
        variables=frozenset({"identifier", "instance_variable", "class_variable", "global_variable"}),
        other_names=frozenset({("call", "method"), ("method", "name"), ("singleton_method", "name")}),
        assignments={
            "assignment": ("left", "right"),
            "operator_assignment": ("left", "right"),
            "for": ("pattern", "value"),
        },
        parameters=frozenset({"method_parameters", "block_parameters", "lambda_parameters", "exception_variable"}),
        branches=frozenset({"if", "unless", "elsif", "case", "begin", "body_statement", "if_modifier"}),
        loops=frozenset({"for", "while", "until"}),
        lists=frozenset({"left_assignment_list", "right_assignment_list"}),
        parts=frozenset({"call", "element_reference"}),
        arms=frozenset({"consequence", "alternative", "body", "when", "rescue", "else"}),
    ),
}
