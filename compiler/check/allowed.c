/* compiler/check/allowed.c - The bounds of values, and a check of the literals in a program.
 *
 * Each bound is written here once, with the sentence that explains it, and is used in three places: for literals
 * when the tree is checked (allowed_look), for constants when they are lowered, and for a site's defaults. Values
 * that are known only when the program runs are checked by the core. */
#include "compiler/check/allowed.h"

#include <string.h>

#include "compiler/base/diag.h"
#include "runtime/vocabulary/dialled.h"
#include "runtime/vocabulary/rows.h"

/* The bounds of a secret that a caller keys in: its length. */
static bool record_is_keyed(const char *bytes, size_t length)
{
    return length >= 1 && length <= KEYED_MAX && strspn(bytes, "0123456789") == length;
}

static bool text_is_sent(const char *bytes, size_t length)
{
    (void)bytes;
    return length <= TEXT_MAX_BYTES;
}

static const struct allowed any_time = {0, INT64_MAX, NODE_DURATION, "a time is not negative", NULL};
static const struct allowed some_time = {1, INT64_MAX, NODE_DURATION, "it would be over before it begins", NULL};
static const struct allowed growth = {1000000, INT64_MAX, NODE_DURATION, "a priority grows once a second at most",
                                      NULL};
static const struct allowed countdown = {1000000, INT64_C(3600000000), NODE_DURATION,
                                         "an agent is asked for 1 s to 1 h", NULL};
static const struct allowed together = {1, 8, NODE_INTEGER, "1 to 8 telephones ring together", NULL};
static const struct allowed replied = {1000000, INT64_C(31622400000000), NODE_DURATION,
                                       "a reply takes a second to 366 days", NULL};
static const struct allowed absent = {1000000, INT64_C(31622400000000), NODE_DURATION,
                                      "an absence takes a second to 366 days", NULL};
static const struct allowed slot = {60000000, INT64_C(86400000000), NODE_DURATION, "a slot takes a minute to a day",
                                    NULL};
static const struct allowed blocked = {0, INT64_C(86400000000), NODE_DURATION, "an agent is blocked for a day at most",
                                       NULL};
static const struct allowed awaited = {100000, INT64_C(3600000000), NODE_DURATION,
                                       "the first key is waited for a tenth of a second to an hour", NULL};
static const struct allowed offered = {1, 100, NODE_INTEGER, "1 to 100 times are offered", NULL};
static const struct allowed booked = {1, INT64_MAX, NODE_INTEGER, "where none may be booked, none is ever free", NULL};
static const struct allowed dialled = {
    0, 0, NODE_STRING, "a number that is dialled has 3 to 15 digits, perhaps with + before them", dialled_is_plain};
static const struct allowed secret = {0, 0, NODE_STRING, "what a caller keys has 1 to 64 digits", record_is_keyed};
static const struct allowed sent = {0, 0, NODE_STRING, "a text that is sent has 4096 bytes at most", text_is_sent};
static const struct allowed rejection = {300, 699, NODE_INTEGER,
                                         "a call is rejected with 300 to 699, as SIP numbers its reasons", NULL};

const struct allowed *allowed_clause(enum clause clause)
{
    static const struct allowed *const of_clause[] = {
        [CLAUSE_TIMEOUT] = &some_time, [CLAUSE_ANSWER] = &some_time, [CLAUSE_PAUSE] = &any_time,
        [CLAUSE_EXCLUDE] = &any_time,  [CLAUSE_GOAL] = &any_time,    [CLAUSE_PREVIEW] = &countdown,
        [CLAUSE_EVERY] = &growth,      [CLAUSE_REPLY] = &replied,    [CLAUSE_ABSENCE] = &absent,
        [CLAUSE_RING] = &together};
    return clause < sizeof of_clause / sizeof *of_clause ? of_clause[clause] : NULL;
}

/* Arguments whose values have bounds; steps and parameters have the names of steps.def. */
static const struct {
    const char *step, *param;
    const struct allowed *allowed;
} arguments[] = {
    {"reject", "code", &rejection},         {"agents.block", "duration", &blocked},
    {"callback.slots", "every", &slot},     {"callback.slots", "count", &offered},
    {"callback.slots", "at_most", &booked}, {"callback.book", "at_most", &booked},
    {"callback.book", "number", &dialled},  {"callback.keep_place", "number", &dialled},
    {"ivr.digits", "first_key", &awaited},  {"ivr.menu", "first_key", &awaited},
    {"ivr.record", "max", &some_time},      {"ivr.verify", "secret", &secret},
    {"email.send", "subject", &sent},       {"email.send", "text", &sent},
    {"chat.send", "text", &sent},           {"sms.send", "text", &sent},
    {"social.reply", "text", &sent},        {"im.send", "text", &sent},
};

bool allowed_word(const struct allowed *allowed, int64_t word)
{
    return allowed->takes || (word >= allowed->low && word <= allowed->high);
}

bool allowed_text(const struct allowed *allowed, const char *bytes, size_t length)
{
    return !allowed->takes || allowed->takes(bytes, length);
}

const struct allowed *allowed_argument(const struct step_row *row, uint32_t number)
{
    const struct step_param *params[STEP_PARAMS_MAX];
    uint32_t count = step_params(row, params);
    for (size_t i = 0; number < count && i < sizeof arguments / sizeof *arguments; i++)
        if (!strcmp(arguments[i].step, row->name) && !strcmp(arguments[i].param, params[number]->name))
            return arguments[i].allowed;
    return number < count && params[number]->type == PARAM_DURATION ? &any_time : NULL;
}

static void allow_values_of(struct diags *diags, const struct node *node, const struct allowed *allowed)
{
    if (!node || !allowed || node->kind != allowed->literal) return;
    int64_t worth = node->kind == NODE_INTEGER    ? node->integer.value
                    : node->kind == NODE_DURATION ? node->duration.us
                                                  : 0;
    bool text = node->kind == NODE_STRING;
    if (text ? !allowed_text(allowed, node->string.text.bytes, node->string.text.length)
             : !allowed_word(allowed, worth))
        diag_report(diags, VALUE_RANGE, node->span, allowed->rule);
}

static void look_at_step(struct diags *diags, const struct step_use *use)
{
    for (uint32_t clause = 0; clause < CLAUSES; clause++)
        allow_values_of(diags, use->clauses[clause], allowed_clause((enum clause)clause));
    for (uint32_t i = 0; use->row && i < STEP_PARAMS_MAX; i++)
        if (use->arguments[i]) allow_values_of(diags, use->arguments[i], allowed_argument(use->row, i));
    const struct node *whisper = use->clauses[CLAUSE_WHISPER];
    if (whisper && whisper->kind == NODE_STRING && whisper->string.text.length > WHISPER_MAX)
        diag_report(diags, WHISPER_LONG, whisper->span, (unsigned)whisper->string.text.length, (unsigned)WHISPER_MAX);
}

static const struct step_use *allowed_step(const struct node *node)
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

static void allowed_visit(struct node *node, void *diags)
{
    const struct step_use *use = allowed_step(node);
    if (use) look_at_step(diags, use);
    node_children(node, allowed_visit, diags);
}

void allowed_look(struct program *program)
{
    EACH_NODE (file, program->files) allowed_visit(file, program->diags);
}
