/* runtime/core/rollouts/rollout_text.c - Writes what a rollout has become, for the audit. */
#include "runtime/core/rollouts/rollout_text.h"

#include <string.h>

#include "runtime/core/rollouts/rollout.h"
#include "runtime/vocabulary/ident.h"

void rollout_text_put(struct rollout_text *text, const char *more)
{
    size_t left = sizeof text->bytes - 1 - text->length, length = strlen(more);
    if (length > left) length = left;
    memcpy(text->bytes + text->length, more, length);
    text->length += (uint32_t)length;
    text->bytes[text->length] = '\0';
}

void rollout_text_put_number(struct rollout_text *text, uint64_t number)
{
    char digits[21];
    unsigned at = sizeof digits - 1;
    digits[at] = '\0';
    do digits[--at] = (char)('0' + number % 10);
    while ((number /= 10) != 0);
    rollout_text_put(text, digits + at);
}

void rollout_text_put_version(struct rollout_text *text, const uint8_t *hash)
{
    char digits[ROLLOUT_HASH_DIGITS + 1] = "";
    ident_print_hex(hash, ROLLOUT_HASH_DIGITS / 2, digits);
    rollout_text_put(text, "version ");
    rollout_text_put(text, digits);
}

/* Appends a share as percent: "5", "0.5", "0.05". */
static void text_put_share(struct rollout_text *text, uint32_t share)
{
    rollout_text_put_number(text, share / 100);
    if (share % 100 != 0) {
        rollout_text_put(text, share % 100 < 10 ? ".0" : ".");
        rollout_text_put_number(text, share % 10 == 0 ? share % 100 / 10 : share % 100);
    }
    rollout_text_put(text, " %");
}

static void text_put_arm(struct rollout_text *text, const char *name, const struct rollout_measure *measure,
                         enum rollout_arm arm)
{
    rollout_text_put(text, name);
    if (measure->times) {
        uint32_t share = (uint32_t)((uint64_t)CHANCE_ONE * rollout_guard_quantile(measure->guard.kind) / 100);
        rollout_text_put_number(text, durations_quantile_us(&measure->times[arm], share) / 1000);
        rollout_text_put(text, " ms in ");
        rollout_text_put_number(text, durations_count(&measure->times[arm]));
    } else {
        rollout_text_put_number(text, measure->rate[arm].hits);
        rollout_text_put(text, " of ");
        rollout_text_put_number(text, measure->rate[arm].count);
    }
}

static void text_put_guard(struct rollout_text *text, const struct rollout_measure *measure)
{
    char guard[ROLLOUT_GUARD_TEXT];
    rollout_guard_write(&measure->guard, guard);
    rollout_text_put(text, "; ");
    rollout_text_put(text, guard);
    rollout_text_put(text, " ");
    rollout_text_put(text, rollout_guard_words(measure->says));
    text_put_arm(text, measure->guard.site ? ", all " : ", new ", measure, ARM_CANDIDATE);
    if (!measure->guard.site) text_put_arm(text, ", present ", measure, ARM_CONTROL);
}

void rollout_text_put_figures(struct rollout_text *text, const struct rollout *rollout)
{
    char ixn[IXN_TEXT];
    if (rollout->begun_us != 0) {
        rollout_text_put(text, "; ");
        text_put_share(text, rollout->shares[rollout->step]);
    }
    if (rollout->why != ROLLOUT_WHY_none && !rollout_is_open(rollout)) {
        rollout_text_put(text, "; ");
        rollout_text_put(text, rollout_why_words(rollout->why));
    }
    if (rollout->why == ROLLOUT_WHY_worse || rollout->why == ROLLOUT_WHY_hard) {
        rollout_text_put(text, " (");
        rollout_text_put(text, rollout_guard_name(rollout->guard));
        rollout_text_put(text, ")");
    }
    bool counted = rollout->arms[ARM_CANDIDATE].arrived + rollout->arms[ARM_CONTROL].arrived != 0;
    for (unsigned at = 0; counted && at < rollout->guards; at++) text_put_guard(text, &rollout->measures[at]);
    for (unsigned at = 0; at < rollout->example_count; at++) {
        ident_print_ixn(rollout->examples[at], ixn);
        rollout_text_put(text, at == 0 ? "; examples: " : " ");
        rollout_text_put(text, ixn);
    }
}

struct span rollout_text_span(const struct rollout_text *text)
{
    return (struct span){(const uint8_t *)text->bytes, text->length};
}
