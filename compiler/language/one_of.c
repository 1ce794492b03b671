/* compiler/language/one_of.c - Guesses which of a few allowed words was meant. */
#include "compiler/language/one_of.h"

#include <stdio.h>
#include <string.h>

#include "compiler/base/diag.h"
#include "base/near.h"
#include "compiler/language/steps.h"
#include "compiler/language/types.h"

enum { NAMES_SHOWN = 12, LISTED_MAX = 300 }; /* the most bytes of a list of names; longer lists are not shown */

/* Is one word the beginning of the other, as `min` of minimum or `dest` of destination? */
static bool begins_alike(const char *one, const char *other)
{
    enum { LEAST = 3 };
    size_t a = strlen(one), b = strlen(other), shorter = a < b ? a : b;
    return shorter >= LEAST && strncmp(one, other, shorter) == 0;
}

void one_of_hint(struct diag *diag, const char *lead, const char *said, const char *const *names, uint32_t count)
{
    const char *nearest = NULL;
    uint32_t closest = UINT32_MAX;
    char listed[LISTED_MAX] = "";
    size_t length = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t distance = near_distance(said, names[i]);
        if (distance == UINT32_MAX && begins_alike(said, names[i])) distance--;
        if (distance < closest) closest = distance, nearest = names[i];
        if (i >= NAMES_SHOWN || length >= sizeof listed) continue;
        int more = snprintf(listed + length, sizeof listed - length, "%s%s", i ? ", " : "", names[i]);
        length += more > 0 ? (size_t)more : 0;
    }
    if (nearest)
        diag_did_you_mean(diag, nearest, (struct source_span){0, 0});
    else if (length > 0 && length < sizeof listed)
        diag_hint(diag, "%s %s%s", lead, listed, count > NAMES_SHOWN ? " and more" : "");
}

void one_of_hint_words(struct diag *diag, const struct enumeration *enumeration, const char *said)
{
    one_of_hint(diag, "there are", said, enumeration->words, enumeration->count);
}

void one_of_hint_params(struct diag *diag, const struct step_row *step, const char *said)
{
    const struct step_param *params[STEP_PARAMS_MAX];
    const char *names[STEP_PARAMS_MAX];
    uint32_t count = step_params(step, params);
    for (uint32_t i = 0; i < count; i++) names[i] = params[i]->name;
    one_of_hint(diag, "it takes", said, names, count);
}
