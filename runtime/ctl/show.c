/* runtime/ctl/show.c - Shows the answers of commands for people: mostly a table, described by its columns.
 *
 * Each command has a row in `shows`, at the end of the file: a function that prints what comes before the table, the
 * member of the answer that is a list, and the table's columns. For a command without a row "done" is printed. A new
 * command needs a row and, in most cases, columns; the JSON for tools is the answer itself, and needs nothing.
 *
 * What is printed comes from a copy of the answer in which control characters are replaced (show_tame), so no
 * function below has to consider them. A member that gcxvm has not sent is shown as "-" or 0 (ctl_text_at,
 * ctl_number_at), because gcxctl may be newer or older than gcxvm. */
#include "runtime/ctl/show.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/shown.h"

/* Prints the value: unchanged for tools, in ASCII for a terminal, so that no text in it can control the terminal. */
void show_json(const json_t *value, size_t flags)
{
    assert(value);
    json_dumpf(value, stdout, flags | (isatty(STDOUT_FILENO) ? JSON_ENSURE_ASCII : 0));
    putchar('\n');
}

/* Copies a JSON value; control characters in its texts and keys are replaced, so that they cannot control a
 * terminal. */
json_t *show_tame(const json_t *value)
{
    assert(value);
    json_t *made, *inner;
    const char *key;
    size_t i;
    char *text;
    if (json_is_string(value)) {
        text = shown_copy(json_string_value(value));
        made = json_string(text);
        free(text);
    } else if (json_is_array(value)) {
        made = json_array();
        json_array_foreach(value, i, inner) json_array_append_new(made, show_tame(inner));
    } else if (json_is_object(value)) {
        made = json_object();
        json_object_foreach((json_t *)value, key, inner)
        { /* jansson's loop over an object wants the object without const */
            text = shown_copy(key);
            json_object_set_new(made, text, show_tame(inner));
            free(text);
        }
    } else {
        made = json_deep_copy(value);
    }
    return made;
}

/* ---- columns ----
 *
 * Heads are for people; keys are the names of members in the answer. COLUMN_MOMENT is shown as a time of day,
 * COLUMN_AGE as the time from that moment until now, COLUMN_DURATION is already a length of time. The most important
 * columns come first: a narrow screen shows only those (show_table_within). */

static const struct column link_columns[] = {
    {"LINK", "name", COLUMN_TEXT},           {"NUMBER", "link", COLUMN_NUMBER},   {"ADAPTER", "state", COLUMN_TEXT},
    {"SINCE", "since_us", COLUMN_MOMENT},    {"SERVICE", "service", COLUMN_TEXT}, {"PROCESS", "pid", COLUMN_NUMBER},
    {"RESTARTS", "restarts", COLUMN_NUMBER}, {NULL, NULL, COLUMN_TEXT},
};
static const struct column snapshot_columns[] = {
    {"SNAPSHOT OF BATCH", "batch", COLUMN_NUMBER},
    {"CUT", "cut_us", COLUMN_MOMENT},
    {"BYTES", "bytes", COLUMN_NUMBER},
    {"HEAD", "head", COLUMN_TEXT},
    {NULL, NULL, COLUMN_TEXT},
};
static const struct column node_columns[] = {
    {"NODE", "name", COLUMN_TEXT},     {"ROLE", "role", COLUMN_TEXT},       {"TERM", "term", COLUMN_NUMBER},
    {"BATCH", "batch", COLUMN_NUMBER}, {"BEHIND", "behind", COLUMN_NUMBER}, {"SILENT", "silent_us", COLUMN_DURATION},
    {NULL, NULL, COLUMN_TEXT},
};
static const struct column source_columns[] = {
    {"SOURCE", "name", COLUMN_TEXT},       {"TYPE", "type", COLUMN_TEXT},         {"QUERIES", "queries", COLUMN_NUMBER},
    {"ERRORS", "errors", COLUMN_NUMBER},   {"WAITING", "waiting", COLUMN_NUMBER}, {"CIRCUIT", "circuit", COLUMN_TEXT},
    {"DATABASE", "database", COLUMN_TEXT}, {"TROUBLE", "trouble", COLUMN_TEXT},   {NULL, NULL, COLUMN_TEXT},
};
static const struct column active_columns[] = {
    {"AT", "at", COLUMN_TEXT},       {"STRATEGY", "strategy", COLUMN_TEXT},
    {"IMAGE", "image", COLUMN_HASH}, {"FILE", "file", COLUMN_TEXT},
    {NULL, NULL, COLUMN_TEXT},
};
static const struct column agent_columns[] = {
    {"AGENT", "name", COLUMN_TEXT},
    {"STATE", "state", COLUMN_TEXT},
    {"REASON", "reason_display", COLUMN_TEXT},
    {"FOR", "since_us", COLUMN_AGE},
    {"MEDIA", "media", COLUMN_PAIRS},
    {"THEIR REASONS", "media_reasons", COLUMN_PAIRS},
    {"DN", "dn", COLUMN_TEXT},
    {"HAS", "has", COLUMN_PAIRS},
    {"OF", "takes", COLUMN_PAIRS},
    {"CAPACITY", "capacity", COLUMN_TEXT},
    {"PROFILE", "profile", COLUMN_TEXT},
    {"INTERACTION", "ixn", COLUMN_TEXT},
    {"NOT CHOSEN", "not_chosen", COLUMN_TEXT},
    {"SKILLS", "skills", COLUMN_PAIRS},
    {NULL, NULL, COLUMN_TEXT},
};
static const struct column queue_columns[] = {
    {"QUEUE", "name", COLUMN_TEXT},
    {"WAITING", "waiting", COLUMN_NUMBER},
    {"LONGEST", "longest_wait_us", COLUMN_DURATION},
    {"ENTERED", "entered", COLUMN_NUMBER},
    {"DISTRIBUTED", "distributed", COLUMN_NUMBER},
    {"ABANDONED", "abandoned", COLUMN_NUMBER},
    {"CLEARED", "cleared", COLUMN_NUMBER},
    {"AVERAGE WAIT", "average_wait_us", COLUMN_DURATION},
    {"JUDGED", "judged", COLUMN_NUMBER},
    {"SATISFIED", "satisfied", COLUMN_NUMBER},
    {NULL, NULL, COLUMN_TEXT},
};
static const struct column counter_columns[] = {
    {"COUNTER", "name", COLUMN_TEXT},
    {"KEY", "key", COLUMN_TEXT},
    {"COUNT", "count", COLUMN_NUMBER},
    {"OVER", "over_us", COLUMN_DURATION},
    {"SINCE", "since_us", COLUMN_MOMENT},
    {"WITHOUT ROOM", "beyond", COLUMN_NUMBER},
    {NULL, NULL, COLUMN_TEXT},
};
static const struct column lead_columns[] = {{"PERSON", "person", COLUMN_TEXT},
                                             {"GROUP", "group", COLUMN_TEXT},
                                             {"QUEUE", "queue", COLUMN_TEXT},
                                             {NULL, NULL, COLUMN_TEXT}};
