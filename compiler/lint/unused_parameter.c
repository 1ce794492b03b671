/* compiler/lint/unused_parameter.c - A parameter that the function does without. */
#include "compiler/lint/lint.h"

void lint_unused_parameter(struct lint *lint)
{
    for EACH_OF(lint, node, NODE_FUNCTION)
        for EACH_NODE (param, node->function.params)
            if (!lint_is_read(lint, param->param.name) && *param->param.name.text != '_')
                lint_report(lint, UNUSED_PARAMETER, param->param.name.span, param->param.name.text);
}
