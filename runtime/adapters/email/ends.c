/* runtime/adapters/email/ends.c - Asks the core for the ends of e-mails and notes them in the contact store. The
 * thread has its own store; questions and answers are the loop's.
 *
 * A look is a walk over the e-mails that have no end in the store, a page at a time:
 *
 *     ends_core_up, or each LOOK_S    DEED_LIST: the thread reads a page
 *     page_ask()                      the loop asks the core for each of the page: Read (ends->asked)
 *     ends_answered()                 ReadReply: it lives, it has ended, or the core does not know it
 *     the last of the page            the next page, while there are any
 *
 * An answer leads to another deed of the thread: DEED_END notes an end, DEED_NUMBER the core's number, DEED_ANSWER
 * reads an agent's answer so that it is submitted again, DEED_LOST shows it as not sent. DEED_SERVE tells other
 * cores that this one lives.
 *
 * Invariant: `looks` is true while a look is under way, so that there is one at a time. A deed that failed because
 * the store was away waits in `later`, and is given to the thread again each second. */
#include "runtime/adapters/email/ends.h"

#include <assert.h>
#include <glib.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "runtime/adapter/worker.h"
#include "runtime/adapters/email/again.h"
#include "runtime/adapters/email/answer.h"
#include "runtime/adapters/email/email.h"
#include "runtime/store/store.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/controls.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/ident.h"
#include "runtime/vocabulary/memory.h"
#include "runtime/vocabulary/rows.h"

enum { ENDS_PAGE = 50, WORD = 32, LOOK_S = 600, SERVE_S = STORE_LEASE_S / 3 };
#define MEDIA      "email"
#define ON_ITS_WAY INT64_C(3600000000) /* so long a desk may take to submit what it has kept, in microseconds */

enum deed { DEED_SERVE, DEED_LIST, DEED_END, DEED_NUMBER, DEED_ANSWER, DEED_LOST };

struct open { /* an e-mail that has no end in the store */
    uint64_t token, ixn, journal;
    int64_t interaction, received;
    bool machine;       /* a mail that a machine writes: it lives as long as the interaction for which it is written */
    bool out, accepted; /* it goes out; a mail server has taken it */
    bool lost;          /* it was shown as not sent */
    bool erased;        /* of its external id there is a digest, which the core does not know: it is asked by number */
    char *external_id;
};

struct ending { /* what the thread does */
    enum deed deed;
    int64_t interaction, at, after;
    uint64_t ixn, journal;
    unsigned domain;
    bool twin;         /* LIST: another core of the same domain lives, or did until a moment ago */
    char *external_id; /* END: of the interaction; NULL: its number */
    char how[WORD];
    GPtrArray *page;       /* LIST: of struct open */
    struct answer *answer; /* ANSWER: it can be submitted again; NULL: it is shown as not sent */
    bool good;
    struct error error;
};

struct ends {
    struct email *email;
    struct store *store;
    struct worker *worker;
    GHashTable *asked; /* of struct open, by token: the core has not answered yet */
    GQueue later;      /* of struct ending: the store was away */
    GHashTable *again; /* interactions of agents' answers that are submitted again, by the number of the Submit */
    unsigned seconds;
    uint64_t tokens;
    int64_t after; /* the last interaction of the page that is being asked for */
    bool looks, more;
    bool due;    /* the next look: the last one was still under way */
    bool serves; /* it is under way */
    bool second; /* the list is looked at once more, as a twin has its mails till then, or that was done */
};

static void ends_open_free(gpointer data)
{
    struct open *open = data;
    g_free(open->external_id);
    g_free(open);
}

static struct ending *ending_new(struct ends *ends, enum deed deed)
{
    struct ending *ending = memory_zeroed(1, sizeof *ending);
    ending->deed = deed;
    ending->at = (int64_t)ends->email->services->wall_us(ends->email->link);
    ending->journal = ends->email->services->journal(ends->email->link);
    ending->domain = ends->email->services->domain(ends->email->link);
    return ending;
}

static void ending_free(struct ending *ending)
{
    if (ending->page) g_ptr_array_unref(ending->page);
    mail_answer_free(ending->answer);
    g_free(ending->external_id);
    free(ending);
}

/* ---- in the thread ---- */

