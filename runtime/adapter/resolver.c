/* runtime/adapter/resolver.c - Runs getaddrinfo() in a thread next to the loop. */
#include "runtime/adapter/resolver.h"

#include <stdio.h>
#include <stdlib.h>

#include "runtime/adapter/aside.h"
#include "base/memory.h"

enum { WHY_MAX = 600 };

struct resolver {
    struct event_base *base;
    struct aside *aside; /* NULL: no look-up was begun yet */
    resolver_done *done;
    void *self;
    bool asking;
    unsigned turn;
};

struct lookup {
    struct aside_job job;
    struct resolver *resolver;
    unsigned turn;
    bool found;
    struct address address;
    char text[ADDRESS_WRITTEN], why[WHY_MAX];
};

static void lookup_work(struct aside_job *job)
{
    struct lookup *it = (struct lookup *)job;
    it->found = address_find(&it->address, it->text, it->turn, it->why, sizeof it->why);
}

static void lookup_finish(struct aside_job *job)
{
    struct lookup *it = (struct lookup *)job;
    it->resolver->asking = false;
    it->resolver->done(it->resolver->self, it->found ? &it->address : NULL, it->why);
}

static void lookup_drop(struct aside_job *job)
{
    free(job);
}

static struct lookup *lookup_new(struct resolver *resolver)
{
    struct lookup *it = memory_zeroed(1, sizeof *it);
    it->job = (struct aside_job){.work = lookup_work, .finish = lookup_finish, .drop = lookup_drop};
    it->resolver = resolver;
    return it;
}

struct resolver *resolver_new(struct event_base *base, resolver_done *done, void *self)
{
    struct resolver *resolver = memory_zeroed(1, sizeof *resolver);
    *resolver = (struct resolver){.base = base, .done = done, .self = self};
    return resolver;
}

void resolver_free(struct resolver *resolver)
{
    if (!resolver) return;
    aside_free(resolver->aside);
    free(resolver);
}

/* Begins a look-up. A numeric address needs no thread, but its result also comes through the loop: the caller never
 * gets it within this function. */
void resolver_begin(struct resolver *resolver, const char *text)
{
    if (resolver->asking) return;
    resolver->asking = true;
    if (!resolver->aside) resolver->aside = aside_new(resolver->base);
    struct lookup *it = lookup_new(resolver);
    it->turn = resolver->turn++;
    bool whole = snprintf(it->text, sizeof it->text, "%s", text) < (int)sizeof it->text;
    if (whole && !address_is_numeric(text)) {
        if (aside_do(resolver->aside, &it->job)) return;
        it = lookup_new(resolver);
        snprintf(it->why, sizeof it->why, "`%.*s`: no thread to look it up", ADDRESS_WRITTEN, text);
    } else if (whole)
        it->found = address_parse(&it->address, text, it->why, sizeof it->why);
    else
        snprintf(it->why, sizeof it->why, "an address has at most %d bytes", ADDRESS_WRITTEN - 1);
    aside_did(resolver->aside, &it->job); /* needs no thread: the address is already known, or wrong */
}
