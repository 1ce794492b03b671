/* runtime/adapters/dialer/book.c - Works on the calling lists, in the dialer's thread.
 *
 * A job's way: the session is set, as the core's journal may be another one; the lists are opened, if it is time to
 * try; what an earlier journal of this dialer had is given back (book_settle); the job's own work is done. `failed`
 * says that the database could not be asked: it is closed then, and opened again after a pause that grows.
 *
 * The session is this dialer's name in the lists. Its records are nobody else's until they are given back, or until
 * it has been silent so long that another dialer buries it. */
#include "runtime/adapters/dialer/book.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/adapter/gcx_adapter.h"
#include "runtime/store/store.h"
#include "runtime/vocabulary/effects_list.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/person.h"
#include "runtime/vocabulary/denied.h"

enum { PAUSE_MAX_US = 30 * SECOND_US };
#define CLOCK_AGAIN_US UINT64_C(3600000000)
#define OVERDUE_US     (INT64_C(300) * SECOND_US) /* a record that has been due for so long is overdue */

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

/* A core of another journal counts its refs from 1 again, and knows nothing of what this dialer had before: it gets a
 * session of its own. */
static void book_session_set(struct book *book, uint64_t journal)
{
    char name[SESSION_NAME_MAX + 1];
    setting_session(book->setting, journal, name);
    int length = snprintf(book->session, sizeof book->session, "%s", name);
    book->name_length = (unsigned)length;
    if (journal != 0)
        snprintf(book->session + length, sizeof book->session - (size_t)length, "#%08x", (unsigned)(uint32_t)journal);
    book->journal = journal;
    book->settled = journal == 0;
}

static void terms_free(gpointer given)
{
    struct terms *terms = given;
    g_free(terms->filter);
    g_free(terms->order);
    g_free(terms);
}

void book_init(struct book *book, const struct dialer_setting *setting)
{
    *book = (struct book){.setting = setting, .pause_us = SECOND_US, .newest = -1};
    book->campaigns = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, terms_free);
    writer_init(&book->writer);
    kv_init(&book->kv);
}

/* Lists and store are open together, or neither is. */
static void book_shut(struct book *book)
{
    lists_close(book->lists);
    store_close(book->store);
    book->lists = NULL;
    book->store = NULL;
}

void book_free(struct book *book)
{
    book_shut(book);
    g_hash_table_destroy(book->campaigns);
    writer_free(&book->writer);
    kv_free(&book->kv);
}

const char *book_session(const struct book *book)
{
    return book->session;
}

/* ---- the database ---- */

/* It is told once, and looked for again after pauses that grow. */
static void is_away(struct book *book, struct book_job *job)
{
    assert(job->failed || !book->lists);
    book_shut(book);
    book->again_us = job->now_us + book->pause_us;
    book->pause_us = MIN(book->pause_us * 2, (uint64_t)PAUSE_MAX_US);
    if (book->away) return;
    book->away = true;
    job->level = GCX_LOG_ERROR;
    snprintf(job->note, sizeof job->note, "lists: %s; nothing is dialled until they can be asked again",
             job->error.text);
}

/* Until when the lists have what this dialer has written. NULL: it may keep no file. */
static gchar *written_path(const struct book *book)
{
    return book->setting->own_files ? g_strconcat(book->setting->own_files, ".written", NULL) : NULL;
}

/* The moment in the file; 0: there is none. */
static int64_t written_read(const struct book *book)
{
    gchar *text = NULL, *path = written_path(book);
    int64_t until = path && g_file_get_contents(path, &text, NULL, NULL) ? g_ascii_strtoll(text, NULL, 10) : 0;
    g_free(text);
    g_free(path);
    return until;
}

/* The lists have it first, and then the file: one of a later moment is not about this database. */
static bool book_written_note(struct book *book, struct book_job *job)
{
    char text[24];
    if (!lists_writes(book->lists, book->setting->own_session, job->wall_us, &job->error)) return false;
    snprintf(text, sizeof text, "%lld\n", (long long)job->wall_us);
    gchar *path = written_path(book);
    if (path) (void)g_file_set_contents(path, text, -1, NULL);
    g_free(path);
    return true;
}

static char *moment_shown(int64_t us)
{
    GDateTime *when = g_date_time_new_from_unix_utc(us / SECOND_US);
    char *shown = when ? g_date_time_format(when, "%Y-%m-%d %H:%M:%SZ") : g_strdup("later");
    if (when) g_date_time_unref(when);
    return shown;
}

/* A database that was put back knows neither whom it has called since the copy nor who rests or must not be called:
 * all of them would be called again. */
