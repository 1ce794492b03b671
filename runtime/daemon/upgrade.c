/* runtime/daemon/upgrade.c - Tries a start without changing anything.
 *
 * The check does what a start of this gcxvm would do with the folder: it loads the newest snapshot, applies the batches
 * after it, and binds the strategies in force. If the core that wrote the journal has an earlier semantics number (the
 * number of its rules), the batches are not applied: the old gcxvm makes a snapshot when it is stopped in order, and
 * this one begins with that snapshot. The check writes nothing and takes no lock that a running gcxvm needs,
 * so it can run while the old version still works, and its answer is about the folder at that moment. */
#include "runtime/daemon/upgrade.h"

#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/core/core.h"
#include "runtime/core/migration.h"
#include "runtime/core/read/promised.h"
#include "runtime/core/read/read.h"
#include "runtime/daemon/keeping_work.h"
#include "runtime/daemon/links/guard.h"
#include "runtime/daemon/site/conf.h"
#include "runtime/journal/batch.h"
#include "runtime/journal/images.h"
#include "runtime/journal/place.h"
#include "runtime/journal/reach.h"
#include "runtime/journal/recovery.h"
#include "base/memory.h"
#include "base/shown.h"
#include "runtime/vocabulary/contract.h"
#include "runtime/vocabulary/message.h"
#include "runtime/vocabulary/semantics.h"

struct upgrade {
    const struct conf *conf;
    struct keeping journal;
    uint32_t semantics; /* of the last batch */
};

static void upgrade_on_told(void *self, const char *text)
{
    (void)self;
    shown_print(stdout, "%s\n", text);
}

static bool upgrade_journal_open(struct upgrade *u, struct error *error)
{
    struct span bytes;
    struct batch last;
    uint8_t hash[CORE_HASH];
    if (!keeping_on(&u->journal, u->conf, place_follow_whole(u->conf->state, error))) return false;
    struct batches *store = u->journal.store;
    u->journal.recovery.told.note = upgrade_on_told;
    if (batches_last(store) == 0) return true;
    if (!batches_read(store, batches_last(store), &bytes, error) || !batch_decode(&last, bytes, hash, error))
        return false;
    u->semantics = last.semantics;
    return true;
}

/* True: a gcxvm works on the folder. */
static bool is_running(const struct conf *conf)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    char *path = memory_format("%s/lock", conf->state);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    bool running = fd >= 0 && fcntl(fd, F_GETLK, &whole) == 0 && whole.l_type != F_UNLCK;
    if (fd >= 0) close(fd);
    free(path);
    return running;
}

/* Replays a journal that this semantics number has written, at least at its end. */
static bool upgrade_replayed(struct upgrade *u, struct error *error)
{
    u->journal.core = journal_recover(&u->journal.recovery, &u->journal.head, error);
    return u->journal.core != NULL;
}

/* Loads a journal of another semantics number: only its newest snapshot counts. */
static bool taken_over(struct upgrade *u, struct error *error)
{
    struct keeping *k = &u->journal;
    uint64_t end = batches_last(k->store);
    k->core = journal_start(&k->recovery, UINT64_MAX, &k->head, error);
    if (k->core && k->head.number == 0)
        return error_set(
            error, ERROR_VERSION,
            "no snapshot is there from which this gcxvm could go on: the one that wrote the journal cuts one, "
            "by gcxctl snapshot while it runs, and at its end");
    if (!k->core || k->head.number == end) return k->core != NULL;
    if (is_running(u->conf)) {
        printf("  of batch %" PRIu64
               ", as the newest snapshot has it; the gcxvm that runs cuts one at its end, when it is "
               "stopped in order\n",
               k->head.number);
        return true;
    }
    return error_set(error, ERROR_VERSION,
                     "%" PRIu64
                     " batches came after the newest snapshot, and only the gcxvm that made them replays them: start "
                     "that once more and stop it in order, which cuts a snapshot",
                     end - k->head.number);
}

static void upgrade_tell(const struct upgrade *u)
{
    const struct keeping *k = &u->journal;
    struct promised promised;
    core_promised(k->core, &promised);
    printf("newest snapshot: of batch %" PRIu64 ", %" PRIu64 " batches came after it\n", k->recovery.snapshot,
           batches_last(k->store) - k->recovery.snapshot);
    puts("carries over:");
    for (unsigned kind = 0; kind < PROMISED_KINDS; kind++)
        printf("  %" PRIu64 " %s\n", promised.of[kind].count, promised_words((enum promised_kind)kind));
}

/* Counts the interactions with a call at the adapter. `*link`: the adapter's number; 0: it was never connected. */
static uint32_t upgrade_calls_at(const struct core *core, const char *adapter, unsigned *link)
{
    struct span name;
    for (*link = SOURCE_LINKS; *link < SOURCE_LINKS + LINKS_MAX; ++*link)
        if (core_link_name(core, *link, &name) && span_is(name, adapter))
            return core_link_holds(core, *link).interactions;
    *link = 0;
    return 0;
}

