/* runtime/adapters/dialer/book_job.c - Does jobs on the calling lists, one at a time, in the dialer's thread.
 *
 * Each job has four steps: the session of the core's journal is set; the lists are opened, if it is time to try;
 * records that this dialer took under an earlier journal are given back (book_settle); then the job's own work is
 * done. */
#include "runtime/adapters/dialer/book.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/adapter/gcx_adapter.h"
#include "runtime/vocabulary/effects_list.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/ident.h"
#include "runtime/vocabulary/person.h"
#include "runtime/vocabulary/denied.h"

#define OVERDUE_US (INT64_C(300) * SECOND_US) /* a record that was due so long ago is overdue */

void job_free(struct book_job *job)
{
    if (job->records) g_ptr_array_unref(job->records);
    if (job->useless) g_array_unref(job->useless);
    if (job->newer) g_ptr_array_unref(job->newer);
    if (job->counted) g_array_unref(job->counted);
    kv_free(&job->value);
    free(job->frame);
    free(job);
}

/* ---- FetchRecords ---- */

struct taking {
    struct book *book;
    struct book_job *job;
    uint64_t ref;
};

static void book_take_record(void *self, const struct lists_record *record)
{
    struct taking *taking = self;
    handed_put(taking->book, taking->job, record, taking->ref);
}

/* Cancels records whose numbers were put on the do-not-call list since the import, so that their chains go on. */
static bool book_sweep(struct book *book, struct book_job *job, int64_t list, const struct terms *terms)
{
    int64_t count;
    if (terms->swept) return true;
    ((struct terms *)(uintptr_t)terms)->swept = lists_sweep(book->lists, list, job->wall_us, &count, &job->error);
    return terms->swept;
}

static struct lists_selection *book_selected(struct book *book, struct book_job *job, int64_t list, unsigned filter,
                                             unsigned order)
{
    struct span filtered = message_text(&job->effect, filter), ordered = message_text(&job->effect, order);
    char *by = g_strndup((const char *)filtered.bytes, filtered.length);
    char *in = g_strndup((const char *)ordered.bytes, ordered.length);
    struct lists_selection *selection = lists_select(book->lists, list, by, in, &job->error);
    g_free(by);
    g_free(in);
    return selection;
}

static bool list_there(struct book *book, struct book_job *job, const struct terms *terms, int64_t *list)
{
    bool good = lists_find(book->lists, book->setting->tenant, terms->list, list, &job->error);
    if (!book_went(book, job, good) || *list != 0) return good;
    error_set(&job->error, ERROR_UNKNOWN, "there is no calling list '%s'; gcxlists import makes it", terms->list);
    job->code = code_invalid;
    return false;
}

/* Notes the filter and order by which the campaign fetches. */
static void terms_fetch(struct book *book, const struct book_job *job)
{
    struct span name = message_text(&job->effect, FetchRecords_campaign);
    struct span filter = message_text(&job->effect, FetchRecords_filter);
    struct span order = message_text(&job->effect, FetchRecords_order);
    char *campaign = g_strndup((const char *)name.bytes, name.length);
    struct terms *terms = g_hash_table_lookup(book->campaigns, campaign);
    assert(terms); /* book_terms() has noted the terms of this list */
    g_free(terms->filter);
    g_free(terms->order);
    terms->fetches = true;
    terms->filter = g_strndup((const char *)filter.bytes, filter.length);
    terms->order = g_strndup((const char *)order.bytes, order.length);
    g_free(campaign);
}

