/* runtime/ctl/campaign.c - Shows campaigns: all in a table, one in sentences with its rules.
 *
 * gcxvm answers `load` and `start` before the calling list has answered, because the list is another process, perhaps
 * at another database. So gcxctl asks again for up to two seconds (LOOKS times a tenth): a filter with a mistake is
 * reported to the person who typed it, who would otherwise find it only in a log. A list that has not answered after
 * that time is no failure. */
#include <assert.h>
#include <string.h>
#include <time.h>

#include "runtime/ctl/ctl.h"
#include "runtime/ctl/show.h"
#include "base/shown.h"

static const struct column columns[] = {
    {"CAMPAIGN", "name", COLUMN_TEXT},
    {"STATE", "state", COLUMN_TEXT},
    {"MODE", "mode", COLUMN_TEXT},
    {"DUE", "due", COLUMN_NUMBER},
    {"RINGING", "ringing", COLUMN_NUMBER},
    {"WAITING", "waiting", COLUMN_NUMBER},
    {"CONNECTED", "connected", COLUMN_NUMBER},
    {"DIALLED", "dialled", COLUMN_NUMBER},
    {"ANSWERED", "answered", COLUMN_NUMBER},
    {"ABANDONED", "abandoned", COLUMN_NUMBER},
    {"FAILED", "failed", COLUMN_NUMBER},
    {"NOT ONE MORE", "why", COLUMN_TEXT},
    {NULL, NULL, COLUMN_TEXT},
};

/* Prints the figures of the campaign: now, and since it was loaded. */
static void campaign_calls_print(const json_t *row)
{
    printf("records       %lld fetched and not begun, %lld of them due\n", ctl_number_at(row, "buffered"),
           ctl_number_at(row, "due"));
    if (json_is_integer(json_object_get(row, "left")))
        printf("list          %lld left, %lld due, %lld overdue, %lld exhausted\n", ctl_number_at(row, "left"),
               ctl_number_at(row, "list_due"), ctl_number_at(row, "overdue"), ctl_number_at(row, "exhausted"));
    else
        puts("list          not counted yet");
    printf("calls         %lld ringing, %lld waiting for an agent, %lld connected\n", ctl_number_at(row, "ringing"),
           ctl_number_at(row, "waiting"), ctl_number_at(row, "connected"));
    long long dialled = ctl_number_at(row, "dialled"), answered = ctl_number_at(row, "answered");
    printf("since loaded  %lld dialled, %lld answered, %lld abandoned, %lld failed", dialled, answered,
           ctl_number_at(row, "abandoned"), ctl_number_at(row, "failed"));
    if (dialled > 0) printf("; %.1f%% of the dialled have answered", 100.0 * (double)answered / (double)dialled);
    putchar('\n');
    printf(
        "failed        %lld busy, %lld unanswered, %lld machines, %lld invalid numbers, %lld not reached otherwise\n",
        ctl_number_at(row, "busy"), ctl_number_at(row, "unanswered"), ctl_number_at(row, "machine"),
        ctl_number_at(row, "invalid"), ctl_number_at(row, "unreached"));
}

/* Prints the share of abandoned calls in the time window against its limit, and the probabilities that the pacer
 * compares. */
static void pace_print(const json_t *row)
{
    const json_t *rules = json_object_get(row, "rules");
    long long answered = ctl_number_at(row, "window_answered"), abandoned = ctl_number_at(row, "window_abandoned");
    long long permille = answered > 0 ? 1000 * abandoned / answered : 0,
              limit = ctl_number_at(rules, "abandoned_permille");
    char window[DURATION_TEXT];
    show_duration(1000000 * ctl_number_at(rules, "window_s"), window);
    double credit = json_number_value(json_object_get(row, "credit"));
    printf("abandoned     %lld of %lld answered within %s, %lld.%lld%% of at most %lld.%lld%%; ", abandoned, answered,
           window, permille / 10, permille % 10, limit / 10, limit % 10);
    if (credit < 0)
        puts("none more may be");
    else
        printf("%.3f more may be\n", credit);
    printf("recently      %lld of %lld abandoned within 15m, %lld of %lld within 30m\n",
           ctl_number_at(row, "abandoned_15m"), ctl_number_at(row, "answered_15m"), ctl_number_at(row, "abandoned_30m"),
           ctl_number_at(row, "answered_30m"));
    bool runs = strcmp(ctl_text_at(row, "state"), "running") == 0;
    if (runs && strcmp(ctl_text_at(row, "mode"), "predictive") == 0)
        printf("pace          one more who answers finds no agent with a chance of %.4f; %.4f is allowed\n",
               json_number_value(json_object_get(row, "chance")), json_number_value(json_object_get(row, "allowed")));
    printf("agents        %lld ready, %lld busy of %lld logged in", ctl_number_at(row, "agents_ready"),
           ctl_number_at(row, "agents_busy"), ctl_number_at(row, "agents"));
    if (ctl_number_at(row, "agents_ready") > 0)
        printf("; %.2f lines ring for each who is ready",
               (double)ctl_number_at(row, "ringing") / (double)ctl_number_at(row, "agents_ready"));
    putchar('\n');
    if (ctl_number_at(row, "waits") > 0)
        printf("wait          %.1f s an agent was ready between two calls, on average within 30m\n",
               (double)ctl_number_at(row, "waited_us") / (double)ctl_number_at(row, "waits") / 1e6);
}

