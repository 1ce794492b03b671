/* runtime/daemon/ctl_show.c - Tables: columns as wide as what stands in them, times as people read them. */
#include "config.h"
#include "runtime/daemon/ctl_show.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

enum { COLUMNS_MAX = 12, CELL_MAX = 160 };

struct table {
    size_t columns, rows, capacity;
    char (*cells)[CELL_MAX]; /* row after row; the first is the head */
};

static void cell_add(struct table *table, const char *text)
{
    if (table->rows == table->capacity) {
        table->capacity = table->capacity > 0 ? 2 * table->capacity : 64;
        table->cells = realloc(table->cells, table->capacity * sizeof *table->cells);
        if (table->cells == NULL) abort();
    }
    snprintf(table->cells[table->rows++], CELL_MAX, "%s", text);
}

static struct table table_new(const char *const *head)
{
    struct table table = {0};
    for (; head[table.columns] != NULL; table.columns++) cell_add(&table, head[table.columns]);
    return table;
}

/* Characters, not bytes. */
static size_t width_of(const char *text)
{
    size_t width = 0;
    for (; *text != '\0'; text++)
        if (((unsigned char)*text & 0xc0) != 0x80) width++;
    return width;
}

static void table_print(struct table *table)
{
    size_t widths[COLUMNS_MAX] = {0};
    for (size_t i = 0; i < table->rows; i++) {
        size_t width = width_of(table->cells[i]);
        if (width > widths[i % table->columns]) widths[i % table->columns] = width;
    }
    for (size_t i = 0; i < table->rows; i++) {
        size_t column = i % table->columns;
        fputs(table->cells[i], stdout);
        if (column == table->columns - 1)
            putchar('\n');
        else
            printf("%*s", (int)(widths[column] - width_of(table->cells[i]) + 2), "");
    }
    free(table->cells);
}

static const char *text_at(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL ? text : "-";
}

static long long number_at(const json_t *object, const char *key)
{
    return (long long)json_integer_value(json_object_get(object, key));
}

static void text_cell(struct table *table, const json_t *object, const char *key)
{
    cell_add(table, text_at(object, key));
}

static void number_cell(struct table *table, const json_t *object, const char *key)
{
    char text[32];
    snprintf(text, sizeof text, "%lld", number_at(object, key));
    cell_add(table, text);
}

static void duration_cell(struct table *table, long long us)
{
    char text[40];
    long long s = us / 1000000;
    if (s < 60)
        snprintf(text, sizeof text, "%lld.%01llds", s, us / 100000 % 10);
    else if (s < 3600)
        snprintf(text, sizeof text, "%lldm%02llds", s / 60, s % 60);
    else
        snprintf(text, sizeof text, "%lldh%02lldm", s / 3600, s / 60 % 60);
    cell_add(table, us < 0 ? "-" : text);
}

static void moment_print(long long us, char *text, size_t size)
{
    time_t seconds = (time_t)(us / 1000000);
    struct tm local;
    size_t at;
    localtime_r(&seconds, &local);
    at = strftime(text, size, "%Y-%m-%d %H:%M:%S", &local);
    snprintf(text + at, size - at, ".%03lld", us / 1000 % 1000);
}

static void moment_cell(struct table *table, const json_t *object, const char *key)
{
    char text[48];
    moment_print(number_at(object, key), text, sizeof text);
    cell_add(table, number_at(object, key) > 0 ? text : "-");
}

/* French 9, Sales 2 */
static void pairs_cell(struct table *table, json_t *object)
{
    char text[CELL_MAX] = "";
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value)
    {
        size_t at = strlen(text);
        snprintf(text + at, sizeof text - at, "%s%s %lld", at > 0 ? ", " : "", key,
                 (long long)json_integer_value(value));
    }
    cell_add(table, text);
}

static void links_print(const json_t *answer)
{
    static const char *const head[] = {"LINK", "NUMBER", "ADAPTER", "SINCE", "SERVICE", "PROCESS", "RESTARTS", NULL};
    struct table table = table_new(head);
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(answer, "links"), i, row)
    {
        text_cell(&table, row, "name");
        number_cell(&table, row, "link");
        text_cell(&table, row, "state");
        moment_cell(&table, row, "since_us");
        text_cell(&table, row, "service");
        number_cell(&table, row, "pid");
        number_cell(&table, row, "restarts");
    }
    table_print(&table);
}