/* True: an event of the batch is about a call at the link, or about a call whose link the core does not know. */
static bool batch_tells_calls(const struct core *core, const struct batch *batch, unsigned link)
{
    struct message message;
    struct span name;
    for (uint32_t at = 0, size; at < batch->events.length; at += size) {
        const uint8_t *frame = batch->events.bytes + at;
        size = (uint32_t)message_frame_size(frame, batch->events.length - at);
        if (size == 0 || size > batch->events.length - at || !message_read(&message, frame, size, NULL)) return true;
        uint64_t source = message_u(&message, ENVELOPE_source);
        bool unknown = source >= SOURCE_LINKS && source < SOURCE_LINKS + LINKS_MAX &&
                       !core_link_name(core, (unsigned)source, &name);
        if ((source == link || unknown) && message_u(&message, ENVELOPE_conn) != 0) return true;
    }
    return false;
}

/* Looks for events about calls at the link in the batches after the state that the core has. Only the version that made
 * these batches can replay them, but their events can be read here. */
static bool later_calls_at(const struct upgrade *u, unsigned link)
{
    const struct keeping *k = &u->journal;
    for (uint64_t number = k->head.number + 1; number <= batches_last(k->store); number++) {
        struct span bytes;
        struct batch batch;
        uint8_t hash[CORE_HASH];
        if (!batches_read(k->store, number, &bytes, NULL) || !batch_decode(&batch, bytes, hash, NULL) ||
            batch_tells_calls(k->core, &batch, link))
            return true;
    }
    return false;
}

/* True: the exchange keeps its calls; a version of it that ends with its gcxvm loses them, however well the journal
 * carries over. */
static bool exchange_stays(const struct upgrade *u, const struct conf_adapter *adapter, struct error *error)
{
    char *const none[] = {NULL};
    char count[] = "4294967295 calls";
    unsigned link;
    if (adapter->remote || !conf_plugin_can(adapter, CAP_HOLDS)) return true;
    uint32_t calls = upgrade_calls_at(u->journal.core, adapter->name, &link);
    if (calls == 0 && !later_calls_at(u, link)) return true;
    char *path = memory_format("%s/%s.lock", u->conf->state, adapter->name);
    struct guard_found holder = guard_holder(path, none);
    free(path);
    if (holder.pid == 0 || holder.renews) return true;
    snprintf(count, sizeof count, "%" PRIu32 " calls", calls);
    return error_set(error, ERROR_STATE,
                     "%s of adapter %.64s: its process %ld is of a version that ends with its gcxvm; wait until no "
                     "call is there (gcxctl drain), have a snapshot cut (gcxctl snapshot) and ask again",
                     calls > 0 ? count : "calls since the newest snapshot", adapter->name, (long)holder.pid);
}

static bool exchanges_stay(const struct upgrade *u, struct error *error)
{
    for (size_t i = 0; i < u->conf->adapter_count; i++)
        if (!exchange_stays(u, &u->conf->adapters[i], error)) return false;
    return true;
}

static bool carries_over(struct upgrade *u, struct error *error)
{
    struct error refused;
    printf("journal: batches %" PRIu64 " to %" PRIu64 " in %s, semantics number %" PRIu32 "; this gcxvm has %d\n",
           batches_first(u->journal.store), batches_last(u->journal.store), u->conf->state, u->semantics,
           SEMANTICS_NUMBER);
    if (!core_takes_over(u->semantics))
        return error_set(error, ERROR_VERSION, "this gcxvm %s: UPGRADES in gcxvm(8)",
                         u->semantics > SEMANTICS_NUMBER
                             ? "is older than the one that wrote the journal; install that again"
                             : "takes nothing over from that number");
    bool good = u->semantics == SEMANTICS_NUMBER ? upgrade_replayed(u, error) : taken_over(u, error);
    if (!good && images_refused(u->journal.images, &refused)) *error = refused;
    return good;
}

bool upgrade_check(const struct conf *conf)
{
    struct upgrade u = {.conf = conf};
    struct error error = {0};
    struct keys_plain older;
    struct reach reach;
    if (sodium_init() < 0) abort();
    if (!reach_journal_is_there(conf->state) && reach_read(conf->state, &reach, &error) &&
        reach_holds(&reach, 0, &error)) {
        shown_print(stdout, "%s has no journal: there is nothing to carry over\n", conf->state);
        return true;
    }
    bool good = upgrade_journal_open(&u, &error) && place_older(conf->state, false, &older, &error);
    bool empty = good && batches_last(u.journal.store) == 0;
    good = good && (empty || carries_over(&u, &error));
    if (empty) {
        shown_print(stdout, "the journal in %s is empty: there is nothing to carry over\n", conf->state);
    } else if (good && u.journal.core) {
        upgrade_tell(&u);
        good = exchanges_stay(&u, &error);
        bool all = u.journal.head.number == batches_last(u.journal.store);
        shown_print(stdout, "does not carry over: %s\n",
                    !good ? error.text
                    : all ? "nothing"
                          : "nothing that the newest snapshot has; what came after it is known once the gcxvm that "
                            "runs has cut its last one");
    } else if (!good) {
        shown_print(stdout, "does not carry over: anything, because %s\n", error.text);
    }
    keeping_close(&u.journal);
    return good;
}