static void take_open(void *self, const struct store_shown *shown)
{
    struct ending *ending = self;
    struct open *open = g_new0(struct open, 1);
    open->interaction = shown->interaction;
    open->received = shown->received;
    open->journal = shown->journal;
    open->out = span_is(shown->direction, "out");
    open->accepted = span_is(shown->result, "accepted");
    open->lost = span_is(shown->result, KEPT_LOST);
    open->machine = open->out && shown->agent.length == 0;
    open->external_id = g_strndup((const char *)shown->external_id.bytes, shown->external_id.length);
    open->ixn = kept_ixn(shown);
    open->erased = shown->erased != 0 && open->ixn != 0;
    g_ptr_array_add(ending->page, open);
}

static bool end_one(struct store *store, struct ending *ending)
{
    assert(ending->deed == DEED_END && (ending->interaction != 0 || ending->external_id));
    struct store_key key = {.interaction = ending->interaction};
    if (ending->external_id && !store_by_external(store, "", MEDIA, span_of(ending->external_id), &key, &ending->error))
        return false;
    return key.interaction == 0 || store_over(store, key.interaction, ending->how, ending->at, &ending->error);
}

/* Other cores leave alone what is of a core that lives. */
static bool core_lives(struct store *store, struct ending *ending)
{
    return ending->journal == 0 || store_serve(store, ending->journal, ending->domain, &ending->error);
}

/* One deed. It sets `good`, or `error`; a deed may be done twice, as none of them adds anything the second time. */
static void ends_work(void *self, void *job)
{
    struct store *store = ((struct ends *)self)->store;
    struct ending *ending = job;
    switch (ending->deed) {
    case DEED_SERVE:
        ending->good = core_lives(store, ending);
        return;
    case DEED_LIST:
        if (ending->page) g_ptr_array_unref(ending->page); /* it is tried again */
        ending->page = g_ptr_array_new_with_free_func(ends_open_free);
        ending->good = core_lives(store, ending) &&
                       store_has_twin(store, ending->journal, &ending->twin, &ending->error) &&
                       store_unended(store, "", MEDIA, ending->journal, ending->after, ENDS_PAGE, take_open, ending,
                                     &ending->error);
        return;
    case DEED_END:
        ending->good = end_one(store, ending);
        return;
    case DEED_ANSWER:
        ending->answer = mail_answer_read(store, ending->interaction, ending->journal, &ending->error);
        ending->good =
            ending->answer || (ending->error.code == ERROR_NONE &&
                               keep_lost(store, ending->interaction, ending->journal, ending->at, &ending->error));
        return;
    case DEED_LOST:
        ending->good = keep_lost(store, ending->interaction, ending->journal, ending->at, &ending->error);
        return;
    case DEED_NUMBER:
        ending->good = keep_submitted(store, ending->interaction, ending->journal, ending->ixn, &ending->error);
    }
}

/* ---- in the loop: what the core is asked ---- */

static void list_next(struct ends *ends)
{
    assert(ends->looks);
    struct ending *ending = ending_new(ends, DEED_LIST);
    ending->after = ends->after;
    worker_give(ends->worker, ending);
}

static void end_it(struct ends *ends, const struct open *open, const char *how)
{
    assert(open->interaction != 0 && *how);
    struct ending *ending = ending_new(ends, DEED_END);
    ending->interaction = open->interaction;
    text_set(ending->how, sizeof ending->how, how);
    worker_give(ends->worker, ending);
}

static bool is_asked_by_number(const struct open *open)
{
    return open->machine || open->erased;
}

/* False: the core is away; it is asked when it is back. */
static bool core_asked(struct ends *ends, struct open *open)
{
    struct email *email = ends->email;
    char number[IXN_TEXT];
    open->token = ++ends->tokens;
    ixn_print(open->ixn, number);
    writer_clear(&email->writer);
    writer_begin(&email->writer, KIND_Read);
    writer_u(&email->writer, Read_token, open->token);
    writer_u(&email->writer, Read_what, object_interaction);
    writer_text(&email->writer, Read_name, is_asked_by_number(open) ? number : open->external_id);
    writer_u(&email->writer, Read_external, !is_asked_by_number(open));
    if (!email->services->read(email->link, writer_end(&email->writer))) return false;
    g_hash_table_insert(ends->asked, &open->token, open);
    return true;
}