static const struct column latch_columns[] = {
    {"LATCH", "name", COLUMN_TEXT},
    {"SET", "set", COLUMN_TEXT},
    {"SINCE", "since_us", COLUMN_MOMENT},
    {NULL, NULL, COLUMN_TEXT},
};
static const struct column prompt_columns[] = {
    {"PROMPT", "name", COLUMN_TEXT},
    {NULL, NULL, COLUMN_TEXT},
};
static const struct column reason_columns[] = {
    {"REASON", "name", COLUMN_TEXT},
    {"DISPLAY", "display", COLUMN_TEXT},
    {NULL, NULL, COLUMN_TEXT},
};
static const struct column setting_columns[] = {
    {"SETTING", "name", COLUMN_TEXT},
    {"KIND", "kind", COLUMN_TEXT},
    {"VALUE", "value", COLUMN_TEXT},
    {"OF", "of", COLUMN_TEXT},
    {"BY", "by", COLUMN_TEXT},
    {"SINCE", "since_us", COLUMN_MOMENT},
    {"UNTIL", "until_us", COLUMN_MOMENT},
    {"EDIT", "edit", COLUMN_TEXT},
    {"REASON", "why", COLUMN_TEXT},
    {NULL, NULL, COLUMN_TEXT},
};
static const struct column audit_columns[] = {
    {"TIME", "at_us", COLUMN_MOMENT}, {"BY", "by", COLUMN_TEXT},
    {"WHAT", "what", COLUMN_TEXT},    {"SETTING", "name", COLUMN_TEXT},
    {"KEY", "key", COLUMN_TEXT},      {"OLD", "old", COLUMN_TEXT},
    {"NEW", "new", COLUMN_TEXT},      {"UNTIL", "until_us", COLUMN_MOMENT},
    {"REASON", "why", COLUMN_TEXT},   {NULL, NULL, COLUMN_TEXT},
};
static const struct column callback_columns[] = {
    {"NUMBER", "number", COLUMN_NUMBER},   {"DUE", "due_us", COLUMN_MOMENT},       {"TO", "to", COLUMN_TEXT},
    {"STRATEGY", "strategy", COLUMN_TEXT}, {"POINT", "dn", COLUMN_TEXT},           {"BOOKED BY", "from", COLUMN_TEXT},
    {"INTERACTION", "ixn", COLUMN_TEXT},   {"DIALLED", "attempts", COLUMN_NUMBER}, {NULL, NULL, COLUMN_TEXT},
};
static const struct column bin_columns[] = {
    {"NAME", "name", COLUMN_TEXT},
    {"WHOSE", "whose", COLUMN_TEXT},
    {"WAITING", "waiting", COLUMN_NUMBER},
    {"FIRST CAME", "since_us", COLUMN_MOMENT},
    {NULL, NULL, COLUMN_TEXT},
};
static const struct column wait_columns[] = {
    {"NEIGHBOUR", "neighbour", COLUMN_TEXT}, {"ANSWER TO", "answer", COLUMN_TEXT}, {"COUNT", "count", COLUMN_NUMBER},
    {"FIRST", "first", COLUMN_TEXT},         {"AWAY", "away", COLUMN_LIST},        {NULL, NULL, COLUMN_TEXT},
};
static const struct column quarantine_columns[] = {
    {"SINCE", "since_us", COLUMN_MOMENT}, {"EVENT", "event", COLUMN_TEXT},
    {"LINK", "link", COLUMN_NUMBER},      {"NUMBER", "number", COLUMN_NUMBER},
    {"BATCH", "batch", COLUMN_NUMBER},    {"INTERACTION", "ixn", COLUMN_TEXT},
    {"CONNID", "conn", COLUMN_TEXT},      {"BECAME", "end", COLUMN_TEXT},
    {"PASSED", "passed", COLUMN_NUMBER},  {NULL, NULL, COLUMN_TEXT},
};
static const struct column interaction_columns[] = {
    {"INTERACTION", "ixn", COLUMN_TEXT},
    {"CONNID", "conn", COLUMN_TEXT},
    {"ARRIVED", "arrived_us", COLUMN_MOMENT},
    {"FROM", "ani", COLUMN_TEXT},
    {"TO", "dnis", COLUMN_TEXT},
    {"STRATEGY", "strategy", COLUMN_TEXT},
    {"STATE", "state", COLUMN_TEXT},
    {"STEP", "step", COLUMN_TEXT},
    {"QUEUE", "vq", COLUMN_TEXT},
    {"OWNER", "owner", COLUMN_TEXT},
    {"PRIORITY", "priority", COLUMN_NUMBER},
    {"OUTCOME", "outcome", COLUMN_TEXT},
    {NULL, NULL, COLUMN_TEXT},
};
static const struct column point_columns[] = {
    {"POINT", "dn", COLUMN_TEXT},
    {"STRATEGY", "strategy", COLUMN_TEXT},
    {"IMAGE", "image", COLUMN_HASH},
    {"PERCENT", "percent", COLUMN_NUMBER},
    {"BEFORE", "before", COLUMN_TEXT},
    {"ANSWER WITHIN", "answer_timeout_us", COLUMN_DURATION},
    {"GRACE", "router_grace_us", COLUMN_DURATION},
    {"DEFAULTS", "defaults", COLUMN_TEXT},
    {NULL, NULL, COLUMN_TEXT},
};
static const struct column image_columns[] = {
    {"IMAGE", "image", COLUMN_HASH},
    {"INTERACTIONS", "interactions", COLUMN_NUMBER},
    {"POINTS", "routing_points", COLUMN_NUMBER},
    {"BYTES", "bytes", COLUMN_NUMBER},
    {"STRATEGIES", "strategies", COLUMN_LIST},
    {NULL, NULL, COLUMN_TEXT},
};
static const struct column version_columns[] = {
    {"IMAGE", "image", COLUMN_HASH},
    {"STATE", "state", COLUMN_TEXT},
    {"INTERACTIONS", "interactions", COLUMN_NUMBER},
    {"SINCE", "since_us", COLUMN_MOMENT},
    {"OLDEST", "oldest_us", COLUMN_MOMENT},
    {"POINTS", "points", COLUMN_LIST},
    {"STRATEGIES", "strategies", COLUMN_LIST},
    {"TOLD", "told", COLUMN_TEXT},
    {NULL, NULL, COLUMN_TEXT},
};
static const struct column loaded_columns[] = {
    {"IMAGE", "image", COLUMN_TEXT},
    {"STRATEGIES", "strategies", COLUMN_LIST},
    {"FILE", "file", COLUMN_TEXT},
    {NULL, NULL, COLUMN_TEXT},
};

