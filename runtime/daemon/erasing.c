/* runtime/daemon/erasing.c - Replays the journal in a core to find the interactions of a person, and erases their
 * keys.
 *
 * Personal fields in the journal are encrypted with a key per owner: an interaction, a ConnID, or an event that made
 * one of these. The replay collects the owners that belong to the person: an event that names the person, or is about
 * an interaction already known as the person's, adds its owner. After the replay the keys of the person's owners are
 * erased, except those of interactions that go on and of batches that a start needs; the batches themselves stay as
 * they are. */
#include "runtime/daemon/erasing.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "runtime/core/core.h"
#include "runtime/core/read/read.h"
#include "runtime/daemon/erasing_places.h"
#include "runtime/daemon/keeping_work.h"
#include "runtime/daemon/site/conf.h"
#include "runtime/host/real.h"
#include "runtime/journal/place.h"
#include "runtime/journal/recovery.h"
#include "runtime/journal/secrets.h"
#include "runtime/journal/snapshots.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/events_work.h"
#include "base/file.h"
#include "base/memory.h"
#include "runtime/vocabulary/message.h"
#include "runtime/vocabulary/person.h"
#include "runtime/vocabulary/rows.h"
#include "base/shown.h"

enum { DAY_S = 86400 };

struct erasing {
    const struct conf *conf;
    struct span person;
    const char *text; /* the same */
    struct keeping journal;
    uint64_t *owners; /* numbers of the person's owners: interactions and ConnIDs */
    uint32_t count, found, living;
    uint64_t *calls; /* ConnIDs of the batch that is being applied */
    uint32_t call_count;
    uint64_t *ixns; /* ids of all the person's interactions */
    uint32_t ixn_count;
    struct submitted { /* a Submit of the batch being applied: its Reply names the interaction that was made */
        uint64_t source, client, req;
    } * submits;
    uint32_t submit_count;
    uint64_t *made;
    uint32_t made_count;
    uint64_t first, last; /* first and last batch with data of the person */
    uint64_t term;        /* term of the journal in the database; 0: the journal is in the folder */
    bool told;            /* the running core has forgotten the person's ended interactions */
    bool known_before;    /* at the journal's first batch there were already interactions */
};

/* The result. */
struct erased {
    uint32_t erased, kept;     /* counts of keys; kept: a start needs the key */
    uint64_t last;             /* the last batch that used one of the kept keys */
    size_t gone, left;         /* count of snapshots with data of the person: removed, left */
    struct snapshot_row *rows; /* those that are left */
};

static bool is_person(const struct erasing *e, struct span text)
{
    return person_same(text, e->person, e->conf->country);
}

static bool erasing_add(uint64_t **list, uint32_t *count, uint64_t id)
{
    for (uint32_t i = 0; i < *count; i++)
        if ((*list)[i] == id) return false;
    if (id == 0) return false;
    *list = memory_more(*list, *count, sizeof **list);
    (*list)[(*count)++] = id;
    return true;
}

static void submit_add(struct erasing *e, const struct message *message)
{
    e->submits = memory_more(e->submits, e->submit_count, sizeof *e->submits);
    e->submits[e->submit_count++] = (struct submitted){
        message_u(message, ENVELOPE_source), message_u(message, ENVELOPE_client), message_u(message, ENVELOPE_req)};
}

static bool is_owner(const struct erasing *e, uint64_t id)
{
    for (uint32_t i = 0; id != 0 && i < e->count; i++)
        if (e->owners[i] == id) return true;
    return false;
}

static void owner_add(struct erasing *e, uint64_t id)
{
    erasing_add(&e->owners, &e->count, id);
}

static void interaction_add(struct erasing *e, uint64_t ixn)
{
    struct interaction_row row;
    if (ixn == 0 || !erasing_add(&e->ixns, &e->ixn_count, ixn)) return;
    owner_add(e, ixn);
    e->found++;
    if (core_find(e->journal.core, ixn, &row)) owner_add(e, row.conn);
}

static bool pairs_name(const struct erasing *e, struct span pairs)
{
    struct kv_pair pair;
    for (uint32_t at = 0; kv_next(pairs, &at, &pair);)
        if (pair.value.tag == KV_TEXT && is_person(e, pair.value.span)) return true;
    return false;
}

/* True: the event names the person, in a field with numbers, addresses or names, or in attached data. */
static bool names_person(const struct erasing *e, const struct message *message)
{
    for (unsigned i = 0; i < message->count; i++) {
        const struct field_row *field = row_field(message->row, message->fields[i].number);
        struct span text;
        if (!field) continue;
        if ((field->type == TYPE_ADDR || field->type == TYPE_NAME) && is_person(e, message->fields[i].span))
            return true;
        if (field->type == TYPE_KV && pairs_name(e, message->fields[i].span)) return true;
        if (field->type != TYPE_LIST_TEXT) continue;
        for (uint32_t at = 0; message_next_text(message->fields[i].span, &at, &text);)
            if (is_person(e, text)) return true;
    }
    return false;
}

