/* runtime/post/submits.c - The table of Submits that wait for the core's answer, and the meaning of the core's
 * codes.
 *
 *     Submit, number 7 --> core          the table has 7 with its owner
 *     Reply to 7 <-------- core          taken, later, refused or never: answered() once, and 7 is gone
 *
 * A Submit may be lost when a core fails. A Submit without an answer is posted again, or answered as "later" after some
 * time, so no owner waits for ever. */
#include "runtime/post/submits.h"

#include <assert.h>

#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/message.h"

enum submit_fate submit_fate(enum code code)
{
    switch (code) {
    case code_ok:
    case code_duplicate:
        return SUBMIT_TAKEN;
    case code_overload:
    case code_unavailable:
    case code_link_down:
    case code_timeout:
    case code_other:
        return SUBMIT_LATER;
    case code_fault: /* the item has crashed the core, and is in quarantine */
    case code_invalid:
    case code_invalid_attribute:
    case code_too_large:
    case code_bad_body:
    case code_unsupported:
    case code_no_privilege: /* another agent has the item that is answered by it */
        return SUBMIT_NEVER;
    default:
        return SUBMIT_REFUSED;
    }
}

void submits_init(struct submits *submits, uint64_t first, submit_answered *answered, void *self)
{
    *submits = (struct submits){g_hash_table_new(g_int64_hash, g_int64_equal), first, self, answered};
}

uint64_t submits_number(struct submits *submits)
{
    return ++submits->numbers;
}

/* Puts a submit into the table; it is a field of its owner, and must exist until it is answered. */
void submits_put(struct submits *submits, struct submit *submit, void *owner, uint64_t now_us)
{
    assert(submit->number != 0 && !g_hash_table_contains(submits->all, &submit->number));
    submit->owner = owner, submit->since_us = now_us;
    g_hash_table_insert(submits->all, &submit->number, submit);
}

/* Takes a Reply. False: nobody waits for this number (any more). The entry is removed before answered() is called. */
bool submits_replied(struct submits *submits, const struct message *reply)
{
    uint64_t number = message_u(reply, ENVELOPE_req);
    unsigned outcome = (unsigned)message_u(reply, Reply_outcome);
    bool before = outcome == outcome_duplicate;
    enum code code = before                  ? code_duplicate
                     : outcome == outcome_ok ? code_ok
                                             : (enum code)message_u(reply, Reply_code);
    struct submit *submit = g_hash_table_lookup(submits->all, &number);
    if (!submit) return false;
    g_hash_table_steal(submits->all, &number);
    bool taken = before || outcome == outcome_ok;
    submits->answered(submits->self, submit->owner,
                      &(struct submit_answer){.fate = taken                               ? SUBMIT_TAKEN
                                                      : submit_fate(code) == SUBMIT_TAKEN ? SUBMIT_REFUSED
                                                                                          : submit_fate(code),
                                              .code = code,
                                              .replied = true,
                                              .before = before,
                                              .ixn = message_u(reply, ENVELOPE_ixn)});
    return true;
}

static gint submit_number_order(gconstpointer a, gconstpointer b)
{
    const uint64_t *one = a, *other = b;
    return *one < *other ? -1 : *one > *other;
}

/* The numbers of all submits, in the order in which they were given; a copy, because the functions that are called
 * for each may change the table. */
static GArray *submits_numbers(const struct submits *submits)
{
    GArray *numbers = g_array_new(FALSE, FALSE, sizeof(uint64_t));
    GHashTableIter at;
    gpointer number;
    g_hash_table_iter_init(&at, submits->all);
    while (g_hash_table_iter_next(&at, &number, NULL)) g_array_append_vals(numbers, number, 1);
    g_array_sort(numbers, submit_number_order);
    return numbers;
}

/* Answers submits that have waited since before that time and cannot be posted again; `post` NULL: none can. */
static void submits_without(struct submits *submits, bool (*post)(void *self, void *owner), uint64_t before_us,
                            enum code code)
{
    GArray *numbers = submits_numbers(submits);
    for (guint i = 0; i < numbers->len; i++) {
        uint64_t *number = &g_array_index(numbers, uint64_t, i);
        const struct submit *submit = g_hash_table_lookup(submits->all, number);
        if (!submit || submit->since_us > before_us || (post && post(submits->self, submit->owner))) continue;
        g_hash_table_steal(submits->all, number);
        submits->answered(submits->self, submit->owner, &(struct submit_answer){.fate = SUBMIT_LATER, .code = code});
    }
    g_array_free(numbers, TRUE);
}

void submits_again(struct submits *submits, bool (*post)(void *self, void *owner))
{
    submits_without(submits, post, UINT64_MAX, code_unavailable);
}

void submits_put_off(struct submits *submits, uint64_t now_us, uint64_t patience_us)
{
    if (now_us >= patience_us) submits_without(submits, NULL, now_us - patience_us, code_timeout);
}

void submits_free(struct submits *submits, void (*owner_free)(void *owner))
{
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, submits->all);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        g_hash_table_iter_steal(&at);
        owner_free(((struct submit *)value)->owner);
    }
    g_hash_table_destroy(submits->all);
}
