/* runtime/adapters/domains/way.c - In the loop: interactions that the core hands to other domains, and those that
 * come from other domains.
 *
 *     source                                  table                     target
 *     PassOn --- DEED_PUT -------------------> row -------- look -----> Submit to its core
 *     EventDone <--- look ---- settled <------ DEED_SETTLE <----------- Reply
 *          '--- DEED_TOLD -------------------> told
 *
 * At each look the thread reads the rows that are for this domain and those of this domain that were settled. If a
 * core, this process or the database goes away, the row stays and the next look finds it; so everything is done at
 * least once, and the ids of the rows prevent a second effect. */
#include "runtime/adapters/domains/passing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/outbox.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/ident.h"
#include "base/memory.h"

#define SECOND_US UINT64_C(1000000)
enum {
    AGAIN_S = 5 /* seconds until a row that the core refused for now is submitted again */,
    SWEEP_S = 600,
    WAITING_MAX = 1000
};

/* A row for this domain: it was submitted, is to be settled, or is to be submitted again at `again_us`. It came at
 * `since_us`. */
struct coming {
    struct passage row;
    struct submit submit; /* number 0: the row is not submitted now */
    uint64_t since_us, again_us;
};

static void coming_free(void *given)
{
    struct coming *coming = given;
    free((void *)(uintptr_t)coming->row.frame.bytes);
    free(coming);
}

/* Frees a `coming`; called by the table of rows. */
void passing_forget(void *coming)
{
    (void)coming;
}

GHashTable *passing_coming_new(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, NULL, coming_free);
}

/* ---- out ---- */

/* Writes the id of a row, which contains the journal: a journal that was begun anew, or another domain with the same
 * number, counts its effects the same way. */
static void passing_name(const struct domain_passing *passing, struct span effect, char id[PASSAGE_ID])
{
    (void)snprintf(id, PASSAGE_ID, "%s%.*s", passing->ids, (int)effect.length, (const char *)effect.bytes);
}

/* Was the row written by this core? `*effect`: the id by which the core knows the row. */
static bool passing_is_own(struct domain_passing *passing, const struct passage *row, const char **effect)
{
    char own[PASSAGE_ID];
    const char *slash = strchr(row->id, '/');
    *effect = slash ? slash + 1 : "";
    passing_name(passing, span_of(*effect), own);
    if (strcmp(own, row->id) == 0) return true;
    if (!passing->told_other)
        passing->services->log(
            passing->link, GCX_LOG_WARNING, 0, 0,
            "%s was handed over by another journal of this domain: a core that was begun anew, or two "
            "domains have the same `partition`",
            row->id);
    passing->told_other = true;
    return false;
}

/* Sends the core the outcome of a row; false: the core has no room for it now. */
static bool passing_answer(struct domain_passing *passing, const struct passage *row, const char *effect)
{
    const char *dash = strrchr(effect, '-');
    uint64_t ixn = 0;
    struct writer *writer = &passing->writer;
    if (!dash || !ident_read_ixn_span((struct span){(const uint8_t *)effect, (uint32_t)(dash - effect)}, &ixn))
        return true; /* no core waits for this id */
    bool taken = row->state == PASSAGE_TAKEN;
    writer_clear(writer);
    writer_begin(writer, KIND_EventDone);
    writer_u(writer, ENVELOPE_ixn, ixn);
    writer_u(writer, ENVELOPE_ref, strtoull(dash + 1, NULL, 10));
    writer_u(writer, EventDone_outcome, taken ? outcome_ok : outcome_error);
    writer_u(writer, EventDone_code, taken ? code_ok : row->code);
    return passing->services->post(passing->link, writer_end(writer));
}

void passing_send(struct domain_passing *passing, const struct message *effect)
{
    struct passing_job *job = passing_job_new(DEED_PUT);
    passing_name(passing, message_text(effect, PassOn_id), job->row.id);
    job->row.source = passing->domain;
    job->row.ixn = message_u(effect, ENVELOPE_ixn);
    job->back = message_u(effect, PassOn_back) != 0;
    job->row.frame.length = effect->frame.length;
    job->row.frame.bytes =
        memcpy(memory_zeroed(effect->frame.length + 1, 1), effect->frame.bytes, effect->frame.length);
    job->wall_us = (int64_t)passing->services->wall_us(passing->link);
    passing_give(passing, job);
}

/* Reports an outcome to the core, and has the row marked as reported when the link has taken the event. If the event is
 * lost with the core, the next core asks for the outcome again. If the core does not take it, the next look finds the
 * row again. */
