/* man/tables/stores.c - Prints tables, views, kinds, limits and commands of the records, their reports, the contact
 * store and the calling lists. */
#include "man/tables/page.h"
#include "man/tables/tables.h"

#include <stdio.h>
#include <string.h>

#include "runtime/records/table.h"
#include "runtime/sql/schema.h"
#include "runtime/vocabulary/contract.h"

/* Returns the types of records.def as the manual page writes them. */
static const char *type_of_record(const char *type)
{
    static const char *const words[][2] = {{"IXN", "interaction"}, {"CONN", "ConnID"},    {"TEXT", "text"},
                                           {"INT", "number"},      {"MS", "ms"},          {"TIME", "moment"},
                                           {"JSON", "JSON"},       {"QUARTER", "quarter"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i][0], type) == 0) return words[i][1];
    return type;
}

void records_common(void)
{
#define COMMON(column, doc) row(#column, "number", doc ".");
#include "runtime/records/records.def"
}

static void records_table(const char *name, const char *doc)
{
    printf(".Ss %s\nEach row: ", name);
    text(doc);
    puts(".");
    list_begin();
}

void records_tables(void)
{
#define TABLE(name, doc)                 records_table(#name, doc);
#define COLUMN(table, column, type, doc) row(#column, type_of_record(#type), doc ".");
#define END_TABLE(name)                  list_end();
#include "runtime/records/records.def"
}

void records_views(void)
{
#define VIEW(name, doc, sql) row(#name, "", doc ".");
#include "runtime/records/records.def"
}

static const char *kind_of_figure(const char *kind)
{
    static const char *const words[][2] = {{"COUNT", "number"}, {"MS", "ms"},           {"MOST", "ms, the most"},
                                           {"PART", "ms"},      {"PERCENT", "percent"}, {"MEAN", "ms"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i][0], kind) == 0) return words[i][1];
    return kind;
}

void reports_views(void)
{
#define REPORT(name, doc, sql)            records_table("report_" #name, doc);
#define THING(report, column, doc)        row(#column, "text", doc ".");
#define PER(report, column, doc)          row(#column, "text", doc ".");
#define FIGURE(report, figure, kind, doc) row(#figure, kind_of_figure(#kind), doc ".");
#define END_REPORT(report)                list_end();
#include "runtime/reports/reports.def"
}