static void sources_print(const json_t *answer)
{
    static const char *const head[] = {"SOURCE", "TYPE", "QUERIES", "ERRORS", "WAITING", "DATABASE", NULL};
    struct table table = table_new(head);
    size_t i;
    json_t *row;
    if (json_array_size(json_object_get(answer, "sources")) == 0) {
        free(table.cells);
        return;
    }
    json_array_foreach(json_object_get(answer, "sources"), i, row)
    {
        text_cell(&table, row, "name");
        text_cell(&table, row, "type");
        number_cell(&table, row, "queries");
        number_cell(&table, row, "errors");
        number_cell(&table, row, "waiting");
        text_cell(&table, row, "database");
    }
    putchar('\n');
    table_print(&table);
}

static void strategies_print(const json_t *answer)
{
    static const char *const head[] = {"AT", "STRATEGY", "IMAGE", "FILE", NULL};
    struct table table = table_new(head);
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(answer, "strategies"), i, row)
    {
        char hash[17];
        snprintf(hash, sizeof hash, "%.16s", text_at(row, "image"));
        text_cell(&table, row, "at");
        text_cell(&table, row, "strategy");
        cell_add(&table, hash);
        text_cell(&table, row, "file");
    }
    table_print(&table);
}

/* What is let in, why not more, and what adapters had to do without the core. */
static void intake_print(const json_t *answer)
{
    const json_t *intake = json_object_get(answer, "intake"), *row;
    long long refused = 0, defaulted = 0;
    size_t i;
    json_array_foreach(json_object_get(answer, "links"), i, row)
    {
        refused += number_at(row, "refused");
        defaulted += number_at(row, "defaulted");
    }
    printf("intake        %s%s%s, an event is durable after %lld ms; adapters refused %lld arrivals, defaulted %lld "
           "calls\n",
           text_at(intake, "level"), json_is_string(json_object_get(intake, "why")) ? " because of " : "",
           json_is_string(json_object_get(intake, "why")) ? text_at(intake, "why") : "",
           number_at(intake, "lag_us") / 1000, refused, defaulted);
}

void show_status(const json_t *answer)
{
    printf("gcxvm %s, process %lld, up for %lld s, epoch %lld%s\n", text_at(answer, "version"),
           number_at(answer, "pid"), number_at(answer, "uptime_us") / 1000000, number_at(answer, "epoch"),
           json_is_true(json_object_get(answer, "ready")) ? "" : ", not ready yet");
    printf("interactions  %lld live, %lld waiting; %lld routed, %lld abandoned, %lld defaulted, %lld ended\n",
           number_at(answer, "interactions"), number_at(answer, "waiting"), number_at(answer, "routed"),
           number_at(answer, "abandoned"), number_at(answer, "defaulted"), number_at(answer, "ended"));
    printf("agents        %lld, of which %lld logged in, %lld ready; %lld claims\n", number_at(answer, "agents"),
           number_at(answer, "agents_logged_in"), number_at(answer, "agents_ready"), number_at(answer, "claims"));
    printf("journal       %lld batches, %lld events, %lld effects, digest %s\n", number_at(answer, "batches"),
           number_at(answer, "events"), number_at(answer, "effects"), text_at(answer, "digest"));
    intake_print(answer);
    putchar('\n');
    links_print(answer);
    sources_print(answer);
    putchar('\n');
    strategies_print(answer);
}

void show_agents(const json_t *answer)
{
    static const char *const head[] = {"AGENT", "STATE", "SINCE", "DN", "CLAIMS", "INTERACTION", "SKILLS", NULL};
    struct table table = table_new(head);
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(answer, "agents"), i, row)
    {
        text_cell(&table, row, "name");
        text_cell(&table, row, "state");
        moment_cell(&table, row, "since_us");
        text_cell(&table, row, "dn");
        number_cell(&table, row, "claims");
        text_cell(&table, row, "ixn");
        pairs_cell(&table, json_object_get(row, "skills"));
    }
    table_print(&table);
}