/* The page's e-mails go to `asked`; one whose number is another's now is not asked for, as the answer would be about
 * that one. */
static void page_ask(struct ends *ends, struct ending *ending)
{
    assert(ending->deed == DEED_LIST && ending->page);
    GPtrArray *page = ending->page;
    ends->more = page->len == ENDS_PAGE;
    while (page->len > 0) {
        struct open *open = g_ptr_array_steal_index(page, 0);
        ends->after = open->interaction;
        bool others = is_asked_by_number(open) && open->journal != 0 && open->journal != ending->journal;
        if (others) end_it(ends, open, open->out ? KEPT_LOST : "ended"); /* its number is another one's now */
        if (others || !core_asked(ends, open)) ends_open_free(open);
    }
    if (g_hash_table_size(ends->asked) > 0) return;
    ends->looks = ends->more;
    if (ends->more) list_next(ends);
}

static void lost_log(const struct ends *ends, int64_t interaction, const char *why)
{
    ends->email->services->log(ends->email->link, GCX_LOG_WARNING, 0, 0,
                               "interaction %lld of the contact store is an agent's answer that was not sent: the core "
                               "does not know it, as its state was lost%s",
                               (long long)interaction, why);
}

/* If the core is away, the answer is looked at again when the core is back. */
static void answer_submit(struct ends *ends, const struct answer *answer)
{
    assert(answer->queue && answer->to && answer->to[0]); /* mail_answer_read() gives no other */
    struct email *email = ends->email;
    uint64_t req = ++email->requests;
    answer_write(&email->writer, answer, req, (int64_t)email->services->wall_us(email->link));
    if (!email_post(email)) return;
    int64_t *of = g_new(int64_t, 2);
    of[0] = (int64_t)req;
    of[1] = answer->interaction;
    g_hash_table_replace(ends->again, of, of);
}

/* A deed is over: its consequences are drawn, or it waits for the store, or the log is told. */
static void ends_done(void *self, void *job)
{
    struct ends *ends = self;
    struct ending *ending = job;
    if (ending->deed == DEED_SERVE) {
        ends->serves = false; /* where it went wrong the probe tells that the store is away */
        ending_free(ending);
        return;
    }
    if (ending->good && ending->twin && !ends->second) {
        ends->second = true;
        ends->seconds = LOOK_S - STORE_LEASE_S - 2;
    }
    if (ending->good && ending->deed == DEED_ANSWER && ending->answer)
        answer_submit(ends, ending->answer);
    else if (ending->good && ending->deed == DEED_ANSWER)
        lost_log(ends, ending->interaction, "; the contact store has not all that it needs to be submitted again");
    if (ending->good && ending->deed == DEED_LIST && ends->looks) page_ask(ends, ending);
    if (!ending->good && store_again(&ending->error)) {
        g_queue_push_tail(&ends->later, ending);
        return;
    }
    if (!ending->good)
        ends->email->services->log(ends->email->link, GCX_LOG_WARNING, 0, 0, "an end is not noted: %s",
                                   ending->error.text);
    if (!ending->good && ending->deed == DEED_LIST) ends->looks = false; /* the next look asks for it again */
    ending_free(ending);
}

/* The process ends. An interaction that the core has ended is noted all the same: with another state the core could not
 * say so again, and the mail would be taken as one that nobody has answered. */
static void ends_dropped(void *self, void *job)
{
    struct ending *ending = job;
    if (!ending->good && ending->deed != DEED_LIST && ending->deed != DEED_SERVE) ends_work(self, ending);
    ending_free(ending);
}

/* The number of an interaction that the store has under none, or under that of a core whose state was lost. */
static void note_number(struct ends *ends, const struct open *open, struct span id)
{
    assert(open->interaction != 0);
    char text[WORD];
    unsigned partition;
    uint64_t counter;
    if (!text_set_span(text, sizeof text, id) || sscanf(text, "%u-%" SCNx64, &partition, &counter) != 2) return;
    uint64_t ixn = (uint64_t)partition << 48 | counter;
    if (ixn == open->ixn && open->journal == ends->email->services->journal(ends->email->link)) return;
    struct ending *ending = ending_new(ends, DEED_NUMBER);
    ending->interaction = open->interaction;
    ending->ixn = ixn;
    worker_give(ends->worker, ending);
}