static bool book_is_whole(struct book *book, struct book_job *job)
{
    int64_t file = written_read(book), until;
    if (!lists_written(book->lists, book->setting->own_session, &until, &job->error)) return false;
    if (until >= file) return true;
    char *shown = moment_shown(file);
    error_set(&job->error, ERROR_STATE,
              "this dialer has written into them until %s, and that is not there: the database is an older copy, or "
              "another one, and does not know who was called or rests since; gcxlists restored lets it go on%s, "
              "and all numbers rest for 72 hours",
              shown, file > job->wall_us ? " once its file .written is removed, for its clock was ahead" : "");
    g_free(shown);
    return false;
}

/* A clock that was ahead and is right again has written moments that are to come: whoever rests, rests until then. It
 * is told each hour until somebody has put it right. */
static bool book_clock_look(struct book *book, struct book_job *job)
{
    struct lists_ahead ahead;
    if (job->now_us < book->clock_us || book->away) return true;
    if (!lists_ahead(book->lists, job->wall_us, &ahead, &job->error)) return false;
    if (ahead.until == 0) return true;
    book->clock_us = job->now_us + CLOCK_AGAIN_US;
    char *shown = moment_shown(ahead.until);
    job->level = GCX_LOG_ERROR;
    snprintf(
        job->note, sizeof job->note,
        "lists: a clock was ahead and has written into them until %s: %lld rests and %lld records wait for moments "
        "that are too late, and an older copy of the database is not noticed until then; gcxlists clock puts that "
        "right, on a machine whose clock is right",
        shown, (long long)ahead.rests, (long long)ahead.records);
    g_free(shown);
    return true;
}

static bool book_list_is_there(struct book *book, struct book_job *job)
{
    if (book->lists) return true;
    error_set(&job->error, ERROR_UNAVAILABLE, "the calling lists cannot be asked");
    if (job->now_us < book->again_us) return false;
    job->failed = true;
    book->lists = lists_open(book->setting->lists, true, &job->error);
    if (book->lists && *book->setting->store) {
        struct store_options options = {.country = book->setting->country, .there = true};
        book->store = store_open(book->setting->store, &options, &job->error);
    }
    job->failed = !book->lists || (*book->setting->store && !book->store) || !book_is_whole(book, job);
    if (job->failed) is_away(book, job);
    return !job->failed;
}

static void is_back(struct book *book, struct book_job *job)
{
    book->pause_us = SECOND_US;
    if (!book->away) return;
    book->away = false;
    job->level = GCX_LOG_INFO;
    snprintf(job->note, sizeof job->note, "lists: they can be asked again");
}

static enum code book_code(enum lists_answer given)
{
    switch (given) {
    case LISTS_done:
    case LISTS_before:
        return code_ok;
    case LISTS_failed:
        return code_unavailable;
    case LISTS_do_not_call:
        return code_do_not_call;
    case LISTS_window:
        return code_outside_hours;
    case LISTS_consent:
    case LISTS_limit:
    case LISTS_rests:
    case LISTS_engaged:
        return code_suppressed;
    default:
        return code_refused;
    }
}

enum code book_answer(struct book *book, struct book_job *job, enum lists_answer given)
{
    job->failed = given == LISTS_failed;
    if (job->failed)
        is_away(book, job);
    else
        is_back(book, job);
    return job->code = book_code(given);
}

/* A call that only says whether it went well; what is not the database's is the asker's. */
static bool book_went(struct book *book, struct book_job *job, bool good)
{
    enum error_code code = job->error.code;
    bool asker = code == ERROR_INPUT || code == ERROR_LIMIT || code == ERROR_UNKNOWN;
    book_answer(book, job, good ? LISTS_done : asker ? LISTS_wrong : LISTS_failed);
    return good;
}

/* ---- terms ---- */

static bool book_read_number(struct span list, const char *key, unsigned *number)
{
    struct kv_value value;
    char text[12], *end;
    *number = 0;
    if (!kv_get(list, key, &value)) return true;
    if (value.tag != KV_TEXT || !text_set_span(text, sizeof text, value.span) || text[0] < '0' || text[0] > '9')
        return false;
    unsigned long read = strtoul(text, &end, 10);
    *number = (unsigned)read;
    return !*end && read <= INT32_MAX;
}

static bool read_word(struct span list, const char *key, char word[LISTS_WORD_MAX + 1])
{
    struct kv_value value;
    word[0] = '\0';
    return !kv_get(list, key, &value) || (value.tag == KV_TEXT && text_set_span(word, LISTS_WORD_MAX + 1, value.span));
}

/* Terms are the campaign's as the core says them each time; they are remembered for UpdateRecord, which does not say
 * them. */