static void passing_tell(struct domain_passing *passing, const struct passage *row)
{
    const char *effect;
    if (!passing_is_own(passing, row, &effect) || !passing_answer(passing, row, effect)) return;
    struct passing_job *job = passing_job_new(DEED_TOLD);
    job->row = *row;
    job->row.frame = (struct span){0};
    passing_give(passing, job);
}

/* ---- in ---- */

static void passing_submit_put(struct writer *writer, const struct message *passed, const struct coming *coming)
{
    struct span to = message_text(passed, PassOn_to);
    writer_clear(writer);
    writer_begin(writer, KIND_Submit);
    writer_u(writer, ENVELOPE_req, coming->submit.number);
    writer_u(writer, Submit_media, message_u(passed, PassOn_media));
    writer_u(writer, Submit_type, message_u(passed, PassOn_type));
    writer_bytes(writer, Submit_external_id, message_text(passed, PassOn_external_id));
    writer_bytes(writer, Submit_queue, message_text(passed, PassOn_queue));
    writer_u(writer, Submit_online, message_u(passed, PassOn_online));
    writer_bytes(writer, Submit_from, message_text(passed, PassOn_from));
    if (to.length != 0) {
        writer_list_begin(writer, Submit_to);
        writer_list_text(writer, to);
        writer_list_end(writer);
    }
    writer_bytes(writer, Submit_subject, message_text(passed, PassOn_subject));
    writer_bytes(writer, Submit_body, message_text(passed, PassOn_body));
    writer_i(writer, Submit_received, message_i(passed, PassOn_received));
    if (message_has(passed, PassOn_due)) writer_i(writer, Submit_due, message_i(passed, PassOn_due));
    writer_bytes(writer, Submit_data, message_text(passed, PassOn_data));
    writer_text(writer, Submit_passed_on, coming->row.id);
}

/* Has the thread settle the row, which stays in `coming` until that is done. The thread gets a copy; the row stays
 * here so that a look in the meantime does not submit it again. */
static void passing_settle(struct domain_passing *passing, struct coming *coming, enum passage_state state,
                           unsigned code, uint64_t ixn)
{
    struct passing_job *job = passing_job_new(DEED_SETTLE);
    coming->submit.number = 0;
    coming->again_us = UINT64_MAX;
    job->row = coming->row;
    job->row.state = state;
    job->row.code = code;
    job->row.ixn = ixn;
    job->row.frame.bytes =
        memcpy(memory_zeroed(coming->row.frame.length + 1, 1), coming->row.frame.bytes, coming->row.frame.length);
    job->elsewhere = code == code_invalid_dn;
    passing_give(passing, job);
}

/* Submits a row to the core; a row that cannot be read, or is too large for an event, is refused at once, as
 * repeating would not help. */
static void passing_submit(struct domain_passing *passing, struct coming *coming)
{
    struct message passed;
    struct error error;
    struct span frame = coming->row.frame;
    if (!message_read(&passed, frame.bytes, frame.length, &error) || passed.kind != KIND_PassOn) {
        passing_settle(passing, coming, PASSAGE_REFUSED, code_fault, 0);
        return;
    }
    coming->submit.number = submits_number(&passing->submits);
    passing_submit_put(&passing->writer, &passed, coming);
    struct span event = writer_end(&passing->writer);
    if (event.length > MESSAGE_EVENT_MAX)
        passing_settle(passing, coming, PASSAGE_REFUSED, code_too_large, 0);
    else if (passing->services->post(passing->link, event))
        submits_put(&passing->submits, &coming->submit, coming, passing->services->now_us(passing->link));
    else
        coming->submit.number = 0; /* no credit: submitted again at the next look */
}

/* Takes a row of a look; a known row is submitted again only when its time has come. */
static void passing_comes(struct domain_passing *passing, const struct passage *row)
{
    uint64_t now_us = passing->services->now_us(passing->link);
    struct coming *coming = g_hash_table_lookup(passing->coming, row->id);
    if (!coming) {
        coming = memory_zeroed(1, sizeof *coming);
        coming->row = *row;
        coming->since_us = now_us;
        coming->row.frame.bytes = memcpy(memory_zeroed(row->frame.length + 1, 1), row->frame.bytes, row->frame.length);
        g_hash_table_insert(passing->coming, coming->row.id, coming);
    }
    if (coming->submit.number == 0 && coming->again_us <= now_us) passing_submit(passing, coming);
}

