/* runtime/adapters/dialer/book.c - The calling lists and what belongs to them: the database, which is closed when it
 * fails (`failed`), and opened again after a growing pause; the terms of campaigns; who refuses calls.
 *
 * The session is the name under which this dialer owns records of the lists. No other dialer can take the records of a
 * session until they are given back, or until the session has been silent so long that another dialer ends it. */
#include "runtime/adapters/dialer/book.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/gcx_adapter.h"
#include "runtime/store/store.h"
#include "runtime/vocabulary/bytes.h"

enum { PAUSE_MAX_US = 30 * SECOND_US };
#define CLOCK_AGAIN_US UINT64_C(3600000000)

void book_session_set(struct book *book, uint64_t journal)
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

/* Closes the lists and the contact store: both are open together, or neither is. */
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

/* Notes that the database is away: this is logged once, and the database is tried again after growing pauses. */
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

/* Returns the path of the file with the time up to which the lists have this dialer's changes. NULL: the dialer may
 * keep no files. */
static gchar *written_path(const struct book *book)
{
    return book->setting->own_files ? g_strconcat(book->setting->own_files, ".written", NULL) : NULL;
}

/* Returns the time in the file; 0: there is no file. */
static int64_t written_read(const struct book *book)
{
    gchar *text = NULL, *path = written_path(book);
    int64_t until = path && g_file_get_contents(path, &text, NULL, NULL) ? g_ascii_strtoll(text, NULL, 10) : 0;
    g_free(text);
    g_free(path);
    return until;
}

/* Notes the time, first in the lists and then in the file: a file with a later time than the lists belongs to a
 * database that was replaced by an older copy. */
bool book_written_note(struct book *book, struct book_job *job)
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

/* Is the database not older than the file? A restored copy does not know whom the dialer has called since, or who
 * rests or must not be called: all of them would be called again. */
static bool book_is_whole(struct book *book, struct book_job *job)
{
    int64_t file = written_read(book), until;
    if (!lists_written(book->lists, book->setting->own_session, &until, &job->error)) return false;
    if (until >= file) return true;
    char *shown = moment_shown(file);
    error_set(&job->error, ERROR_STATE,
              "this dialer has written into them until %s, and that is not there: the database is an older copy, or "
              "another one, and does not know who was called or rests since; %s, "
              "and all numbers rest for 72 hours",
              shown,
              file > job->wall_us ? "its clock was ahead: where nobody has put the database back, remove its file "
                                    ".written; else gcxlists restored lets it go on then"
                                  : "gcxlists restored lets it go on");
    g_free(shown);
    return false;
}

bool book_clock_look(struct book *book, struct book_job *job)
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

bool book_list_is_there(struct book *book, struct book_job *job)
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
    case LISTS_cancelled:
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

bool book_went(struct book *book, struct book_job *job, bool good)
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

const struct terms *book_terms(struct book *book, struct book_job *job, unsigned campaign, unsigned field)
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

/* Asks the do-not-call list of the contact store: whoever refuses calls there is treated like a number on the
 * do-not-call list of the lists. */
enum lists_answer book_refused(struct book *book, struct book_job *job, const char *number)
{
    struct store_refusal refusal = {.tenant = "", /* the same name as in the adapters that keep contacts */
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