void show_queues(const json_t *answer)
{
    static const char *const head[] = {"QUEUE",     "WAITING", "LONGEST",      "ENTERED", "DISTRIBUTED",
                                       "ABANDONED", "CLEARED", "AVERAGE WAIT", NULL};
    struct table table = table_new(head);
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(answer, "queues"), i, row)
    {
        long long distributed = number_at(row, "distributed");
        text_cell(&table, row, "name");
        number_cell(&table, row, "waiting");
        duration_cell(&table, number_at(row, "longest_wait_us"));
        number_cell(&table, row, "entered");
        number_cell(&table, row, "distributed");
        number_cell(&table, row, "abandoned");
        number_cell(&table, row, "cleared");
        duration_cell(&table, distributed > 0 ? number_at(row, "wait_us") / distributed : -1);
    }
    table_print(&table);
}

void show_interactions(const json_t *answer)
{
    static const char *const head[] = {"INTERACTION", "CONNID", "ARRIVED", "FROM",     "TO",      "STRATEGY",
                                       "STATE",       "STEP",   "OWNER",   "PRIORITY", "OUTCOME", NULL};
    struct table table = table_new(head);
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(answer, "interactions"), i, row)
    {
        text_cell(&table, row, "ixn");
        text_cell(&table, row, "conn");
        moment_cell(&table, row, "arrived_us");
        text_cell(&table, row, "ani");
        text_cell(&table, row, "dnis");
        text_cell(&table, row, "strategy");
        text_cell(&table, row, "state");
        text_cell(&table, row, "step");
        text_cell(&table, row, "owner");
        number_cell(&table, row, "priority");
        text_cell(&table, row, "outcome");
    }
    table_print(&table);
    if (json_is_true(json_object_get(answer, "more"))) puts("(older ones are left out)");
}

void show_data(const json_t *answer)
{
    const char *key;
    json_t *value;
    json_object_foreach(json_object_get(answer, "data"), key, value)
    {
        char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
        printf("%-20s %s\n", key, text != NULL ? text : "?");
        free(text);
    }
}

static void decisions_print(const json_t *answer)
{
    static const char *const head[] = {"DECIDED",   "QUEUE",        "CHOSEN",  "LINE", "CANDIDATES",
                                       "NOT READY", "NOT MATCHING", "CLAIMED", NULL};
    struct table table = table_new(head);
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(answer, "decisions"), i, row)
    {
        moment_cell(&table, row, "at_us");
        text_cell(&table, row, "vq");
        cell_add(&table, json_is_string(json_object_get(row, "chosen")) ? text_at(row, "chosen") : "(nobody)");
        number_cell(&table, row, "line");
        number_cell(&table, row, "candidates");
        number_cell(&table, row, "not_ready");
        number_cell(&table, row, "not_matching");
        number_cell(&table, row, "claimed");
    }
    table_print(&table);
}

void show_trace(const json_t *answer)
{
    const json_t *row = json_object_get(answer, "interaction");
    size_t i;
    json_t *line;
    printf("interaction %s, ConnID %s, from %s to %s, strategy %s, priority %lld\n", text_at(row, "ixn"),
           text_at(row, "conn"), text_at(row, "ani"), text_at(row, "dnis"), text_at(row, "strategy"),
           number_at(row, "priority"));
    printf("state %s, step %s, owner %s %s, outcome %s\n\n", text_at(row, "state"), text_at(row, "step"),
           text_at(row, "owner_kind"), text_at(row, "owner"), text_at(row, "outcome"));
    json_array_foreach(json_object_get(answer, "history"), i, line)
    {
        char moment[48];
        moment_print(number_at(line, "at_us"), moment, sizeof moment);
        printf("%s  %s\n", moment, text_at(line, "what"));
    }
    if (json_array_size(json_object_get(answer, "decisions")) == 0) return;
    putchar('\n');
    decisions_print(answer);
}

void show_load(const json_t *answer)
{
    const json_t *directory = json_object_get(answer, "directory");
    printf("in force: %lld rows of %s\n", number_at(directory, "rows"), text_at(directory, "file"));
    strategies_print(answer);
}

void show_version(const json_t *answer)
{
    printf("gcxvm %s, adapter protocol %lld, vocabulary %lld, core semantics %lld\n", text_at(answer, "version"),
           number_at(answer, "protocol"), number_at(answer, "vocabulary"), number_at(answer, "semantics"));
}