/* ---- sentences ---- */

/* Prints the level of the intake with its reason, and the arrivals that adapters handled without the core. */
static void intake_print(const json_t *answer)
{
    const json_t *intake = json_object_get(answer, "intake"), *row;
    long long refused = 0, defaulted = 0;
    size_t i;
    json_array_foreach(json_object_get(answer, "links"), i, row)
    {
        refused += ctl_number_at(row, "refused");
        defaulted += ctl_number_at(row, "defaulted");
    }
    bool space = json_is_string(json_object_get(intake, "why")) && strcmp(ctl_text_at(intake, "why"), "space") == 0;
    char left[48] = "";
    if (space)
        snprintf(left, sizeof left, " (%.1f %% is free)",
                 json_number_value(json_object_get(intake, "space_free_percent")));
    printf(
        "intake        %s%s%s%s%s, an event is durable after %lld ms; adapters refused %lld arrivals, defaulted %lld "
        "calls\n",
        json_is_true(json_object_get(answer, "draining")) ? "drained: no more calls are let in; " : "",
        ctl_text_at(intake, "level"), json_is_string(json_object_get(intake, "why")) ? " because of " : "",
        json_is_string(json_object_get(intake, "why")) ? ctl_text_at(intake, "why") : "", left,
        ctl_number_at(intake, "lag_us") / 1000, refused, defaulted);
}

