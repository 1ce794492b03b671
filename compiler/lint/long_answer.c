/* compiler/lint/long_answer.c - Finds a route that rings for minutes, or for less than three seconds: nobody answers
 * after a minute, and nobody is so fast. The unit or a digit was mistyped.
 *
 *     route who answer 15m else goto desk;    // 15s
 */
#include "compiler/lint/lint.h"

static const int64_t ANSWER_LEAST_US = INT64_C(3) * 1000000, ANSWER_LIMIT_US = INT64_C(3) * 60 * 1000000;

void lint_long_answer(struct lint *lint)
{
    EACH_OF (lint, step, NODE_STEP) {
        const struct node *answer = lint_clause(step, CLAUSE_ANSWER);
        int64_t us;
        if (lint_duration(answer, &us) && (us > ANSWER_LIMIT_US || us < ANSWER_LEAST_US) &&
            lint_on_calls_alone(lint, step))
            diag_hint(lint_report(lint, LONG_ANSWER, answer->span, lint_duration_text(lint->arena, us)), "answer 15s");
    }
}
