/* runtime/adapters/webhook/senders.c - The senders' threads, their requests, and the checks whether the API is up.
 *
 * Each thread has at most one request, which is in `has`. Two requests to one customer must not run at the same
 * time, so that messages arrive in their order: a caller of senders_give() checks senders_busy() first. */
#include "runtime/adapters/webhook/senders.h"

#include <assert.h>
#include <curl/curl.h>
#include <stdlib.h>

#include "runtime/adapter/probe.h"
#include "runtime/adapter/worker.h"
#include "runtime/sources/head.h"
#include "base/memory.h"
#include "base/why.h"

struct senders {
    struct senders_setup setup;
    struct worker *workers[SENDERS];
    struct webhook_outgoing *has[SENDERS]; /* the request of each sender; NULL: the sender is idle */
    atomic_bool stopping;
    struct head head;
    struct probe *probe;
};

unsigned senders_idle(const struct senders *senders)
{
    unsigned idle = 0;
    for (unsigned at = 0; at < senders->setup.count; at++) idle += !senders->has[at];
    return idle;
}

bool senders_busy(const struct senders *senders, const char *customer)
{
    for (unsigned at = 0; at < senders->setup.count; at++)
        if (senders->has[at] && g_strcmp0(senders->has[at]->customer, customer) == 0) return true;
    return false;
}

void senders_give(struct senders *senders, struct webhook_outgoing *outgoing)
{
    unsigned at = 0;
    while (at < senders->setup.count && senders->has[at]) at++;
    assert(at < senders->setup.count); /* one is idle */
    outgoing->ca = senders->setup.ca;
    outgoing->timeout_s = senders->setup.timeout_s;
    outgoing->stopping = &senders->stopping;
    senders->has[at] = outgoing;
    worker_give(senders->workers[at], outgoing);
}

static void senders_done(void *self, void *outgoing)
{
    struct senders *senders = self;
    unsigned at = 0;
    while (senders->has[at] != outgoing) at++;
    senders->has[at] = NULL;
    outgoing_tell(outgoing, senders->probe);
    senders->setup.answered(senders->setup.self, outgoing);
}

static void senders_dropped(void *self, void *given)
{
    struct webhook_outgoing *outgoing = given;
    (void)self;
    free(outgoing->asker);
    if (!outgoing->owned) outgoing_request_free(outgoing);
}

struct senders *senders_new(struct event_base *base, const struct senders_setup *setup, char *why, size_t why_size)
{
    struct senders *senders = memory_zeroed(1, sizeof *senders);
    struct worker_calls calls = {senders, send_outgoing, senders_done, senders_dropped, NULL};
    bool good = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
    assert(setup->count > 0 && setup->count <= SENDERS);
    senders->setup = *setup;
    senders->head = (struct head){setup->base, setup->ca, 0};
    const struct probe_calls looks = HEAD_CALLS(&senders->head);
    for (unsigned at = 0; good && at < setup->count; at++)
        good = (senders->workers[at] = worker_new(base, &calls)) != NULL;
    if (good && (senders->probe = probe_new(setup->link, setup->services, setup->neighbour, &looks))) return senders;
    why_set(why, why_size, "no thread can be had");
    senders_free(senders);
    return NULL;
}

/* Frees the senders: `stopping` ends the running transfers soon; worker_free() waits for that. */
void senders_free(struct senders *senders)
{
    if (!senders) return;
    probe_free(senders->probe);
    atomic_store(&senders->stopping, true);
    for (unsigned at = 0; at < SENDERS; at++)
        if (senders->workers[at]) worker_free(senders->workers[at]);
    free(senders);
}
