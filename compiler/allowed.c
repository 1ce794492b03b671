/* compiler/allowed.c - The bounds, and a walk over what is written. */
#include "compiler/allowed.h"

#include "compiler/diag.h"

static const struct allowed any_time = {0, INT64_MAX, NODE_DURATION, "a time is not negative"};
static const struct allowed some_time = {1, INT64_MAX, NODE_DURATION, "it would be over before it begins"};
static const struct allowed growth = {1000000, INT64_MAX, NODE_DURATION, "a priority grows once a second at most"};
static const struct allowed countdown = {1000000, INT64_C(3600000000), NODE_DURATION,
                                         "an agent is asked for 1 s to 1 h"};
static const struct allowed slot = {60000000, INT64_C(86400000000), NODE_DURATION, "a slot takes a minute to a day"};
static const struct allowed offered = {1, 100, NODE_INTEGER, "1 to 100 times are offered"};
static const struct allowed rejection = {300, 699, NODE_INTEGER,
                                         "a call is rejected with 300 to 699, as SIP numbers its reasons"};

const struct allowed *allowed_clause(enum clause clause)
{
    switch (clause) {
    case CLAUSE_TIMEOUT:
    case CLAUSE_ANSWER:
        return &some_time;
    case CLAUSE_PAUSE:
    case CLAUSE_EXCLUDE:
        return &any_time;
    case CLAUSE_PREVIEW:
        return &countdown;
    case CLAUSE_EVERY:
        return &growth;
    default:
        return NULL;
    }
}

const struct allowed *allowed_argument(const struct step_row *row, uint32_t number)
{
    const struct step_param *params[STEP_PARAMS_MAX];
    if (row->id == STEP_ID_reject) return &rejection;
    if (row->id == STEP_ID_callback_slots && number == 2) return &offered;
    if (number >= step_params(row, params) || params[number]->type != PARAM_DURATION) return NULL;
    return row->id == STEP_ID_callback_slots ? &slot : &any_time;
}

static void look_at(struct diags *diags, const struct node *node, const struct allowed *allowed)
{
    if (!node || !allowed || node->kind != allowed->literal) return;
    int64_t worth = node->kind == NODE_INTEGER ? node->integer.value : node->duration.us;
    if (worth < allowed->low || worth > allowed->high) diag_report(diags, VALUE_RANGE, node->span, allowed->rule);
}

static void look_at_step(struct diags *diags, const struct step_use *use)
{
    for (uint32_t clause = 0; clause < CLAUSES; clause++)
        look_at(diags, use->clauses[clause], allowed_clause((enum clause)clause));
    for (uint32_t i = 0; use->row && i < STEP_PARAMS_MAX; i++)
        if (use->arguments[i]) look_at(diags, use->arguments[i], allowed_argument(use->row, i));
    const struct node *whisper = use->clauses[CLAUSE_WHISPER];
    if (whisper && whisper->kind == NODE_STRING && whisper->string.text.length > WHISPER_MAX)
        diag_report(diags, WHISPER_LONG, whisper->span, (unsigned)whisper->string.text.length, (unsigned)WHISPER_MAX);
}

static const struct step_use *step_of(const struct node *node)
{
    switch (node->kind) {
    case NODE_QUERY:
    case NODE_SELECT:
    case NODE_DELAY:
    case NODE_WAIT:
    case NODE_ROUTE:
    case NODE_STOP:
    case NODE_REJECT:
        return node->meaning;
    case NODE_CALL: {
        const struct call_use *use = node->meaning;
        return use && use->kind == CALL_STEP ? use->step : NULL;
    }
    default:
        return NULL;
    }
}

static void look(struct node *node, void *diags)
{
    const struct step_use *use = step_of(node);
    if (use) look_at_step(diags, use);
    node_children(node, look, diags);
}

void allowed_look(struct program *program)
{
    for
        EACH_NODE (file, program->files) look(file, program->diags);
}