/* Prints the newest snapshot: a start loads it and replays the batches after it, so this line shows how long a start
 * would take. */
static void snapshot_print(const json_t *journal)
{
    char age[DURATION_TEXT];
    show_duration(ctl_number_at(journal, "snapshot_age_us"), age);
    if (ctl_number_at(journal, "snapshot") == 0)
        printf("snapshot      none yet; a start replays %lld batches", ctl_number_at(journal, "last"));
    else
        printf("snapshot      of batch %lld, %s old, %lld bytes; a start replays the %lld events after it",
               ctl_number_at(journal, "snapshot"), age, ctl_number_at(journal, "snapshot_bytes"),
               ctl_number_at(journal, "tail_events"));
    printf("%s\n", json_is_true(json_object_get(journal, "cutting")) ? "; one is being cut" : "");
    if (json_is_string(json_object_get(journal, "failed")))
        printf("NO SNAPSHOT   %s\n", ctl_text_at(journal, "failed"));
}

/* Prints the answer of `cluster`. A follower learns the leader's last batch from the leader's signs of life. Until
 * the first sign has come, that number is smaller than the follower's own batch. */
static void show_cluster(const json_t *answer)
{
    char silent[DURATION_TEXT];
    long long copies = ctl_number_at(answer, "copies");
    long long silent_us = ctl_number_at(answer, "silent_us");
    show_duration(silent_us, silent);
    bool follows = strcmp(ctl_text_at(answer, "role"), "follower") == 0;
    printf("this one      %s, at batch %lld", ctl_text_at(answer, "role"), ctl_number_at(answer, "batch"));
    if (follows && ctl_number_at(answer, "last") < ctl_number_at(answer, "batch"))
        puts(", and has not heard yet how far the leader is");
    else if (follows)
        printf(" of %lld, the leader's last sign is %s%s; lease %lld ms\n", ctl_number_at(answer, "last"),
               silent_us == 0 ? "not known" : silent, silent_us == 0 ? "" : " old", ctl_number_at(answer, "lease_ms"));
    else
        printf(", copies: %.*lld%s\n", copies > 0, copies, copies == 0 ? "not known" : copies == 1 ? " (ALARM)" : "");
    if (ctl_number_at(answer, "unled_us") > 0) {
        show_duration(ctl_number_at(answer, "unled_us"), silent);
        printf("NOBODY LEADS  since %s: %s\n", silent, ctl_text_at(answer, "why"));
    }
    if (json_is_string(json_object_get(answer, "waits")))
        printf("WAITS         until it can follow: %s\n", ctl_text_at(answer, "waits"));
    else if (ctl_number_at(answer, "aside_us") > 0)
        puts("DATABASE      the journal's database does not answer: another gcxvm may lead, ask it for `cluster`");
    else if (json_is_true(json_object_get(answer, "away")))
        printf("DATABASE      the journal's database does not answer: what is known of the others is from before\n");
}

/* Prints, before the table, the answer of `journal list` and of like commands. */
static void show_journal(const json_t *answer)
{
    const json_t *journal = json_object_get(answer, "journal");
    printf("journal       batches %lld to %lld, %lld bytes, of which %lld are free to be used again\n",
           ctl_number_at(journal, "first"), ctl_number_at(journal, "last"), ctl_number_at(journal, "bytes"),
           ctl_number_at(journal, "free_bytes"));
    if (ctl_number_at(journal, "began_from") > 0)
        printf("this start    from the snapshot of batch %lld and %lld batches after it\n",
               ctl_number_at(journal, "began_from"), ctl_number_at(journal, "began_tail"));
    else
        printf("this start    from the beginning, %lld batches\n", ctl_number_at(journal, "began_tail"));
    snapshot_print(journal);
    const json_t *row;
    size_t i;
    json_array_foreach(json_object_get(answer, "readers"), i, row)
    {
        char age[DURATION_TEXT];
        show_duration(ctl_number_at(row, "silent_us"), age);
        printf("reader        %s stands at batch %lld, as it said %s ago\n", ctl_text_at(row, "name"),
               ctl_number_at(row, "batch"), age);
    }
    json_array_foreach(json_object_get(answer, "done"), i, row) printf("%s\n", json_string_value(row));
    if (json_array_size(json_object_get(answer, "snapshots")) > 0) putchar('\n');
}