/* Takes records of the list that may be dialled now for the session, in the campaign's order. */
static bool book_portion(struct book *book, struct book_job *job, int64_t list, const struct terms *terms)
{
    assert(terms && book->lists); /* book_do() has opened the lists */
    struct span name = message_text(&job->effect, FetchRecords_campaign);
    char *campaign = g_strndup((const char *)name.bytes, name.length);
    struct taking taking = {book, job, message_u(&job->effect, ENVELOPE_ref)};
    struct lists_selection *selection = book_selected(book, job, list, FetchRecords_filter, FetchRecords_order);
    struct lists_portion wanted = {
        .selection = selection,
        .session = book_session(book),
        .campaign = campaign,
        .ref = (int64_t)taking.ref,
        .count = (unsigned)MIN(message_u(&job->effect, FetchRecords_count), (uint64_t)LISTS_PORTION_MAX),
        .terms = terms->lists,
        .now = job->wall_us,
    };
    bool good = selection && lists_fetch(book->lists, &wanted, book_take_record, &taking, &job->error);
    lists_select_end(selection);
    g_free(campaign);
    return good;
}

static void book_unload(struct book *book, struct book_job *job)
{
    struct span name = message_text(&job->effect, FetchRecords_campaign);
    char *campaign = g_strndup((const char *)name.bytes, name.length);
    struct lists_released released;
    if (book_went(book, job,
                  lists_unload(book->lists, book_session(book), campaign, job->wall_us, &released, &job->error))) {
        struct terms *terms = g_hash_table_lookup(book->campaigns, campaign);
        if (terms) terms->swept = terms->fetches = false;
        snprintf(job->note, sizeof job->note, "campaign %s: %lld records given back", campaign,
                 (long long)released.back);
        job->level = GCX_LOG_INFO;
    }
    g_free(campaign);
}

static void book_fetch(struct book *book, struct book_job *job)
{
    int64_t list;
    if (message_u(&job->effect, FetchRecords_count) == 0) {
        book_unload(book, job);
        return;
    }
    const struct terms *terms = book_terms(book, job, FetchRecords_campaign, FetchRecords_terms);
    if (!terms || !list_there(book, job, terms, &list)) return;
    terms_fetch(book, job);
    if (!book_went(book, job, book_sweep(book, job, list, terms) && book_portion(book, job, list, terms)) &&
        !job->failed)
        job->code = code_invalid; /* the campaign's filter or order is not valid */
}

/* ---- CheckList ---- */

static void book_check_list(struct book *book, struct book_job *job)
{
    int64_t list;
    const struct terms *terms = book_terms(book, job, CheckList_campaign, CheckList_terms);
    if (!terms || !list_there(book, job, terms, &list)) return;
    struct lists_selection *selection = book_selected(book, job, list, CheckList_filter, CheckList_order);
    if (!book_went(book, job, selection != NULL) && !job->failed) job->code = code_invalid;
    lists_select_end(selection);
}

/* ---- CheckRecord ---- */

/* The last check before a call: the rules of the list, and the present do-not-call list. */
static void book_check(struct book *book, struct book_job *job)
{
    const struct terms *terms = book_terms(book, job, CheckRecord_campaign, CheckRecord_terms);
    char number[17];
    enum lists_answer given;
    if (!terms) return;
    if (person_number(message_text(&job->effect, CheckRecord_number), book->setting->country, number)) {
        given = book_refused(book, job, number);
        if (given == LISTS_done)
            given = lists_check(book->lists, (int64_t)message_u(&job->effect, CheckRecord_record), number,
                                &terms->lists, job->wall_us, &job->error);
    } else {
        error_set(&job->error, ERROR_INPUT,
                  "it cannot be looked for on the do-not-call list; country says how to read it");
        given = LISTS_wrong;
    }
    book_answer(book, job, given);
}

/* ---- AddRecord ---- */

