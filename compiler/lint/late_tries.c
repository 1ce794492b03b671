/* compiler/lint/late_tries.c - Finds a step whose timeout is too short for its tries: the tries and the pauses
 * between them are part of the timeout, so the last try never begins.
 *
 *     query customers exec `delete from ticket where account = {ani}` tries 3 pause 10s timeout 15s else {};
 *
 * In this example the second pause ends after 20 s, but the step ended 5 s earlier. A question to a caller takes at
 * least three seconds, or as long as its first_key says. */
#include "compiler/language/step_ids.h"
#include "compiler/lint/lint.h"

/* Longer durations are not added, so that no sum overflows. */
static const int64_t FAR_US = INT64_C(1000) * 24 * 3600 * 1000000;

static int64_t written_us(const struct step_use *use, enum clause which)
{
    int64_t us;
    return lint_duration(use->clauses[which], &us) && us < FAR_US ? us : 0;
}

/* Returns how long a caller takes at least to answer, prompt included. */
static int64_t asking_us(const struct step_use *use)
{
    static const int64_t LEAST_US = 3 * INT64_C(1000000);
    int64_t us;
    if (!lint_asks(use)) return 0;
    return lint_duration(lint_argument(use, "first_key"), &us) && us < FAR_US ? us : LEAST_US;
}

void lint_late_tries(struct lint *lint)
{
    EACH_OF (lint, step, NODE_STEP) {
        const struct step_use *use = lint_step(step);
        const struct node *timeout = lint_clause(step, CLAUSE_TIMEOUT),
                          *tries = use ? use->clauses[CLAUSE_TRIES] : NULL;
        int64_t limit;
        if (!tries || tries->kind != NODE_INTEGER || tries->integer.value < 2 || tries->integer.value > 100) continue;
        if (use->row->id == STEP_ID_callback_keep_place || !lint_duration(timeout, &limit)) continue;
        int64_t one = written_us(use, CLAUSE_ANSWER) + written_us(use, CLAUSE_PAUSE) + asking_us(use);
        int64_t last = (tries->integer.value - 1) * one;
        if (last >= limit)
            lint_report(lint, LATE_TRIES, timeout->span, lint_duration_text(lint->arena, last),
                        lint_duration_text(lint->arena, limit));
    }
}