/* Takes the core's answer to a submitted row. A temporary refusal is followed by more tries for a while. Any other
 * refusal settles the row as refused. */
void passing_submitted(void *self, void *owner, const struct submit_answer *answer)
{
    struct domain_passing *passing = self;
    struct coming *coming = owner;
    uint64_t now_us = passing->services->now_us(passing->link);
    bool waits = now_us - coming->since_us < passing->setting.back * SECOND_US;
    coming->submit.number = 0;
    if (answer->fate == SUBMIT_TAKEN) {
        if (!answer->before) passing->services->count(passing->link, "taken_over", 1);
        passing->services->log(passing->link, GCX_LOG_INFO, answer->ixn, 0, "%s came from domain %u", coming->row.id,
                               (unsigned)coming->row.source);
        passing_settle(passing, coming, PASSAGE_TAKEN, code_ok, answer->ixn);
    } else if (!answer->replied) {
        coming->since_us = now_us, coming->again_us = 0; /* the next look reports the row again */
    } else if (answer->fate == SUBMIT_LATER && waits) {
        coming->again_us = now_us + AGAIN_S * SECOND_US;
    } else {
        passing->services->log(passing->link, GCX_LOG_WARNING, 0, 0, "%s of domain %u is refused: %s", coming->row.id,
                               (unsigned)coming->row.source, enum_name_code(answer->code));
        passing_settle(passing, coming, PASSAGE_REFUSED, answer->code, 0);
    }
}

void passing_core_up(struct domain_passing *passing)
{
    submits_put_off(&passing->submits, passing->services->now_us(passing->link), 0); /* their answers are lost */
    g_hash_table_remove_all(passing->lent);
    passing->all_loans = false;
    passing->looked_us = 0;
    /* the core must first list the rows for which it waits */
    passing->swept_us = passing->services->now_us(passing->link);
}

/* ---- both ---- */

static void passing_looked(struct domain_passing *passing, const struct passing_job *job)
{
    passing->looks = false;
    if (!job->good || !passing->services->up(passing->link)) return;
    for (guint i = 0; i < job->settled->len; i++) passing_tell(passing, g_ptr_array_index(job->settled, i));
    for (guint i = 0; i < job->due->len; i++) passing_comes(passing, g_ptr_array_index(job->due, i));
    passing_loans(passing, job);
}

/* Takes back a job. A job that failed at the database is repeated. But a look, and the mark that a row was reported,
 * are not repeated: the tick's next look finds all rows without the mark, and a late mark would hide the outcome from a
 * core that has asked for it again meanwhile. */
void passing_done(void *self, void *given)
{
    struct domain_passing *passing = self;
    struct passing_job *job = given;
    passing->services->neighbour(passing->link, "database", job->good, job->error.text);
    if (job->deed == DEED_LOOK) {
        passing_looked(passing, job);
        passing_job_free(job);
        return;
    }
    if (!job->good && job->deed != DEED_TOLD && job->deed != DEED_LOAN_TOLD) {
        g_queue_push_tail(&passing->late, job);
        return;
    }
    if (job->deed == DEED_PUT) passing->services->count(passing->link, "passed_on", 1);
    if (job->deed == DEED_SETTLE) {
        g_hash_table_remove(passing->coming, job->row.id);
        passing->looked_us = 0; /* more rows may have been left */
    }
    passing_job_free(job);
}

/* Starts a look, if none is running. Jobs that failed at the database are repeated first. */
void passing_tick(struct domain_passing *passing)
{
    uint64_t now_us = passing->services->now_us(passing->link);
    if (passing->looks || !passing->services->up(passing->link) ||
        now_us - passing->looked_us < passing->setting.look * 1000)
        return;
    struct passing_job *job;
    while ((job = g_queue_pop_head(&passing->late))) passing_give(passing, job);
    job = passing_job_new(DEED_LOOK);
    int64_t wall_us = (int64_t)passing->services->wall_us(passing->link);
    job->waiting = MIN(g_hash_table_size(passing->coming), WAITING_MAX);
    job->back_us = wall_us - (int64_t)(passing->setting.back * SECOND_US);
    if (now_us - passing->swept_us >= SWEEP_S * SECOND_US) {
        passing->swept_us = now_us;
        job->wall_us = wall_us - (int64_t)(passing->setting.keep * SECOND_US);
    }
    job->all = !passing->all_loans;
    passing->looks = true;
    passing->looked_us = now_us;
    passing_give(passing, job);
}