/* Examines a batch before it is applied. */
static void erasing_on_batch(void *self, const struct batch *batch)
{
    struct erasing *e = self;
    struct message message;
    e->call_count = e->submit_count = e->made_count = 0;
    for (uint32_t at = 0; at < batch->events.length;) {
        uint32_t size = (uint32_t)message_frame_size(batch->events.bytes + at, batch->events.length - at);
        bool read = message_read(&message, batch->events.bytes + at, size, NULL);
        uint32_t place = at;
        at += size;
        if (!read) continue;
        uint64_t conn = message_u(&message, ENVELOPE_conn), ixn = message_u(&message, ENVELOPE_ixn);
        /* what an agent notes of a call names it in a field, and may come long after its end */
        uint64_t noted = message.kind == KIND_RequestWrapUp ? message_u(&message, RequestWrapUp_call) : 0;
        if (!is_owner(e, conn) && !is_owner(e, ixn) && !is_owner(e, noted) && !names_person(e, &message)) continue;
        if (e->first == 0) e->first = batch->number;
        e->last = batch->number;
        owner_add(e, secrets_owner(&message, batch->number, place));
        erasing_add(&e->made, &e->made_count, ixn);
        if (message.kind == KIND_Submit) submit_add(e, &message);
        erasing_add(&e->calls, &e->call_count, conn);
    }
}

/* Takes an effect of the replay, which is not performed again; but a Reply tells which interaction a Submit of the
 * person has made. */
static void erasing_on_effect(void *self, struct span frame)
{
    struct erasing *e = self;
    struct message message;
    if (e->submit_count == 0 || !message_read(&message, frame.bytes, frame.length, NULL) || message.kind != KIND_Reply)
        return;
    for (uint32_t i = 0; i < e->submit_count; i++)
        if (e->submits[i].source == message_u(&message, ENVELOPE_source) &&
            e->submits[i].client == message_u(&message, ENVELOPE_client) &&
            e->submits[i].req == message_u(&message, ENVELOPE_req))
            erasing_add(&e->made, &e->made_count, message_u(&message, ENVELOPE_ixn));
}

/* Examines the interactions that the core knows, living or ended lately. */
static void look_core(struct erasing *e)
{
    struct interaction_row row;
    for (uint64_t cursor = 0; core_interaction(e->journal.core, &cursor, &row);)
        if (is_person(e, row.ani) || is_person(e, row.dnis)) interaction_add(e, row.ixn);
}

/* Applies the journal from the earliest batch that is possible, and collects owners meanwhile. */
static bool erasing_replay(struct erasing *e, struct error *error)
{
    const struct journal_watch watch = {.self = e, .batch = erasing_on_batch, .sink = {erasing_on_effect, e}};
    struct keeping *k = &e->journal;
    uint8_t first[CORE_HASH];
    if (!keeping_on(k, e->conf, place_follow(e->conf->state, error)) || !journal_identity(&k->recovery, first, error))
        return false;
    k->core = journal_earliest(&k->recovery, &k->head, error);
    bool good = k->core != NULL;
    if (good) look_core(e);
    e->known_before = e->found > 0;
    while (good && k->head.number < batches_last(k->store)) {
        good = keeping_next(k, &watch, error);
        for (uint32_t i = 0; good && i < e->call_count; i++) {
            owner_add(e, e->calls[i]);
            interaction_add(e, core_ixn_of(e->journal.core, e->calls[i]));
        }
        for (uint32_t i = 0; good && i < e->made_count; i++) interaction_add(e, e->made[i]);
    }
    if (good) look_core(e);
    return good;
}

/* Leaves out interactions that go on: a start would need their keys. */
static void leave_living(struct erasing *e)
{
    struct interaction_row row;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < e->count; i++) {
        bool lives =
            (core_find(e->journal.core, e->owners[i], &row) || core_find_call(e->journal.core, e->owners[i], &row)) &&
            !span_is(row.state, "ended");
        if (lives && row.ixn == e->owners[i]) e->living++;
        if (!lives) e->owners[kept++] = e->owners[i];
    }
    e->count = kept;
}

/* Returns the batch of the older one of the two newest good snapshots, with which a start can begin; 0: there are
 * not two. */