/* A report of the list: its rates are told sentence by sentence, and then the columns to divide by. */
void reports_list(void)
{
    char sentence[400], per[200];
    size_t length = 0;
#define REPORT(name, doc, sql)                                                                                         \
    row(#name, "", doc ".");                                                                                           \
    length = 0;
#define PER(report, column, doc)                                                                                       \
    length += (size_t)snprintf(per + length, sizeof per - length, "%s%s", length > 0 ? ", " : "", #column);
#define RATE(report, figure, kind, over, under, doc)                                                                   \
    snprintf(sentence, sizeof sentence, "%s: %s.", #figure, doc);                                                      \
    text(sentence);                                                                                                    \
    puts("");
#define END_REPORT(report)                                                                                             \
    snprintf(sentence, sizeof sentence, "Can be divided by %s.", per);                                                 \
    text(sentence);                                                                                                    \
    puts("");
#include "runtime/reports/reports.def"
}

void reports_options(void)
{
    puts(".Bl -tag -width Ds");
#define OPTION(id, name, kind, field, word, doc) option_line(name, word, doc);
#include "runtime/reports/options.def"
#undef OPTION
    puts(".El");
}

void history_options(void)
{
    puts(".Bl -tag -width Ds");
#define OPTION(id, name, kind, field, word, doc) option_line(name, word, doc);
#include "runtime/records/history_options.def"
#undef OPTION
    puts(".El");
}

void sample_options(void)
{
    puts(".Bl -tag -width Ds");
#define OPTION(id, name, kind, field, word, doc) option_line(name, word, doc);
#include "runtime/records/sample_options.def"
#undef OPTION
    puts(".El");
}

void records_version(void)
{
    printf("%d.\n", VERSION_gcx_records);
}

void records_events(void)
{
#define EVENT(name, doc) row(#name, "", doc ".");
#include "runtime/records/events.def"
}

void records_exits(void)
{
#define EXIT(name, number, doc) row(#number, "", doc ".");
#include "runtime/records/exits.def"
#undef EXIT
}

/* Returns the types of store.def and lists.def as the manual pages write them. */
static const char *type_of_store(const char *type)
{
    static const char *const words[][2] = {
        {"KEY", "number, the key"}, {"REF", "number of a row"}, {"INT", "number"},  {"US", "moment"},
        {"TEXT", "text"},           {"BYTES", "bytes"},         {"FIELDS", "JSON"}, {"WORDS", "PostgreSQL: words"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strncmp(words[i][0], type, strlen(words[i][0])) == 0) return words[i][1];
    return type;
}

void store_tables(void)
{
#define TABLE(name, doc)                 records_table(#name, doc);
#define COLUMN(table, column, type, doc) row(#column, type_of_store(#type), doc ".");
#define END_TABLE(name, key)             list_end();
#include "runtime/store/store.def"
}

void store_kinds(void)
{
#define KIND(name, doc) row(#name, "", doc ".");
#include "runtime/store/kinds.def"
}

void store_limits(void)
{
#define LIMIT(name, number, doc) row(#number, "", doc ".");
#include "runtime/store/limits.def"
}

void store_version(void)
{
    printf("%d.\n", VERSION_gcx_store);
}

void store_commands(void)
{
#define COMMAND(name, words, least, most, store, doc) row(#name, words, doc ".");
#include "runtime/store/cli/commands.def"
}

void store_exits(void)
{
#define EXIT(name, number, doc) row(#number, "", doc ".");
#include "runtime/store/cli/exits.def"
#undef EXIT
}

void lists_tables(void)
{
#define TABLE(name, doc)                 records_table(#name, doc);
#define COLUMN(table, column, type, doc) row(#column, type_of_store(#type), doc ".");
#define END_TABLE(name, key)             list_end();
#include "runtime/lists/lists.def"
}

void lists_columns(void)
{
#define COLUMN(name, doc) row(#name, "", doc ".");
#define LEFT(name, doc)   row(#name, "export only", doc ".");
#include "runtime/lists/columns.def"
}

void lists_limits(void)
{
#define LIMIT(name, number, doc) number_row(number, "", doc ".");
#include "runtime/lists/limits.def"
}

void lists_answers(void)
{
#define ANSWER(name, doc) row(#name, "", doc ".");
#include "runtime/lists/answers.def"
}

void lists_functions(void)
{
#define FUNCTION(name, takes, gives, count, doc) row(#name, count == 1 ? "one value" : "two values", doc ".");
#include "runtime/lists/functions.def"
}

void lists_ops(void)
{
#define OP(name, status, others, moves, doc) row(#name, "", doc ".");
#include "runtime/lists/ops.def"
}

void lists_version(void)
{
    printf("%d.\n", VERSION_gcx_lists);
}

void lists_commands(void)
{
#define COMMAND(name, words, least, most, database, doc) row(#name, words, doc ".");
#include "runtime/lists/cli/commands.def"
}

void lists_options(void)
{
    puts(".Bl -tag -width Ds");
#define OPTION(id, name, kind, field, word, doc) option_line(name, word, doc);
#include "runtime/lists/cli/options.def"
#undef OPTION
    option_line("help", "", "this text");
    option_line("version", "", "the version of this gcxlists");
    puts(".El");
}

void lists_exits(void)
{
#define EXIT(name, number, doc) row(#number, "", doc ".");
#include "runtime/lists/cli/exits.def"
#undef EXIT
}