/* Prints the sentences that the command has returned, and nothing else. */
static void show_done(const json_t *answer)
{
    const json_t *row;
    size_t i;
    json_array_foreach(json_object_get(answer, "done"), i, row) printf("%s\n", json_string_value(row));
}

/* Prints what does not work; the words in capitals mean that somebody must look after it. */
static void degraded_print(const json_t *answer)
{
    const json_t *row;
    size_t i;
    json_array_foreach(json_object_get(answer, "degraded"), i, row)
    {
        bool source = !json_is_string(json_object_get(row, "adapter"));
        char age[DURATION_TEXT];
        show_duration(ctl_number_at(row, "for_us"), age);
        printf("DEGRADED      %s %s: %s", source ? ctl_text_at(row, "kind") : ctl_text_at(row, "adapter"),
               ctl_text_at(row, "name"), ctl_text_at(row, "why"));
        printf(ctl_number_at(row, "for_us") == 0 ? "\n" : ", for %s\n", age);
    }
    if (ctl_number_at(answer, "degraded_more") > 0)
        printf("DEGRADED      and %lld more\n", ctl_number_at(answer, "degraded_more"));
}

/* Prints the certificates that expire within 14 days, when monitoring warns of them, too. */
static void certificates_print(const json_t *answer)
{
    const long long soon_us = 14LL * 86400 * 1000000;
    const json_t *row;
    size_t i;
    json_array_foreach(json_object_get(answer, "certificates"), i, row)
    {
        long long left_us = ctl_number_at(row, "left_us");
        char left[DURATION_TEXT];
        if (left_us >= soon_us) continue;
        show_duration(left_us > 0 ? left_us : -left_us, left);
        printf("CERTIFICATE   %s of %s %s %s%s: renew it\n", ctl_text_at(row, "name"), ctl_text_at(row, "adapter"),
               left_us > 0 ? "ends in" : "has ended", left, left_us > 0 ? "" : " ago");
    }
}

/* Prints for each adapter what it has refused, how often and why, since its process began. The name of such a figure
 * is the prefix `refused.`, and after it the reason. */
static void refused_print(const json_t *answer)
{
    static const char prefix[] = "refused.";
    const json_t *row, *value;
    const char *name;
    size_t i;
    json_array_foreach(json_object_get(answer, "links"), i, row)
    {
        const char *before = NULL;
        json_object_foreach((json_t *)(uintptr_t)json_object_get(row, "figures"), name, value)
        {
            if (strncmp(name, prefix, sizeof prefix - 1) != 0 || json_integer_value(value) == 0) continue;
            if (!before) printf("TURNED AWAY   by %s: ", ctl_text_at(row, "name"));
            printf("%s%lld %s", before ? before : "", (long long)json_integer_value(value), name + sizeof prefix - 1);
            before = ", ";
        }
        if (before) putchar('\n');
    }
}

/* Prints the answer of `status`, from calls to strategies. A line about a trouble is left out if there is none, so a
 * short page is a good sign. */