/* Returns the column of a record that is given under the name of a field; NULL: it is a field of the list. */
static struct span *added_column(struct lists_row *row, struct span key)
{
#define ADDED(column)                                                                                                  \
    if (span_is(key, #column)) return &row->column;
#include "runtime/vocabulary/contract.def"
    return NULL;
}

struct added {
    struct lists_row row;
    struct lists_text fields[LISTS_FIELDS_MAX];
    char names[LISTS_FIELDS_MAX][LISTS_WORD_MAX + 1], due[40];
    char numbers[LISTS_FIELDS_MAX + 4][24]; /* texts of numbers, in fields and in columns */
};

/* False: the effect has a field that no list could have. */
static bool added_read(struct added *added, const struct message *effect, struct error *error)
{
    struct kv_value fields = {.tag = KV_NONE};
    struct kv_pair pair;
    size_t count = 0, numbers = 0;
    (void)kv_get(message_text(effect, AddRecord_fields), "fields", &fields);
    enum contract_why why = fields.tag == KV_LIST ? denied_fields(fields.span) : WHY_none;
    if (why != WHY_none) return error_set(error, ERROR_INPUT, "%s", denied_words(why));
    for (uint32_t at = 0; fields.tag == KV_LIST && kv_next(fields.span, &at, &pair);) {
        struct span value = pair.value.span, *column = added_column(&added->row, pair.key);
        if (pair.value.tag == KV_NONE) continue;
        if (pair.value.tag == KV_INT) {
            char *digits = added->numbers[MIN(numbers, G_N_ELEMENTS(added->numbers) - 1)];
            snprintf(digits, sizeof *added->numbers, "%lld", (long long)pair.value.word);
            value = span_of(digits);
            numbers++;
        }
        if (column)
            *column = value;
        else {
            (void)text_set_span(added->names[count], sizeof added->names[count], pair.key);
            added->fields[count] = (struct lists_text){added->names[count], value};
            count++;
        }
    }
    added->row.fields = added->fields;
    added->row.field_count = count;
    return true;
}

static void added_due(struct added *added, int64_t us)
{
    time_t seconds = (time_t)(us / SECOND_US);
    struct tm tm;
    if (us <= 0 || !gmtime_r(&seconds, &tm)) return;
    strftime(added->due, sizeof added->due, "%Y-%m-%d %H:%MZ", &tm);
    added->row.due = span_of(added->due);
}

/* Refuses a record that the list does not take: `why` gives the words of the error and the exit of the step. */
static void book_add_refused(struct book *book, struct book_job *job, enum contract_why why)
{
    error_set(&job->error, ERROR_INPUT, "%s", denied_words(why));
    book_answer(book, job, LISTS_wrong);
    job->code = denied_exit("dialer", why);
}

/* Adds a record. If the list has the number already, the same effect may have added it before, and its answer was
 * lost. */
static enum lists_answer book_add_to(struct book *book, struct book_job *job, const char *list)
{
    const struct lists_form form = {.country = book->setting->country};
    struct added *added = g_new0(struct added, 1);
    int64_t number = 0, record;
    enum lists_answer given = LISTS_wrong;
    added->row.number = message_text(&job->effect, AddRecord_number);
    added_due(added, message_i(&job->effect, AddRecord_due));
    if (!lists_find(book->lists, book->setting->tenant, list, &number, &job->error))
        given = LISTS_failed;
    else if (number == 0)
        error_set(&job->error, ERROR_UNKNOWN, "%s: '%s'", denied_words(WHY_list), list);
    else if (added_read(added, &job->effect, &job->error))
        given = lists_add(book->lists, number, &form, &added->row, job->wall_us, &record, &job->error);
    g_free(added);
    return given == LISTS_duplicate ? LISTS_done : given;
}

static void book_add(struct book *book, struct book_job *job)
{
    char list[LISTS_WORD_MAX + 1], number[PERSON_NUMBER];
    struct span name = message_text(&job->effect, AddRecord_list);
    if (!text_set_span(list, sizeof list, name))
        book_add_refused(book, job, WHY_list);
    else if (!person_number(message_text(&job->effect, AddRecord_number), book->setting->country, number))
        book_add_refused(book, job, WHY_number);
    else
        book_answer(book, job,
                    *list ? book_add_to(book, job, list)
                          : book_block(book, job, message_text(&job->effect, AddRecord_number)));
}

/* ---- NoteConsent ---- */

/* A consent that is noted twice stays one, and one that ends twice has ended. */
static void book_consent(struct book *book, struct book_job *job)
{
    const struct message *effect = &job->effect;
    char number[PERSON_NUMBER];
    int64_t ended;
    if (!person_number(message_text(effect, NoteConsent_number), book->setting->country, number)) {
        book_add_refused(book, job, WHY_number);
        return;
    }
    const struct lists_block block = {.tenant = book->setting->tenant,
                                      .value = span_of(number),
                                      .reason = message_text(effect, NoteConsent_proof),
                                      .purpose = message_text(effect, NoteConsent_purpose),
                                      .since = job->wall_us,
                                      .until = message_i(effect, NoteConsent_until)};
    bool ends = message_u(effect, NoteConsent_withdrawn) != 0;
    enum lists_answer given = ends ? lists_withdraw(book->lists, &block, &ended, &job->error)
                                   : lists_consent(book->lists, &block, &job->error);
    book_answer(book, job, ends && given == LISTS_unknown ? LISTS_done : given);
}

/* ---- CancelRecord ---- */

/* False: the database has failed, and the job is answered. */
static bool book_has_list(struct book *book, struct book_job *job, const char *list, bool *there)
{
    int64_t number = 0;
    bool good = lists_find(book->lists, book->setting->tenant, list, &number, &job->error);
    *there = number != 0;
    if (!good) book_answer(book, job, LISTS_failed);
    return good;
}

/* A record that is cancelled twice keeps the first mark. */
static void book_cancel(struct book *book, struct book_job *job)
{
    const struct message *effect = &job->effect;
    char number[PERSON_NUMBER], list[LISTS_WORD_MAX + 1], customer[LISTS_KEY_MAX + 1], why[LISTS_FIELD_MAX + 1];
    char by[IXN_TEXT];
    int64_t records;
    bool there = true;
    ident_print_ixn(message_u(effect, ENVELOPE_ixn), by);
    if (!person_number(message_text(effect, CancelRecord_number), book->setting->country, number)) {
        book_add_refused(book, job, WHY_number);
        return;
    }
    if (!text_set_span(list, sizeof list, message_text(effect, CancelRecord_list)) ||
        !text_set_span(customer, sizeof customer, message_text(effect, CancelRecord_customer)) ||
        !text_set_span(why, sizeof why, message_text(effect, CancelRecord_why))) {
        book_add_refused(book, job, WHY_value);
        return;
    }
    if (*list && !book_has_list(book, job, list, &there)) return;
    if (!there) {
        book_add_refused(book, job, WHY_list);
        return;
    }
    const struct lists_cancel cancel = {.tenant = book->setting->tenant,
                                        .number = number,
                                        .list = list,
                                        .customer = customer,
                                        .by = by,
                                        .why = why,
                                        .now = job->wall_us};
    book_answer(book, job, lists_cancel(book->lists, &cancel, &records, &job->error));
}

/* ---- ShowChain ---- */

static void show_one(void *self, const struct lists_record *record)
{
    struct book_job *job = self;
    if (record->record == (int64_t)message_u(&job->effect, ShowChain_record)) return;
    kv_list_begin(&job->value, span_of("record"));
    kv_put_int(&job->value, "record", record->record);
    kv_put_text(&job->value, "campaign", message_text(&job->effect, ShowChain_campaign));
    kv_put_text(&job->value, "number", record->number);
    kv_put_int(&job->value, "attempts", record->attempt);
    kv_put_text(&job->value, "result", record->result.length != 0 ? record->result : span_of("other"));
    kv_put_text(&job->value, "state", record->status);
    kv_list_end(&job->value);
}

static void show_chain(struct book *book, struct book_job *job)
{
    assert(book->lists);
    int64_t record = (int64_t)message_u(&job->effect, ShowChain_record);
    book_answer(book, job, lists_record(book->lists, record, true, show_one, job, &job->error));
}

/* ---- the session ---- */

static void book_offer(struct book *book, struct book_job *job)
{
    assert(book->lists);
    struct taking taking = {book, job, 0};
    book_went(book, job, lists_held(book->lists, book_session(book), book_take_record, &taking, &job->error));
}

/* Gives back a record: one that the core cannot use is closed, so that its chain goes on; one for which the core had
 * no room is ready again. */
static enum lists_answer give_one(struct book *book, struct book_job *job, int64_t record, int64_t version,
                                  bool useless)
{
    struct lists_change change = {.op = useless ? LISTS_OP_next : LISTS_OP_reject,
                                  .record = record,
                                  .session = book_session(book),
                                  .revision = version + 1,
                                  .result = useless ? cause_invalid_number : cause_other,
                                  .due = useless ? job->wall_us : 0,
                                  .now = job->wall_us};
    assert(*book->session);
    return lists_change(book->lists, &change, &job->error);
}

static void book_give_back(struct book *book, struct book_job *job)
{
    bool useless = job->code == code_invalid_number || job->code == code_too_large;
    book_answer(book, job, give_one(book, job, job->record, job->version, useless));
}

/* Closes the records that could not be sent to the core. */
static void close_useless(struct book *book, struct book_job *job)
{
    enum code code = job->code;
    for (guint at = 0; job->useless && at < job->useless->len && !job->failed; at++) {
        const struct useless *useless = &g_array_index(job->useless, struct useless, at);
        if (give_one(book, job, useless->record, useless->version, true) == LISTS_failed)
            book_answer(book, job, LISTS_failed);
    }
    if (!job->failed) job->code = code;
}

enum { NAMES_MAX = 16 };
struct names {
    const char *own;
    size_t length; /* only names that equal its first `length` bytes count */
    char all[NAMES_MAX][LISTS_WORD_MAX + 1];
    unsigned count;
};

static void book_name_put(void *self, const char *session)
{
    struct names *names = self;
    assert(names->count <= NAMES_MAX);
    if (names->count < NAMES_MAX && strcmp(session, names->own) != 0 &&
        strncmp(session, names->own, names->length) == 0)
        text_set(names->all[names->count++], sizeof names->all[0], session);
}

static bool book_bury(struct book *book, struct book_job *job, const char *session, const char *why)
{
    assert(strcmp(session, book->session) != 0); /* a session does not end itself */
    struct lists_released released;
    if (!lists_bury(book->lists, session, job->wall_us, (int64_t)book->setting->rest * SECOND_US, &released,
                    &job->error))
        return false;
    job->level = GCX_LOG_WARNING;
    snprintf(job->note, sizeof job->note,
             "session %s is %s, and was buried: %lld records given back, %lld with an unknown fate, %lld closed",
             session, why, (long long)released.back, (long long)released.stale, (long long)released.closed);
    return true;
}

/* Notes that the session lives, and ends sessions that have been silent for `bury` seconds. */
static void book_live(struct book *book, struct book_job *job)
{
    struct names names = {.own = book_session(book)};
    int64_t before = job->wall_us - (int64_t)book->setting->bury * SECOND_US;
    bool good = lists_alive(book->lists, names.own, job->wall_us, &job->error) &&
                lists_tidy(book->lists, job->wall_us, &job->error) && book_written_note(book, job) &&
                book_clock_look(book, job);
    if (good && book->setting->bury != 0) good = lists_silent(book->lists, before, book_name_put, &names, &job->error);
    for (unsigned i = 0; good && i < names.count; i++) good = book_bury(book, job, names.all[i], "silent");
    book_went(book, job, good);
}

/* Gives back the records that this dialer had for a core whose journal is gone; numbers that may have been called
 * rest. */
static bool book_settle(struct book *book, struct book_job *job)
{
    if (book->settled) return true;
    struct names names = {.own = book->session, .length = book->name_length + 1};
    bool good = lists_silent(book->lists, INT64_MAX, book_name_put, &names, &job->error);
    for (unsigned i = 0; good && i < names.count; i++)
        good = book_bury(book, job, names.all[i], "of a journal that is gone");
    book->settled = good && names.count < NAMES_MAX;
    return good || book_went(book, job, false);
}

static void book_name_add(void *self, struct span list)
{
    g_ptr_array_add(self, g_strndup((const char *)list.bytes, list.length));
}

/* Checks for new records. At the first check it is not known which records are new, so all lists count as changed. */
static void book_look_at_terms(struct book *book, struct book_job *job)
{
    assert(book->lists && !job->newer);
    int64_t before = book->newest;
    job->newer = g_ptr_array_new_with_free_func(g_free);
    if (before == -1) g_ptr_array_add(job->newer, g_strdup(""));
    bool good = lists_take(book->lists, &job->error) &&
                lists_newer(book->lists, book->setting->tenant, &book->newest, book_name_add, job->newer, &job->error);
    if (!book_went(book, job, good)) book->newest = before;
}

/* Counts the due and open records of the campaign's list; if list, filter or order are not valid any more nothing is
 * counted, and the campaign gets the error when it fetches. */
static bool book_count_for(struct book *book, struct book_job *job, const char *campaign, const struct terms *terms)
{
    struct book_counted counted = {0};
    int64_t list;
    snprintf(counted.campaign, sizeof counted.campaign, "%s", campaign);
    if (!lists_find(book->lists, book->setting->tenant, terms->list, &list, &job->error)) return false;
    struct lists_selection *selection =
        list != 0 ? lists_select(book->lists, list, terms->filter, terms->order, &job->error) : NULL;
    if (!selection) return list == 0 || job->error.code == ERROR_INPUT;
    const struct lists_portion portion = {.selection = selection,
                                          .session = book_session(book),
                                          .campaign = campaign,
                                          .terms = terms->lists,
                                          .now = job->wall_us};
    bool good = lists_count(book->lists, &portion, OVERDUE_US, &counted.counts, &job->error);
    lists_select_end(selection);
    if (good) g_array_append_val(job->counted, counted);
    return good;
}

static void book_count(struct book *book, struct book_job *job)
{
    int64_t began = g_get_monotonic_time();
    GHashTableIter each;
    gpointer name, terms;
    bool good = lists_take(book->lists, &job->error);
    job->counted = g_array_new(FALSE, FALSE, sizeof(struct book_counted));
    g_hash_table_iter_init(&each, book->campaigns);
    while (good && g_hash_table_iter_next(&each, &name, &terms))
        if (((const struct terms *)terms)->fetches) good = book_count_for(book, job, name, terms);
    book_went(book, job, good);
    job->spent_us = g_get_monotonic_time() - began;
}

/* ---- a whole job ---- */

void book_do(struct book *book, struct book_job *job)
{
    if (!*book->session || job->journal != book->journal) book_session_set(book, job->journal);
    if (!book_list_is_there(book, job)) {
        job->failed = true;
        job->code = code_unavailable;
    } else if (!book_settle(book, job)) {
        return;
    } else if (job->what == JOB_OFFER) {
        book_offer(book, job);
    } else if (job->what == JOB_BACK) {
        book_give_back(book, job);
    } else if (job->what == JOB_ALIVE) {
        book_live(book, job);
    } else if (job->what == JOB_COUNT) {
        book_count(book, job);
    } else if (job->what == JOB_LOOK) {
        book_look_at_terms(book, job);
    } else if (job->effect.kind == KIND_CheckList) {
        book_check_list(book, job);
    } else if (job->effect.kind == KIND_FetchRecords) {
        book_fetch(book, job);
    } else if (job->effect.kind == KIND_CheckRecord) {
        book_check(book, job);
    } else if (job->effect.kind == KIND_ShowChain) {
        show_chain(book, job);
    } else if (job->effect.kind == KIND_AddRecord) {
        book_add(book, job);
    } else if (job->effect.kind == KIND_NoteConsent) {
        book_consent(book, job);
    } else if (job->effect.kind == KIND_CancelRecord) {
        book_cancel(book, job);
    } else {
        update_do(book, job);
    }
    if (job->useless) close_useless(book, job);
}