/* The core had a mail that came, and may have forgotten it: it remembers some tens of thousands of those that have
 * ended. False: the state was put back from a copy that is older than the mail, and bears no mark of that. Such a core
 * gives numbers a second time, and nobody can tell then whose this one is. An answer that no mail server has taken is
 * submitted again in either case: its external id makes it one. */
static bool may_have_ended(const struct ends *ends, const struct open *open, struct span value)
{
    struct kv_value newest, forgets;
    char text[WORD];
    unsigned partition;
    uint64_t counter;
    if (open->ixn == 0 || open->journal != ends->email->services->journal(ends->email->link)) return false;
    if (!kv_get(value, "forgets", &forgets)) return false;
    return kv_get(value, "newest", &newest) && text_set_span(text, sizeof text, newest.span) &&
           sscanf(text, "%u-%" SCNx64, &partition, &counter) == 2 && open->ixn <= ((uint64_t)partition << 48 | counter);
}

/* One of a store of before, which did not note the journal, may have ended long ago. */
static bool is_astray(const struct ends *ends, const struct open *open)
{
    return open->ixn != 0 && open->journal != 0 && open->journal == ends->email->services->journal(ends->email->link);
}

/* The core does not know it. */
static void ends_is_unknown(struct ends *ends, const struct open *open, struct span value)
{
    const struct email *email = ends->email;
    int64_t age_us = (int64_t)email->services->wall_us(email->link) - open->received;
    if (open->accepted) {
        end_it(ends, open, "ended");
    } else if (!open->out && may_have_ended(ends, open, value)) {
        email->services->log(email->link, GCX_LOG_WARNING, open->ixn, 0,
                             "reconcile: interaction %lld of the contact store is taken for one that has ended: the "
                             "core had one with this number, and has forgotten all but those that ended last",
                             (long long)open->interaction);
        end_it(ends, open, "ended");
    } else if (open->out && (open->ixn != 0 || age_us > ON_ITS_WAY)) {
        /* One without a number was perhaps refused, and the agent was told so: it is not sent behind their back. */
        struct ending *ending = ending_new(ends, open->ixn != 0 && !open->lost ? DEED_ANSWER : DEED_LOST);
        ending->interaction = open->interaction;
        if (ending->deed == DEED_LOST) lost_log(ends, open->interaction, "");
        worker_give(ends->worker, ending);
    } else if (!open->out && is_astray(ends, open)) {
        again_astray(email->again, open->interaction);
    }
}

/* It is refused whenever it comes. All else may pass: a queue that is missing is made, a core that drains goes on. */
static bool is_for_good(unsigned code)
{
    return code == code_fault || code == code_invalid_attribute || code == code_invalid || code == code_too_large ||
           code == code_bad_body || code == code_unsupported ||
           code == code_no_privilege; /* others have the mail that it answers */
}

static void answer_refused(struct ends *ends, int64_t interaction, unsigned code)
{
    char why[160];
    if (!is_for_good(code)) {
        ends->email->services->log(ends->email->link, GCX_LOG_WARNING, 0, 0,
                                   "reconcile: interaction %lld of the contact store, an agent's answer, is not known "
                                   "to the core, which refuses it now (%s): it is asked again in %d s at most",
                                   (long long)interaction, enum_name_code(code), LOOK_S);
        return;
    }
    snprintf(why, sizeof why, "; and it is refused now (%s)", enum_name_code(code));
    lost_log(ends, interaction, why);
    struct ending *ending = ending_new(ends, DEED_LOST);
    ending->interaction = interaction;
    worker_give(ends->worker, ending);
}

/* The core has answered a Submit of answer_submit(): the store learns the number, or that the answer is lost. */
void ends_submitted(struct ends *ends, const struct message *reply)
{
    int64_t req = (int64_t)message_u(reply, ENVELOPE_req);
    const int64_t *of = g_hash_table_lookup(ends->again, &req);
    unsigned outcome = (unsigned)message_u(reply, Reply_outcome);
    if (!of) return;
    if (outcome != outcome_ok && outcome != outcome_duplicate) {
        answer_refused(ends, of[1], (unsigned)message_u(reply, Reply_code));
        g_hash_table_remove(ends->again, &req);
        return;
    }
    struct ending *ending = ending_new(ends, DEED_NUMBER);
    ending->interaction = of[1];
    ending->ixn = message_u(reply, ENVELOPE_ixn);
    if (outcome == outcome_ok)
        ends->email->services->log(ends->email->link, GCX_LOG_WARNING, ending->ixn, 0,
                                   "reconcile: interaction %lld of the contact store, an agent's answer, was not known "
                                   "to the core: it is submitted again",
                                   (long long)ending->interaction);
    worker_give(ends->worker, ending);
    g_hash_table_remove(ends->again, &req);
}