static void show_status(const json_t *answer)
{
    char up[DURATION_TEXT];
    show_duration(ctl_number_at(answer, "uptime_us"), up);
    printf("gcxvm %s, process %lld, up for %s, epoch %lld%s\n", ctl_text_at(answer, "version"),
           ctl_number_at(answer, "pid"), up, ctl_number_at(answer, "epoch"),
           json_is_true(json_object_get(answer, "ready")) ? "" : ", not ready yet");
    long long live = ctl_number_at(answer, "interactions"), routed = ctl_number_at(answer, "routed"),
              ended = ctl_number_at(answer, "ended");
    printf("interactions  %lld live, %lld waiting; %lld routed, %lld abandoned, %lld defaulted, %lld ended%s\n", live,
           ctl_number_at(answer, "waiting"), routed, ctl_number_at(answer, "abandoned"),
           ctl_number_at(answer, "defaulted"), ended,
           routed > live + ended ? " (routed counts each time that one is routed)" : "");
    printf("agents        %lld, of which %lld logged in, %lld ready; %lld claims\n", ctl_number_at(answer, "agents"),
           ctl_number_at(answer, "agents_logged_in"), ctl_number_at(answer, "agents_ready"),
           ctl_number_at(answer, "claims"));
    printf("journal       %lld batches, %lld events, %lld effects, digest %s\n", ctl_number_at(answer, "batches"),
           ctl_number_at(answer, "events"), ctl_number_at(answer, "effects"), ctl_text_at(answer, "digest"));
    snapshot_print(json_object_get(answer, "journal"));
    if (ctl_number_at(answer, "quarantined") > 0)
        printf("QUARANTINE    %lld events or timers have crashed the core: gcxctl quarantine\n",
               ctl_number_at(answer, "quarantined"));
    if (ctl_number_at(answer, "agents_ignored") > 0)
        printf("IGNORED       %lld reports of agents whom the directory does not have, since 65,536 such are known: "
               "put your "
               "agents into the directory, and let only your users log in (users, gcx-tserver(5))\n",
               ctl_number_at(answer, "agents_ignored"));
    if (ctl_number_at(answer, "out_of_reach") > 0)
        printf(
            "OUT OF REACH  %lld selections of calls matched only agents with telephones at other links; the log names "
            "the virtual queues: log these agents in at the switch of the calls, too, or give the directory an access "
            "(gcx-directory(5))\n",
            ctl_number_at(answer, "out_of_reach"));
    if (ctl_number_at(answer, "unfit") > 0)
        printf(
            "UNFIT         %lld interactions came into queues whose strategy is for other media, and only people find "
            "them there; the log names the queues: bind a strategy for these media\n",
            ctl_number_at(answer, "unfit"));
    if (ctl_number_at(answer, "hand_overs_failed") + ctl_number_at(answer, "hand_overs_stray") > 0)
        printf(
            "SWITCHES      %lld calls were sent to another switch and did not come there, %lld came where another was "
            "awaited: look at trunks, access codes and external routing points (gcx-directory(5))\n",
            ctl_number_at(answer, "hand_overs_failed"), ctl_number_at(answer, "hand_overs_stray"));
    if (ctl_number_at(answer, "texts_refused") > 0)
        printf(
            "REFUSED       %lld texts that came as data did not hold (log.refused); the log names the last one and its "
            "place, and gcxctl trace of its interaction shows it\n",
            ctl_number_at(answer, "texts_refused"));
    if (ctl_number_at(answer, "strategy_faults") > 0)
        printf("FAULTS        %lld faults of strategies, such as an overflow or a loop without a wait; the log names "
               "strategy and line\n",
               ctl_number_at(answer, "strategy_faults"));
    intake_print(answer);
    refused_print(answer);
    degraded_print(answer);
    certificates_print(answer);
    if (json_is_string(json_object_get(json_object_get(answer, "directory"), "error")))
        printf("NOT LOADED    %s\n", ctl_text_at(json_object_get(answer, "directory"), "error"));
    if (json_is_string(json_object_get(json_object_get(answer, "directory"), "by_hand_of")))
        printf("directory     imported by %s from %s; `gcxctl directory import` without a file takes the "
               "configuration's\n",
               ctl_text_at(json_object_get(answer, "directory"), "by_hand_of"),
               ctl_text_at(json_object_get(answer, "directory"), "file"));
    if (json_is_string(json_object_get(answer, "http")))
        printf("metrics       http://%s/metrics\n", ctl_text_at(answer, "http"));
    putchar('\n');
    show_table(stdout, json_object_get(answer, "links"), link_columns);
    if (json_array_size(json_object_get(answer, "sources")) > 0) {
        putchar('\n');
        show_table(stdout, json_object_get(answer, "sources"), source_columns);
    }
    putchar('\n');
    show_table(stdout, json_object_get(answer, "strategies"), active_columns);
}

/* Adds the average wait of each queue, which is not in the answer, and is computed from the sums. */
static void averages_put(const json_t *answer)
{
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(answer, "queues"), i, row)
    {
        long long distributed = ctl_number_at(row, "distributed");
        if (distributed > 0)
            json_object_set_new(row, "average_wait_us", json_integer(ctl_number_at(row, "wait_us") / distributed));
    }
}

/* Prints the version of the running gcxvm; gcxctl --version prints that of gcxctl. */
static void show_version(const json_t *answer)
{
    printf("gcxvm %s, adapter protocol %lld, vocabulary %lld, core semantics %lld\n", ctl_text_at(answer, "version"),
           ctl_number_at(answer, "protocol"), ctl_number_at(answer, "vocabulary"), ctl_number_at(answer, "semantics"));
}

static void warnings_print(const json_t *of)
{
    const json_t *warning;
    size_t i;
    json_array_foreach(json_object_get(of, "warnings"), i, warning) printf("warning: %s\n", json_string_value(warning));
}

/* Prints, after `load FILE`, the images that are known now; after a load of everything, what is in force. */
static void show_loaded(const json_t *answer)
{
    const json_t *directory = json_object_get(answer, "directory");
    if (json_object_get(answer, "images")) {
        show_table(stdout, json_object_get(answer, "images"), loaded_columns);
        warnings_print(answer);
        puts("known now; `gcxctl activate POINT IMAGE` puts it in force");
        return;
    }
    printf("in force: %lld rows of %s\n", ctl_number_at(directory, "rows"), ctl_text_at(directory, "file"));
    warnings_print(directory);
    show_table(stdout, json_object_get(answer, "strategies"), active_columns);
}

