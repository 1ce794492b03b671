/* runtime/lists/cli/change.c - gcxlists: the do-not-call list, consents, and single records.
 *
 * Numbers are brought into their normal form first: "030 1234567" with the country DE and "+49 30 1234567" are the
 * same entry. Durations on the command line are in days or seconds; in the database all times are microseconds since
 * 1970. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/lists/cli/cli.h"
#include "base/memory.h"
#include "base/shown.h"
#include "runtime/vocabulary/person.h"

typedef enum lists_answer change(struct lists *, const struct lists_block *, struct error *);

/* Reads the command's first word as a telephone number, in its normal form. */
static bool number_word(struct lists_cli *cli, char number[17])
{
    if (person_number(span_of(cli->words[0]), cli->form.country, number)) return true;
    return error_set(&cli->error, ERROR_INPUT, "'%.60s' is no telephone number: expected one as +49 30 1234567",
                     cli->words[0]);
}

/* Withdraws consents, and prints how many. */
static enum lists_answer consent_withdraw(struct lists *lists, const struct lists_block *block, struct error *error)
{
    int64_t ended;
    enum lists_answer given = lists_withdraw(lists, block, &ended, error);
    if (given == LISTS_done)
        shown_print(stdout, "consents of the person for %.*s that are withdrawn: %lld\n", (int)block->purpose.length,
                    (const char *)block->purpose.bytes, (long long)ended);
    return given;
}

/* Shared by the commands that add or remove an entry of one person: a customer's number in the site's own words, or
 * a telephone number. Without --days the entry has no end. */
static enum cli_exit entry_change(struct lists_cli *cli, change *to, const char *purpose)
{
    static const int64_t day = INT64_C(86400000000);
    char number[17];
    struct lists_block block = {
        .tenant = cli->tenant,
        .customer = cli->customer,
        .value = span_of(cli->words[0]),
        .reason = span_of(cli->reason ? cli->reason : ""),
        .purpose = span_of(purpose),
        .since = (int64_t)host_wall_clock_us(),
    };
    if (cli->days > 0) block.until = block.since + cli->days * day;
    if (!cli->customer) {
        if (!number_word(cli, number)) return lists_cli_end(cli, false);
        block.value = span_of(number);
    }
    return lists_cli_end(cli, to(cli->lists, &block, &cli->error) == LISTS_done);
}

enum cli_exit lists_cli_block(struct lists_cli *cli)
{
    return entry_change(cli, lists_block, "");
}

enum cli_exit lists_cli_unblock(struct lists_cli *cli)
{
    return entry_change(cli, lists_unblock, "");
}

enum cli_exit lists_cli_consent(struct lists_cli *cli)
{
    return entry_change(cli, lists_consent, cli->words[1]);
}

enum cli_exit lists_cli_withdraw(struct lists_cli *cli)
{
    return entry_change(cli, consent_withdraw, cli->words[1]);
}

static void moment_print(const char *before, int64_t us)
{
    char text[32] = "";
    struct tm shown;
    time_t seconds = (time_t)(us / 1000000);
    if (us == 0) return;
    if (gmtime_r(&seconds, &shown)) strftime(text, sizeof text, "%Y-%m-%d %H:%M:%SZ", &shown);
    printf("%s%s", before, text);
}

/* Forgets a person. Prints line by line which data stays, and why: a site must know what it still has of a person.
 * If a dialer has a record at this moment, the command fails and has to be repeated. */
enum cli_exit lists_cli_forget(struct lists_cli *cli)
{
    struct lists_forgotten told;
    if (!lists_forget(cli->lists, span_of(cli->words[0]), cli->form.country, (int64_t)host_wall_clock_us(), &told,
                      &cli->error))
        return lists_cli_end(cli, false);
    printf("%lld records are erased, with their attempts\n", (long long)told.records);
    if (told.dialled > 0)
        printf("left: %lld chains that a dialer has just now; ask again when it has given them back\n",
               (long long)told.dialled);
    if (told.blocked > 0)
        printf(
            "left: %lld entries of the do-not-call list, so that nobody calls again; gcxlists unblock takes them off\n",
            (long long)told.blocked);
    if (told.rests > 0) {
        printf("left: %lld rests of their numbers, so that nobody calls too early", (long long)told.rests);
        moment_print("; the last one ends at ", told.rests_until);
        puts(", before that by gcxlists unrest");
    }
    if (told.hours > 0)
        printf("left: the hours of %lld numbers, at which they may be called; gcxlists hours takes them off\n",
               (long long)told.hours);
    if (told.attempts > 0)
        printf("left: number and moment of %lld attempts, for the limits on attempts; they go eight days later\n",
               (long long)told.attempts);
    if (told.cut)
        puts("they had more numbers than are looked at; rests and hours of the others may not hold for each: were the "
             "lists right?");
    return told.dialled > 0 ? CLI_refused : CLI_ok;
}

