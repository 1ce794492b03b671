/* tests/bench/follow.c - A journal in PostgreSQL that one process leads and another one follows, both with their cores:
 * so many events a second, agents who are ready and not ready, in batches as they come.
 *
 *   follow LEADER FOLLOWER CONNINFO RATE SECONDS        LEADER and FOLLOWER: new state folders
 *
 * Prints: events a second that the leader made durable, events in a batch, p50 and p99 of the follower's lag in ms:
 * from when the leader knew that a batch was durable until the follower had applied it. */
#include <assert.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/host/real.h"
#include "runtime/journal/follower.h"
#include "runtime/journal/place.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_site.h"
#include "base/memory.h"

enum { AGENTS = 1000, RING_BYTES = 64 << 20, RING_EVENTS = 1 << 18, LEASE_MS = 4000, PAUSE_US = 200, BEATS = 4 };
enum { BATCHES_MOST = 1 << 20 };
#define WARM_US UINT64_C(2000000) /* before it is measured */

/* Memory that leader and follower share: when each batch was durable, and when it was applied. */
struct both {
    _Atomic uint64_t durable_us[BATCHES_MOST], applied_us[BATCHES_MOST];
    atomic_bool follows;
    _Atomic uint64_t last; /* the leader's last batch, once it has ended */
};

static int fail(const char *who, const char *why)
{
    fprintf(stderr, "follow: %s: %s\n", who, why);
    exit(1);
}

static const struct image *no_image(void *self, const uint8_t hash[CORE_HASH])
{
    (void)self, (void)hash;
    return NULL;
}

static const struct core_options core_options = {
    .partition = 1, .seed = 1, .interactions_max = 1000, .image = no_image};

/* A state folder with the site's key, and the keys that are wrapped under it. */
static void folder_make(const char *folder, const struct journal_place *place, bool second)
{
    char path[512];
    bool made;
    struct error error = {0};
    snprintf(path, sizeof path, "%s/site.key", folder);
    if (mkdir(folder, 0700) != 0) fail(folder, "it is there already, or cannot be made");
    FILE *file = fopen(path, "w");
    if (!file || fputs("the key of this site, for both.", file) < 0 || fclose(file) != 0 || chmod(path, 0600) != 0)
        fail(path, "cannot be written");
    if (second && !place_fetch(folder, place, &error)) fail(folder, error.text);
    if (!keys_make(folder, "", NULL, &made, &error)) fail(folder, error.text);
}

/* ---- the leader ---- */

struct lead {
    struct batches *store;
    struct partition *partition;
    struct both *both;
    struct writer writer;
    uint64_t beat_us; /* when the next beat is due */
    uint64_t number;  /* of the batch to be appended; 0: none */
    struct span batch;
    uint64_t seq[SOURCE_LINKS + 1];
};

static void lead_wake_at(void *self, uint64_t monotonic_us)
{
    (void)self, (void)monotonic_us;
}

static void lead_append(void *self, uint64_t number, struct span batch)
{
    struct lead *lead = self;
    assert(lead->number == 0);
    lead->number = number;
    lead->batch = batch;
}

static void lead_release(void *self, unsigned link, struct span frame)
{
    (void)self, (void)link, (void)frame;
}

static void lead_committed(void *self, unsigned source, uint64_t seq)
{
    (void)self, (void)source, (void)seq;
}

/* Makes at most one batch, and makes durable what there is. False: nothing was to be done. */
static bool lead_turn(struct lead *lead)
{
    struct error error = {0};
    bool more = partition_turn(lead->partition);
    if (lead->number == 0) return more;
    uint64_t number = lead->number;
    enum append_result result = batches_append(lead->store, number, lead->batch, &error);
    lead->number = 0;
    if (number < BATCHES_MOST) atomic_store(&lead->both->durable_us[number], host_monotonic_us());
    if (result != APPEND_OK || !partition_appended(lead->partition, result)) fail("append", error.text);
    return true;
}

static struct writer *lead_event(struct lead *lead, unsigned kind, unsigned source)
{
    writer_clear(&lead->writer);
    writer_begin(&lead->writer, kind);
    writer_u(&lead->writer, ENVELOPE_source, source);
    if (source == SOURCE_LINKS) writer_u(&lead->writer, ENVELOPE_seq, lead->seq[source] + 1);
    return &lead->writer;
}

