/* runtime/adapters/sms/lists_look.c - Looks now and then whether the calling lists are there, whose do-not-call list
 * each message asks and each word of a customer changes. Has a connection of its own, on the probe's thread. */
#include <stdio.h>

#include "runtime/adapter/probe.h"
#include "runtime/adapters/sms/sms.h"
#include "runtime/lists/lists.h"

static bool lists_are_there(void *self, bool thorough, char *why, size_t why_size)
{
    struct sms *sms = self;
    struct error error = {0};
    int64_t newest = -1;
    (void)thorough;
    if (!sms->looks_at) sms->looks_at = lists_open(sms->setting.lists, true, &error);
    if (sms->looks_at && lists_newer(sms->looks_at, NULL, &newest, NULL, NULL, &error) &&
        lists_take(sms->looks_at, &error))
        return true;
    snprintf(why, why_size, "%s", error.text);
    lists_close(sms->looks_at);
    sms->looks_at = NULL;
    return false;
}

bool lists_look_open(struct sms *sms)
{
    const struct probe_calls calls = {.self = sms, .there = lists_are_there};
    if (!*sms->setting.lists) return true;
    sms->lists_probe = probe_new(sms->link, sms->services, "lists", &calls);
    return sms->lists_probe != NULL;
}

void lists_look_free(struct sms *sms)
{
    probe_free(sms->lists_probe);
    lists_close(sms->looks_at);
}