enum cli_exit lists_cli_hours(struct lists_cli *cli)
{
    char number[17];
    if (!number_word(cli, number)) return lists_cli_end(cli, false);
    const struct lists_hours hours = {.tenant = cli->tenant,
                                      .number = number,
                                      .from = cli->form.day_from,
                                      .till = cli->form.day_till,
                                      .again_from = cli->form.again_from,
                                      .again_till = cli->form.again_till,
                                      .zone = cli->form.zone};
    return lists_cli_end(cli, lists_hours(cli->lists, &hours, &cli->error) == LISTS_done);
}

enum cli_exit lists_cli_unrest(struct lists_cli *cli)
{
    char number[17];
    int64_t ended;
    bool good = number_word(cli, number) && lists_unrest(cli->lists, cli->tenant, number, (int64_t)host_wall_clock_us(),
                                                         &ended, &cli->error) == LISTS_done;
    if (good) printf("rests of the person that are ended: %lld\n", (long long)ended);
    return lists_cli_end(cli, good);
}

/* ---- single records ---- */

/* Returns the command's first word as the number of a record; 0: the word is no such number. */
static int64_t record_word(const struct lists_cli *cli)
{
    const char *word = cli->words[0];
    bool digits = word[0] != '0' && strspn(word, "0123456789") == strlen(word) && strlen(word) <= 18;
    return digits ? strtoll(word, NULL, 10) : 0;
}

static void word_print(const char *before, struct span word)
{
    if (word.length != 0) shown_print(stdout, "%s%.*s", before, (int)word.length, (const char *)word.bytes);
}

static void clock_print(const char *before, int64_t seconds)
{
    printf("%s%02d:%02d", before, (int)(seconds / 3600), (int)(seconds / 60 % 60));
    if (seconds % 60 != 0) printf(":%02d", (int)(seconds % 60));
}

/* Prints a window of the day; nothing if both times are equal. */
static void window_print(const char *before, int64_t from, int64_t till)
{
    if (from == till) return;
    clock_print(before, from);
    clock_print(" till ", till);
}

/* Prints the daily windows of a record that may not be called at every hour. */
static void windows_print(const struct lists_record *record)
{
    if (record->day_from == 0 && record->day_till == 86400) return;
    window_print(", from ", record->day_from, record->day_till);
    window_print(" and from ", record->again_from, record->again_till);
    word_print(" ", record->zone);
}

static void record_line(void *self, const struct lists_record *record)
{
    (void)self;
    printf("record %lld", (long long)record->record);
    word_print(" ", record->number);
    printf(" chain %lld/%lld", (long long)record->chain, (long long)record->n);
    word_print(": ", record->status);
    fputs(record->current ? ", the current one" : "", stdout);
    word_print(", ", record->type);
    word_print(", last result ", record->result);
    printf(", attempts %lld", (long long)record->attempt);
    moment_print(", due ", record->due);
    moment_print(", last dialled ", record->last_try);
    windows_print(record);
    word_print(", agent ", record->agent);
    word_print(", customer ", record->customer);
    word_print(", campaign ", record->campaign);
    word_print(", of session ", record->owner);
    moment_print(", taken out of the campaigns ", record->cancelled);
    word_print(" by ", record->cancelled_by);
    word_print(": ", record->cancelled_why);
    putchar('\n');
}

static void attempt_line(void *self, const struct lists_attempt *attempt)
{
    (void)self;
    printf("attempt %lld of record %lld", (long long)attempt->n, (long long)attempt->record);
    word_print(" ", attempt->number);
    moment_print(": ", attempt->begun);
    moment_print(" to ", attempt->ended);
    word_print(", ", attempt->result);
    word_print(", agent ", attempt->agent);
    word_print(", campaign ", attempt->campaign);
    word_print(", session ", attempt->session);
    word_print(", interaction ", attempt->ixn);
    putchar('\n');
}

/* Prints what keeps a person from being called, and the person's hours; nothing for a person who may be called now
 * and has no hours. */
static void person_line(void *self, const struct lists_person *person)
{
    int64_t *now = self;
    bool hours = person->day_from != person->day_till;
    if (person->rests <= *now && !hours) return;
    fputs("person", stdout);
    word_print(" ", person->number);
    if (person->rests > *now) {
        moment_print(": rests until ", person->rests);
        word_print(", ", person->why);
    }
    if (hours) {
        fputs(": is called", stdout);
        window_print(" from ", person->day_from, person->day_till);
        window_print(" and from ", person->again_from, person->again_till);
        word_print(" ", person->zone);
    }
    putchar('\n');
}

/* Prints why an open record is not called now. Limits on attempts and the consent depend on the campaign, and gcxctl
 * campaigns shows these. */
static bool not_now_print(struct lists_cli *cli, int64_t record, int64_t now)
{
    struct error why;
    enum lists_answer given = lists_check(cli->lists, record, NULL, &(struct lists_terms){0}, now, &why);
    if (given == LISTS_failed) return error_set(&cli->error, why.code, "%s", why.text);
    if (given != LISTS_done && given != LISTS_closed)
        printf("record %lld is not called now: %s\n", (long long)record, why.text);
    return true;
}