static const struct terms *book_terms(struct book *book, struct book_job *job, unsigned campaign, unsigned field)
{
    struct span given = message_text(&job->effect, field), name = message_text(&job->effect, campaign);
    const struct terms *before = book_terms_of(book, name);
    struct terms *terms = g_new0(struct terms, 1);
    unsigned pause_s = 0;
    bool good = read_word(given, "list", terms->list) && read_word(given, "consent", terms->consent) &&
                book_read_number(given, "in_all", &terms->lists.in_all) &&
                book_read_number(given, "of_day", &terms->lists.of_day) &&
                book_read_number(given, "of_week", &terms->lists.of_week) &&
                book_read_number(given, "of_chain", &terms->lists.of_chain) &&
                book_read_number(given, "abandoned_pause_s", &pause_s);
    if (!*terms->list) good &= text_set_span(terms->list, sizeof terms->list, name);
    if (!good) {
        error_set(&job->error, ERROR_INPUT, "terms: list and consent are words, all others numbers");
        job->code = code_invalid;
        terms_free(terms);
        return NULL;
    }
    terms->lists.consent = terms->consent;
    terms->lists.pause_us = (int64_t)pause_s * SECOND_US;
    terms->fetches = before && before->fetches;
    terms->filter = before ? g_strdup(before->filter) : NULL;
    terms->order = before ? g_strdup(before->order) : NULL;
    terms->swept = before && before->swept && strcmp(before->list, terms->list) == 0;
    g_hash_table_replace(book->campaigns, g_strndup((const char *)name.bytes, name.length), terms);
    return terms;
}

const struct terms *book_terms_of(struct book *book, struct span campaign)
{
    char *name = g_strndup((const char *)campaign.bytes, campaign.length);
    const struct terms *terms = g_hash_table_lookup(book->campaigns, name);
    g_free(name);
    return terms;
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

/* Numbers that were put on the do-not-call list since the import are cancelled, so that their chains go on. */
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

/* The campaign fetches by this filter and order. */
static void terms_fetch(struct book *book, const struct book_job *job)
{
    struct span name = message_text(&job->effect, FetchRecords_campaign);
    struct span filter = message_text(&job->effect, FetchRecords_filter);
    struct span order = message_text(&job->effect, FetchRecords_order);
    char *campaign = g_strndup((const char *)name.bytes, name.length);
    struct terms *terms = g_hash_table_lookup(book->campaigns, campaign);
    assert(terms); /* book_terms() has put them there */
    g_free(terms->filter);
    g_free(terms->order);
    terms->fetches = true;
    terms->filter = g_strndup((const char *)filter.bytes, filter.length);
    terms->order = g_strndup((const char *)order.bytes, order.length);
    g_free(campaign);
}

/* Records of the list that may be dialled now, in the campaign's order, become the session's. */
static bool book_portion(struct book *book, struct book_job *job, int64_t list, const struct terms *terms)
{
    assert(terms && book->lists); /* book_do() has opened them */
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
        job->code = code_invalid; /* its filter or order */
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

/* The do-not-call list of the contact store: whoever refuses calls is refused as one on that of the lists. */
enum lists_answer book_refused(struct book *book, struct book_job *job, const char *number)
{
    struct store_refusal refusal = {.tenant = "", /* as the adapters that keep contacts name it */
                                    .media = "voice",
                                    .kind = STORE_phone,
                                    .address = span_of(number)};
    bool refused;
    if (!book->store) return LISTS_done;
    if (!store_refuses(book->store, &refusal, &refused, &job->error)) return LISTS_failed;
    if (!refused) return LISTS_done;
    error_set(&job->error, ERROR_STATE, "the contact of this number refuses calls");
    return LISTS_do_not_call;
}

/* The last check before a call: rules of the list, and the do-not-call list as it is now. */
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

/* The columns of a record that are given like fields of its list. */
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
    char numbers[LISTS_FIELDS_MAX + 4][24]; /* of fields and of columns */
};

/* False: a field that no list could have. */
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

/* What no list takes; the step's exit is that of the contract. */
static void book_add_refused(struct book *book, struct book_job *job, enum contract_why why)
{
    error_set(&job->error, ERROR_INPUT, "%s", denied_words(why));
    book_answer(book, job, LISTS_wrong);
    job->code = denied_exit("dialer", why);
}

/* A number that the list has already was perhaps put there by the same effect, whose answer was lost. */
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

/* A record that the core cannot use is closed, so that its chain goes on; one for which the core had no room is ready
 * again. */
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

/* The records that could not be handed over. */
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
    size_t length; /* only those that begin with so many bytes of it */
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
    assert(strcmp(session, book->session) != 0); /* one does not bury oneself */
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

/* The session says that it lives; those that have been silent for `bury` seconds are buried. */
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

/* Records that this dialer had for a core whose journal is gone are given back; numbers whose fate nobody knows
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

/* At the first look nobody knows what has come since the core has asked last. */
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

/* Counts what the campaign's list has for it; a list, filter or order that is not good any more counts nothing, and the
 * campaign hears so when it fetches. */
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

/* ---- all of it ---- */

/* One job, with its result in it. */
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
    } else {
        update_do(book, job);
    }
    if (job->useless) close_useless(book, job);
}
