/* tests/unit/adapter_sample.c - See the header. In the setting `fail` open() finds its excuse; with `dies` the process
 * ends when it is asked about its settings, after it has printed that text. */
#include "tests/unit/adapter_sample.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/message.h"

struct sample {
    struct gcx_link *link;
    const struct gcx_services *services;
    struct writer writer;
};

static bool sample_check(const char *(*setting)(void *, const char *), void *self, char *why, size_t why_size)
{
    const char *dies = setting(self, "dies");
    (void)why;
    (void)why_size;
    if (!dies) return true;
    puts(dies);
    fflush(stdout);
    _exit(3);
}

static void *sample_open(struct gcx_link *link, const struct gcx_services *services, char *why, size_t why_size)
{
    if (services->setting(link, "fail")) {
        snprintf(why, why_size, "it was told to: %s", services->setting(link, "fail"));
        return NULL;
    }
    struct sample *sample = calloc(1, sizeof *sample);
    if (!sample) abort();
    sample->link = link;
    sample->services = services;
    if (services->setting(link, "holds")) services->holds(link, 1);
    return sample;
}

static void sample_close(void *self)
{
    struct sample *sample = self;
    sample->services->log(sample->link, GCX_LOG_INFO, 0, 0, "closed");
    writer_free(&sample->writer);
    free(sample);
}

static void sample_perform(void *self, const struct message *effect)
{
    struct sample *sample = self;
    if (effect->kind != KIND_Cancel) return;
    if (message_u(effect, ENVELOPE_ref) == SAMPLE_LAST) sample->services->holds(sample->link, 0);
    sample->services->log(sample->link, GCX_LOG_INFO, 0, 0, sample->services->ends(sample->link) ? "drains" : "serves");
    writer_clear(&sample->writer);
    writer_begin(&sample->writer, KIND_EventDone);
    writer_u(&sample->writer, ENVELOPE_ixn, message_u(effect, ENVELOPE_ixn));
    writer_u(&sample->writer, ENVELOPE_ref, message_u(effect, ENVELOPE_ref));
    writer_u(&sample->writer, EventDone_outcome, outcome_ok);
    sample->services->post(sample->link, writer_end(&sample->writer));
}

static void sample_core_up(void *self, bool up)
{
    struct sample *sample = self;
    if (!up) return;
    sample->services->peer(sample->link, "switch", true);
    uint64_t conn = sample->services->new_conn(sample->link);
    writer_clear(&sample->writer);
    writer_begin(&sample->writer, KIND_EventCallCreated);
    writer_conn(&sample->writer, ENVELOPE_conn, conn);
    writer_u(&sample->writer, EventCallCreated_media, media_voice);
    writer_text(&sample->writer, EventCallCreated_ani, sample->services->setting(sample->link, "ani"));
    sample->services->post(sample->link, writer_end(&sample->writer));
    sample->services->log(sample->link, GCX_LOG_INFO, 0, conn, "a call");
}

static void sample_committed(void *self, uint64_t posted)
{
    struct sample *sample = self;
    sample->services->log(sample->link, GCX_LOG_INFO, 0, 0, "durable: %u", (unsigned)posted);
}

static const char *const media[] = {"voice", NULL};
static const char *const caps[] = {"calls", NULL};
static const char *const settings[] = {"*ani", "fail", "holds", "dies", NULL};

const struct gcx_adapter gcx_adapter = {
    .interface = GCX_ADAPTER_INTERFACE,
    .name = "sample",
    .media = media,
    .caps = caps,
    .settings = settings,
    .check = sample_check,
    .open = sample_open,
    .close = sample_close,
    .perform = sample_perform,
    .core_up = sample_core_up,
    .committed = sample_committed,
};