static uint64_t older_snapshot(const struct conf *conf)
{
    struct snapshot_row *rows = memory_zeroed(SNAPSHOTS_MAX, sizeof *rows);
    struct snapshot_head head;
    uint64_t number = 0;
    unsigned good = 0;
    size_t count = snapshots_list(conf->state, rows);
    for (size_t i = 0; i < count && good < 2; i++)
        if (snapshot_check(rows[i].path, &head, NULL) && ++good == 2) number = rows[i].number;
    free(rows);
    return number;
}

static void date_print(int64_t wall_us)
{
    char text[32];
    time_t seconds = (time_t)(wall_us / 1000000);
    struct tm parts;
    gmtime_r(&seconds, &parts);
    strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", &parts);
    printf("%s", text);
}

/* Prints when the batches with the person's data are removed: once a snapshot after them is old enough. */
static void batches_go_print(const struct erasing *e)
{
    struct snapshot_row *rows = memory_zeroed(SNAPSHOTS_MAX, sizeof *rows);
    struct snapshot_head head;
    /* the batches' days count from the first snapshot after them; from now, if there is none yet */
    int64_t from_us = (int64_t)host_wall_clock_us();
    size_t count = snapshots_list(e->conf->state, rows);
    for (size_t i = 0; i < count && rows[i].number >= e->last; i++)
        if (snapshot_head_read(rows[i].path, &head, NULL))
            from_us = (int64_t)head.journal.time_us + head.journal.clock_offset;
    free(rows);
    if (e->conf->journal_days > 0) {
        printf("with the first snapshot after ");
        date_print(from_us + (int64_t)e->conf->journal_days * DAY_S * 1000000);
        printf(", or ");
    }
    printf("when two snapshots are later than batch %" PRIu64 ", by gcxctl journal prune --days 0", e->last);
}

static void snapshots_left_print(const struct erasing *e, const struct erased *o)
{
    printf("left: numbers and data");
    if (o->rows[o->left - 1].number < e->last)
        printf(", and secrets where it was cut before batch %" PRIu64 ",", e->last);
    printf(" in the snapshot%s of batch ", o->left > 1 ? "s" : "");
    for (size_t i = o->left; i-- > 0;) printf("%" PRIu64 "%s", o->rows[i].number, i > 1 ? ", " : i == 1 ? " and " : "");
    puts(", which a start or a replay needs; ask again when two are later");
}

static void erasing_report(const struct erasing *e, const struct erased *o)
{
    printf("%" PRIu32 " interactions are the person's; the keys of %" PRIu32 " secrets are erased%s\n", e->found,
           o->erased, o->erased > 0 ? ": nobody reads those secrets in the journal any more" : "");
    if (o->gone > 0) printf("%zu snapshots that knew the person and that nobody needs are erased\n", o->gone);
    if (e->living > 0) printf("left: %" PRIu32 " of them go on; ask again when they have ended\n", e->living);
    if (o->kept > 0)
        printf("left: the keys of %" PRIu32
               " secrets, which a start from the older of two snapshots needs; ask again when two are later than batch "
               "%" PRIu64 ": gcxctl snapshot, twice, with events between\n",
               o->kept, o->last);
    if (e->first > 0) {
        printf("left: numbers and data that are not secret, in batches %" PRIu64 " to %" PRIu64
               " of the journal; they go ",
               e->first, e->last);
        batches_go_print(e);
        putchar('\n');
    }
    if (o->left > 0 && (!e->told || e->living > 0)) snapshots_left_print(e, o);
    if (e->found > 0 && !e->told)
        puts("left: numbers and data that are not secret, in the core and in each snapshot that it cuts, as long as "
             "they are among the last 10000 interactions that ended");
    puts(
        "not looked at: backups that were made before, booked call-backs but those that a page asked for "
        "(gcxctl callbacks), counters that a strategy keeps by number, snapshots that were put away (*.crashed, "
        "lost-*), traces, the log of before (it masks "
        "numbers unless `personal` of its section says shown), the mail server's own files, drafts in agents' browsers "
        "(they go after a week), parts of short messages that wait for others (a minute; then ask again), files that "
        "were uploaded and never sent (gcxstore check removes them after a day)");
}

/* Writes the request to the log of erasures: by whom, when, and with what result. */
static bool erasing_note(const struct erasing *e, const struct erased *o, struct error *error)
{
    char path[4096], number[NUMBER_MASKED];
    time_t now = time(NULL);
    struct tm parts;
    caller_mask(e->person, number);
    gmtime_r(&now, &parts);
    snprintf(path, sizeof path, "%.3900s/erasures.log", e->conf->state);
    umask(0077);
    FILE *file = fopen(path, "ae");
    bool good =
        file &&
        fprintf(file,
                "%04d-%02d-%02dT%02d:%02d:%02dZ erase by user %u: person %s, %" PRIu32 " interactions, %" PRIu32
                " keys erased, %" PRIu32 " needed, %" PRIu32 " living, %zu snapshots erased, %zu left\n",
                parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                (unsigned)getuid(), number, e->found, o->erased, o->kept, e->living, o->gone, o->left) > 0;
    good = (!file || fclose(file) == 0) && good;
    return good || file_failed(path, error);
}

