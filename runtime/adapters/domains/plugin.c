/* runtime/adapters/domains/plugin.c - The descriptor that `domains` exports: how it starts and ends, and which
 * function gets each effect.
 *
 * A thread uses the database (work.c), and the loop talks to the core (way.c). Jobs go from the loop to the thread
 * and back; a job belongs to one of them at a time, so its data need no locks. */
#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/adapter/outbox.h"
#include "runtime/adapter/worker.h"
#include "runtime/adapters/domains/passing.h"
#include "runtime/vocabulary/contract.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_work.h"
#include "base/memory.h"
#include "runtime/vocabulary/rows.h"
#include "base/why.h"

enum { TICK_US = 10000 };

static void passing_dropped(void *self, void *job)
{
    (void)self;
    passing_job_free(job);
}

/* Closes the plugin. The thread ends first: its jobs come back through passing_dropped(), and then the tables may be
 * freed. */
static void passing_close(void *self)
{
    struct domain_passing *passing = self;
    if (passing->tick) event_free(passing->tick);
    worker_free(passing->worker);
    g_queue_clear_full(&passing->late, passing_job_free);
    submits_free(&passing->submits, passing_forget);
    g_hash_table_destroy(passing->coming);
    g_hash_table_destroy(passing->lent);
    domains_close(passing->domains);
    writer_free(&passing->writer);
    free(passing);
}

static void passing_on_tick(evutil_socket_t unused, short what, void *self)
{
    (void)unused, (void)what;
    passing_tick(self);
}

/* Starts the plugin; a core without a domain is refused, as other domains could not find it. */
static bool passing_start(struct domain_passing *passing, struct event_base *base, char *why, size_t why_size)
{
    struct worker_calls calls = {passing, passing_work, passing_done, passing_dropped, NULL};
    struct timeval tick = {0, TICK_US};
    if (passing->domain == 0) return why_set(why, why_size, "the core does not say its domain (`partition`)");
    passing->worker = worker_new(base, &calls);
    passing->tick = event_new(base, -1, EV_PERSIST, passing_on_tick, passing);
    if (!passing->worker || !passing->tick) return why_set(why, why_size, "no thread can be had");
    return event_add(passing->tick, &tick) == 0;
}

static void *passing_open(struct gcx_link *link, const struct gcx_services *services, char *why, size_t why_size)
{
    struct event_base *base = services->base(link);
    if (!base) {
        snprintf(why, why_size, "it needs an event loop");
        return NULL;
    }
    struct domain_passing *passing = memory_zeroed(1, sizeof *passing);
    passing->link = link;
    passing->services = services;
    passing->domain = services->domain(link);
    (void)snprintf(passing->ids, sizeof passing->ids, "%" PRIx64 "/", services->journal(link));
    passing->coming = passing_coming_new();
    passing->lent = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    submits_init(&passing->submits, services->wall_us(link), passing_submitted, passing);
    g_queue_init(&passing->late);
    writer_init(&passing->writer);
    struct link_settings of_link = {link, services};
    if (domains_setting_read(&passing->setting, setting_of_link, &of_link, why, why_size) &&
        passing_start(passing, base, why, why_size))
        return passing;
    passing_close(passing);
    return NULL;
}

static bool passing_check(const char *(*get)(void *self, const char *key), void *self, char *why, size_t why_size)
{
    struct domains_setting setting;
    return domains_setting_read(&setting, get, self, why, why_size);
}

static void passing_perform(void *self, const struct message *effect)
{
    struct domain_passing *passing = self;
    switch (effect->kind) {
    case KIND_PassOn:
        passing_send(passing, effect);
        return;
    case KIND_Reply:
        submits_replied(&passing->submits, effect);
        return;
    case KIND_Lend:
        passing_lend(passing, effect);
        return;
    case KIND_LoanAnswer:
        passing_answer_loan(passing, effect);
        return;
    default: /* the core asks again for what it waits for */
        adapter_answer_other(passing->link, passing->services, &passing->writer, effect);
    }
}

static void passing_on_core(void *self, bool up)
{
    struct domain_passing *passing = self;
    if (!up) return;
    passing->services->peer(passing->link, "domains", true);
    passing_core_up(passing);
}

const struct gcx_adapter gcx_adapter = {
    .interface = GCX_ADAPTER_INTERFACE,
    .name = "domains",
    .media = media_of_none,
    .caps = caps_of_domains,
    .settings = setting_names,
    .open = passing_open,
    .close = passing_close,
    .perform = passing_perform,
    .core_up = passing_on_core,
    .check = passing_check,
};