/* Prints a line for each row that another directory would change. */
static void show_difference(const json_t *answer)
{
    const json_t *line;
    long long lines = (long long)json_array_size(json_object_get(answer, "lines"));
    long long all =
        ctl_number_at(answer, "added") + ctl_number_at(answer, "removed") + ctl_number_at(answer, "changed");
    size_t i;
    json_array_foreach(json_object_get(answer, "lines"), i, line) puts(json_string_value(line));
    if (lines < all) printf("(%lld more lines are left out: --lines %lld shows all)\n", all - lines, all);
}

/* Prints the rows as JSON, one a line; for people there is directory-export. */
static void show_rows(const json_t *answer)
{
    const json_t *row;
    size_t i;
    json_array_foreach(json_object_get(answer, "rows"), i, row) show_json(row, JSON_COMPACT);
    if (json_is_string(json_object_get(answer, "next"))) printf("(more from %s)\n", ctl_text_at(answer, "next"));
}

/* Prints what was activated, and how long that holds. */
static void show_activated(const json_t *answer)
{
    printf("at %s runs %s of image %.12s from now on%s\n", ctl_text_at(answer, "at"), ctl_text_at(answer, "strategy"),
           ctl_text_at(answer, "image"),
           json_is_true(json_object_get(answer, "by_hand"))
               ? ": it stays so over reloads and restarts until the configuration's is activated"
               : ", as the configuration has it");
    warnings_print(answer);
}

/* Prints the setting's value in force from now on, and the one before. */
static void show_set(const json_t *answer)
{
    const char *key = json_string_value(json_object_get(answer, "key"));
    printf("%s%s%s: %s", ctl_text_at(answer, "name"), key ? " " : "", key ? key : "", ctl_text_at(answer, "value"));
    if (!json_is_null(json_object_get(answer, "old"))) printf(" (was %s)", ctl_text_at(answer, "old"));
    putchar('\n');
}

/* Says which lasting change by hand is in force again, if there is one. */
static void show_unset(const json_t *answer)
{
    const char *key = json_string_value(json_object_get(answer, "key"));
    if (json_object_get(answer, "lasting"))
        printf("%s%s%s: back to %s, which lasts\n", ctl_text_at(answer, "name"), key ? " " : "", key ? key : "",
               ctl_text_at(answer, "lasting"));
    else
        puts("done");
}

static void show_waits(const json_t *answer)
{
    if (json_array_size(json_object_get(answer, "waits")) == 0) puts("nothing is waited for, and nothing is away");
}

/* Prints, before the table, what to do about events that have crashed the core twice. */
static void show_quarantine(const json_t *answer)
{
    const json_t *list = json_object_get(answer, "quarantine");
    if (json_array_size(list) == 0)
        puts("nothing has crashed the core twice");
    else
        puts("Each of these has crashed the core twice. Send to who maintains it: this list, the log, a core dump "
             "where\n"
             "GCX_ALLOW_DUMPS=1 allows one (coredumpctl), and a copy of the state folder, whose journal has the event "
             "in the batch named here.\n");
}

/* Prints agents. One agent is shown with groups; a list of agents is shown without. */
static void show_agent(const json_t *answer)
{
    const json_t *row = json_array_get(json_object_get(answer, "agents"), 0);
    static const struct column groups[] = {{"GROUPS", "groups", COLUMN_LIST}, {NULL, NULL, COLUMN_TEXT}};
    static const struct column by_hand[] = {{"BY HAND", "kind", COLUMN_TEXT}, {"NAME", "name", COLUMN_TEXT},
                                            {"VALUE", "value", COLUMN_TEXT},  {"UNTIL", "until_us", COLUMN_MOMENT},
                                            {"BY", "by", COLUMN_TEXT},        {"WHY", "why", COLUMN_TEXT},
                                            {NULL, NULL, COLUMN_TEXT}};
    show_table(stdout, json_object_get(answer, "agents"), agent_columns);
    if (!json_object_get(row, "known")) return; /* a row of a list */
    putchar('\n');
    if (json_object_get(row, "by"))
        shown_print(stdout, "the state was set by %s: %s\n\n", ctl_text_at(row, "by"), ctl_text_at(row, "why"));
    show_table(stdout, json_object_get(answer, "agents"), groups);
    if (json_array_size(json_object_get(row, "by_hand")) > 0) {
        putchar('\n');
        show_table(stdout, json_object_get(row, "by_hand"), by_hand);
    }
    if (!json_is_true(json_object_get(row, "known"))) puts("not in the directory: such an agent has no skills");
}