/* False: the ring is full. */
static bool lead_post(struct lead *lead, unsigned source)
{
    if (!partition_post(lead->partition, writer_end(&lead->writer))) return false;
    lead->seq[source]++;
    return true;
}

static void row(struct lead *lead, unsigned table, const char *key, const char *column, const char *value)
{
    struct kv kv;
    kv_init(&kv);
    if (column) kv_put_text(&kv, column, span_of(value));
    struct writer *w = lead_event(lead, KIND_DirectoryRow, SOURCE_ADMIN);
    writer_u(w, DirectoryRow_version, 1);
    writer_u(w, DirectoryRow_table, table);
    writer_text(w, DirectoryRow_key, key);
    writer_kv(w, DirectoryRow_row, &kv);
    if (!lead_post(lead, SOURCE_ADMIN)) fail("post", "no room for the directory");
    kv_free(&kv);
}

static bool agent_is(struct lead *lead, uint64_t nth)
{
    char agent[16], dn[16];
    unsigned number = (unsigned)(nth % AGENTS);
    snprintf(agent, sizeof agent, "a%u", number);
    snprintf(dn, sizeof dn, "%u", 7000 + number);
    struct writer *w = lead_event(lead, KIND_EventAgentState, SOURCE_LINKS);
    writer_text(w, EventAgentState_agent, agent);
    writer_text(w, EventAgentState_dn, dn);
    writer_u(w, EventAgentState_media, media_voice);
    writer_u(w, EventAgentState_state, nth / AGENTS % 2 == 0 ? agent_state_ready : agent_state_not_ready);
    return lead_post(lead, SOURCE_LINKS);
}

static void site_begin(struct lead *lead)
{
    char agent[16], dn[16];
    for (unsigned i = 0; i < AGENTS; i++) {
        snprintf(agent, sizeof agent, "a%u", i);
        snprintf(dn, sizeof dn, "%u", 7000 + i);
        row(lead, table_agent, agent, NULL, NULL);
        row(lead, table_dn, dn, "type", "extension");
    }
    struct writer *w = lead_event(lead, KIND_DirectoryCommit, SOURCE_ADMIN);
    writer_u(w, DirectoryCommit_version, 1);
    writer_u(w, DirectoryCommit_whole, 1);
    lead_post(lead, SOURCE_ADMIN);
    w = lead_event(lead, KIND_LinkUp, SOURCE_HOST);
    writer_u(w, LinkUp_link, SOURCE_LINKS);
    writer_text(w, LinkUp_name, "tserver");
    writer_u(w, LinkUp_instance, 1);
    writer_u(w, LinkUp_version, VOCABULARY_VERSION);
    lead_post(lead, SOURCE_HOST);
    lead_event(lead, KIND_ResyncBegin, SOURCE_LINKS);
    lead_post(lead, SOURCE_LINKS);
    lead_event(lead, KIND_ResyncEnd, SOURCE_LINKS);
    lead_post(lead, SOURCE_LINKS);
    while (lead_turn(lead)) continue;
}

/* So many events a second, for so long; what the leader cannot take comes later. Returns how many. */
static uint64_t lead_for(struct lead *lead, uint64_t rate, uint64_t us)
{
    static uint64_t nth;
    uint64_t began_us = host_monotonic_us(), now_us, posted = 0;
    while ((now_us = host_monotonic_us()) < began_us + us) {
        uint64_t due = (now_us - began_us) * rate / 1000000;
        while (posted < due && agent_is(lead, nth)) posted++, nth++;
        if (!lead_turn(lead)) usleep(PAUSE_US);
        if (now_us < lead->beat_us) continue;
        lead->beat_us = now_us + LEASE_MS * UINT64_C(1000) / BEATS;
        batches_beat(lead->store);
        /* It learns that somebody follows, whom each append wakes from then on. */
        for (bool more = true; more;) batches_copies(lead->store, &more);
    }
    return posted;
}

/* ---- the follower ---- */