/* An e-mail that the core knows by number alone has ended when the core says nothing of it. */
static void one_answered(struct ends *ends, const struct open *open, struct span value)
{
    assert(open->token != 0); /* it was asked for */
    struct kv_value found;
    if (is_asked_by_number(open) && !kv_get(value, "state", &found))
        end_it(ends, open, open->machine ? KEPT_LOST : "ended");
    else if (is_asked_by_number(open))
        return;
    else if (kv_get(value, "id", &found) && found.tag == KV_TEXT)
        note_number(ends, open, found.span);
    else if (kv_get(value, "ended", &found))
        end_it(ends, open, "ended");
    else
        ends_is_unknown(ends, open, value);
}

void ends_answered(struct ends *ends, const struct message *read)
{
    uint64_t token = message_u(read, ReadReply_token);
    struct open *open = g_hash_table_lookup(ends->asked, &token);
    if (!open) return;
    one_answered(ends, open, message_text(read, ReadReply_value));
    g_hash_table_remove(ends->asked, &token);
    if (g_hash_table_size(ends->asked) > 0) return;
    ends->looks = ends->more;
    if (ends->more) list_next(ends);
}

void ends_core_up(struct ends *ends, bool up)
{
    g_hash_table_remove_all(ends->asked);
    g_hash_table_remove_all(ends->again);
    ends->looks = up;
    ends->due = ends->second = false;
    ends->after = 0;
    if (up) list_next(ends);
}

void ends_told(struct ends *ends, const struct message *effect)
{
    struct ending *ending = ending_new(ends, DEED_END);
    struct span external = message_text(effect, EventEnded_external_id);
    ending->external_id = g_strndup((const char *)external.bytes, external.length);
    text_set_span(ending->how, sizeof ending->how, message_text(effect, EventEnded_how));
    worker_give(ends->worker, ending);
}

/* Each second. The lease is renewed thrice in its time, so that one that fails does no harm. */
void ends_tick(struct ends *ends)
{
    for (guint count = g_queue_get_length(&ends->later); count > 0; count--)
        worker_give(ends->worker, g_queue_pop_head(&ends->later));
    if (!ends->serves && ends->seconds % SERVE_S == 0 && ends->email->services->up(ends->email->link)) {
        ends->serves = true;
        worker_give(ends->worker, ending_new(ends, DEED_SERVE));
    }
    if (++ends->seconds % LOOK_S == 0) ends->due = true;
    if (!ends->due || ends->looks || !ends->email->services->up(ends->email->link)) return;
    ends->due = false;
    ends->looks = true;
    ends->after = 0;
    list_next(ends);
}

/* ---- coming and going ---- */

struct ends *ends_new(struct email *email, struct event_base *base, char *why, size_t why_size)
{
    struct ends *ends = memory_zeroed(1, sizeof *ends);
    struct worker_calls calls = {ends, ends_work, ends_done, ends_dropped, NULL};
    struct error error;
    ends->email = email;
    ends->asked = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, ends_open_free);
    ends->again = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    g_queue_init(&ends->later);
    ends->store = store_open(email->setting.store, &(struct store_options){.country = NULL}, &error);
    if (!ends->store) snprintf(why, why_size, "store: %s", error.text);
    if (ends->store && (ends->worker = worker_new(base, &calls))) return ends;
    if (ends->store) snprintf(why, why_size, "no thread can be had");
    ends_free(ends);
    return NULL;
}

void ends_free(struct ends *ends)
{
    if (!ends) return;
    worker_free(ends->worker);
    for (struct ending *ending; (ending = g_queue_pop_head(&ends->later));) ends_dropped(ends, ending);
    g_hash_table_destroy(ends->asked);
    g_hash_table_destroy(ends->again);
    if (ends->store) store_close(ends->store);
    free(ends);
}
