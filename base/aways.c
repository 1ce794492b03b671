/* base/aways.c - The reasons that were said last, without their figures. */
#include "base/aways.h"

#include <stdio.h>
#include <string.h>

bool aways_add(struct aways *aways, const char *name, const char *why)
{
    char text[AWAYS_TEXT];
    size_t length = (size_t)snprintf(text, AWAYS_NAME, "%s:", name);
    if (length >= AWAYS_NAME) length = AWAYS_NAME - 1;
    for (; *why && length + 1 < sizeof text; why++)
        if (*why < '0' || *why > '9') text[length++] = *why;
    text[length] = '\0';
    for (unsigned i = 0; i < AWAYS_SAID; i++)
        if (strcmp(aways->said[i], text) == 0) return false;
    memcpy(aways->said[aways->next++ % AWAYS_SAID], text, length + 1);
    return true;
}

void aways_drop(struct aways *aways, const char *name)
{
    size_t length = strlen(name);
    for (unsigned i = 0; i < AWAYS_SAID; i++)
        if (strncmp(aways->said[i], name, length) == 0 && aways->said[i][length] == ':') aways->said[i][0] = '\0';
}
