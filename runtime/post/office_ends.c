/* runtime/post/office_ends.c - Notes in the contact store that items which are interactions of their own have ended:
 * without an end they would never expire. The core reports each end, and is asked about those that ended while this
 * adapter was away. Conversations note their own ends, and the core is asked about those whose process could not do
 * that. An item to a customer ends when its result is known. */
#include <string.h>

#include "runtime/post/office_state.h"
#include "runtime/post/unended.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/ident.h"
#include "runtime/vocabulary/rows.h"

#define RECALL_US      INT64_C(600000000) /* how long an item may take until the core has it */
#define TALK_BEGINS_US INT64_C(60000000)  /* how long another process may take to submit a conversation */
/* how long a desktop may take to submit an answer that it has kept, in microseconds */
#define ANSWER_GOES_US INT64_C(3600000000)
/* how long the other side may keep an item that was not accepted, in microseconds */
#define BROUGHT_AGAIN INT64_C(259200000000)

/* Is it an item that is an interaction of its own? The book gives such items the name NAME-NUMBER-TIME. */
static bool is_alone_in(const struct office *office, const char *external_id)
{
    if (office->way->read) return true; /* items of a way with read() have the names that the other side gave them */
    size_t length = strlen(office->way->name);
    return strncmp(external_id, office->way->name, length) == 0 && external_id[length] == '-' &&
           external_id[length + 1] >= '0' && external_id[length + 1] <= '9';
}

/* Is the name that of a conversation? An erased row has a digest for its name, which may look like that of a
 * conversation. */
static bool is_talk(const struct office *office, const char *name)
{
    return office->talks.has && strspn(name, "0123456789abcdef") == POST_TALK_NAME && name[POST_TALK_NAME] == 0;
}

void ends_of_item(struct office *office, const struct message *effect)
{
    struct post_coming *job = office_job(office, OFFICE_END);
    text_set_span(job->name, sizeof job->name, message_text(effect, EventEnded_external_id));
    text_set_span(job->state, sizeof job->state, message_text(effect, EventEnded_how));
    if (is_alone_in(office, job->name))
        office_job_give(job);
    else
        post_coming_free(job);
}

/* Must the core be asked about this row now? An item that the core was not told of may still be with the other side,
 * and come again. If the way can read the item from the store, the core is asked sooner, except about an item that may
 * just be on its way to the core. */
static bool is_due(const struct office *office, const struct unended_row *row)
{
    int64_t age_us = office_wall(office) - row->received;
    if (row->told || row->out) return true;
    if (is_talk(office, row->external_id) || (row->erased && office->talks.has)) return age_us >= TALK_BEGINS_US;
    if (row->erased) return false;
    return office->way->again ? row->received < office->up_wall || age_us > RECALL_US : age_us >= BROUGHT_AGAIN;
}

/* Is the core asked by the interaction's number? The item of a machine lives as long as the interaction for which it
 * was written; an agent's answer is an interaction of its own. */
static bool is_asked_by_number(const struct unended_row *row)
{
    return (row->out && !row->by_agent) || (row->erased && row->told);
}

static bool ends_ask(void *self, const struct unended_row *row, struct writer *writer, const char **result)
{
    const struct office *office = self;
    bool talk = is_talk(office, row->external_id), by_number = is_asked_by_number(row);
    if (row->out && !office->way->not_sent) return false;
    if (talk && office->talks.has(office->talks.self, row->external_id)) return false;
    if (!row->erased && !talk && !is_alone_in(office, row->external_id)) return false;
    if (!is_due(office, row) || g_hash_table_contains(office->hopeless, &row->interaction)) return false;
    bool anothers = row->journal != 0 && row->journal != office->services->journal(office->link);
    if (by_number && (anothers || !row->told)) { /* the number belongs to another interaction now */
        *result = row->out ? POST_NOT_SENT : "lost";
        return false;
    }
    writer_u(writer, Read_what, object_interaction);
    writer_text(writer, Read_name, by_number ? row->ixn : row->external_id);
    writer_u(writer, Read_external, !by_number);
    return true;
}

/* Notes the number that the core has given to the item, if the store has another or none. */
static void ends_note_number(struct office *office, const struct unended_row *row, struct span id)
{
    char text[IXN_TEXT + 1];
    uint64_t journal = office->services->journal(office->link), ixn;
    if (!text_set_span(text, sizeof text, id) || !ident_read_ixn(text, &ixn)) return;
    if (row->told && row->journal == journal && strcmp(row->ixn, text) == 0) return;
    struct post_coming *job = office_job_about(office, OFFICE_NUMBER, row->interaction);
    job->ixn = ixn;
    text_set(job->item->external_id, sizeof job->item->external_id, row->external_id);
    office_job_give(job);
}

static bool ends_full(void *self)
{
    return ((const struct office *)self)->gaps >= OFFICE_RECALLS;
}

/* Gives the item to the core once more, under its external id, because the core's state was lost. */
static const char *ends_again(struct office *office, const struct unended_row *row)
{
    office->gaps++;
    office_job_give(office_job_about(office, OFFICE_AGAIN, row->interaction));
    return NULL;
}

/* Decides what becomes of an agent's answer. An answer without a number was perhaps refused, and the agent was told so:
 * it is not sent without the agent's knowledge. */
