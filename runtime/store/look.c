/* runtime/store/look.c - Checks now and then whether the contact store can be used. */
#include "runtime/store/look.h"

#include <stdio.h>

#include "runtime/store/store.h"

bool store_look(void *self, bool thorough, char *why, size_t why_size)
{
    struct store_look *look = self;
    struct error error = {0};
    if (!look->store)
        look->store = store_open(look->target, &(struct store_options){.country = NULL, .there = true}, &error);
    if (look->store && store_takes(look->store, thorough, &error)) return true;
    snprintf(why, why_size, "%s", error.text);
    if (error.code != ERROR_STATE) store_look_end(look);
    return false;
}

void store_look_end(struct store_look *look)
{
    store_close(look->store);
    look->store = NULL;
}