/* Prints, before the table, what the site says of the one setting that was asked for, and all its rows. */
static void show_settings(const json_t *answer)
{
    const json_t *row = json_array_get(json_object_get(answer, "settings"), 0);
    if (!json_object_get(answer, "audit")) return;
    if (json_is_string(json_object_get(row, "doc"))) shown_print(stdout, "%s\n", ctl_text_at(row, "doc"));
    if (json_is_string(json_object_get(row, "low")))
        shown_print(stdout, "from %s to %s, written %s\n", ctl_text_at(row, "low"), ctl_text_at(row, "high"),
                    ctl_text_at(row, "written"));
    if (strcmp(ctl_text_at(row, "kind"), "schedule") == 0) shown_print(stdout, "%s\n", ctl_text_at(row, "lines"));
    if (json_object_get(answer, "rows")) {
        static const struct column rows[] = {
            {"KEY", "key", COLUMN_TEXT}, {"ROW", "fields", COLUMN_PAIRS}, {NULL, NULL, COLUMN_TEXT}};
        show_table(stdout, json_object_get(answer, "rows"), rows);
    }
    show_table(stdout, json_object_get(answer, "audit"), audit_columns);
}

static const struct {
    const char *list; /* the member of the answer that is a list of rows */
    const struct column *columns;
    void (*show)(const json_t *); /* prints what comes before the table; NULL: nothing */
} shows[COMMANDS] = {
    [COMMAND_status] = {.show = show_status},
    [COMMAND_agents] = {"agents", NULL, show_agent},
    [COMMAND_queues] = {"queues", queue_columns, averages_put},
    [COMMAND_counters] = {"counters", counter_columns, NULL},
    [COMMAND_leads] = {"leads", lead_columns, NULL},
    [COMMAND_latches] = {"latches", latch_columns, NULL},
    [COMMAND_prompts] = {"prompts", prompt_columns, NULL},
    [COMMAND_reasons] = {"reasons", reason_columns, NULL},
    [COMMAND_settings] = {"settings", setting_columns, show_settings},
    [COMMAND_audit] = {"audit", audit_columns, NULL},
    [COMMAND_set] = {.show = show_set},
    [COMMAND_remove] = {.show = show_set},
    [COMMAND_unset] = {.show = show_unset},
    [COMMAND_callbacks] = {"callbacks", callback_columns, NULL},
    [COMMAND_bins] = {"bins", bin_columns, NULL},
    [COMMAND_waits] = {"waits", wait_columns, show_waits},
    [COMMAND_quarantine] = {"quarantine", quarantine_columns, show_quarantine},
    [COMMAND_campaigns] = {"campaigns", NULL, show_campaigns},
    [COMMAND_interactions] = {"interactions", interaction_columns, NULL},
    [COMMAND_interaction] = {.show = show_interaction},
    [COMMAND_trace] = {.show = show_trace},
    [COMMAND_why] = {"agents", NULL, show_why},
    [COMMAND_data] = {.show = ctl_show_data},
    [COMMAND_journal_list] = {"snapshots", snapshot_columns, show_journal},
    [COMMAND_snapshot] = {"snapshots", snapshot_columns, show_journal},
    [COMMAND_journal_prune] = {"snapshots", snapshot_columns, show_journal},
    [COMMAND_journal_verify] = {"snapshots", snapshot_columns, show_journal},
    [COMMAND_journal_export] = {.show = show_journal},
    [COMMAND_backup] = {.show = show_done},
    [COMMAND_reconcile] = {.show = show_done},
    [COMMAND_links] = {"links", link_columns, NULL},
    [COMMAND_sources] = {"sources", source_columns, NULL},
    [COMMAND_routing_points] = {"routing_points", point_columns, NULL},
    [COMMAND_strategies] = {"images", image_columns, NULL},
    [COMMAND_rollouts] = {"rollouts", NULL, show_rollouts},
    [COMMAND_rollout] = {.show = show_rollout},
    [COMMAND_versions] = {"versions", version_columns, NULL},
    [COMMAND_cluster] = {"nodes", node_columns, show_cluster},
    [COMMAND_version] = {.show = show_version},
    [COMMAND_reload] = {.show = show_loaded},
    [COMMAND_directory_import] = {.show = show_loaded},
    [COMMAND_directory_diff] = {.show = show_difference},
    [COMMAND_directory_rows] = {.show = show_rows},
    [COMMAND_load] = {.show = show_loaded},
    [COMMAND_activate] = {.show = show_activated},
};

/* The member of a command's answer that is a list of rows; NULL: there is none. */
const char *show_list(enum command_id id)
{
    assert(id < COMMANDS);
    return shows[id].list;
}

/* Prints an answer: first sentences, then the table, then whether there are more rows. */
void ctl_show(enum command_id id, const json_t *answer)
{
    assert(id < COMMANDS && answer);
    json_t *tame = show_tame(answer), *next = json_object_get(tame, "next");
    const char *list = shows[id].list;
    assert(list || !shows[id].columns);
    if (shows[id].show) shows[id].show(tame);
    if (shows[id].columns) show_table(stdout, json_object_get(tame, list), shows[id].columns);
    if (!shows[id].show && !shows[id].columns) puts("done");
    if (list && next && !json_is_null(next)) printf("(more %s are left out: --limit 0 shows all)\n", list);
    json_decref(tame);
}
