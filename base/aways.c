/* base/aways.c - The last reasons logged for things that are away, with amounts such as "5 ms" or "3 bytes" cut out. */
#include "base/aways.h"

#include <stdio.h>
#include <string.h>

static const char *const measured[] = {"us",      "ms", "s",     "milliseconds", "seconds", "min",
                                       "minutes", "h",  "hours", "bytes",        "kB",      "out of"};

/* Returns the length of the number at the beginning of the text if a unit such as ms or bytes follows it; 0: no such
 * number. */
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