/* Erases the keys and removes the snapshots. No snapshot is made meanwhile: it could contain the person, and would
 * replace an older one. The keys in the database are erased after those in the folder, since an erased key cannot be
 * restored. */
static bool erasing_overwrite(struct erasing *e, struct erased *o, struct error *error)
{
    const char *state = e->conf->state;
    struct error why = {0};
    struct cutting *cutting = e->found > 0 ? snapshot_cut_begin(state, &why) : NULL;
    if (e->found > 0 && !cutting)
        return error_set(error, why.code, "%.180s; nothing is erased: ask again when that is done", why.text);
    struct keys *keys = keys_open(state, true, &why);
    if (keys) o->erased = keys_erase(keys, e->owners, e->count, older_snapshot(e->conf), &o->kept, &o->last, &why);
    keys_close(keys);
    uint64_t from = e->known_before || e->first == 0 ? 0 : e->first;
    if (why.code == ERROR_NONE && e->found > 0)
        o->gone = snapshots_forget(state, from, batches_first(e->journal.store), o->rows, &o->left);
    snapshot_cut_free(cutting);
    if (why.code == ERROR_NONE && !place_keys_erase(state, e->term, &why))
        return error_set(error, why.code, "left: the keys in the database: %.180s; ask again, where the journal is led",
                         why.text);
    if (why.code != ERROR_NONE) *error = why;
    return why.code == ERROR_NONE;
}

static void forget_in_core(struct erasing *e)
{
    struct error why = {0};
    if (e->found == 0) return;
    e->told = places_core(e->conf, e->ixns, e->ixn_count, &why);
    if (e->told)
        puts("the core has forgotten those that have ended, and two snapshots are cut without them");
    else
        shown_print(stdout, "left: what the core remembers: %s\n", why.text);
}

/* Refuses to work if another process leads, as that process has the keys. The term is read first: if another process
 * leads later, the term is another one. */
static bool erasing_leads(struct erasing *e, struct error *error)
{
    bool led;
    if (!place_term(e->conf->state, &e->term, &led, error)) return false;
    enum places_role role = places_role(e->conf);
    if (role == PLACES_FOLLOWS)
        return error_set(error, ERROR_STATE, "nothing is erased: this gcxvm follows; ask at the one that leads");
    return role == PLACES_LEADS || !led ||
           error_set(error, ERROR_STATE, "nothing is erased: the journal is led by another gcxvm; ask there");
}

static bool erasing_erase(struct erasing *e, struct error *error)
{
    struct erased outcome = {.rows = calloc(SNAPSHOTS_MAX, sizeof *outcome.rows)};
    if (!outcome.rows) abort();
    if (!erasing_leads(e, error)) {
        free(outcome.rows);
        return false;
    }
    /* the call-backs are withdrawn before the core is asked, so that the core learns of that */
    bool called_back = places_callbacks(e->conf, e->text);
    bool good = erasing_replay(e, error);
    if (good) leave_living(e);
    if (good) forget_in_core(e);
    good = good && erasing_overwrite(e, &outcome, error);
    if (good) erasing_report(e, &outcome);
    good = good && erasing_note(e, &outcome, error);
    if (good && !(places_databases(e->conf, e->text) && called_back))
        good = error_set(error, ERROR_STATE, "something is left in a place above; do the same again");
    free(outcome.rows);
    return good;
}

bool erasing_run(const struct conf *conf, const char *person)
{
    struct erasing e = {.conf = conf, .person = span_of(person), .text = person};
    struct error error = {0};
    char form[PERSON_MAX + 1];
    bool good = false;
    if (sodium_init() < 0) abort();
    setpriority(PRIO_PROCESS, 0, KEEPING_NICE);
    if (!person_form(e.person, conf->country, form) || strlen(form) < 3)
        error_set(&error, ERROR_INPUT, "a number or an address has three characters or more");
    else
        good = keeping_as_owner(conf, &error) && erasing_erase(&e, &error);
    if (!good) shown_print(stderr, "gcxvm: %s\n", error.text);
    keeping_close(&e.journal);
    free(e.owners);
    free(e.calls);
    free(e.ixns);
    free(e.submits);
    free(e.made);
    return good;
}