static int follow(const char *folder, const struct journal_place *place, struct both *both)
{
    struct error error = {0};
    struct follower_row at = {0};
    folder_make(folder, place, true);
    struct batches *store = place_stand_by(folder, place, NULL, &error);
    const struct follower_options options = {
        .core = core_options, .state = folder, .lease_us = LEASE_MS * UINT64_C(1000)};
    struct follower *follower = !store ? NULL : follower_open(&options, store, &error);
    if (!follower) fail("follower", error.text);
    atomic_store(&both->follows, true);
    for (uint64_t before = 0, last; (last = atomic_load(&both->last)) == 0 || at.batch < last; before = at.batch) {
        if (follower_turn(follower, &error) != FOLLOWER_ON) fail("follower", error.text);
        follower_read(follower, &at);
        uint64_t now_us = host_monotonic_us();
        for (uint64_t number = before + 1; number <= at.batch && number < BATCHES_MOST; number++)
            atomic_store(&both->applied_us[number], now_us);
    }
    follower_free(follower);
    batches_close(store);
    return 0;
}

static int times_order(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

static void tell(struct both *both, uint64_t first, uint64_t last, uint64_t events, uint64_t us)
{
    uint64_t count = 0, *lags = memory_zeroed(last + 1, sizeof *lags);
    for (uint64_t number = first + 1; number <= last && number < BATCHES_MOST; number++) {
        uint64_t durable_us = both->durable_us[number], applied_us = both->applied_us[number];
        lags[count++] = applied_us > durable_us ? applied_us - durable_us : 0; /* it may see a row before the leader */
    }
    if (count == 0) fail("leader", "nothing was appended");
    qsort(lags, count, sizeof *lags, times_order);
    printf("%.0f %.0f %.1f %.1f\n", (double)events * 1e6 / (double)us, (double)events / (double)count,
           (double)lags[count / 2] / 1e3, (double)lags[count * 99 / 100] / 1e3);
    free(lags);
}

int main(int count, char **arguments)
{
    if (count != 6) fail("usage", "LEADER FOLLOWER CONNINFO RATE SECONDS");
    struct journal_place place = {.database = arguments[3], .domain = 1, .wait_s = 10, .lease_ms = LEASE_MS};
    struct journal_place second = place;
    uint64_t rate = strtoull(arguments[4], NULL, 10), us = (uint64_t)(strtod(arguments[5], NULL) * 1e6);
    struct both *both = mmap(NULL, sizeof *both, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (both == MAP_FAILED) fail("memory", "there is none to share");
    place.node = "first";
    second.node = "second";

    struct error error = {0};
    char boot[BOOT_SIZE];
    struct lead lead = {.both = both};
    struct host host = {.self = &lead,
                        .wake_at = lead_wake_at,
                        .append = lead_append,
                        .release = lead_release,
                        .committed = lead_committed};
    host_real(&host, boot);
    writer_init(&lead.writer);
    folder_make(arguments[1], &place, false);
    lead.store = place_open(arguments[1], &place, NULL, &error);
    if (!lead.store) fail("leader", error.text);
    const struct partition_options options = {
        .core = core_options, .ring_bytes = RING_BYTES, .ring_events = RING_EVENTS, .state = arguments[1]};
    lead.partition = partition_open(&options, lead.store, &host, &error);
    if (!lead.partition) fail("leader", error.text);
    site_begin(&lead);

    fflush(stdout);
    pid_t child = fork();
    if (child == 0) _exit(follow(arguments[2], &second, both));
    for (int status; !atomic_load(&both->follows);) {
        if (waitpid(child, &status, WNOHANG) == child) fail("follower", "it does not begin");
        lead_for(&lead, 1000, 100000);
    }
    lead_for(&lead, rate, WARM_US);
    uint64_t first = partition_batches(lead.partition), before = partition_events(lead.partition);
    uint64_t began_us = host_monotonic_us();
    lead_for(&lead, rate, us);
    uint64_t took_us = host_monotonic_us() - began_us, events = partition_events(lead.partition) - before;
    while (lead_turn(&lead)) continue;
    uint64_t last = partition_batches(lead.partition);
    atomic_store(&both->last, last);
    int status;
    if (waitpid(child, &status, 0) != child || status != 0) fail("follower", "it has failed");
    tell(both, first, last, events, took_us);
    partition_free(lead.partition);
    batches_close(lead.store);
    writer_free(&lead.writer);
    return 0;
}
