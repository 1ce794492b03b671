/* man/tables.c - Fills the manual's pages from the tables: a line `.\"@table NAME` of the template on standard input is
 * replaced by the rows of NAME as an mdoc list. So the manual cannot lag behind the code. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "runtime/adapters/email/mime.h"
#include "runtime/adapter/protocol.h"
#include "runtime/adapter/waiting.h"
#include "runtime/records/table.h"
#include "runtime/store/version.h"

/* Text that mdoc and roff would take for a request or an escape is written so that it is only text. */
static void text(const char *words)
{
    unsigned column = 0;
    for (; *words; words++, column++) {
        if (column == 0 && (*words == '.' || *words == '\'')) fputs("\\&", stdout);
        if (*words == ' ' && (column > 60 || (column > 0 && words[-1] == '.'))) { /* a new sentence, a new line */
            putchar('\n');
            column = ~0u;
        } else if (*words == '\\')
            fputs("\\e", stdout);
        else if (*words == '"')
            fputs("\\(dq", stdout), column += 3;
        else
            putchar(*words);
    }
}

static void row(const char *name, const char *aside, const char *doc)
{
    fputs(".It Sy \"", stdout);
    text(name);
    putchar('"');
    if (*aside) {
        fputs(" Pq \"", stdout);
        text(aside);
        putchar('"');
    }
    putchar('\n');
    if (!*doc) return;
    text(doc);
    putchar('\n');
}

static void list_begin(void)
{
    puts(".Bl -tag -width Ds -compact");
}
static void list_end(void)
{
    puts(".El");
}

static void opcodes(void)
{
#define OP(name, layout, a, b, c, flags, doc) row(#name, #layout, doc);
#include "vm/opcodes.def"
#undef OP
}

/* "GROUP | VQ, COUNT, NOW" as "group, vq; count, now". */
static const char *measured(const char *objects, const char *unit, const char *when)
{
    static char words[96];
    size_t length = 0;
    for (const char *c = objects; *c && length < sizeof words - 32; c++)
        if (*c == '|')
            words[length - 1] = ',', words[length++] = ' ', c++;
        else
            words[length++] = (char)(*c >= 'A' && *c <= 'Z' ? *c + 'a' - 'A' : *c);
    snprintf(words + length, sizeof words - length, "; %s%s", unit, when);
    return words;
}

/* With the filters that it takes. */
static const char *filtered(const char *doc, const char *filters)
{
    static char text[200];
    snprintf(text, sizeof text, "%s%s%s.", doc, strstr(filters, "MEDIUM") ? "; takes media:" : "",
             strstr(filters, "WITHIN") ? ", within:" : "");
    return text;
}