static const char *ends_of_answer(struct office *office, const struct unended_row *row)
{
    bool was_not_sent = strcmp(row->result, POST_NOT_SENT) == 0;
    if (strcmp(row->result, post_out_shown(POST_OUT_given)) == 0) return "ended";
    if (row->told && !was_not_sent) return ends_again(office, row);
    if (row->told || office_wall(office) - row->received > ANSWER_GOES_US)
        office_not_sent(office, row->interaction, row->external_id);
    return NULL;
}

/* The core's EventEnded about an item was lost. Returns the core's word for how the item ended, of its answer; "ended"
 * where the core does not know it any more. */
static const char *ends_how(struct span answer)
{
    static const char *const words[] = {
#define OUTCOME(name, shown, told) told,
#include "runtime/vocabulary/outcomes.def"
#undef OUTCOME
    };
    struct kv_value how;
    for (size_t i = 0; kv_get(answer, "how", &how) && i < sizeof words / sizeof *words; i++)
        if (span_is(how.span, words[i])) return words[i];
    return "ended";
}

static const char *ends_became(void *self, const struct unended_row *row, struct span answer)
{
    struct office *office = self;
    struct kv_value found;
    bool talk = is_talk(office, row->external_id);
    if (!row->erased && !talk && kv_get(answer, "id", &found) && found.tag == KV_TEXT)
        ends_note_number(office, row, found.span);
    if (kv_get(answer, "state", &found)) return NULL;
    if (row->out && is_asked_by_number(row)) return row->by_agent ? "ended" : POST_NOT_SENT;
    if (talk) return kv_get(answer, "ended", &found) ? "ended" : "lost";
    if (kv_get(answer, "ended", &found)) return ends_how(answer);
    if (row->out) return ends_of_answer(office, row);
    if (unended_may_have_ended(row, office->services->journal(office->link), answer)) return "ended";
    if (row->erased || (!office->way->again && (!row->told || row->journal == 0))) return "lost";
    return ends_again(office, row);
}

static void name_seen(void *self, const struct store_shown *shown)
{
    text_set_span(self, POST_ID, shown->external_id);
}

static bool ends_note(void *self, struct store *store, int64_t interaction, const char *result, int64_t wall_us,
                      struct error *error)
{
    const struct office *office = self;
    char name[POST_ID] = "";
    if (office->talks.has && !store_interaction(store, interaction, name_seen, name, error)) return false;
    return is_talk(office, name) ? office->talks.end(store, interaction, result, wall_us, error)
                                 : post_item_end(store, interaction, result, wall_us, error);
}

/* Writes a summary to the log once a look has found and repaired all items. */
void ends_summary(struct office *office)
{
    unsigned all = office->regained + office->orphans;
    if (office->gaps > 0 || all == 0 || unended_looks(office->unended)) return;
    office->services->log(office->link, office->orphans > 0 ? GCX_LOG_ERROR : GCX_LOG_WARNING, 0, 0,
                          "reconcile: %u %ss that the contact store has open were not known to the core: %u of them are"
                          " now",
                          all, office->way->noun, office->regained);
    office->regained = office->orphans = 0;
}

/* ---- interactions that are alive in the core ---- */

void ends_lives(struct office *office, const struct message *restore)
{
    struct span name = message_text(restore, Restore_external_id);
    if (name.length == 0) return;
    struct post_coming *job = office_job(office, OFFICE_LIVES);
    job->ixn = message_u(restore, ENVELOPE_ixn);
    text_set_span(job->name, sizeof job->name, name);
    office_job_give(job);
}

void ends_stop(struct office *office, const char *external_id, const char *reason)
{
    struct writer *writer = &office->writer;
    writer_clear(writer);
    writer_begin(writer, KIND_RequestStop);
    writer_text(writer, RequestStop_external_id, external_id);
    writer_text(writer, RequestStop_reason, reason);
    outbox_post(&office->outbox, writer_end(writer));
}

/* Takes the state of an item that is alive in the core. If the item has ended in the contact store, the core's state is
 * an old one. The core is told to stop, because the customer would get a second answer. */
void ends_lives_done(struct office *office, struct post_coming *job)
{
    bool ended = job->good && strcmp(job->state, "ended") == 0;
    if (!job->good) {
        if (job->parked_us == 0)
            office->services->log(office->link, GCX_LOG_ERROR, job->ixn, 0, "reconcile: %s", job->error.text);
        if (office_job_again(office, job)) return; /* the core names the item only once */
    } else if (ended || !*job->state) {
        office->services->log(office->link, GCX_LOG_WARNING, job->ixn, 0, "reconcile: %s %s %s", office->way->noun,
                              job->name,
                              ended ? "has ended since: it is ended"
                                    : "is in the core, and the contact store has nothing of it: gcxctl end ends it");
    }
    if (ended) ends_stop(office, job->name, "it has ended in the contact store");
    post_coming_free(job);
}

static void ends_give(void *office, const struct post_errand *errand)
{
    office_errand(office, errand);
}

void ends_open(struct office *office)
{
    const struct unended_calls calls = {office, ends_ask, ends_became, ends_note};
    office->unended = unended_new(office->link, office->services, office->way->name, &calls, ends_give);
    unended_limit(office->unended, ends_full);
}

void ends_close(struct office *office)
{
    unended_free(office->unended);
}
