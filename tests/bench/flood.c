/* tests/bench/flood.c - A plugin for restart.sh and snapshot.sh: it submits so many e-mails as its setting `mails`
 * says, numbered from behind `after`, as fast as the core takes them or `per_s` a second, and keeps none. */
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/adapter/gcx_adapter.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/message.h"

struct flood {
    struct gcx_link *link;
    const struct gcx_services *services;
    struct writer writer;
    unsigned long mails, after, per_s, done, allowed;
    struct event *again;
};

static bool submit(struct flood *flood, unsigned long number)
{
    struct writer *w = &flood->writer;
    char text[64];
    writer_clear(w);
    writer_begin(w, KIND_Submit);
    writer_u(w, ENVELOPE_client, 1);
    writer_u(w, ENVELOPE_req, number);
    writer_u(w, Submit_media, media_email);
    writer_u(w, Submit_type, submit_type_inbound);
    snprintf(text, sizeof text, "<%08lu.4711@mail.example.com>", number);
    writer_text(w, Submit_external_id, text);
    writer_text(w, Submit_queue, "mail");
    snprintf(text, sizeof text, "customer%lu@example.com", number / 3);
    writer_text(w, Submit_from, text);
    writer_list_begin(w, Submit_to);
    writer_list_text(w, span_of("service@example.org"));
    writer_list_end(w);
    writer_text(w, Submit_subject, "Question about my last bill");
    return flood->services->post(flood->link, writer_end(w));
}

static void go_on(void *self)
{
    struct flood *flood = self;
    while (flood->done < flood->mails && (flood->per_s == 0 || flood->allowed > 0) &&
           flood->services->up(flood->link) && submit(flood, flood->after + flood->done + 1)) {
        flood->done++;
        flood->allowed -= flood->per_s > 0;
    }
}

/* Where too much is uncommitted no credit comes back, and a moment later there is room. */
static void on_again(evutil_socket_t unused, short what, void *self)
{
    struct flood *flood = self;
    (void)unused, (void)what;
    flood->allowed += flood->per_s / 100;
    if (flood->allowed > flood->per_s) flood->allowed = flood->per_s;
    go_on(self);
}

static void *flood_open(struct gcx_link *link, const struct gcx_services *services, char *why, size_t why_size)
{
    struct flood *flood = calloc(1, sizeof *flood);
    struct timeval pause = {0, 10000};
    (void)why, (void)why_size;
    if (!flood) abort();
    flood->link = link;
    flood->services = services;
    flood->mails = strtoul(services->setting(link, "mails"), NULL, 10);
    const char *after = services->setting(link, "after"), *per_s = services->setting(link, "per_s");
    if (after) flood->after = strtoul(after, NULL, 10);
    if (per_s) flood->per_s = strtoul(per_s, NULL, 10);
    flood->again = event_new(services->base(link), -1, EV_PERSIST, on_again, flood);
    event_add(flood->again, &pause);
    return flood;
}

static void flood_close(void *self)
{
    struct flood *flood = self;
    event_free(flood->again);
    writer_free(&flood->writer);
    free(flood);
}

static void flood_perform(void *self, const struct message *effect)
{
    static const unsigned kinds[] = {KIND_ResyncBegin, KIND_ResyncEnd};
    struct flood *flood = self;
    for (unsigned i = 0; i < 2 && effect->kind == KIND_Resync; i++) {
        writer_clear(&flood->writer);
        writer_begin(&flood->writer, kinds[i]);
        writer_u(&flood->writer, ENVELOPE_ixn, message_u(effect, ENVELOPE_ixn));
        writer_u(&flood->writer, ENVELOPE_ref, message_u(effect, ENVELOPE_ref));
        flood->services->post(flood->link, writer_end(&flood->writer));
    }
}

static void flood_core_up(void *self, bool up)
{
    struct flood *flood = self;
    if (up) flood->services->peer(flood->link, "mail", true);
}

static const char *const media[] = {"email", NULL};
static const char *const caps[] = {"stateless", "keyed", "mail", NULL};
static const char *const settings[] = {"*mails", "after", "per_s", NULL};

const struct gcx_adapter gcx_adapter = {
    .interface = GCX_ADAPTER_INTERFACE,
    .name = "flood",
    .media = media,
    .caps = caps,
    .settings = settings,
    .open = flood_open,
    .close = flood_close,
    .perform = flood_perform,
    .core_up = flood_core_up,
    .credit = go_on,
};