static void measures(void)
{
#define UNIT_COUNT    "count"
#define UNIT_DURATION "duration"
#define UNIT_PERCENT  "percent"
#define WHEN_OVER     ""
#define WHEN_NOW      ", now"
#define MEASURE(name, objects, unit, when, filters, doc)                                                               \
    row(#name, measured(#objects, UNIT_##unit, WHEN_##when), filtered(doc, #filters));
#include "vm/measures.def"
#undef MEASURE
}

static void orders(void)
{
#define ORDER(word, by, doc) row(#word, by ? "figure" : "", doc ".");
#include "vm/orders.def"
#undef ORDER
}

/* One word of a list behind a word of its own: "Takes:", "Exits:". */
static void listed(bool *begun, const char *heading, const char *macro, const char *word, const char *behind)
{
    if (!*begun) puts(heading);
    *begun = true;
    printf("%s %s%s\n", macro, word, behind);
}

/* Those that the compiler adds are nobody's. */
static bool is_written(const char *type)
{
    return strcmp(type, "ZONE") != 0 && strcmp(type, "GIVEN") != 0;
}

static bool is_tried_again(const char *code)
{
#define TRIED_AGAIN(failure)                                                                                           \
    if (strcmp(code, #failure) == 0) return true;
#include "vm/tried_again.def"
#undef TRIED_AGAIN
    return false;
}

/* As the compiler decides it: clause_stands_with() in compiler/check/step.c. What callback.keep_place is told is for
 * the dialling, which has such failures. */
static void tries_row(bool ends, bool mended, const char *step)
{
    if ((mended && !ends) || strcmp(step, "callback_keep_place") == 0) puts("May have\n.Ic tries .");
}

static void steps(void)
{
    bool takes = false, exits = false, last = false, mended = false;
#define STEP(id, name, number, media, result, timeout, class, cancellable, ends, at_once, family, doc)                 \
    row(name, #media ", " #class, doc ".");                                                                            \
    takes = exits = mended = false;                                                                                    \
    last = ends;
#define P(id, parameter, number, type, need)                                                                           \
    if (is_written(#type))                                                                                             \
        listed(&takes, "Takes:", #need[0] == 'O' ? ".Op Li" : ".Li", #parameter, #need[2] == 'S' ? " ..." : "");
#define X(id, code) listed(&exits, "Exits:", ".Sy", #code, ""), mended = mended || is_tried_again(#code);
#define END_STEP(id)                                                                                                   \
    listed(&exits, "Exits:", ".Sy", "timeout", "");                                                                    \
    tries_row(last, mended, #id);
#include "compiler/language/steps_all.def"
#undef STEP
#undef P
#undef X
#undef END_STEP
}

/* Within a sentence. */
static void tried_again(void)
{
    const char *before = "";
#define TRIED_AGAIN(code) printf("%s.Sy " #code, before), before = " ,\n";
#include "vm/tried_again.def"
#undef TRIED_AGAIN
    puts(" .");
}

/* The language has a type of its own here, the VM has none. */
static const char *of_language(const char *attribute, const char *type)
{
    return strcmp(attribute, "parties") == 0 ? "list<party>" : strcmp(attribute, "this_dn") == 0 ? "DN" : type;
}

static void attributes(void)
{
#define ATTRIBUTE(name, number, type, optional, media, when, where, written, doc)                                      \
    row(#name, of_language(#name, optional ? #type " or none" : #type), doc);
#define CONTACT(member, number, type, optional, doc) row("contact." #member, optional ? #type " or none" : #type, doc);
#include "compiler/language/attributes_all.def"
#undef ATTRIBUTE
}

static void media(void)
{
#define MEDIA(word, medium, carried, lifetime, doc) row(word, #medium, doc);
#include "runtime/vocabulary/media.def"
#undef MEDIA
}

static void events(void)
{
#define EVENT(name, number, class, by, doc) row(#name, #class ", from " by, doc);
#define EVENT_IF(name, field, value, class)
#define F(message, field, type)
#define END(message)
#include "runtime/vocabulary/events.def"
#undef EVENT
#undef EVENT_IF
}

static void effects(void)
{
#define EFFECT(name, number, class, to, deadline, doc) row(#name, #class ", to " to, doc);
#include "runtime/vocabulary/effects.def"
#undef EFFECT
#undef F
#undef END
}

static void controls(void)
{
#define CONTROL(name, number, sender, doc)                                                                             \
    row(#name, #number ", from " sender, doc);                                                                         \
    puts(".br\nFields:");
#define F(message, field, type) puts(".Sy " #field);
#define END(message)
#include "runtime/vocabulary/controls.def"
#undef CONTROL
#undef F
#undef END
}

/* A link's bounds and waits: the very numbers that it is compiled with. */
static void bound(long number, const char *unit, const char *doc)
{
    char name[64];
    snprintf(name, sizeof name, "%ld %s", number, unit);
    row(name, "", doc);
}

static void bounds(void)
{
    enum { MIB = 1024 * 1024, SECOND = 1000000 };
    bound(LINK_CREDIT_ARRIVE, "arrivals", "that may be on their way to the journal; one more is refused at the switch");
    bound(LINK_CREDIT_CONTINUE, "events", "of calls in progress; one more waits in the adapter until there is credit");
    bound(LINK_CREDIT_BYTES / MIB, "MiB", "of both together");
    bound(LINK_OUTSTANDING_MAX, "events",
          "of all classes that the core has not yet made durable: beyond, the link is not read");
    bound(LINK_OUTSTANDING_BYTES / MIB, "MiB", "of them");
    bound(LINK_UNCOMMITTED_COUNT, "events",
          "that an adapter keeps until they are durable: beyond, what was never sent is "
          "forgotten, older states of an object first; the next resync tells how things are");
    bound(LINK_UNCOMMITTED_MAX / MIB, "MiB", "of them");
    bound(LINK_CREDIT_EFFECTS, "effects",
          "that an adapter has not said to be done with; beyond, they wait in the core's "
          "process, the newest notice of an object in place of the older ones");
    bound(WAITING_COUNT_MAX, "effects", "that may wait so: beyond, the adapter does not work, and the link is ended");
    bound(WAITING_BYTES_MAX / MIB, "MiB", "of them");
    bound(MESSAGE_EVENT_MAX / 1024, "KiB", "of one event");
    bound(MESSAGE_FRAME_MAX / 1024, "KiB", "of any frame");
    bound(LINK_HELLO_US / SECOND, "s", "to say Hello, or Welcome");
    bound(LINK_DEAD_US / SECOND, "s", "of silence: the link is over; a third of it, and Ping is sent");
}

/* The types of records.def as the page has them. */
static const char *type_of_record(const char *type)
{
    static const char *const words[][2] = {{"IXN", "interaction"}, {"CONN", "ConnID"},    {"TEXT", "text"},
                                           {"INT", "number"},      {"MS", "ms"},          {"TIME", "moment"},
                                           {"JSON", "JSON"},       {"QUARTER", "quarter"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i][0], type) == 0) return words[i][1];
    return type;
}

static void records_common(void)
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

static void records_tables(void)
{
#define TABLE(name, doc)                 records_table(#name, doc);
#define COLUMN(table, column, type, doc) row(#column, type_of_record(#type), doc ".");
#define END_TABLE(name)                  list_end();
#include "runtime/records/records.def"
}

static void records_views(void)
{
#define VIEW(name, doc, sql) row(#name, "", doc ".");
#include "runtime/records/records.def"
}

static void records_version(void)
{
    printf("%d.\n", SCHEMA_VERSION);
}

static void records_exits(void)
{
#define EXIT(name, number, doc) row(#number, "", doc ".");
#include "runtime/records/exits.def"
#undef EXIT
}

/* The types of store.def as the page has them. */
static const char *type_of_store(const char *type)
{
    static const char *const words[][2] = {{"KEY", "number, the key"},
                                           {"REF", "number of a row"},
                                           {"INT", "number"},
                                           {"US", "moment"},
                                           {"TEXT", "text"},
                                           {"BYTES", "bytes"},
                                           {"WORDS", "PostgreSQL: words"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strncmp(words[i][0], type, strlen(words[i][0])) == 0) return words[i][1];
    return type;
}

static void store_tables(void)
{
#define TABLE(name, doc)                 records_table(#name, doc);
#define COLUMN(table, column, type, doc) row(#column, type_of_store(#type), doc ".");
#define END_TABLE(name, key)             list_end();
#include "runtime/store/store.def"
}

static void store_kinds(void)
{
#define KIND(name, doc) row(#name, "", doc ".");
#include "runtime/store/kinds.def"
#undef KIND
}

static void store_limits(void)
{
#define LIMIT(name, number, doc) row(#number, "", doc ".");
#include "runtime/store/limits.def"
#undef LIMIT
}

static void store_version(void)
{
    printf("%d.\n", STORE_VERSION);
}

static void store_commands(void)
{
#define COMMAND(name, words, least, most, store, doc) row(#name, words, doc ".");
#include "runtime/store/cli/commands.def"
#undef COMMAND
}

static void store_exits(void)
{
#define EXIT(name, number, doc) row(#number, "", doc ".");
#include "runtime/store/cli/exits.def"
#undef EXIT
}

static void diagnostics(void)
{
#define DIAG(name, code, severity, format) row(code, #severity, format);
#include "compiler/base/diag.def"
#undef DIAG
}

static void lint(void)
{
    char aside[128];
#define LINT(NAME, id, code, category, preset, fix, format, doc)                                                       \
    snprintf(aside, sizeof aside, "%s%s%s", #id, strcmp(#preset, "OFF") == 0 ? ", off" : "",                           \
             strcmp(#fix, "FIX") == 0 ? ", can be mended" : "");                                                       \
    for (char *at = aside; *at; at++)                                                                                  \
        if (*at == '_') *at = '-';                                                                                     \
    row(code, aside, doc);
#include "compiler/lint/lint.def"
#undef LINT
}

/* The configuration's keys, a list a section. */
static void setting(const char *key, const char *type, const char *fallback, long lowest, long highest, const char *doc)
{
    char range[64] = "", aside[192];
    if (highest > 0) snprintf(range, sizeof range, " from %ld to %ld", lowest, highest);
    if (!fallback)
        snprintf(aside, sizeof aside, "%s%s, mandatory", type, range);
    else if (!*fallback)
        snprintf(aside, sizeof aside, "%s%s", type, range);
    else
        snprintf(aside, sizeof aside, "%s%s, default: %s", type, range, fallback);
    row(key, aside, doc);
}

static void section(const char *name, const char *doc)
{
    if (strcmp(name, "top") != 0) list_end();
    printf(".Ss %s\n", strcmp(name, "top") == 0 ? "The daemon itself" : name);
    printf("%c", doc[0] >= 'a' && doc[0] <= 'z' ? doc[0] - 'a' + 'A' : doc[0]);
    text(doc + 1);
    puts(".");
    list_begin();
}

static void settings(void)
{
#define SECTION(name, many, open, doc) section(#name, doc);
#define SETTING(section, key, type, fallback, lowest, highest, doc)                                                    \
    setting(#key, #type, fallback, lowest, highest, doc);
#include "runtime/daemon/site/conf.def"
    list_end();
}

/* A configuration with every key, those that have a default as comments. Sections are comments whole. */
static void example_setting(bool top, const char *key, const char *type, const char *fallback, const char *doc)
{
    static const struct {
        const char *key, *value;
    } given[] = {
        {"directory", "\"directory.sql\""}, {"strategies", "{}"},
        {"state", "\"/var/lib/gcx\""},      {"admin", "\"/run/gcx/admin.sock\""},
        {"database", "\"customers.db\""},   {"libraries", "{\"checks.so\"}"},
        {"members", "{\"group:quality\"}"},
    };
    const char *quote = strcmp(type, "STR") == 0 || strcmp(type, "PATH") == 0 ? "\"" : "";
    const char *indent = top ? "" : "#    ", *mark = top && fallback ? "#" : "";
    printf("%s# %s\n", top ? "" : "#    ", doc);
    for (size_t i = 0; i < sizeof given / sizeof *given; i++)
        if (strcmp(given[i].key, key) == 0) {
            printf("%s%s = %s\n", indent, key, given[i].value);
            return;
        }
    if (strcmp(type, "PEERS") == 0) fallback = "{}";
    printf("%s%s%s = %s%s%s\n", indent, mark, key, quote, fallback ? fallback : "", quote);
}

static void example_section(const char *name, const char *doc)
{
    static bool open;
    if (open) puts("#}");
    open = *name;
    if (*name)
        printf("\n# %s\n#%s%s {\n", doc, name,
               strcmp(name, "adapter") == 0  ? " tserver"
               : strcmp(name, "source") == 0 ? " customers"
               : strcmp(name, "native") == 0 ? " checks"
               : strcmp(name, "role") == 0   ? " quality"
                                             : "");
}

static void example(void)
{
    puts("# gcxvm(8)'s configuration: only paths, ports and references to secrets. Paths are relative to this file.\n"
         "# What is commented out is as it is by default. gcxvm.conf(5) tells more; `gcxvm --check FILE` checks it.\n");
#define SECTION(name, many, open, doc)                                                                                 \
    if (strcmp(#name, "top") != 0) example_section(#name, doc);
#define SETTING(section, key, type, fallback, lowest, highest, doc)                                                    \
    example_setting(strcmp(#section, "top") == 0, #key, #type, fallback, doc);
#include "runtime/daemon/site/conf.def"
    puts("#    # and what its plugin understands: gcxvm --adapter tserver.so --settings");
    puts("#    switch = \"127.0.0.1:7000\"");
    example_section("", "");
}

/* The history's lines: "EventRouteUsed HOW DN". */
static void fact(const char *line, const char *between, const char *value, const char *names, const char *doc)
{
    char words[128], shown[48];
    size_t length = 0;
    for (; value[length]; length++) shown[length] = (char)(value[length] == '_' ? '-' : value[length]);
    shown[length] = '\0';
    bool is_shown = strcmp(value, "nothing") != 0;
    snprintf(words, sizeof words, "%s%s%s%s%s%s%s%s%s", line, is_shown ? between : "", is_shown ? "<" : "",
             is_shown ? shown : "", is_shown ? ">" : "", *names ? " " : "", *names ? "<" : "", names,
             *names ? ">" : "");
    row(words, "", doc);
}

static void facts(void)
{
    enum {
#define FACT(name, doc) FACT_##name,
#include "runtime/core/base/facts.def"
        FACTS
    };
    static const char *const docs[FACTS] = {
#define FACT(name, doc) [FACT_##name] = doc,
#include "runtime/core/base/facts.def"
    };
#define LINE(of, line, between, value, key, span, names) fact(line, between, #value, names, docs[FACT_##of]);
#include "runtime/core/base/facts.def"
}

static void metrics(void)
{
#define METRIC(id, name, type, labels, help) row(name, *labels ? #type ", by " labels : #type, help);
#include "runtime/daemon/watch/metrics.def"
#undef METRIC
}

/* A command as it is typed, with who may; its arguments and options behind it. */
static void command(const char *name, const char *role)
{
    printf(".It Cm %s", name);
    if (strcmp(role, "MONITOR") != 0) printf(" Pq %s", strcmp(role, "ADMIN") == 0 ? "admins" : "operators, admins");
    putchar('\n');
}

static void option(const char *member, const char *word, const char *doc)
{
    printf(".br\n.Fl -%s", member);
    if (*word) printf(" Ar %s", word);
    puts(" :");
    text(doc);
    puts(".");
}

static void argument(const char *word, const char *need, const char *doc)
{
    int optional = strcmp(need, "MAYBE") == 0 || strcmp(need, "ANY") == 0;
    printf(".br\n%s%s%s%s\n", optional ? ".Op Ar " : ".Ar ", word, strcmp(need, "ANY") == 0 ? " ..." : "",
           *doc ? " :" : "");
    if (!*doc) return;
    text(doc);
    puts(".");
}

/* "skill of table skill", with its default. */
static void column(const char *name, const char *of, const char *missing, const char *doc)
{
    char aside[96] = "";
    if (of) snprintf(aside, sizeof aside, "of table %s", of);
    if (missing) snprintf(aside, sizeof aside, "by default %s", strcmp(missing, "''") == 0 ? "empty" : missing);
    row(name, aside, doc);
}

/* The tables of a directory with their columns. */
static void directory(void)
{
    puts(".Bl -tag -width Ds");
#define SHEET(name, number, doc)                                                                                       \
    puts(".It Sy " #name);                                                                                             \
    text(doc);                                                                                                         \
    putchar('\n');                                                                                                     \
    list_begin();
#define COLUMN(sheet, name, type, of, missing, doc) column(name, of, missing, doc);
#define END_SHEET(name)                             list_end();
#include "runtime/daemon/site/directory.def"
#undef SHEET
#undef COLUMN
#undef END_SHEET
    list_end();
}

static void commands(void)
{
    puts(".Bl -tag -width Ds");
#define COMMAND(id, name, role, kind, doc)                                                                             \
    command(name, #role);                                                                                              \
    text(doc);                                                                                                         \
    puts(".");
#define ARGUMENT(id, member, word, type, need, doc) argument(word, #need, doc);
#define OPTION(id, member, word, type, where, doc)  option(#member, word, doc);
#define END_COMMAND(id)
#include "runtime/daemon/protocol/commands.def"
#undef COMMAND
#undef ARGUMENT
#undef OPTION
#undef END_COMMAND
    list_end();
}

/* gcxc's options, each with the commands that take it and what it may be there. */
static void gcxc_takes(const char *option, const char *command, const char *choices, const char *of, bool *begun)
{
    if (strcmp(option, of) != 0) return;
    printf("%s\n.Cm %s", *begun ? " ," : ".br\nGoes with", command);
    if (*choices) {
        fputs(" Pq ", stdout);
        for (; *choices; choices++)
            if (*choices == '|')
                fputs(", ", stdout);
            else
                putchar(*choices);
    }
    *begun = true;
}

static void gcxc_option(char letter, const char *name, const char *word, const char *doc)
{
    fputs(".It Fl ", stdout);
    if (letter) printf("%c , ", letter);
    printf("-%s", name);
    if (*word) printf(" Ar %s", word);
    putchar('\n');
    text(doc);
    puts(".");
}

static void gcxc_options(void)
{
    static const struct {
        char letter;
        const char *id, *name, *word, *doc;
    } options[] = {
#define OPTION(id, letter, name, word, type, doc) {letter, #id, name, word, doc},
#define COMMAND(id, arguments, need, doc)
#define TAKES(command, option, choices)
#include "compiler/cli/commands.def"
#undef OPTION
#undef TAKES
    };
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        bool begun = false;
        gcxc_option(options[i].letter, options[i].name, options[i].word, options[i].doc);
#define OPTION(id, letter, name, word, type, doc)
#define TAKES(command, option, choices) gcxc_takes(#option, #command, choices, options[i].id, &begun);
#include "compiler/cli/commands.def"
#undef COMMAND
#undef OPTION
#undef TAKES
        puts(" .");
    }
}

/* Distributions and measures of gcxc simulate. */
static void spreads(void)
{
#define SPREAD(name, parameters, arguments, doc) row(#name "(" arguments ")", "", doc);
#include "runtime/sim/spreads.def"
}

static void simulated(void)
{
#define MEASURE(name, unit, of, title, doc) row(#name, #of, doc);
#include "runtime/sim/measures.def"
}

/* The synopsis: a command a line. */
static void gcxc_synopsis(void)
{
#define OPTION(id, letter, name, word, type, doc)
#define COMMAND(id, arguments, need, doc) puts(".Nm\n.Cm " #id "\n.Op Ar option ...\n.Ar \"" arguments "\"");
#define TAKES(command, option, choices)
#include "compiler/cli/commands.def"
#undef COMMAND
#undef OPTION
#undef TAKES
}

/* Of a module: the documentation that was read last, and how the declaration begins that it is of: up to its body, or a
 * type as a whole. */
struct declared {
    char doc[1024], head[512];
    bool heading, open; /* nothing was read yet but the module's own documentation; the head goes on */
};

static void more(char *words, size_t room, const char *line, size_t length)
{
    size_t used = strlen(words);
    snprintf(words + used, room - used, "%s%.*s", used > 0 ? " " : "", (int)length, line);
}

static bool begins(const char *line, const char *word)
{
    return strncmp(line, word, strlen(word)) == 0;
}

static void declare(struct declared *d, const char *line, size_t length)
{
    while (d->open && length > 0 && *line == ' ') line++, length--;
    more(d->head, sizeof d->head, line, length);
    char last = d->head[strlen(d->head) - 1];
    d->open = last != '{' && last != '}' && last != ';';
    if (d->open) return;
    if (last == ';') d->head[strlen(d->head) - 1] = '\0';
    if (last == '{') d->head[strlen(d->head) - 2] = '\0';
    printf(".It Li \"%s\\&\"\n", d->head); /* on one line, however long it is */
    text(d->doc);
    putchar('\n');
    *d->head = *d->doc = '\0';
}

static void library_line(struct declared *d, const char *line, size_t length)
{
    if (begins(line, "    ///") || begins(line, "    statistic ")) line += 4, length -= 4; /* of the module's site */
    if (begins(line, "/// ")) {
        more(d->doc, sizeof d->doc, line + 4, length - 4);
        return;
    }
    if (d->heading) {
        text(d->doc);
        puts("\n.Bl -tag -width Ds -compact");
        *d->doc = '\0';
        d->heading = false;
    }
    if (d->open || begins(line, "function ") || begins(line, "subroutine ") || begins(line, "enum ") ||
        begins(line, "record ") || begins(line, "statistic "))
        declare(d, line, length);
    else
        *d->doc = '\0';
}

static void library_module(const char *name, const char *source)
{
    struct declared d = {.heading = true};
    printf(".Ss import %s\n", name);
    for (const char *line = source; *line;) {
        size_t length = strcspn(line, "\n");
        library_line(&d, line, length);
        line += length + (line[length] == '\n');
    }
    list_end();
}

/* The modules of the standard library, as they describe themselves. */
static void library(void)
{
#define MODULE(name, source) library_module(name, source);
#include "compiler/syntax/library_texts.def"
#undef MODULE
}

static void own_option(const char *name, const char *word, const char *doc)
{
    printf(".It Fl -%s", name);
    if (*word) printf(" Ar %s", word);
    putchar('\n');
    text(doc);
    puts(".");
}

/* gcxctl's own options. */
static void ctl_options(void)
{
    puts(".Bl -tag -width Ds");
#define OWN_ANY   1
#define OWN_ACTS  1
#define OWN_SHELL 0
#define OPTION(id, name, word, where, doc)                                                                             \
    if (OWN_##where) own_option(name, word, doc);
#include "runtime/ctl/options.def"
#undef OPTION
    list_end();
}

static void ctl_exits(void)
{
    char code[16];
#define EXIT(name, number, doc)                                                                                        \
    snprintf(code, sizeof code, "%d", number);                                                                         \
    row(code, "", doc);
#include "runtime/ctl/exits.def"
#undef EXIT
}

static void roles(void)
{
#define ROLE(name, doc) row(#name[sizeof #name - 2] == '_' ? "switch" : #name, "", doc ".");
#include "runtime/adapters/cti/roles.def"
}

/* How far the right goes, in a word. */
static const char *reach(const char *word)
{
    static const char *const words[][2] = {
        {"NO", "no"}, {"OWN", "own"}, {"SCOPE", "scope"}, {"GRANTED", "data"}, {"ANY", "any"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i][0], word) == 0) return words[i][1];
    return "?";
}

/* gcxdb's commands, a list a section. */
static void debugger(void)
{
    const char *ends = "";
#define SECTION(title)                                                                                                 \
    printf("%s.Ss %s\n", ends, title);                                                                                 \
    list_begin();                                                                                                      \
    ends = ".El\n";
#define COMMAND(name, short, function, arguments, what) row(*arguments ? #name " " arguments : #name, short, what ".");
#include "runtime/debugger/commands.def"
    list_end();
}

static void rights(void)
{
    puts(".Bl -column \"RequestUnregisterAddress\" \"agent\" \"supervisor\" \"monitor\" \"switch\"\n"
         ".It Em \"\" Ta Em agent Ta Em supervisor Ta Em monitor Ta Em switch");
#define RIGHT(what, agent, supervisor, monitor, switch_)                                                               \
    printf(".It Cm %s Ta %s Ta %s Ta %s Ta %s\n", #what, reach(#agent), reach(#supervisor), reach(#monitor),           \
           reach(#switch_));
#include "runtime/adapters/cti/roles.def"
    list_end();
}

static void limits(void)
{
#define LIMIT(name, otherwise, lowest, highest, doc) row(#name, #otherwise, doc);
#include "runtime/adapters/cti/limits.def"
}

static void chat_settings(void)
{
#define SETTING(name, usual, doc)          row(#name, usual, doc);
#define NUMBER(name, usual, min, max, doc) row(#name, #usual, doc);
#include "runtime/adapters/chat/settings.def"
#undef SETTING
#undef NUMBER
}

static void desk_settings(void)
{
#define SETTING(name, usual, doc)          row(#name, usual, doc);
#define NUMBER(name, usual, min, max, doc) row(#name, #usual, doc);
#include "runtime/adapters/desk/settings.def"
#undef SETTING
#undef NUMBER
}

static void email_settings(void)
{
#define SETTING(name, usual, doc)          row(#name, usual, doc);
#define NUMBER(name, usual, min, max, doc) row(#name, #usual, doc);
#include "runtime/adapters/email/settings.def"
#undef SETTING
#undef NUMBER
}

static void email_limits(void)
{
#define LIMIT(name, number, doc) row(#number, "", doc);
#include "runtime/adapters/email/limits.def"
#undef LIMIT
}

static void email_rule_limits(void)
{
#define LIMIT(name, number, doc) row(#number, "", doc);
#include "runtime/adapters/email/rule_limits.def"
#undef LIMIT
}

static void email_robots(void)
{
#define ROBOT(name, doc) row(#name, "", doc);
    MAIL_ROBOTS(ROBOT)
#undef ROBOT
}

static void exits(void)
{
    char code[16];
#define EXIT(name, number, doc)                                                                                        \
    snprintf(code, sizeof code, "%d", number);                                                                         \
    row(code, "", doc);
#include "runtime/daemon/service/exits.def"
#undef EXIT
}

static const struct filler {
    const char *name;
    void (*print)(void);
    bool list; /* else it makes its own frame */
} tables[] = {
    {"opcodes", opcodes, true},
    {"orders", orders, true},
    {"measures", measures, true},
    {"steps", steps, true},
    {"tried_again", tried_again, false},
    {"attributes", attributes, true},
    {"media", media, true},
    {"events", events, true},
    {"effects", effects, true},
    {"exits", exits, true},
    {"controls", controls, true},
    {"records_common", records_common, true},
    {"records_tables", records_tables, false},
    {"records_views", records_views, true},
    {"records_version", records_version, false},
    {"records_exits", records_exits, true},
    {"store_tables", store_tables, false},
    {"store_kinds", store_kinds, true},
    {"store_limits", store_limits, true},
    {"store_version", store_version, false},
    {"store_commands", store_commands, true},
    {"store_exits", store_exits, true},
    {"diagnostics", diagnostics, true},
    {"settings", settings, false},
    {"bounds", bounds, true},
    {"metrics", metrics, true},
    {"facts", facts, true},
    {"example", example, false},
    {"commands", commands, false},
    {"directory", directory, false},
    {"ctl_options", ctl_options, false},
    {"ctl_exits", ctl_exits, true},
    {"lint", lint, true},
    {"library", library, false},
    {"gcxc-options", gcxc_options, false},
    {"gcxc-synopsis", gcxc_synopsis, false},
    {"spreads", spreads, true},
    {"simulated", simulated, true},
    {"roles", roles, true},
    {"rights", rights, false},
    {"debugger", debugger, false},
    {"limits", limits, true},
    {"chat_settings", chat_settings, true},
    {"desk_settings", desk_settings, true},
    {"email_settings", email_settings, true},
    {"email_limits", email_limits, true},
    {"email_rule_limits", email_rule_limits, true},
    {"email_robots", email_robots, true},
};

static const struct filler *filler_named(const char *name)
{
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        if (strcmp(tables[i].name, name) == 0) return &tables[i];
    return NULL;
}

int main(int count, char **arguments)
{
    static const char mark[] = ".\\\"@table ";
    char line[4096];
    if (count == 2 && strcmp(arguments[1], "example") == 0) { /* the file itself */
        example();
        return fflush(stdout) ? 1 : 0;
    }
    while (fgets(line, sizeof line, stdin)) {
        if (strncmp(line, mark, sizeof mark - 1) != 0) {
            fputs(line, stdout);
            continue;
        }
        char *name = line + sizeof mark - 1;
        name[strcspn(name, "\n")] = 0;
        const struct filler *table = filler_named(name);
        if (!table) {
            fprintf(stderr, "tables: there is no table '%s'\n", name);
            return 1;
        }
        if (table->list) list_begin();
        table->print();
        if (table->list) list_end();
    }
    return ferror(stdin) || fflush(stdout) ? 1 : 0;
}