static void directory_print(const json_t *directory)
{
    static const char *const keys[] = {"mode",    "agents",   "list",     "filter", "order",
                                       "consent", "rule_set", "schedule", "zone"};
    fputs("directory     ", stdout);
    for (size_t i = 0, shown = 0; i < sizeof keys / sizeof *keys; i++)
        if (json_is_string(json_object_get(directory, keys[i])))
            printf("%s%s %s", shown++ > 0 ? ", " : "", keys[i], ctl_text_at(directory, keys[i]));
    puts(json_is_object(directory) ? "" : "has it no more");
}

static void why_print(const json_t *row)
{
    printf("not one more  %s: %s", ctl_text_at(row, "why"), ctl_text_at(row, "meaning"));
    if (json_is_integer(json_object_get(row, "opens_us"))) {
        char opens[MOMENT_TEXT];
        show_moment(ctl_number_at(row, "opens_us"), opens);
        printf("; it opens %s", opens);
    }
    putchar('\n');
    if (json_is_string(json_object_get(row, "reason"))) printf("reason        %s\n", ctl_text_at(row, "reason"));
}

/* Prints one record: its state, and the reason why it is not dialled. A record whose turn has not come waits for the
 * same reason as its campaign. */
static void record_print(const json_t *row)
{
    const json_t *record = json_object_get(row, "record");
    const char *state = ctl_text_at(record, "state");
    char due[MOMENT_TEXT];
    show_moment(ctl_number_at(record, "due_us"), due);
    printf("record %lld of campaign %s: %s, %s\n", ctl_number_at(record, "record"), ctl_text_at(row, "name"), state,
           ctl_text_at(record, "meaning"));
    if (strcmp(state, "ahead") == 0) printf("due           %s\n", due);
    if (strcmp(state, "due") == 0) why_print(row);
    if (strcmp(state, "elsewhere") == 0) return;
    printf("number        %s, dialled %lld times\n", ctl_text_at(record, "number"), ctl_number_at(record, "attempts"));
    if (json_is_string(json_object_get(record, "agent"))) printf("agent         %s\n", ctl_text_at(record, "agent"));
    if (json_is_string(json_object_get(record, "ixn"))) printf("interaction   %s\n", ctl_text_at(record, "ixn"));
}

static void one_print(const json_t *row)
{
    const char *rule;
    json_t *number;
    printf("campaign %s: %s, %s\n", ctl_text_at(row, "name"), ctl_text_at(row, "state"), ctl_text_at(row, "mode"));
    why_print(row);
    if (json_object_get(row, "dialled")) {
        campaign_calls_print(row);
        pace_print(row);
    }
    directory_print(json_object_get(row, "directory"));
    json_object_foreach(json_object_get(row, "rules"), rule, number)
        printf("%-13s %s %lld\n", strcmp(rule, "abandoned_permille") == 0 ? "rules" : "", rule,
               (long long)json_integer_value(number));
}

/* Prints the answer of `campaigns`: one record, one campaign with its rules, or the table of campaigns. */
void show_campaigns(const json_t *answer)
{
    const json_t *rows = json_object_get(answer, "campaigns"), *first = json_array_get(rows, 0);
    if (json_object_get(first, "record"))
        record_print(first);
    else if (json_object_get(first, "rules"))
        one_print(first);
    else
        show_table(stdout, rows, columns);
}

/* ---- load and start, whose list answers later than gcxvm ---- */

enum { LOOKS = 20 };

/* Prints what the list complains of. A list that cannot be reached for now is no failure: the campaign goes on when
 * the list is back. */
static enum ctl_exit reason_print(const json_t *row)
{
    bool runs = strcmp(ctl_text_at(row, "state"), "running") == 0;
    if (!json_is_string(json_object_get(row, "reason"))) return CTL_good;
    shown_print(stderr, "gcxctl: the campaign is %s, and its reason is: %s\n", ctl_text_at(row, "state"),
                ctl_text_at(row, "reason"));
    return runs ? CTL_good : CTL_refused;
}

/* Waits for the answer of the list; ends at its first answer, or after LOOKS tries. */
enum ctl_exit ctl_await_list(struct ctl *ctl, const struct ctl_line *line)
{
    assert(ctl && line && line->request);
    static const struct timespec pause = {0, 100000000};
    const char *op = ctl_text_at(line->request, "op");
    enum ctl_exit result = CTL_good;
    bool asks = line->command == COMMAND_campaign && (strcmp(op, "load") == 0 || strcmp(op, "start") == 0);
    for (unsigned look = 0; asks && look < LOOKS && result == CTL_good; look++) {
        json_t *request =
            json_pack("{s:i,s:s,s:O}", "id", 1, "command", "campaigns", "name", json_object_get(line->request, "name"));
        json_t *answer = ctl_ask(ctl, request, &result);
        const json_t *row = json_array_get(json_object_get(answer, "campaigns"), 0);
        asks = json_is_true(json_object_get(row, "asking"));
        if (answer && !asks) result = reason_print(row);
        json_decref(answer);
        if (asks) nanosleep(&pause, NULL);
    }
    return result;
}