/* Prints a record, its attempts, and the persons whose numbers the record has, in this order. */
static bool lists_cli_record_show(struct lists_cli *cli, int64_t record)
{
    int64_t now = (int64_t)host_wall_clock_us();
    bool cut = false;
    bool good = lists_record(cli->lists, record, true, record_line, NULL, &cli->error) == LISTS_done &&
                lists_attempts(cli->lists, record, attempt_line, NULL, &cli->error) &&
                lists_persons(cli->lists, record, person_line, &now, &cli->error) &&
                lists_person_cut(cli->lists, record, &cut, &cli->error);
    if (good) good = not_now_print(cli, record, now);
    if (cut)
        puts("person: they have more numbers than are looked at; what holds for the others does not hold here: are the "
             "lists right?");
    return good;
}

struct numbered { /* records of a number */
    int64_t *all;
    size_t count;
};

static void lists_cli_number_take(void *self, int64_t record, struct span list)
{
    struct numbered *numbered = self;
    numbered->all = memory_grown(numbered->all, numbered->count + 1, sizeof *numbered->all);
    numbered->all[numbered->count++] = record;
    printf("record %lld", (long long)record);
    word_print(" is of list ", list);
    putchar('\n');
}

/* Prints the records of a number. The records are collected first: no statement may run while rows of another one are
 * still being read. */
static bool number_show(struct lists_cli *cli)
{
    struct numbered numbered = {0};
    char number[17];
    bool good = number_word(cli, number) &&
                lists_numbered(cli->lists, cli->tenant, number, lists_cli_number_take, &numbered, &cli->error);
    if (good && numbered.count == 0) good = error_set(&cli->error, ERROR_UNKNOWN, "no list has %s", number);
    for (size_t at = 0; good && at < numbered.count; at++) good = lists_cli_record_show(cli, numbered.all[at]);
    free(numbered.all);
    return good;
}

enum cli_exit lists_cli_show(struct lists_cli *cli)
{
    int64_t record = record_word(cli);
    return lists_cli_end(cli, record != 0 ? lists_cli_record_show(cli, record) : number_show(cli));
}

/* The first word is a telephone number: the records of its person leave the campaigns. */
static bool person_cancel(struct lists_cli *cli)
{
    char number[17];
    int64_t records;
    if (!number_word(cli, number)) return false;
    const struct lists_cancel cancel = {.tenant = cli->tenant,
                                        .number = number,
                                        .list = cli->list,
                                        .by = "gcxlists",
                                        .why = cli->reason,
                                        .now = (int64_t)host_wall_clock_us()};
    bool good = lists_cancel(cli->lists, &cancel, &records, &cli->error) == LISTS_done;
    if (good) printf("records that left the campaigns: %lld\n", (long long)records);
    return good;
}

enum cli_exit lists_cli_cancel(struct lists_cli *cli)
{
    const struct lists_change asked = {.op = cli->chain ? LISTS_OP_cancel_chain : LISTS_OP_cancel,
                                       .record = record_word(cli),
                                       .now = (int64_t)host_wall_clock_us()};
    if (asked.record != 0) return lists_cli_end(cli, lists_change(cli->lists, &asked, &cli->error) == LISTS_done);
    return lists_cli_end(cli, person_cancel(cli));
}

/* Microseconds of --pause. */
static int64_t pause_given(const struct lists_cli *cli, int64_t otherwise_s)
{
    return (cli->pause_s > 0 ? cli->pause_s : otherwise_s) * 1000000;
}

/* Gives back the records that a dialer had when it died. Without --pause the records whose result is unknown wait
 * for five minutes. */
enum cli_exit lists_cli_bury(struct lists_cli *cli)
{
    struct lists_released released;
    bool good = lists_bury(cli->lists, cli->words[0], (int64_t)host_wall_clock_us(), pause_given(cli, 300), &released,
                           &cli->error);
    if (good)
        printf("%lld records are ready, %lld are closed with their result, of %lld nobody knows the fate\n",
               (long long)released.back, (long long)released.closed, (long long)released.stale);
    return lists_cli_end(cli, good);
}

/* The default rest is that of abandoned persons: some numbers of a restored database may be of such persons, and it
 * is not known which. */
enum cli_exit lists_cli_restored(struct lists_cli *cli)
{
    int64_t rest;
    bool good = lists_restored(cli->lists, (int64_t)host_wall_clock_us(), pause_given(cli, 259200), &rest, &cli->error);
    if (good) printf("%lld numbers rest, and dialers go on\n", (long long)rest);
    return lists_cli_end(cli, good);
}

enum cli_exit lists_cli_clock(struct lists_cli *cli)
{
    struct lists_ahead ahead;
    bool good = lists_set_right(cli->lists, (int64_t)host_wall_clock_us(), &ahead, &cli->error);
    if (good && ahead.until == 0) good = error_set(&cli->error, ERROR_STATE, "no dialer has written later than now");
    if (good) {
        moment_print("a clock was ahead, and showed ", ahead.until);
        printf(": %lld rests end earlier now, and %lld records are due earlier\n", (long long)ahead.rests,
               (long long)ahead.records);
    }
    return lists_cli_end(cli, good);
}
