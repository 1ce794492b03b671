/* base/aways.c - The reasons that were said last, without what they measure. */
#include "base/aways.h"

#include <stdio.h>
#include <string.h>

static const char *const measured[] = {"us",      "ms", "s",     "milliseconds", "seconds", "min",
                                       "minutes", "h",  "hours", "bytes",        "kB",      "out of"};

/* The length of the number that the text begins with, if it only measures. */
static size_t aways_measure(const char *text)
{
    if (*text < '0' || *text > '9') return 0;
    size_t length = strspn(text, "0123456789.");
    const char *unit = text + length + (text[length] == ' ');
    for (size_t i = 0; i < sizeof measured / sizeof measured[0]; i++) {
        size_t size = strlen(measured[i]);
        if (strncmp(unit, measured[i], size) == 0 && (unit[size] == '\0' || strchr(" ,;:.)", unit[size])))
            return length;
    }
    return 0;
}

bool aways_add(struct aways *aways, const char *name, const char *why)
{
    struct away one = {0};
    size_t length = 0;
    snprintf(one.name, sizeof one.name, "%s", name);
    one.said = true;
    while (*why && length + 1 < sizeof one.why) {
        size_t figures = aways_measure(why);
        if (figures == 0) one.why[length++] = *why++;
        why += figures;
    }
    for (unsigned i = 0; i < AWAYS_SAID; i++)
        if (aways->all[i].said && strcmp(aways->all[i].name, one.name) == 0 && strcmp(aways->all[i].why, one.why) == 0)
            return false;
    aways->all[aways->next++ % AWAYS_SAID] = one;
    return true;
}

void aways_drop(struct aways *aways, const char *name)
{
    for (unsigned i = 0; i < AWAYS_SAID; i++)
        if (strncmp(aways->all[i].name, name, AWAYS_NAME - 1) == 0) aways->all[i].said = false;
}
